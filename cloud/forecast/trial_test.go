package forecast

import (
	"math"
	"testing"
)

func TestThePinballLossIsLeastAtTheQuantile(t *testing.T) {
	wanted := []float64{0, 0, 0, 1, 1, 2, 2, 3, 5, 9}
	at := func(p, q float64) (sum float64) {
		for _, w := range wanted {
			sum += Pinball(p, q, w)
		}
		return sum
	}
	for _, q := range []float64{0, 0.5, 2.5, 3, 9} {
		if at(0.5, q) < at(0.5, 1) || at(0.9, q) < at(0.9, 5) {
			t.Errorf("%v loses less than the median or the quantile at 90 %%", q)
		}
	}
}

func TestNaiveMethodsSayWhatTheyAreNamedAfter(t *testing.T) {
	days := []past{{4, 1}, {2, 0.5}, {0, 0.25}, {3, 1}} // The newest first.
	for name, want := range map[string][2]float64{
		"last week":                                  {4, 4},
		"four weeks":                                 {2.25, 2.25},
		"four weeks, Poisson":                        {2, 4},
		"four weeks, empirical":                      {2, 4},
		"four weeks, sold-out hours told":            {11.0 / 3, 11.0 / 3},
		"four weeks, empirical, sold-out hours told": {4, 4},
	} {
		found := false
		for _, n := range naives() {
			if n.name != name {
				continue
			}
			found = true
			if x, y := n.quantile(days, 0.5), n.quantile(days, 0.9); math.Abs(x-want[0]) > 1e-9 || math.Abs(y-want[1]) > 1e-9 {
				t.Errorf("%s: %v and %v, want %v", name, x, y, want)
			}
		}
		if !found {
			t.Errorf("no method is named %q", name)
		}
	}
}

func TestAnEvaluationNeedsFourWeeksAndWholeDays(t *testing.T) {
	chain, past := street(t, 41, 35)
	losses, err := Evaluate(China(), chain, func(yield func(Day, []Sales) bool) {
		for d, sales := range past {
			if !yield(firstDay+Day(d), sales) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, sales := range past[28:] {
		for n := range sales {
			if _, known := sales[n].whole(); known {
				whole++
			}
		}
	}
	best, _ := Better(losses, func(l Loss) bool { return l.Weeks > 0 })
	if losses[0].Weeks != 0 || losses[0].Cases != whole || whole == 0 || best.Cases != whole {
		t.Errorf("%d cases of the model and %d of %q, want %d", losses[0].Cases, best.Cases, best.Method, whole)
	}
	if losses[0].Both() >= best.Both() {
		t.Errorf("the model lost %.4f, %q %.4f", losses[0].Both(), best.Method, best.Both())
	}
	if _, found := Better(losses, func(Loss) bool { return false }); found {
		t.Error("the best of none was found")
	}
}
