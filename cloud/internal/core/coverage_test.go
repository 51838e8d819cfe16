package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// TestWhatACabinetTellsLaterChangesWhatWasUnknown: nothing is said of a time of which the cabinet has not told, and when its events
// come the same time is known, with the event that tells it.
func TestWhatACabinetTellsLaterChangesWhatWasUnknown(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		level := func(units int) wire.StockBody {
			return wire.StockBody{Levels: []settle.Level{{Platform: "S1", Units: []settle.Line{{SKU: "1001", Qty: units}}}}}
		}
		r.cabinet.does(wire.BootBody{Clean: true, Version: "1"})
		r.cabinet.does(level(8))
		began := time.Now()
		later(10 * time.Minute)
		mark := r.cabinet.journalled(wire.AliveBody{Selling: true})
		later(10 * time.Minute)
		states := func() map[coverage.State]bool {
			t.Helper()
			of, err := r.core.Coverage.Store(t.Context(), "north", cloud.ServedQuery{Days: 8})
			r.must(err)
			seen := map[coverage.State]bool{}
			for _, d := range of.Days {
				for _, p := range d.Pieces {
					if p.To > began.UnixMilli() && p.From < began.Add(10*time.Minute).UnixMilli() {
						seen[p.Cabinets[0].State] = true
					}
				}
			}
			return seen
		}
		if seen := states(); len(seen) != 1 || !seen[coverage.Unknown] {
			t.Errorf("without a word the cabinet is %v", seen)
		}
		r.must(r.cabinet.send(mark))
		if seen := states(); len(seen) != 1 || !seen[coverage.Covered] {
			t.Errorf("once it has told that it was there the cabinet is %v", seen)
		}
		r.cabinet.does(wire.SaleBody{EventType: wire.SaleStopped, Compartment: 1, Code: protocol.CodeScaleFault})
		r.view(func(tx cloud.Tx) error {
			facts, err := tx.CoverageFacts.Of("xs-01", began.Add(-time.Hour))
			kinds := map[coverage.Kind]int{}
			for _, f := range facts {
				kinds[f.Kind]++
			}
			if kinds[coverage.Stock] != 1 || kinds[coverage.Sale] != 1 || kinds[coverage.Silence] == 0 || kinds[coverage.Late] != 1 {
				t.Errorf("kept %+v", facts)
			}
			return err
		})
	})
}
