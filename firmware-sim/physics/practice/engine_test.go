package practice_test

import (
	"slices"
	"testing"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol/settle"
)

// asked is what the engine made of some visits.
type asked struct{ visits, mustBill, exact, wrong int }

func (a *asked) add(s *practice.Story, answer settle.Answer) {
	right := slices.Equal(answer.Lines, s.Lines)
	a.visits++
	if s.MustBill {
		a.mustBill++
	}
	switch {
	case answer.Decision == settle.Bill && !right:
		a.wrong++
	case answer.Decision == settle.Bill && s.MustBill:
		a.exact++
	}
}

// ask settles two visits of each family and layout as decide sees fit.
func ask(t *testing.T, decide func(*testing.T, *practice.Story, *settle.Visit)) asked {
	t.Helper()
	var a asked
	for _, family := range practice.Families() {
		for _, layout := range practice.Layouts(family) {
			for seed := range uint64(2) {
				story, err := practice.Tell(family, layout, 2*seed)
				if err != nil {
					t.Fatal(err)
				}
				engine, err := settle.New(story.Header.Layout, settle.Config{})
				if err != nil {
					t.Fatal(err)
				}
				decide(t, story, engine)
				answer := engine.Decide()
				if answer.Decision != settle.Bill && answer.Decision != settle.Review {
					t.Errorf("%s has no answer", story.ID)
				}
				a.add(story, answer)
			}
		}
	}
	return a
}

// hold fails where bills are wrong more often than once in a hundred, or few visits are billed: far off the reach of the
// bench, which asks many more visits, but where a slip of the engine shows.
func (a asked) hold(t *testing.T) {
	t.Helper()
	if a.wrong*100 > a.visits || a.exact*100 < a.mustBill*88 {
		t.Errorf("%d visits: %d of %d that must be billed were, %d wrong bills", a.visits, a.exact, a.mustBill, a.wrong)
	}
}

func TestTheEngineBillsAtEveryRate(t *testing.T) {
	rates := map[string]practice.Sampling{
		"2 Hz": practice.Every(500), "5 Hz": practice.Every(200), "10 Hz": practice.Ordinary(), "20 Hz": practice.Every(50),
	}
	for name, how := range rates {
		t.Run(name, func(t *testing.T) {
			ask(t, func(_ *testing.T, s *practice.Story, engine *settle.Visit) {
				v := s.Trace(how)
				v.Feed(engine)
			}).hold(t)
		})
	}
}

// latest is the longest that a bill may take after the door was shut, in milliseconds: what the slam needs to die away,
// and one second of calm. Scales that never calm down are not waited for longer than five.
const latest = 5200

func TestTheEngineBillsAsSoonAsTheScalesAreCalm(t *testing.T) {
	var waits []int64
	ask(t, func(t *testing.T, s *practice.Story, engine *settle.Visit) {
		v := s.Trace(practice.Ordinary())
		var shut int64
		for _, r := range v.Rows {
			if !r.Reading {
				shut = r.At
			}
		}
		for _, r := range v.Rows {
			if !r.Reading {
				engine.Door(r.At, r.Open)
				continue
			}
			for i, sample := range r.Samples {
				engine.Read(r.At, i, sample)
			}
			if r.At > shut && engine.Calm(r.At) {
				waits = append(waits, r.At-shut)
				return
			}
		}
	}).hold(t)
	slices.Sort(waits)
	if median, last := waits[len(waits)/2], waits[len(waits)-1]; median > 1500 || last > latest {
		t.Errorf("decided %d ms after the door was shut in the median, %d at the latest", median, last)
	}
}
