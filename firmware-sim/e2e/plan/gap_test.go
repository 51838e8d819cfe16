package plan

import (
	"testing"
	"time"

	"allhours/cloud/forecast"
)

// gap is what a forecast and its rivals lost on the same cases.
type gap struct {
	losses []forecast.Loss
	oracle forecast.Loss
}

// against is the share of the way from a rival to the oracle that the model went.
func (g gap) against(rival forecast.Loss) float64 {
	return (rival.Both() - g.losses[0].Both()) / (rival.Both() - g.oracle.Both())
}

// measureGap walks through a quarter, day by day.
func measureGap(tb testing.TB, q *quarter) gap {
	var g gap
	g.oracle.Method = "oracle"
	trial := forecast.NewTrial(forecast.New(forecast.China(), q.chain()))
	for day := range q.town.Days {
		sales, truth := q.play(day)
		err := trial.Day(q.day(day), sales, func(n int) (int, bool) {
			l, knows := truth[n].lane, func(p float64) float64 {
				return float64(q.demand.Quantile(truth[n].lane.cabinet, truth[n].lane.article, day*24, (day+1)*24, p))
			}
			_ = l
			g.oracle.Add(knows(0.5), knows(0.9), float64(truth[n].asked))
			return truth[n].asked, true
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	g.losses, g.oracle = trial.Losses(), g.oracle.Mean()
	return g
}

// quarters begin at four times of two years, over holidays and without any.
var quarters = []time.Time{
	time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC),
	time.Date(2025, 8, 4, 0, 0, 0, 0, time.UTC),
	time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
}

func TestTheForecastIsNearerToWhoKnowsThanToWhoDoesNot(t *testing.T) {
	const seed = 102
	t.Logf("seed %d", seed)
	g := measureGap(t, newQuarter(seed, quarters[0], 56, 12, 20, forecast.China()))
	naive := forecast.Better(g.losses)
	for _, l := range append(g.losses, g.oracle) {
		t.Logf("%-45s %.4f %.4f", l.Method, l.P50, l.P90)
	}
	if closed := g.against(naive); closed < 0.5 {
		t.Errorf("closed %.3f of the gap between %q and the oracle, want 0.5", closed, naive.Method)
	}
	if g.losses[0].Both() < g.oracle.Both() {
		t.Errorf("the model lost %.4f, less than the oracle's %.4f: it knows what it cannot know", g.losses[0].Both(), g.oracle.Both())
	}
}

// BenchmarkForecastGap measures the gap on quarters of 300 cabinets, after four weeks, with seeds that nothing was tried on:
// development has the even ones.
func BenchmarkForecastGap(b *testing.B) {
	for range b.N {
		var sum gap
		for n, first := range quarters {
			g := measureGap(b, newQuarter(uint64(9001+2*n), first, 28+91, 300/len(quarters), 30, forecast.China()))
			sum.add(g)
		}
		report(b, sum)
	}
}

// add pools the cases of another quarter.
func (g *gap) add(other gap) {
	if g.losses == nil {
		*g = other
		return
	}
	for n, l := range other.losses {
		g.losses[n] = g.losses[n].With(l)
	}
	g.oracle = g.oracle.With(other.oracle)
}

func report(b *testing.B, g gap) {
	week, weeks := forecast.Better(g.losses[:1]), forecast.Better(g.losses)
	_ = week
	b.ReportMetric(g.against(weeks), "gap")
}
