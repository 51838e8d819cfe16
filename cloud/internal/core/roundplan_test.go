package core_test

import (
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// need is what the next round would bring to the lane of water of xs-01.
func (r *rig) need() cloud.LaneNeed {
	r.t.Helper()
	needs, err := r.core.RoundPlans.Needs(r.t.Context(), "north")
	r.must(err)
	for _, l := range needs.Stops[0].Lines {
		if l.Place == waterLane {
			return l
		}
	}
	r.t.Fatal("no lane of water")
	return cloud.LaneNeed{}
}

func TestWhatOneRoundBringsNoOtherDoes(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		brings := func(key string) int {
			t.Helper()
			round, err := r.plansRound(key, "xs-01")
			r.must(err)
			defer func() {
				_, err := r.core.Rounds.Step(t.Context(), cloud.RoundStep{Round: round.ID, Person: technician, By: "li", Key: "no", Kind: cloud.RoundCancel, RoundStepBody: cloud.RoundStepBody{Why: "twice"}})
				r.must(err)
			}()
			return round.Line(waterLane).Planned
		}
		if n := brings("beside it"); n != 0 {
			t.Errorf("four are on their way, and another round brings %d", n)
		}
		if l := r.need(); l.Bring != 0 || !slices.ContainsFunc(l.Why, func(x picking.Reason) bool { return x.Code == picking.Coming }) {
			t.Errorf("the page says %+v", l.Need)
		}
		w.steps(cloud.RoundStart, cloud.RoundStepBody{})
		w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 3, Short: cloud.ShortGone})
		if n := brings("when three were picked"); n != 1 {
			t.Errorf("three of four are on their way, and another round brings %d", n)
		}
		w.steps(cloud.RoundCancel, cloud.RoundStepBody{Why: "rain"})
		if n := brings("when it was called off"); n != 4 {
			t.Errorf("nothing is on its way, and another round brings %d", n)
		}
	})
}

func TestAPlanThatIsSentOnceMoreWithOtherNumbersIsAnother(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.planned()
		plan := func(key string, units int) (cloud.Round, error) {
			return r.core.Rounds.Plan(t.Context(), cloud.PlanRound{
				Person: technician, By: "li", Key: key, Store: "north", Cabinets: []protocol.CabinetID{"xs-01"}, Lines: []cloud.PlannedLine{{Place: waterLane, Units: units}},
			})
		}
		first, err := plan("page", 3)
		r.must(err)
		if again, err := plan("page", 3); err != nil || again.ID != first.ID {
			t.Errorf("the same once more: %v, %v", again.ID, err)
		}
		if _, err := plan("page", 5); protocol.CodeOf(err) != cloud.CodeKeyReused {
			t.Errorf("with another number: %v", err)
		}
	})
}

func TestWhatIsOverOnTheShelfIsNotPlannedToBeBrought(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		w.steps(cloud.RoundCancel, cloud.RoundStepBody{Why: "rain"})
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveCount, From: store, Lines: water(0)})
		r.must(err)
		_, err = r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: store, Lines: []cloud.MovedLine{{SKU: "1001", Qty: 9, Until: r.today().Add(-1)}, {SKU: "1001", Qty: 3, Until: r.today().Add(2)}}})
		r.must(err)
		if l := r.need(); l.Bring != 3 || l.Why[len(l.Why)-1].Code != picking.Store {
			t.Errorf("of twelve, nine of them past their date, it is brought %d: %+v", l.Bring, l.Why)
		}
	})
}

func TestWhatALaneGetsFromAnotherCabinetItIsNotBrought(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.must(r.core.Apply(t.Context(), village()))
		at := func(cabinet protocol.CabinetID) picking.Place {
			return picking.Place{Cabinet: cabinet, Platform: "S1", SKU: "1001"}
		}
		round, err := r.core.Rounds.Plan(t.Context(), cloud.PlanRound{
			Person: technician, By: "li", Key: "plan", Store: "north", Cabinets: []protocol.CabinetID{"xs-01", "xs-02", "xs-03"},
			Transfers: []cloud.RoundTransfer{{From: at("xs-01"), To: at("xs-03"), Units: 3}},
		})
		r.must(err)
		for cabinet, want := range map[protocol.CabinetID]int{"xs-01": 4, "xs-02": 4, "xs-03": 1} {
			if got := round.Line(at(cabinet)).Planned; got != want {
				t.Errorf("%s is brought %d, want %d", cabinet, got, want)
			}
		}
		list, err := r.core.RoundPlans.PickList(t.Context(), round.ID)
		if r.must(err); len(list.Changes) != 0 {
			t.Errorf("planned now it would differ: %+v", list.Changes)
		}
	})
}

func TestRoundsAreWalkedByTheHoursOfTheDay(t *testing.T) {
	clock := func(day ledger.Day, hour int) time.Time {
		begin, _ := day.Span(time.FixedZone("Asia/Shanghai", 8*3600))
		return begin.Add(time.Duration(hour) * time.Hour)
	}
	inRig(t, func(t *testing.T, r *rig) {
		today := r.today()
		says := func(from, to ledger.Day, hours ...cloud.Hours) {
			_, err := r.core.Hours.Set(t.Context(), cloud.SpecialHours{Stores: []cloud.StoreID{"north"}, From: from, To: to, Hours: hours, Reason: "new year", By: "li"})
			r.must(err)
		}
		wants := func(what string, next, then time.Time) {
			t.Helper()
			needs, err := r.core.RoundPlans.Needs(t.Context(), "north")
			r.must(err)
			if !needs.Next.Equal(next) || !needs.Then.Equal(then) {
				t.Errorf("%s: the next round is at %v, then at %v, want %v and %v", what, needs.Next, needs.Then, next, then)
			}
		}
		wants("as usual", clock(today, 20), clock(today.Add(1), 20))
		says(today, today, cloud.Hours{Open: 7 * 60, Close: 15 * 60})
		wants("it shuts at three", clock(today, 13), clock(today.Add(1), 20))
		says(today.Add(1), today.Add(2))
		wants("it stays shut for two days", clock(today, 13), clock(today.Add(3), 20))
		r.must(r.core.RoundPlans.Keep(t.Context(), cloud.RoundHabit{Store: "north", Minute: 10 * 60, Days: cloud.EveryDay, By: "li"}))
		wants("somebody has said ten, and it is open then", clock(today, 10), clock(today.Add(3), 10))
		r.dated()
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: water(8)})
		r.must(err)
		r.brought(2, today.Add(1))
		later(3 * time.Hour) // The round of today is over.
		r.cabinet.telemetry()
		due, err := r.core.Expiry.Due(t.Context(), "north")
		r.must(err)
		if len(due) != 1 || !due[0].Fate.Next.Equal(clock(today.Add(3), 10)) || !due[0].Fate.Over {
			t.Errorf("what spoils while the store is shut: %+v", due)
		}
	})
}

func TestADraftThatCameLaterIsToldOfARoundThatIsPlanned(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		later := func() map[protocol.CabinetID]cloud.Draft {
			t.Helper()
			list, err := r.core.RoundPlans.PickList(t.Context(), w.round)
			r.must(err)
			return list.Later
		}
		if got := later(); len(got) != 0 {
			t.Errorf("before there is one: %+v", got)
		}
		_, err := r.draft(nextPlan)
		r.must(err)
		for what, step := range map[string]func(){"planned": func() {}, "locked": func() { w.steps(cloud.RoundStart, cloud.RoundStepBody{}) }} {
			step()
			if got := later(); len(got) != 1 || got["xs-01"].Why != "winter" {
				t.Errorf("while the round is %s: %+v", what, got)
			}
		}
		w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01", Why: "rain"})
		if got := later(); len(got) != 0 {
			t.Errorf("when nobody goes there any more: %+v", got)
		}
	})
	inRig(t, func(t *testing.T, r *rig) {
		w := r.swapping()
		if list, err := r.core.RoundPlans.PickList(t.Context(), w.round); err != nil || len(list.Later) != 0 {
			t.Errorf("of the draft that it sets up: %+v, %v", list.Later, err)
		}
	})
}
