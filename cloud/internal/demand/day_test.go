package demand

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/picking"
	"allhours/protocol"
)

var (
	zone     = time.FixedZone("CST", 8*3600)
	midnight = time.Date(2026, 11, 21, 0, 0, 0, 0, zone)
)

func at(hour float64) time.Time { return midnight.Add(time.Duration(hour * float64(time.Hour))) }

func here(platform protocol.PlatformID) picking.Place {
	return picking.Place{Cabinet: "c", Platform: platform, SKU: "1001"}
}

func TestAnHourInWhichNothingCouldBeBoughtIsNoObservation(t *testing.T) {
	come := func(hour float64, units int64) cloud.GoodsFlow {
		return cloud.GoodsFlow{At: at(hour), Place: here("S1"), Units: units}
	}
	sold := func(hour float64, units int64) cloud.GoodsFlow {
		return cloud.GoodsFlow{At: at(hour), Place: here("S1"), Units: -units, Sold: true}
	}
	for name, c := range map[string]struct {
		opening int64
		flows   []cloud.GoodsFlow
		stopped []span
		able    map[int]float64 // of hours that differ from rest
		rest    float64
		sold    map[int]int
	}{
		"what lies there all day could be bought all day":         {opening: 3, rest: 1},
		"what is sold is told in its hour":                        {opening: 3, flows: []cloud.GoodsFlow{sold(9.2, 1), sold(9.7, 1)}, rest: 1, sold: map[int]int{9: 2}},
		"sold out in the middle of an hour, and not filled":       {opening: 1, flows: []cloud.GoodsFlow{sold(1.5, 1)}, able: map[int]float64{0: 1, 1: 0.5}, sold: map[int]int{1: 1}},
		"sold out and filled later":                               {opening: 1, flows: []cloud.GoodsFlow{sold(1, 1), come(20.25, 5)}, able: map[int]float64{0: 1, 20: 0.75, 21: 1, 22: 1, 23: 1}, sold: map[int]int{1: 1}},
		"a compartment that did not sell":                         {opening: 9, stopped: []span{{at(-3), at(2.25)}, {at(22), at(30)}}, rest: 1, able: map[int]float64{0: 0, 1: 0, 2: 0.75, 22: 0, 23: 0}},
		"goods that were taken out by hand are no sale":           {opening: 2, flows: []cloud.GoodsFlow{come(12, -2)}, able: hours(0, 12)},
		"a sale of before that was booked to this day is no sale": {opening: 2, flows: []cloud.GoodsFlow{sold(-2, 1)}, rest: 1},
		"less than nothing by book is nothing":                    {opening: -1, flows: []cloud.GoodsFlow{come(23, 1)}},
	} {
		s := shelves{
			span: span{midnight, at(24)}, zone: zone, opening: map[picking.Place]int64{here("S1"): c.opening}, flows: c.flows,
			stopped: func(picking.Place) []span { return c.stopped },
		}
		all := s.sales()
		if len(all) != 1 || all[0].Cabinet != "c" || all[0].SKU != "1001" {
			t.Errorf("%s: %+v", name, all)
			continue
		}
		for h := range 24 {
			want, differs := c.able[h]
			if !differs {
				want = c.rest
			}
			if all[0].Able[h] != want || all[0].Sold[h] != c.sold[h] {
				t.Errorf("%s: at %d:00 %d sold, able %v; want %d, %v", name, h, all[0].Sold[h], all[0].Able[h], c.sold[h], want)
			}
		}
	}
}

func hours(from, to int) map[int]float64 {
	all := make(map[int]float64)
	for h := from; h < to; h++ {
		all[h] = 1
	}
	return all
}

func TestAnArticleInTwoPlacesIsThereWhereItIsInOne(t *testing.T) {
	s := shelves{
		span: span{midnight, at(24)}, zone: zone, opening: map[picking.Place]int64{here("S1"): 1, here("S2"): 1},
		flows:   []cloud.GoodsFlow{{At: at(6), Place: here("S1"), Units: -1, Sold: true}},
		stopped: func(picking.Place) []span { return nil },
	}
	all := s.sales()
	if len(all) != 1 || all[0].Sold[6] != 1 || all[0].Able[3] != 1 || all[0].Able[20] != 1 {
		t.Errorf("%+v", all)
	}
}

func TestASampleIsTakenEvenlyFromTheCabinetsOfAStore(t *testing.T) {
	var all []forecast.Cabinet
	for n := range 100 {
		all = append(all, forecast.Cabinet{ID: protocol.CabinetID(rune('a' + n)), Store: map[bool]string{true: "n", false: "s"}[n < 60]})
	}
	some := sample(all, "n")
	if len(some) != trialCabinets || some[0].ID != all[0].ID || some[19].ID != all[57].ID {
		t.Errorf("%d: %+v", len(some), some)
	}
	if few := sample(all[:3], "n"); len(few) != 3 {
		t.Errorf("of three %+v", few)
	}
}
