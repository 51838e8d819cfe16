package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
)

// someOutlook draws an outlook.
func someOutlook(rng *rand.Rand) Outlook {
	o := Outlook{sum: make([]float64, 1+rng.IntN(200)), spread: spread{1 + rng.Float64(), rng.Float64() / 4, rng.Float64() / 10}}
	sum, rate := 0.0, math.Exp(rng.NormFloat64()*2-2)
	for n := range o.sum {
		sum += rate * rng.ExpFloat64()
		o.sum[n] = sum
	}
	return o
}

func TestAnOutlookAgreesWithItself(t *testing.T) {
	const seed = 31
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 2000 {
		o := someOutlook(rng)
		if o.Expected(o.Hours()) > many { // More than any cabinet holds, and counted less exactly.
			continue
		}
		hours := 1 + rng.IntN(o.Hours())
		sum := 0.0
		for n := range hours {
			sum += o.Hour(n)
		}
		if math.Abs(sum-o.Expected(hours)) > 1e-9*(1+sum) {
			t.Fatalf("%d hours sum to %v, expected %v", hours, sum, o.Expected(hours))
		}
		quantilesGrow(t, o, hours)
		stocksHelp(t, o, hours)
		if r, more := o.Empty(3), o.Empty(4); r.Early > r.Likely || r.Likely > r.Late || more.Early < r.Early || more.Late < r.Late {
			t.Fatalf("3 units end %v, 4 units %v", r, more)
		}
	}
}

func quantilesGrow(t *testing.T, o Outlook, hours int) {
	t.Helper()
	last := 0
	for _, p := range []float64{0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999} {
		q := o.Quantile(p, hours)
		if q < last {
			t.Fatalf("the quantile at %v is %d, a lower one was %d", p, q, last)
		}
		if q < many && (o.SoldOut(q+1, hours) > 1-p+1e-9 || q > 0 && 1-o.SoldOut(q, hours) >= p+1e-9) {
			t.Fatalf("at %v: %d, of which %v want more and %v as many", p, q, o.SoldOut(q+1, hours), o.SoldOut(q, hours))
		}
		last = q
	}
}

func stocksHelp(t *testing.T, o Outlook, hours int) {
	t.Helper()
	if lost := o.Lost(0, hours); math.Abs(lost-o.Expected(hours)) > 1e-6*(1+lost) {
		t.Fatalf("without stock %v are lost of %v", lost, o.Expected(hours))
	}
	for stock := range 20 {
		if o.Lost(stock+1, hours) > o.Lost(stock, hours)+1e-9 || o.SoldOut(stock+1, hours) > o.SoldOut(stock, hours)+1e-9 {
			t.Fatalf("stock %d loses %v, one more %v", stock, o.Lost(stock, hours), o.Lost(stock+1, hours))
		}
		// Doubt grows with time, and moves chances near certainty by less than a thousandth.
		if hours > 1 && o.SoldOut(stock, hours-1) > o.SoldOut(stock, hours)+1e-3 {
			t.Fatalf("stock %d is sold out within %d hours with %v, within %d with %v", stock, hours-1, o.SoldOut(stock, hours-1), hours, o.SoldOut(stock, hours))
		}
	}
}

func TestACountHasTheMeanAndTheVarianceThatItSays(t *testing.T) {
	for name, c := range map[string]count{
		"a slow article":             {0.05, 0.08},
		"one that is sold by ones":   {3, 3},
		"one that is sold by twos":   {3, 6},
		"a week of a fast one":       {80, 400},
		"one that varies very much":  {4, 60},
		"nearly a Poisson's":         {10, 10.00001},
		"the largest that is walked": {many, 2 * many},
	} {
		var whole, mean, square float64
		c.walk(func(x int, chance float64) bool {
			whole += chance
			mean += chance * float64(x)
			square += chance * float64(x) * float64(x)
			return x < 5000
		})
		if math.Abs(whole-1) > 1e-6 || math.Abs(mean-c.mean) > 1e-4*c.mean || math.Abs(square-mean*mean-c.variance) > 1e-3*c.variance {
			t.Errorf("%s: chances sum to %v, mean %v, variance %v; want %+v", name, whole, mean, square-mean*mean, c)
		}
	}
}

func TestManyUnitsAreCountedNearlyAsExactly(t *testing.T) {
	small, large := count{many, 3 * many}, count{many + 0.001, 3 * (many + 0.001)}
	for _, p := range []float64{0.1, 0.5, 0.9} {
		if x, y := small.quantile(p), large.quantile(p); math.Abs(float64(x-y)) > 4 {
			t.Errorf("at %v: %d walked, %d as a normal number", p, x, y)
		}
	}
	for _, stock := range []int{250, 300, 350} {
		if x, y := small.beyond(stock), large.beyond(stock); math.Abs(x-y) > 0.5 {
			t.Errorf("beyond %d: %v walked, %v as a normal number", stock, x, y)
		}
	}
}
