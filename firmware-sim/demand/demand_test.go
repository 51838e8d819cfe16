package demand

import (
	"math"
	"testing"
	"time"
)

func town() Town {
	return Town{First: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Days: 28, Cabinets: 40, Stores: 4, Articles: Assortment(1)}
}

func TestATownSaysTheSameWheneverItIsAsked(t *testing.T) {
	a, b := New(7, town()), New(7, town())
	_, _ = b.Trade(3, 4, 0, 28*24, 5)
	for hour := range 28 * 24 {
		if x, y := a.Rate(2, 9, hour), b.Rate(2, 9, hour); x != y {
			t.Fatalf("hour %d: %v, asked again %v", hour, x, y)
		}
		if x, y := len(a.Arrivals(2, 9, hour)), len(b.Arrivals(2, 9, hour)); x != y {
			t.Fatalf("hour %d: %d shoppers, asked again %d", hour, x, y)
		}
	}
}

func TestShoppersComeAsOftenAsTheRateSays(t *testing.T) {
	d := New(3, town())
	var expected, come float64
	for cabinet := range 40 {
		for article := range d.articles {
			hours, left := d.Trade(cabinet, article, 0, 28*24, 1<<30)
			sold := 0
			for _, h := range hours {
				come += float64(h.Asked)
				sold += h.Sold
			}
			if sold+left != 1<<30 {
				t.Fatalf("cabinet %d, article %d: %d sold and %d left", cabinet, article, sold, left)
			}
			expected += d.Mean(cabinet, article, 0, 28*24)
		}
	}
	if math.Abs(come-expected) > 5*math.Sqrt(1.5*expected) {
		t.Fatalf("%.0f units wanted, %.0f expected", come, expected)
	}
	t.Logf("%.0f units wanted, %.1f a cabinet and day", come, come/40/28)
}

func TestAStockThatEndsSellsNoMoreAndSaysSo(t *testing.T) {
	d := New(3, town())
	for cabinet := range 40 {
		hours, left := d.Trade(cabinet, 0, 0, 28*24, 4)
		sold, ended := 0, false
		for n, h := range hours {
			if ended && (h.Sold > 0 || h.Able > 0) {
				t.Fatalf("cabinet %d, hour %d: sold %d, able %v after its end", cabinet, n, h.Sold, h.Able)
			}
			sold += h.Sold
			ended = sold == 4
		}
		if sold+left != 4 {
			t.Fatalf("cabinet %d: %d sold, %d left of 4", cabinet, sold, left)
		}
	}
}

// The shares of the day that are known of stores, with room for what towns differ by.
func TestTheHoursOfADayAreThoseOfStores(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		d := New(seed, town())
		shares := func(works func(work float64) bool) (of [24]float64) {
			sum := 0.0
			for n := range d.cabinets {
				if !works(d.cabinets[n].work) {
					continue
				}
				for article := range d.articles {
					for hour := range 4 * 24 { // Monday to Thursday
						r := d.Rate(n, article, hour)
						of[hour%24] += r
						sum += r
					}
				}
			}
			for h := range of {
				of[h] /= sum
			}
			return of
		}
		span := func(of [24]float64, from, to int) (sum float64) {
			for h := from; h != to; h = (h + 1) % 24 {
				sum += of[h]
			}
			return sum
		}
		home, office := shares(func(w float64) bool { return w < 0.3 }), shares(func(w float64) bool { return w > 0.5 })
		t.Logf("seed %d: homes: 7-9 %.3f, 11-14 %.3f, 17-20 %.3f, 23-7 %.3f; offices: %.3f, %.3f, %.3f, %.3f", seed,
			span(home, 7, 9), span(home, 11, 14), span(home, 17, 20), span(home, 23, 7), span(office, 7, 9), span(office, 11, 14), span(office, 17, 20), span(office, 23, 7))
	}
}
