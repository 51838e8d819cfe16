package core_test

import (
	"fmt"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// counting is a round on which all lanes of xs-01 are counted.
func (r *rig) counting(lanes ...picking.Place) *walk {
	r.t.Helper()
	r.must(r.db.People().AddStaff(r.t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
	round, err := r.core.Rounds.Plan(r.t.Context(), cloud.PlanRound{
		Person: technician, By: "li", Key: "count", Kind: cloud.RoundTally, Store: "north", Cabinets: []protocol.CabinetID{"xs-01"}, Lanes: lanes,
	})
	r.must(err)
	w := &walk{rig: r, round: round.ID}
	if view := w.steps(cloud.RoundStart, cloud.RoundStepBody{}); view.State != cloud.RoundUnderWay {
		r.t.Errorf("there is nothing to be picked, and it is %s", view.State)
	}
	return w
}

func answerTo(at cloud.RoundStepBody, a picking.Answer) cloud.RoundStepBody {
	at.Answer = a
	return at
}

func TestAStockTakeBooksWhatWasCountedWithItsReason(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.counting()
		w.fills("o1")
		w.steps(cloud.RoundCount, laneStep("S1", "1001", 6))
		w.steps(cloud.RoundCount, laneStep("S1", "1002", 6))
		w.steps(cloud.RoundCount, laneStep("S2", "1003", 12))
		w.has(map[ledger.Account]int64{lane: 8, ledger.Lost: 0})
		w.refuses(cloud.CodeAnswerNeeded, cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		w.refuses(protocol.CodeMalformed, cloud.RoundAnswer, answerTo(laneStep("S1", "1001", 0), picking.ScalesRight))
		w.steps(cloud.RoundAnswer, answerTo(laneStep("S1", "1001", 0), picking.GapTheft))
		w.steps(cloud.RoundAnswer, answerTo(laneStep("S2", "1003", 0), picking.CountAgain))
		w.steps(cloud.RoundCount, laneStep("S2", "1003", 10))
		done := w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		w.has(map[ledger.Account]int64{lane: 6, ledger.Lost: 2, van: 0})
		if line := done.Line(picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}); line.Before != 8 || line.After != 6 || line.Answer != picking.GapTheft {
			t.Errorf("the lane is kept as %+v", line)
		}
		moved, err := r.core.Goods.Movements(t.Context(), "xs-01", 10)
		r.must(err)
		reasons := map[ledger.Reason]int{}
		for _, m := range moved {
			reasons[m.Reason]++
			if m.Kind != cloud.MoveCount || m.By != "wang" {
				t.Errorf("moved %+v", m)
			}
		}
		if len(moved) != 3 || reasons[ledger.Theft] != 1 || reasons[""] != 2 {
			t.Errorf("reasons %v", reasons)
		}
		w.steps(cloud.RoundFinish, cloud.RoundStepBody{})
		r.check()
	})
}

func TestWhatIsSoldAfterACountIsNoPartOfItsDifference(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.counting(picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"})
		w.fills("o1")
		v, err := r.begin("bought between")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 3})
		later(time.Second)
		r.cabinet.telemetry()
		w.steps(cloud.RoundCount, laneStep("S1", "1001", 7)) // It was taken at the open door, and comes from a basement.
		w.steps(cloud.RoundAnswer, answerTo(laneStep("S1", "1001", 0), picking.GapUnknown))
		w.refuses(cloud.CodeNotFound, cloud.RoundCount, laneStep("S2", "1003", 10))
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		w.has(map[ledger.Account]int64{lane: 4, ledger.Lost: 1})
	})
}

func TestLanesThatVaryAreProposedToBeCounted(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		stops, err := r.core.Stocktakes.Unsure(t.Context(), "north")
		r.must(err)
		if len(stops) != 1 || len(stops[0].Lanes) != 3 || !stops[0].Lanes[2].Chosen || stops[0].Lanes[0].Last != nil || !stops[0].Round.IsZero() {
			t.Fatalf("before any count %+v", stops)
		}
		w := r.counting()
		w.fills("o1")
		for i, at := range []cloud.RoundStepBody{laneStep("S1", "1001", 5), laneStep("S1", "1002", 6), laneStep("S2", "1003", 10)} {
			w.steps(cloud.RoundCount, at)
			if i == 0 {
				w.steps(cloud.RoundAnswer, answerTo(at, picking.GapMisput))
			}
		}
		if stops, err = r.core.Stocktakes.Unsure(t.Context(), "north"); err != nil || stops[0].Round != w.round {
			t.Errorf("while it is counted %+v, %v", stops, err)
		}
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		w.steps(cloud.RoundFinish, cloud.RoundStepBody{})
		stops, err = r.core.Stocktakes.Unsure(t.Context(), "north")
		r.must(err)
		first := stops[0].Lanes[0]
		if !first.Chosen || first.SKU != "1001" || first.Gap != 3 || first.Days != 0 || first.Last.Booked != 8 || first.Last.Counted != 5 || stops[0].Lanes[1].Chosen {
			t.Errorf("after it %+v", stops[0].Lanes)
		}
		for what, c := range map[string]struct {
			p    cloud.PlanRound
			code protocol.Code
		}{
			"a kind that there is not":  {cloud.PlanRound{Kind: "dance"}, protocol.CodeMalformed},
			"a lane that there is not":  {cloud.PlanRound{Kind: cloud.RoundTally, Lanes: []picking.Place{{Cabinet: "xs-01", Platform: "S9", SKU: "1001"}}}, protocol.CodeMalformed},
			"something that is brought": {cloud.PlanRound{Kind: cloud.RoundTally, Lines: []cloud.PlannedLine{{Units: 1}}}, protocol.CodeMalformed},
		} {
			c.p.Person, c.p.By, c.p.Key, c.p.Store, c.p.Cabinets = technician, "li", fmt.Sprint("plan ", what), "north", []protocol.CabinetID{"xs-01"}
			if _, err := r.core.Rounds.Plan(t.Context(), c.p); protocol.CodeOf(err) != c.code {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestWhatTheScalesSaidLastCountsWithWhatCameSince(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned().leaves()
		says := func(qty int) {
			r.cabinet.does(wire.StockBody{Counts: []wire.Count{{Platform: "S1", Units: []wire.Counted{{SKU: "1001", Qty: qty, Low: qty, High: qty}}}}})
			later(time.Second)
		}
		off := func(want int) {
			t.Helper()
			stops, err := r.core.Stocktakes.Unsure(t.Context(), "north")
			r.must(err)
			for _, l := range stops[0].Lanes {
				if l.SKU == "1001" && (l.Scales == nil || l.Off != want) {
					t.Errorf("the scales say %+v, %d off", l.Scales, l.Off)
				}
			}
		}
		says(8)
		off(0)
		w.fills("o1", put("S1", "1001", 4), put("S2", "1003", 2))
		off(0) // They have seen four more come, though they did not say so yet.
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveCount, From: lane, Lines: water(9)})
		r.must(err)
		off(3) // A person who counts nine moves none.
	})
}
