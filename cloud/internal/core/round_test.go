package core_test

import (
	"fmt"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

const van = ledger.Account("van:north")

// walk is a round and whoever walks it.
type walk struct {
	*rig
	round protocol.UUID
	keys  int
}

// planned is a round to xs-01, which is to be brought 4 of 1001 and 2 of 1003.
func (r *rig) planned() *walk {
	r.t.Helper()
	r.must(r.db.People().AddStaff(r.t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
	plan := storetest.Plan()
	plan.Cabinets[0].Platforms[0].Par = map[protocol.SKU]int{"1001": 12, "1002": 6}
	plan.Cabinets[0].Platforms[1].Par = map[protocol.SKU]int{"1003": 12}
	r.must(r.core.Apply(r.t.Context(), plan))
	_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: store, Lines: []cloud.MovedLine{{SKU: "1001", Qty: 24}, {SKU: "1003", Qty: 24}}})
	r.must(err)
	round, err := r.core.Rounds.Plan(r.t.Context(), cloud.PlanRound{
		Person: technician, By: "li", Key: "plan", Store: "north", Restocker: restocker, Cabinets: []protocol.CabinetID{"xs-01"},
	})
	r.must(err)
	return &walk{rig: r, round: round.ID}
}

func (w *walk) try(kind cloud.RoundStepKind, body cloud.RoundStepBody) (cloud.RoundView, error) {
	w.keys++
	return w.core.Rounds.Step(w.t.Context(), cloud.RoundStep{
		Round: w.round, Person: restocker, By: "wang", Key: fmt.Sprint("s", w.keys), Kind: kind, RoundStepBody: body,
	})
}

func (w *walk) steps(kind cloud.RoundStepKind, body cloud.RoundStepBody) cloud.RoundView {
	w.t.Helper()
	view, err := w.try(kind, body)
	if err != nil {
		w.t.Fatalf("%s: %v", kind, err)
	}
	return view
}

func (w *walk) refuses(code protocol.Code, kind cloud.RoundStepKind, body cloud.RoundStepBody) {
	w.t.Helper()
	if _, err := w.try(kind, body); protocol.CodeOf(err) != code {
		w.t.Errorf("%s of %+v: got %v, want %s", kind, body, err, code)
	}
}

// leaves picks everything and leaves the store.
func (w *walk) leaves() *walk {
	w.t.Helper()
	w.steps(cloud.RoundStart, cloud.RoundStepBody{})
	w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 4})
	w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "1003", Units: 2})
	w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
	return w
}

func (w *walk) open(key string) (cloud.Visit, error) {
	return w.core.Refills.Refill(w.t.Context(), cloud.RefillVisit{Person: restocker, By: "wang", Round: w.round, Cabinet: "xs-01", Key: key})
}

// fills opens the door and puts goods in, as the scales see it.
func (w *walk) fills(key string, steps ...settle.Step) cloud.Visit {
	w.t.Helper()
	v, err := w.open(key)
	w.must(err)
	w.cabinet.reply(protocol.CodeOK)
	b := begun(v.ID)
	b.Purpose, b.Limit = protocol.PurposeRefill, 0
	w.cabinet.does(b)
	w.cabinet.does(wire.OpenedBody{Visit: v.ID})
	body := w.cabinet.settled(v.ID)
	body.Purpose, body.Answer.Why = protocol.PurposeRefill, []settle.Explanation{{Lines: []settle.Line{}, Steps: steps}}
	w.cabinet.does(body)
	later(time.Second)
	w.cabinet.telemetry()
	return v
}

func put(platform protocol.PlatformID, sku protocol.SKU, units int) settle.Step {
	return settle.Step{Platform: platform, SKU: sku, Qty: units}
}

func laneStep(platform protocol.PlatformID, sku protocol.SKU, units int) cloud.RoundStepBody {
	return cloud.RoundStepBody{Cabinet: "xs-01", Platform: platform, SKU: sku, Units: units}
}

// has holds places to how many units of 1001 they have.
func (w *walk) has(want map[ledger.Account]int64) {
	w.t.Helper()
	for account, units := range want {
		if got := w.balance(account, ledger.Article("1001")); got != units {
			w.t.Errorf("%s has %d of 1001, want %d", account, got, units)
		}
	}
	w.mustBeSound()
}

func TestARoundBringsGoodsFromTheShelfIntoTheLanesAndTheBooksHaveIt(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		w.has(map[ledger.Account]int64{store: 24, van: 0, lane: 8})
		w.leaves()
		w.has(map[ledger.Account]int64{store: 20, van: 4, lane: 8})
		v := w.fills("o1", put("S1", "1001", 4), put("S2", "1003", 2))
		w.has(map[ledger.Account]int64{store: 20, van: 0, lane: 12, ledger.Hands(restocker): 0})
		w.steps(cloud.RoundCount, laneStep("S1", "1001", 4))
		w.steps(cloud.RoundCount, laneStep("S2", "1003", 2))
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		done := w.steps(cloud.RoundFinish, cloud.RoundStepBody{})
		line := done.Line(picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"})
		if done.State != cloud.RoundDone || done.Ended.IsZero() || line.Weighed != 4 || line.Before != 8 || line.After != 12 {
			t.Errorf("the round ended as %+v with %+v", done.Round, line)
		}
		if len(done.Visits) != 1 || done.Visits[0].ID != v.ID || done.Visits[0].Outcome != cloud.OutcomeRestocked || done.Visits[0].By != "wang" {
			t.Errorf("its openings are %+v", done.Visits)
		}
		if len(done.Steps) != 10 || done.Steps[0].Kind != cloud.RoundPlan || done.Steps[9].Kind != cloud.RoundFinish {
			t.Errorf("its history has %d steps: %+v", len(done.Steps), done.Steps)
		}
		r.check()
	})
}

func TestADoorOpensForARoundOnlyWhereItLeads(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		if _, err := w.open("o0"); protocol.CodeOf(err) != cloud.CodeRoundState {
			t.Errorf("before the round is under way: %v", err)
		}
		w.leaves()
		plan := storetest.Plan()
		other := plan.Cabinets[0]
		other.ID, other.Number = "xs-02", 2
		plan.Cabinets = append(plan.Cabinets, other)
		r.must(r.core.Apply(t.Context(), plan))
		for what, c := range map[string]struct {
			change func(*cloud.RefillVisit)
			code   protocol.Code
		}{
			"a round that there is not":       {func(v *cloud.RefillVisit) { v.Round = technician }, cloud.CodeNotFound},
			"a cabinet that is no stop of it": {func(v *cloud.RefillVisit) { v.Cabinet, v.Number = "xs-02", 2 }, cloud.CodeNotAStop},
			"a cabinet that there is not":     {func(v *cloud.RefillVisit) { v.Cabinet = "xs-99" }, cloud.CodeUnknownCabinet},
			"another number on the cabinet":   {func(v *cloud.RefillVisit) { v.Number = 2 }, cloud.CodeWrongCabinet},
			"a door that the cabinet has not": {func(v *cloud.RefillVisit) { v.Compartment = 9 }, protocol.CodeOtherCabinet},
			"no key":                          {func(v *cloud.RefillVisit) { v.Key = "" }, protocol.CodeMalformed},
		} {
			v := cloud.RefillVisit{Person: restocker, By: "wang", Round: w.round, Cabinet: "xs-01", Number: 1, Key: what}
			c.change(&v)
			if _, err := r.core.Refills.Refill(t.Context(), v); protocol.CodeOf(err) != c.code {
				t.Errorf("%s: got %v, want %s", what, err, c.code)
			}
		}
		if r.mail.count(topic.Command) != 0 {
			t.Error("a grant was sent for a door that is none of the round's")
		}
		v, err := w.open("o1")
		r.must(err)
		if _, g := r.cabinet.command(); g.Purpose != protocol.PurposeRefill || g.LimitFen != 0 || g.Visit != v.ID {
			t.Errorf("the cabinet gets %+v", g)
		}
		if again, err := w.open("o1"); err != nil || again.ID != v.ID {
			t.Errorf("the same request once more: %v, %v", again.ID, err)
		}
		if _, err := w.open("o2"); protocol.CodeOf(err) != cloud.CodeCabinetBusy {
			t.Errorf("beside an opening that is under way: %v", err)
		}
		w.refuses(cloud.CodeCabinetBusy, cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
	})
}

func TestASecondOpeningAtAStopIsOrdinary(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned().leaves()
		w.fills("o1", put("S1", "1001", 3))
		w.fills("o2", put("S1", "1001", 1), put("S2", "1003", 2))
		view := w.steps(cloud.RoundCount, laneStep("S1", "1001", 4))
		line := view.Line(picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"})
		if line.Weighed != 4 || line.Before != 8 || line.After != 12 || view.Stop("xs-01").Settled != 2 || view.Asked("xs-01") != 0 {
			t.Errorf("after two openings: %+v, %+v, %d questions", line, view.Stop("xs-01"), view.Asked("xs-01"))
		}
		w.has(map[ledger.Account]int64{van: 0, lane: 12})
	})
}

func TestADifferenceAtTheDoorIsBookedOnlyByAPersonsAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer picking.Answer
		want   map[ledger.Account]int64
		booked int
		looked int // incidents that ask for a look at the scale
	}{
		"the scales are right":      {picking.ScalesRight, map[ledger.Account]int64{lane: 11, van: 1}, 3, 0},
		"the restocker insists":     {picking.SaidRight, map[ledger.Account]int64{lane: 12, van: 0}, 4, 1},
		"the restocker counts anew": {picking.CountAgain, map[ledger.Account]int64{lane: 11, van: 1}, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				w := r.planned().leaves()
				w.fills("o1", put("S1", "1001", 3), put("S2", "1003", 2))
				w.steps(cloud.RoundCount, laneStep("S1", "1001", 4))
				w.has(map[ledger.Account]int64{lane: 11, van: 1, ledger.Lost: 0})
				w.refuses(cloud.CodeAnswerNeeded, cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
				body := laneStep("S1", "1001", 0)
				body.Answer = c.answer
				view := w.steps(cloud.RoundAnswer, body)
				line := view.Line(picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"})
				if line.Booked() != c.booked || r.incidents()[cloud.IncidentRefillDiffers] != c.looked {
					t.Errorf("booked %+v; incidents %v", line, r.incidents())
				}
				w.has(c.want)
				w.has(map[ledger.Account]int64{ledger.Lost: 0})
			})
		})
	}
}

func TestWhatIsLeftInTheVanIsBroughtBackKeptOrAnsweredFor(t *testing.T) {
	for name, c := range map[string]struct {
		rest cloud.RestSaid
		code protocol.Code
		want map[ledger.Account]int64
	}{
		"back to the store":            {cloud.RestSaid{SKU: "1001", Back: 2}, "", map[ledger.Account]int64{store: 22, van: 0, ledger.Lost: 0}},
		"kept in the van":              {cloud.RestSaid{SKU: "1001", Kept: 2}, "", map[ledger.Account]int64{store: 20, van: 2, ledger.Lost: 0}},
		"one is gone, nobody said so":  {cloud.RestSaid{SKU: "1001", Back: 1}, cloud.CodeAnswerNeeded, map[ledger.Account]int64{store: 20, van: 2, ledger.Lost: 0}},
		"one is gone, and that is so":  {cloud.RestSaid{SKU: "1001", Back: 1, Differ: true}, "", map[ledger.Account]int64{store: 21, van: 0, ledger.Lost: 1}},
		"one is too many, and kept":    {cloud.RestSaid{SKU: "1001", Kept: 3, Differ: true}, "", map[ledger.Account]int64{store: 20, van: 3, ledger.Found: -1}},
		"fewer than none cannot be":    {cloud.RestSaid{SKU: "1001", Back: -1, Kept: 3}, protocol.CodeMalformed, nil},
		"nothing is said of what left": {cloud.RestSaid{SKU: "1003"}, cloud.CodeAnswerNeeded, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				w := r.planned().leaves()
				w.fills("o1", put("S1", "1001", 2), put("S2", "1003", 2))
				w.steps(cloud.RoundCount, laneStep("S1", "1001", 2))
				w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
				body := cloud.RoundStepBody{Rest: []cloud.RestSaid{c.rest}}
				if c.code != "" {
					w.refuses(c.code, cloud.RoundFinish, body)
				} else if view := w.steps(cloud.RoundFinish, body); view.State != cloud.RoundDone || len(view.Rest) == 0 {
					t.Errorf("ended as %s with %+v", view.State, view.Rest)
				}
				w.has(c.want)
			})
		})
	}
}

func TestAStepIsTakenOnceInItsOrder(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		w.refuses(cloud.CodeRoundState, cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 4})
		w.refuses(cloud.CodeRoundState, cloud.RoundDepart, cloud.RoundStepBody{})
		w.refuses(protocol.CodeMalformed, cloud.RoundCancel, cloud.RoundStepBody{})
		w.refuses(protocol.CodeMalformed, "dance", cloud.RoundStepBody{})
		w.steps(cloud.RoundStart, cloud.RoundStepBody{})
		w.refuses(protocol.CodeMalformed, cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 3})
		w.refuses(protocol.CodeMalformed, cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 5})
		w.refuses(cloud.CodeNotFound, cloud.RoundPick, cloud.RoundStepBody{SKU: "1002", Units: 1})
		w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 3, Short: cloud.ShortGone})
		depart := cloud.RoundStep{Round: w.round, Person: restocker, By: "wang", Key: "go", Kind: cloud.RoundDepart}
		for range 2 {
			_, err := r.core.Rounds.Step(t.Context(), depart)
			r.must(err)
		}
		w.has(map[ledger.Account]int64{store: 21, van: 3})
		depart.Kind = cloud.RoundFinish
		if _, err := r.core.Rounds.Step(t.Context(), depart); protocol.CodeOf(err) != cloud.CodeKeyReused {
			t.Errorf("another step under the key: %v", err)
		}
		w.refuses(cloud.CodeRoundState, cloud.RoundCancel, cloud.RoundStepBody{Why: "rain"})
		w.refuses(cloud.CodeNotAStop, cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-99"})
		w.refuses(protocol.CodeMalformed, cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		w.refuses(cloud.CodeRoundState, cloud.RoundFinish, cloud.RoundStepBody{})
		view := w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01", Why: "the gate is shut"})
		if view.Stop("xs-01").State != cloud.StopSkipped {
			t.Errorf("the stop is %+v", view.Stop("xs-01"))
		}
		w.steps(cloud.RoundFinish, cloud.RoundStepBody{Rest: []cloud.RestSaid{{SKU: "1001", Back: 3}}})
		w.has(map[ledger.Account]int64{store: 24, van: 0, lane: 8})
		r.check()
	})
}

// TestWhatWasCountedBehindADoorThatTheKeyOpenedIsBooked: no settlement tells of it, and leaving the stop out loses nothing.
func TestWhatWasCountedBehindADoorThatTheKeyOpenedIsBooked(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned().leaves()
		r.cabinet.telemetry()
		w.steps(cloud.RoundCount, takesOut(4, 1))
		w.refuses(protocol.CodeMalformed, cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		view := w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01", Why: "the lock was stuck"})
		if stop, line := view.Stop("xs-01"), view.Line(waterLane); stop.State != cloud.StopDone || stop.Why != "the lock was stuck" || stop.Gone.IsZero() || line.Booked() != 3 || line.After != 11 || !line.Blind {
			t.Errorf("the stop is %+v with %+v", stop, line)
		}
		w.has(map[ledger.Account]int64{store: 20, van: 0, lane: 11, ledger.Off(ledger.Damaged): 1})
		if n := r.incidents()[cloud.IncidentRefillDiffers]; n != 1 {
			t.Errorf("somebody is to look at %d scales", n)
		}
		done := w.steps(cloud.RoundFinish, cloud.RoundStepBody{Rest: []cloud.RestSaid{{SKU: "1003", Back: 2}}})
		if done.State != cloud.RoundDone {
			t.Errorf("the round is %s", done.State)
		}
		w.has(map[ledger.Account]int64{store: 20, van: 0, lane: 11})
	})
}

func TestACountBehindADoorThatTheKeyOpenedIsBookedOnceItIsExplained(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.must(r.db.People().AddStaff(t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
		round, err := r.core.Rounds.Plan(t.Context(), cloud.PlanRound{
			Person: technician, By: "li", Key: "count", Kind: cloud.RoundTally, Store: "north", Restocker: restocker, Cabinets: []protocol.CabinetID{"xs-01"}, Lanes: []picking.Place{waterLane},
		})
		r.must(err)
		w := &walk{rig: r, round: round.ID}
		w.steps(cloud.RoundStart, cloud.RoundStepBody{})
		r.cabinet.telemetry()
		w.steps(cloud.RoundCount, laneStep("S1", "1001", 6))
		leaves := cloud.RoundStepBody{Cabinet: "xs-01", Why: "the lock was stuck"}
		w.refuses(cloud.CodeAnswerNeeded, cloud.RoundClose, leaves)
		w.steps(cloud.RoundAnswer, answering(picking.GapTheft))
		if view := w.steps(cloud.RoundClose, leaves); view.Stop("xs-01").State != cloud.StopDone {
			t.Errorf("the stop is %+v", view.Stop("xs-01"))
		}
		w.has(map[ledger.Account]int64{lane: 6})
	})
}
