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
	homes, offices := func(work float64) bool { return work < 0.3 }, func(work float64) bool { return work > 0.5 }
	for seed := uint64(1); seed <= 8; seed++ {
		d := New(seed, town())
		for _, want := range []struct {
			what        string
			works       func(float64) bool
			from, to    int
			least, most float64
		}{
			{"breakfast where people work", offices, 7, 9, 0.12, 0.28},
			{"noon where people work", offices, 11, 14, 0.20, 0.36},
			{"the evening where people work", offices, 17, 20, 0.12, 0.24},
			{"the evening among homes", homes, 17, 20, 0.13, 0.27},
			{"the hours in which the store is shut, among homes", homes, 23, 7, 0.14, 0.40},
		} {
			if share := d.share(want.works, want.from, want.to); share < want.least || share > want.most {
				t.Errorf("seed %d: %s: %.3f of the day, want %.2f to %.2f", seed, want.what, share, want.least, want.most)
			}
		}
	}
}

// share is what the hours from one up to another, over midnight too, have of a Monday to Thursday.
func (d *Demand) share(works func(work float64) bool, from, to int) float64 {
	part, whole := 0.0, 0.0
	for n := range d.cabinets {
		if !works(d.cabinets[n].work) {
			continue
		}
		for article := 0; article < len(d.articles); article += 2 {
			for hour := range 4 * 24 {
				rate, clock := d.Rate(n, article, hour), hour%24
				whole += rate
				if from < to && clock >= from && clock < to || from > to && (clock >= from || clock < to) {
					part += rate
				}
			}
		}
	}
	return part / whole
}

func TestAnOracleIsExceededAsOftenAsItSays(t *testing.T) {
	d := New(5, town())
	over, cases := 0, 0
	for cabinet := range 40 {
		for article := range d.articles {
			for day := 7; day < 28; day += 5 {
				q, wanted := d.Quantile(cabinet, article, day*24, day*24+24, 0.9), 0
				hours, _ := d.Trade(cabinet, article, day*24, day*24+24, 0)
				for _, h := range hours {
					wanted += h.Asked
				}
				if cases++; wanted > q {
					over++
				}
			}
		}
	}
	if share := float64(over) / float64(cases); share > 0.1 || share < 0.03 {
		t.Errorf("exceeded in %.3f of %d days, want no more than 0.1, and less only because units are whole", share, cases)
	}
}
