package core_test

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// TestWhatWasSoldIsForeseenAndSurvivesARestart: days of another system are learned at once and those of the books when they are
// over; a start on the same data knows them without learning again.
func TestWhatWasSoldIsForeseenAndSurvivesARestart(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		demand := func() cloud.StoreDemand {
			t.Helper()
			synctest.Wait()
			d, err := r.core.Demand.Demand(t.Context(), "north")
			r.must(err)
			return d
		}
		if d := demand(); d.Age.Days != 0 || d.Age.Enough() {
			t.Errorf("before anything was sold the forecast has learned %+v", d.Age)
		}
		text := "hour,cabinet,sku,units\n"
		for n := 1; n <= 30; n++ {
			day := time.Now().AddDate(0, 0, -n).Format(time.DateOnly)
			text += day + " 09,xs-01,1001,6\n" + day + " 21:00,xs-01,1003,1\n"
		}
		taken, err := r.core.Demand.Past(t.Context(), []byte(text))
		r.must(err)
		later(time.Second)
		d := demand()
		if taken != 60 || d.Age.Days < 29 || !d.Age.Enough() {
			t.Fatalf("%d hours were taken in, and %d days learned", taken, d.Age.Days)
		}
		var fast, slow cloud.LaneDemand
		for _, l := range d.Lanes {
			switch l.SKU {
			case "1001":
				fast = l
			case "1003":
				slow = l
			}
		}
		if fast.Day < 4 || fast.Day > 8 || slow.Day > 2 || fast.Empty.Likely > 48 {
			t.Errorf("of 6 a day %v are foreseen, of 1 a day %v; 8 last %v hours", fast.Day, slow.Day, fast.Empty)
		}
		r.restart()
		if again := demand(); again.Age.Days != d.Age.Days || again.Age.Through != d.Age.Through || !again.Age.Learned.Equal(d.Age.Learned) {
			t.Errorf("after a restart the forecast is %+v, was %+v", again.Age, d.Age)
		}
		r.check()
	})
}

func TestBadRowsOfPastSalesAreNamedAndNoneIsTakenIn(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		for text, want := range map[string]string{
			"":                                   "line 1: want one line or more below the names of the columns",
			"day,cabinet,sku,units\n":            "line 1: want a first line hour,cabinet,sku,units",
			"hour,cabinet,sku,units\n":           "line 1: want one line or more below the names of the columns",
			row("1999-01-01 09,x,1001,1"):        "line 2, column cabinet: there is no such cabinet",
			row("1999-01-01 09,xs-01,1,1"):       "line 2, column sku: there is no such article",
			row("1999-01-01 09:30,xs-01,1001,1"): "line 2, column hour: want a day and an hour, as 2026-11-01 21",
			row("2999-01-01 09,xs-01,1001,1"):    "line 2, column hour: want a day before today",
			row("1999-01-01 09,xs-01,1001,-1"):   "line 2, column units: want a whole number, 0 to 999",
			row("1999-01-01 09,xs-01,1001"):      "line 2: want 4 columns, got 3",
			row("1999-01-01 09,xs-01,1001,1\n1999-01-01 09,xs-01,1001,2"): "line 3: line 2 tells of the same hour",
		} {
			if _, err := r.core.Demand.Past(t.Context(), []byte(text)); protocol.CodeOf(err) != cloud.CodeBadData || err.Error() != want {
				t.Errorf("%q: got %v, want %s", text, err, want)
			}
		}
		r.must(r.db.View(t.Context(), func(tx cloud.Tx) error {
			spans, err := tx.Demand.PastSpans()
			if len(spans) > 0 {
				t.Errorf("taken in: %+v", spans)
			}
			return err
		}))
	})
}

func row(text string) string { return "hour,cabinet,sku,units\n" + text + "\n" }

// TestARoundIsPlannedByWhatWillBeWanted: without a past lanes are filled up to what they first held; with one, by the forecast.
func TestARoundIsPlannedByWhatWillBeWanted(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		lane := func() (cloud.StoreNeeds, cloud.LaneNeed) {
			t.Helper()
			synctest.Wait()
			needs, err := r.core.RoundPlans.Needs(t.Context(), "north")
			r.must(err)
			for _, l := range needs.Stops[0].Lines {
				if l.SKU == "1001" {
					return needs, l
				}
			}
			t.Fatal("no lane of 1001")
			return needs, cloud.LaneNeed{}
		}
		needs, l := lane()
		if !l.HasPar || l.Bring != 0 || needs.Stops[0].Choice.Chosen {
			t.Errorf("of a full cabinet without a past %+v, %+v", l, needs.Stops[0].Choice)
		}
		text := ""
		for n := 1; n <= 30; n++ {
			text += time.Now().AddDate(0, 0, -n).Format(time.DateOnly) + " 09,xs-01,1001,20\n"
		}
		_, err := r.core.Demand.Past(t.Context(), []byte(row(text)))
		r.must(err)
		later(time.Second)
		needs, l = lane()
		if l.HasPar || l.Bring < 10 || l.Lost <= 0 || len(l.Why) == 0 || l.Why[0].Code != picking.Service {
			t.Errorf("of 20 a day, with 8 there, it is brought %+v", l)
		}
		stop := needs.Stops[0]
		if !stop.Choice.Chosen || stop.Choice.Why != picking.Pays || stop.Choice.Skip.Units <= 0 || len(needs.Unkept) == 0 {
			t.Errorf("the stop is %+v; without books of the shelf %v", stop.Choice, needs.Unkept)
		}
		round, err := r.core.Rounds.Plan(t.Context(), cloud.PlanRound{Person: technician, By: "li", Key: "plan", Store: "north", Cabinets: []protocol.CabinetID{"xs-01"}})
		r.must(err)
		if got := round.Line(l.Place).Planned; got != l.Bring {
			t.Errorf("the round brings %d, the need was %d", got, l.Bring)
		}
		list, err := r.core.RoundPlans.PickList(t.Context(), round.ID)
		r.must(err)
		if len(list.Picks) == 0 || len(list.Changes) != 0 {
			t.Errorf("picked %+v, changed since %+v", list.Picks, list.Changes)
		}
		if needs, _ = lane(); needs.Stops[0].Round != round.ID || needs.Stops[0].Choice.Chosen {
			t.Errorf("a cabinet that a round is on its way to is proposed again: %+v", needs.Stops[0].Choice)
		}
	})
}

// TestOfALotThatIsNearlyOverSoManyAreSentAsAreSoldInTime: the store's own dates count, not the shelf life of the article.
func TestOfALotThatIsNearlyOverSoManyAreSentAsAreSoldInTime(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		text := ""
		for n := 1; n <= 30; n++ {
			text += time.Now().AddDate(0, 0, -n).Format(time.DateOnly) + " 09,xs-01,1001,4\n"
		}
		_, err := r.core.Demand.Past(t.Context(), []byte(row(text)))
		r.must(err)
		later(time.Second)
		synctest.Wait()
		short, fresh := r.today().Add(1), r.today().Add(30)
		_, err = r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: store, Lines: []cloud.MovedLine{{SKU: "1001", Qty: 90, Until: short}, {SKU: "1001", Qty: 90, Until: fresh}}})
		r.must(err)
		r.must(r.db.People().AddStaff(t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
		round, err := r.core.Rounds.Plan(t.Context(), cloud.PlanRound{
			Person: technician, By: "li", Key: "plan", Store: "north", Restocker: restocker, Cabinets: []protocol.CabinetID{"xs-01"}, Lines: []cloud.PlannedLine{},
		})
		r.must(err)
		list, err := r.core.RoundPlans.PickList(t.Context(), round.ID)
		r.must(err)
		at := slices.IndexFunc(list.Picks, func(p picking.Pick) bool { return p.SKU == "1001" })
		planned := list.Picks[at].Lots
		// Four are wanted each morning, and eight lie there: of the lot that is over the day after hardly any are sold in time.
		last := planned[len(planned)-1]
		if soon := picking.Count(planned) - last.Units; last.Until != fresh || last.Units < 5 || soon > 3 {
			t.Fatalf("picked are %+v, brought %d", planned, round.Line(waterLane).Planned)
		}
		w := &walk{rig: r, round: round.ID}
		w.steps(cloud.RoundStart, cloud.RoundStepBody{})
		for _, p := range list.Picks {
			w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: p.SKU, Units: p.Units})
		}
		left := w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
		if got := left.Line(waterLane).Lots; !reflect.DeepEqual(got, planned) {
			t.Errorf("%v left the store, %v was planned", got, planned)
		}
		w.wantDates(van, planned...)
		if list, err = r.core.RoundPlans.PickList(t.Context(), round.ID); err != nil || !reflect.DeepEqual(list.Picks[at].Lots, planned) {
			t.Errorf("the list says %+v afterwards, %v", list.Picks[at].Lots, err)
		}
	})
}
