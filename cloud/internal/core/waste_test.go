package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

func TestWasteAddsUpByArticleAndPlaceAtCost(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated() // Water costs 60 fen.
		r.brought(4, "")
		for _, m := range []cloud.MoveGoods{
			{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Expired, Lines: water(2)},
			{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: water(1)},
			{Kind: cloud.MoveCount, From: lane, Lines: water(7)},
			{Kind: cloud.MoveReceive, To: store, Lines: water(10)},
			{Kind: cloud.MoveWriteOff, From: store, Reason: ledger.Leaked, Lines: water(3)},
		} {
			_, err := r.moves(m)
			r.must(err)
		}
		q := cloud.WasteQuery{Store: "north", From: r.today(), To: r.today(), SKU: "1001"}
		lines, err := r.core.Wastes.Wasted(t.Context(), q)
		r.must(err)
		if len(lines) != 2 {
			t.Fatalf("lines %+v", lines)
		}
		shop, own := lines[0], lines[1]
		if shop.Cabinet.ID != "" || shop.Brought != 14 || shop.Off[ledger.Leaked] != 3 || shop.OffCost != 180 {
			t.Errorf("the store itself %+v", shop)
		}
		// Eight were counted in when it was new, four were brought.
		if own.Cabinet.ID != "xs-01" || own.Brought != 12 || own.OffUnits() != 3 || own.OffCost != 180 || own.Lost != 2 || own.Found != 0 || own.GapCost != 120 || own.BroughtCost != 720 {
			t.Errorf("the cabinet %+v", own)
		}
		entries, err := r.core.Wastes.Entries(t.Context(), q)
		r.must(err)
		if len(entries) != 4 || entries[0].Movement == nil || entries[0].Movement.Reason == "" && entries[0].Movement.Kind != cloud.MoveCount {
			t.Errorf("entries %+v", entries)
		}
		q.Cabinet = "xs-02"
		if none, err := r.core.Wastes.Wasted(t.Context(), q); err != nil || len(none) != 0 {
			t.Errorf("of another cabinet %+v, %v", none, err)
		}
		for what, bad := range map[string]struct {
			q    cloud.WasteQuery
			code protocol.Code
		}{
			"a store that there is not": {cloud.WasteQuery{Store: "west", From: r.today(), To: r.today()}, cloud.CodeNotFound},
			"days that are none":        {cloud.WasteQuery{From: "soon", To: r.today()}, protocol.CodeMalformed},
			"too many days":             {cloud.WasteQuery{From: r.today().Add(-cloud.MaxWasteDays), To: r.today()}, protocol.CodeMalformed},
		} {
			if _, err := r.core.Wastes.Wasted(t.Context(), bad.q); protocol.CodeOf(err) != bad.code {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestWasteIsAPartOfWhatWasThereAndCame: what is thrown away was brought days before.
func TestWasteIsAPartOfWhatWasThereAndCame(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated()
		r.brought(4, "")
		r.tomorrow()
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Expired, Lines: water(9)})
		r.must(err)
		lines, err := r.core.Wastes.Wasted(t.Context(), cloud.WasteQuery{Store: "north", From: r.today(), To: r.today(), SKU: "1001", Cabinet: "xs-01"})
		r.must(err)
		if len(lines) != 1 || lines[0].There != 12 || lines[0].Brought != 0 || lines[0].OffUnits() != 9 || lines[0].OffCost != 540 || lines[0].HadCost() != 720 {
			t.Errorf("of what lay there %+v", lines)
		}
	})
}

func TestWhatGoesOverIsToldWithItsNextStepAndWhoTakesItOut(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated()
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: water(8)})
		r.must(err)
		r.brought(4, r.today().Add(1))
		later(time.Minute)
		due := func() cloud.LotDue {
			t.Helper()
			all, err := r.core.Expiry.Due(t.Context(), "north")
			r.must(err)
			if len(all) != 1 {
				t.Fatalf("due %+v", all)
			}
			return all[0]
		}
		d := due()
		if d.Units != 4 || !d.Said || d.Full != 200 || d.Price != 180 || d.Percent != 10 || d.Step != 180 {
			t.Errorf("a day before %+v", d)
		}
		if d.Next == nil || d.Next.Day != r.today().Add(1) || d.Next.Percent != 50 || d.Next.Price != 100 || d.Fate.Next.IsZero() || !d.Fate.Round.IsZero() {
			t.Errorf("its next step %+v, its fate %+v", d.Next, d.Fate)
		}
		would, err := r.core.Expiry.Would(t.Context(), cloud.Markdowns{{Category: "drinks", Markdown: picking.Markdown{AlertAt: 2, Steps: []picking.Step{{DaysLeft: 2, Percent: 30}}}}})
		r.must(err)
		if len(would) != 1 || would[0].Step != 140 || would[0].Price != 180 || would[0].Next != nil {
			t.Errorf("by other rules %+v", would)
		}
		r.tomorrow()
		r.tomorrow()
		if d = due(); d.Stage != picking.Over || d.Price != 0 || d.Next != nil || !d.Fate.Over {
			t.Errorf("when it is over %+v", d)
		}
		r.view(func(tx cloud.Tx) error {
			barred, _, err := tx.CoverageFacts.Newest("xs-01", coverage.Barred, "1001")
			if barred.Value != 1 {
				t.Errorf("goods that are over count as stock: %+v", barred)
			}
			return err
		})
		round, err := r.core.Rounds.Plan(t.Context(), cloud.PlanRound{Person: technician, By: "li", Key: "out", Store: "north", Cabinets: []protocol.CabinetID{"xs-01"}})
		r.must(err)
		if d = due(); d.Fate.Round != round.ID || d.Fate.Out != 4 {
			t.Errorf("a round goes there %+v", d.Fate)
		}
		h, err := r.core.Expiry.Lane(t.Context(), d.Lane)
		r.must(err)
		if h.Book != 4 || len(h.Lots) != 1 || len(h.Entries) != 3 || len(h.Moved) != 2 {
			t.Errorf("the lane has %+v", h)
		}
		for what, at := range map[string]picking.Place{
			"no such cabinet": {Cabinet: "xs-99", Platform: "S1", SKU: "1001"}, "no such platform": {Cabinet: "xs-01", Platform: "S9", SKU: "1001"},
			"no such article": {Cabinet: "xs-01", Platform: "S1", SKU: "9999"},
		} {
			if _, err := r.core.Expiry.Lane(t.Context(), at); err == nil {
				t.Errorf("%s was found", what)
			}
		}
	})
}
