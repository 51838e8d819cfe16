package plan

import (
	"math"
	"testing"

	"allhours/cloud/forecast"
)

// horizon counts what was said of a time ahead, and what came.
type horizon struct {
	hours              int
	cases              float64
	wanted, expected   float64 // units
	within, saidWithin float64 // outlooks whose quantile at 90 % was not exceeded, and how many were said to be
	lost, saidLost     float64 // units beyond what a lane is filled up to
}

func (h *horizon) see(o forecast.Outlook, wanted, par int) {
	q := o.Quantile(0.9, h.hours)
	h.cases++
	h.wanted += float64(wanted)
	h.expected += o.Expected(h.hours)
	if wanted <= q {
		h.within++
	}
	h.saidWithin += 1 - o.SoldOut(q+1, h.hours)
	h.lost += float64(max(0, wanted-par))
	h.saidLost += o.Lost(par, h.hours)
}

func TestWhatIsSaidOfTheDaysAheadComesTrueAsOften(t *testing.T) {
	const seed = 104
	t.Logf("seed %d", seed)
	q := newQuarter(seed, quarters[1], 28+42, 24, 20, forecast.China())
	m := forecast.New(forecast.China(), q.chain())
	horizons := []*horizon{{hours: 24}, {hours: 72}, {hours: 168}}
	for day := range q.town.Days - 7 {
		if day >= 28 && day%3 == 0 {
			q.lookAhead(m, day, horizons)
		}
		sales, _ := q.play(day)
		if err := m.Learn(q.day(day), sales); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range horizons {
		t.Logf("%d hours: %.3f wanted, %.3f expected; within the quantile %.3f, said %.3f; lost %.3f, said %.3f; %.0f cases", h.hours,
			h.wanted/h.cases, h.expected/h.cases, h.within/h.cases, h.saidWithin/h.cases, h.lost/h.cases, h.saidLost/h.cases, h.cases)
		if math.Abs(h.wanted/h.expected-1) > 0.08 || math.Abs(h.within-h.saidWithin)/h.cases > 0.04 || math.Abs(h.lost-h.saidLost) > 0.03*h.wanted {
			t.Errorf("what was said of %d hours did not come true", h.hours)
		}
	}
}

// lookAhead holds the outlooks of all lanes to what will be wanted of them.
func (q *quarter) lookAhead(m *forecast.Model, day int, horizons []*horizon) {
	for _, l := range q.shelf {
		if day < q.demand.Begins(l.cabinet) || !q.demand.Exists(l.article, day) || !q.demand.Exists(l.article, day+6) {
			continue
		}
		o := m.Outlook(cabinetID(l.cabinet), q.town.Articles[l.article].SKU, q.day(day).Hour(0), 168)
		hours, _ := q.demand.Trade(l.cabinet, l.article, day*24, (day+7)*24, 0)
		for _, h := range horizons {
			wanted := 0
			for _, hour := range hours[:h.hours] {
				wanted += hour.Asked
			}
			h.see(o, wanted, l.par)
		}
	}
}
