package core_test

import (
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/settle"
)

var waterLane = picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}

// takesOut says that so many were put, and so many taken out, for they are damaged.
func takesOut(put, removed int) cloud.RoundStepBody {
	body := laneStep("S1", "1001", put)
	body.Removed, body.Reason = removed, ledger.Damaged
	return body
}

func answering(answer picking.Answer) cloud.RoundStepBody {
	body := laneStep("S1", "1001", 0)
	body.Answer = answer
	return body
}

func TestNoMoreIsThrownAwayThanTheScalesHaveSeenGo(t *testing.T) {
	for name, c := range map[string]struct {
		scales int
		answer picking.Answer
		want   map[ledger.Account]int64
	}{
		"none went":                              {4, picking.ScalesRight, map[ledger.Account]int64{lane: 12, ledger.Off(ledger.Damaged): 0, van: 5}},
		"one of two went":                        {3, picking.ScalesRight, map[ledger.Account]int64{lane: 11, ledger.Off(ledger.Damaged): 1, van: 5}},
		"both went, and one was not put":         {1, picking.ScalesRight, map[ledger.Account]int64{lane: 9, ledger.Off(ledger.Damaged): 2, van: 6}},
		"it is counted again, and all is put in": {4, picking.CountAgain, map[ledger.Account]int64{lane: 12, ledger.Off(ledger.Damaged): 0, van: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				w := r.planned()
				_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveTransfer, From: store, To: van, Lines: water(5)}) // of another round
				r.must(err)
				w.leaves().fills("o1", put("S1", "1001", c.scales), put("S2", "1003", 2))
				w.steps(cloud.RoundCount, takesOut(4, 2))
				if found := findingOf(t, w, waterLane); found.Verdict != picking.Ask || found.Said != 2 || found.Weighed != c.scales {
					t.Errorf("it is asked %+v", found)
				}
				w.steps(cloud.RoundAnswer, answering(c.answer))
				w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
				w.has(c.want)
			})
		})
	}
}

// stale is a round to xs-01, in whose lane of water lie three bottles that are sold today for the last time.
func (r *rig) stale(planned func() (cloud.Round, error)) *walk {
	r.t.Helper()
	r.must(r.db.People().AddStaff(r.t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
	plan := storetest.Plan()
	plan.Cabinets[0].Platforms[0].Par = map[protocol.SKU]int{"1001": 12, "1002": 6}
	r.must(r.core.Apply(r.t.Context(), plan))
	_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: water(8)})
	r.must(err)
	r.brought(3, r.today())
	_, err = r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: store, Lines: water(24)})
	r.must(err)
	round, err := planned()
	r.must(err)
	return &walk{rig: r, round: round.ID}
}

func (r *rig) plansRound(key string, cabinets ...protocol.CabinetID) (cloud.Round, error) {
	return r.core.Rounds.Plan(r.t.Context(), cloud.PlanRound{Person: technician, By: "li", Key: key, Store: "north", Restocker: restocker, Cabinets: cabinets})
}

func (w *walk) goesWith(units int) {
	w.t.Helper()
	w.steps(cloud.RoundStart, cloud.RoundStepBody{})
	w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: units})
	w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
}

func TestWhoInsistsThatItWasDoneAsPlannedHasTakenOutWhatIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		scales int
		answer picking.Answer
		want   map[ledger.Account]int64
	}{
		"the restocker insists": {12, picking.SaidRight, map[ledger.Account]int64{lane: 12, ledger.Off(ledger.Expired): 3, van: 0}},
		"none was taken out":    {12, picking.ScalesRight, map[ledger.Account]int64{lane: 15, ledger.Off(ledger.Expired): 0, van: 0}},
		"the scales agree":      {9, "", map[ledger.Account]int64{lane: 12, ledger.Off(ledger.Expired): 3, van: 0}},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				w := r.stale(func() (cloud.Round, error) { r.tomorrow(); return r.plansRound("plan", "xs-01") })
				w.goesWith(12)
				w.fills("o1", put("S1", "1001", c.scales))
				if c.answer != "" {
					w.steps(cloud.RoundAnswer, answering(c.answer))
				}
				w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
				w.has(c.want)
			})
		})
	}
}

func TestWhatIsOverIsWhatIsOverWhenSomebodyComes(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.stale(func() (cloud.Round, error) { return r.plansRound("plan", "xs-01") })
		expired := func() int {
			view, err := r.core.Rounds.Round(t.Context(), w.round)
			r.must(err)
			return view.Line(waterLane).Expired
		}
		if n := expired(); n != 0 {
			t.Errorf("on their last day %d are to be taken out", n)
		}
		r.cabinet.telemetry()
		v, err := r.begin("one is sold on that day")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 1})
		r.tomorrow()
		w.goesWith(9)
		w.fills("o1", put("S1", "1001", 7))
		view := w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		if line := view.Line(waterLane); line.Expired != 2 || line.Removed != 2 || line.Reason != ledger.Expired || line.Before != 2 {
			t.Errorf("the day after: %+v", line)
		}
		w.has(map[ledger.Account]int64{lane: 9, ledger.Off(ledger.Expired): 2, van: 0})
	})
}

func TestARoundThatLeavesTheDayAfterLeavesWhatIsOverByThen(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveCount, From: store, Lines: water(0)})
		r.must(err)
		until := r.today()
		_, err = r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: store, Lines: []cloud.MovedLine{{SKU: "1001", Qty: 4, Until: until}, {SKU: "1001", Qty: 4, Until: until.Add(9)}}})
		r.must(err)
		r.tomorrow()
		list, err := r.core.RoundPlans.PickList(t.Context(), w.round)
		r.must(err)
		want := []picking.Lot{{Units: 4, Until: until.Add(9)}}
		if i := slices.IndexFunc(list.Picks, func(p picking.Pick) bool { return p.SKU == "1001" }); i < 0 || !slices.Equal(list.Picks[i].Lots, want) {
			t.Errorf("the list is %+v", list.Picks)
		}
		w.leaves()
		w.wantDates(van, want...)
		late := laneStep("S1", "1001", 0)
		late.Dates = []picking.Lot{{Units: 4, Until: until}}
		w.refuses(cloud.CodeDateOver, cloud.RoundDate, late)
	})
}

func TestWhatIsThrownAwayIsShownWhereTheChainWantsIt(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned().leaves()
		policy := picking.Usual()
		policy.Photo = true
		r.must(r.core.Policies.SetPolicy(t.Context(), cloud.RefillPolicy{Store: "north", By: "li", Policy: &policy}))
		w.fills("o1", put("S1", "1001", 2), put("S2", "1003", 2))
		w.steps(cloud.RoundCount, takesOut(4, 2))
		closed := cloud.RoundStepBody{Cabinet: "xs-01"}
		w.refuses(cloud.CodePhotoNeeded, cloud.RoundClose, closed)
		other := closed
		other.Photos = []picking.Place{{Cabinet: "xs-01", Platform: "S2", SKU: "1003"}}
		w.refuses(cloud.CodePhotoNeeded, cloud.RoundClose, other)
		w.has(map[ledger.Account]int64{lane: 10, van: 2, ledger.Off(ledger.Damaged): 0})
		closed.Photos = []picking.Place{waterLane} // It waits on the phone, for there is no network.
		w.steps(cloud.RoundClose, closed)
		w.has(map[ledger.Account]int64{lane: 10, van: 0, ledger.Off(ledger.Damaged): 2})
	})
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned().leaves()
		policy := picking.Usual()
		policy.Photo = true
		r.must(r.core.Policies.SetPolicy(t.Context(), cloud.RefillPolicy{By: "li", Policy: &policy}))
		w.fills("o1", put("S1", "1001", 2), put("S2", "1003", 2))
		w.steps(cloud.RoundCount, takesOut(4, 2))
		_, err := r.core.Photos.Keep(t.Context(), cloud.KeepPhoto{Person: restocker, By: "wang", Round: w.round, Place: waterLane, Key: "p1", Picture: picture(t, 40)})
		r.must(err)
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		w.has(map[ledger.Account]int64{lane: 10, van: 0, ledger.Off(ledger.Damaged): 2})
	})
}
