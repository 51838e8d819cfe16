package demand

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// TestHoursInWhichNobodyWasLetInAreNoDemand: of the hours of a halt nothing is learned, whichever of them belong to the day.
func TestHoursInWhichNobodyWasLetInAreNoDemand(t *testing.T) {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	at := func(hour int) time.Time { return day.Add(time.Duration(hour) * time.Hour) }
	lane := picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}
	cases := []struct {
		name  string
		halts []span
		able  func(hour int) bool
	}{
		{"no halt", nil, func(int) bool { return true }},
		{"in the middle of the day", []span{{at(9), at(12)}}, func(h int) bool { return h < 9 || h >= 12 }},
		{"since the day before", []span{{at(-30), at(6)}}, func(h int) bool { return h >= 6 }},
		{"until somebody takes it back", []span{{at(20), time.Time{}}}, func(h int) bool { return h < 20 }},
		{"over the whole day", []span{{at(-5), at(40)}}, func(int) bool { return false }},
		{"on other days", []span{{at(-9), at(-3)}, {at(30), time.Time{}}}, func(int) bool { return true }},
		{"two kinds at once", []span{{at(9), at(12)}, {at(10), at(14)}}, func(h int) bool { return h < 9 || h >= 14 }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := ground{
				cabinets: map[protocol.CabinetID]cloud.Cabinet{"xs-01": {ID: "xs-01", Platforms: []cloud.Platform{{ID: "S1", Compartment: 1}}}},
				halts:    map[protocol.CabinetID][]span{"xs-01": c.halts},
			}
			of := shelves{span: span{at(0), at(24)}, zone: time.UTC, opening: map[picking.Place]int64{lane: 5}}
			of.stopped = g.stopped(nil, of.span)
			sales := of.sales()
			for h, able := range sales[0].Able {
				if (able > 0) != c.able(h) {
					t.Errorf("hour %d: it could be bought in %.2f of it", h, able)
				}
			}
		})
	}
}
