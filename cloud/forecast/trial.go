package forecast

import (
	"fmt"

	"allhours/protocol"
)

// Loss is how far a method was off, summed over cases: an article in a cabinet on a day. The pinball loss of a quantile p is p
// for each unit that was wanted beyond it and 1-p for each that it was too high.
type Loss struct {
	Method string
	Weeks  int  // that a naive method looks back; 0: the model
	Plain  bool // a naive method as it stands, the same number at all quantiles
	Cases  int
	P50    float64
	P90    float64
}

// Both is the sum of the losses at 50 and 90 %, in the mean of the cases.
func (l Loss) Both() float64 { return l.At50() + l.At90() }

// At50 is the loss at 50 %, in the mean of the cases.
func (l Loss) At50() float64 { return l.P50 / float64(max(1, l.Cases)) }

// At90 is the loss at 90 %, in the mean of the cases.
func (l Loss) At90() float64 { return l.P90 / float64(max(1, l.Cases)) }

// Add takes in a case by its quantiles and what was wanted.
func (l *Loss) Add(p50, p90, wanted float64) {
	l.Cases++
	l.P50 += Pinball(0.5, p50, wanted)
	l.P90 += Pinball(0.9, p90, wanted)
}

// With is the loss over the cases of both.
func (l Loss) With(o Loss) Loss {
	l.Cases, l.P50, l.P90 = l.Cases+o.Cases, l.P50+o.P50, l.P90+o.P90
	return l
}

// Pinball is the pinball loss of one quantile.
func Pinball(p, quantile, wanted float64) float64 {
	if wanted > quantile {
		return p * (wanted - quantile)
	}
	return (1 - p) * (quantile - wanted)
}

// Trial walks forward through days that are past: each is forecast from those before it, by the model and by naive methods,
// and then learned.
type Trial struct {
	model  *Model
	naives []naive
	losses []Loss // the model's first
	weeks  map[pairKey]*weeks
}

type pairKey struct {
	cabinet protocol.CabinetID
	sku     protocol.SKU
}

// NewTrial begins with a model as it is; the trial lets it learn on.
func NewTrial(m *Model) *Trial {
	t := &Trial{model: m, naives: naives(), losses: []Loss{{Method: "model"}}, weeks: map[pairKey]*weeks{}}
	for _, n := range t.naives {
		t.losses = append(t.losses, Loss{Method: n.name, Weeks: n.weeks, Plain: n.plain})
	}
	return t
}

// Day forecasts a day and learns it. Only an article that four of the same weekdays are known of is a case, so that the naive
// methods have what they need. wanted tells of sales[n] what was asked for, where that is known.
func (t *Trial) Day(day Day, sales []Sales, wanted func(n int) (units int, known bool)) error {
	for n := range sales {
		s := &sales[n]
		key := pairKey{s.Cabinet, s.SKU}
		w := t.weeks[key]
		if w == nil {
			w = &weeks{}
			t.weeks[key] = w
		}
		if w.ready(day) {
			if units, known := wanted(n); known {
				t.judge(day, s, w, float64(units))
			}
		}
		w.add(day, s)
	}
	if err := t.model.Learn(day, sales); err != nil {
		return fmt.Errorf("trial: %w", err)
	}
	return nil
}

func (t *Trial) judge(day Day, s *Sales, w *weeks, wanted float64) {
	o := t.model.Outlook(s.Cabinet, s.SKU, day.Hour(0), 24)
	t.losses[0].Add(float64(o.Quantile(0.5, 24)), float64(o.Quantile(0.9, 24)), wanted)
	days := w.days[day.Weekday()][:]
	for n, method := range t.naives {
		t.losses[1+n].Add(method.quantile(days, 0.5), method.quantile(days, 0.9), wanted)
	}
}

// Losses are those of the model, which is the first, and of each naive method.
func (t *Trial) Losses() []Loss { return append([]Loss(nil), t.losses...) }

// Better is the one of the methods that lost least, among those that are wanted; false where none is.
func Better(losses []Loss, wanted func(Loss) bool) (best Loss, found bool) {
	for _, l := range losses {
		if wanted(l) && (!found || l.Both() < best.Both()) {
			best, found = l, true
		}
	}
	return best, found
}
