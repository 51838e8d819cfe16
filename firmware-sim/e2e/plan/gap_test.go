package plan

import (
	"os"
	"strconv"
	"testing"
	"time"

	"allhours/cloud/forecast"
)

// gap is what a forecast and its rivals lost on the same cases.
type gap struct {
	losses []forecast.Loss // the model's first
	oracle forecast.Loss
}

// measureGap walks through a quarter, day by day.
func measureGap(tb testing.TB, q *quarter) gap {
	g := gap{oracle: forecast.Loss{Method: "oracle"}}
	trial := forecast.NewTrial(forecast.New(forecast.China(), q.chain()))
	for day := range q.town.Days {
		sales, truth := q.play(day)
		err := trial.Day(q.day(day), sales, func(n int) (int, bool) {
			t := truth[n]
			oracle := func(p float64) float64 {
				return float64(q.demand.Quantile(t.lane.cabinet, t.lane.article, day*24, (day+1)*24, p))
			}
			g.oracle.Add(oracle(0.5), oracle(0.9), float64(t.asked))
			return t.asked, true
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	g.losses = trial.Losses()
	return g
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

// closed is the share of the way from the better of some rivals to the oracle that the model went.
func (g gap) closed(rivals func(forecast.Loss) bool) float64 {
	rival, _ := forecast.Better(g.losses, rivals)
	return (rival.Both() - g.losses[0].Both()) / (rival.Both() - g.oracle.Both())
}

func naive(l forecast.Loss) bool { return l.Weeks > 0 }
func plain(l forecast.Loss) bool { return l.Plain }

func lookingBack(weeks int) func(forecast.Loss) bool {
	return func(l forecast.Loss) bool { return l.Weeks == weeks }
}

func (g gap) log(tb testing.TB) {
	for _, l := range append(g.losses, g.oracle) {
		tb.Logf("%-45s %.4f at 50 %%, %.4f at 90 %%", l.Method, l.At50(), l.At90())
	}
	tb.Logf("closed %.3f of the gap, %.3f against the naive methods as they stand; %d cases", g.closed(naive), g.closed(plain), g.oracle.Cases)
}

// quarters begin at four times of two years, some of them before long holidays.
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
	g.log(t)
	if closed := g.closed(naive); closed < 0.5 {
		t.Errorf("closed %.3f of the gap between the better naive method and the oracle, want 0.5", closed)
	}
	if g.losses[0].Both() < g.oracle.Both() {
		t.Error("the model lost less than the oracle: it knows what it cannot know")
	}
}

// BenchmarkForecastGap measures the gap on quarters of 300 cabinets, after four weeks of sales, with odd seeds. The even ones
// are for development: PLAN_SEED=2 PLAN_CABINETS=24 walks through the quarters with seeds from there on.
func BenchmarkForecastGap(b *testing.B) {
	seed, cabinets := number(b, "PLAN_SEED", 9001), number(b, "PLAN_CABINETS", 300)
	for range b.N {
		var all gap
		for n, first := range quarters {
			g := measureGap(b, newQuarter(uint64(seed+2*n), first, 28+91, cabinets, 30, forecast.China()))
			b.Logf("seed %d, from %s", seed+2*n, first.Format(time.DateOnly))
			g.log(b)
			all.add(g)
		}
		all.log(b)
		week, _ := forecast.Better(all.losses, lookingBack(1))
		weeks, _ := forecast.Better(all.losses, lookingBack(4))
		b.ReportMetric(all.closed(naive), "gap")
		b.ReportMetric(all.closed(plain), "gap-as-they-stand")
		b.ReportMetric(all.losses[0].Both(), "model")
		b.ReportMetric(week.Both(), "last-week")
		b.ReportMetric(weeks.Both(), "four-weeks")
		b.ReportMetric(all.oracle.Both(), "oracle")
		b.ReportMetric(float64(all.oracle.Cases), "cases")
	}
}

func number(tb testing.TB, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return n
}
