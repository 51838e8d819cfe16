package core_test

import (
	"reflect"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// shelved is a round to xs-01 out of a store that has 1001 of three dates, of which the first is over.
func (r *rig) shelved() (w *walk, day func(days int) ledger.Day) {
	r.t.Helper()
	w = r.planned()
	zone, err := time.LoadLocation("Asia/Shanghai")
	r.must(err)
	today := ledger.DayOf(time.Now(), zone)
	day = today.Add
	_, err = r.moves(cloud.MoveGoods{Kind: cloud.MoveCount, From: store, Lines: []cloud.MovedLine{{SKU: "1001", Qty: 0}}})
	r.must(err)
	_, err = r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: store, Lines: []cloud.MovedLine{
		{SKU: "1001", Qty: 5, Until: day(20)}, {SKU: "1001", Qty: 3, Until: day(3)}, {SKU: "1001", Qty: 2, Until: day(-1)},
	}})
	r.must(err)
	return w, day
}

// dates are the lots of 1001 in a place.
func (w *walk) dates(place ledger.Account) (all []picking.Lot) {
	w.t.Helper()
	w.must(w.db.View(w.t.Context(), func(tx cloud.Tx) error {
		lots, err := tx.Lots.Of(place, "1001")
		if err != nil {
			return err
		}
		book, err := tx.Ledger.Balance(place, ledger.Article("1001"))
		all = cloud.PlainLots(cloud.LyingLots(lots, int(book)))
		return err
	}))
	return all
}

func (w *walk) wantDates(place ledger.Account, want ...picking.Lot) {
	w.t.Helper()
	if got := w.dates(place); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		w.t.Errorf("%s has %v, want %v", place, got, want)
	}
}

func TestWhatExpiresFirstIsPickedFirstAndItsDatesGoAlongIntoTheLane(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w, day := r.shelved()
		w.must(r.core.Apply(t.Context(), cloud.MasterData{Chain: storetest.Plan().Chain, Shelves: []cloud.ShelfPlace{{Store: "north", SKU: "1003", Aisle: "1"}, {Store: "north", SKU: "1001", Aisle: "2", Turn: 5}}}))
		list, err := r.core.RoundPlans.PickList(t.Context(), w.round)
		w.must(err)
		first := []picking.Lot{{Units: 3, Until: day(3)}, {Units: 1, Until: day(20)}}
		if len(list.Picks) != 2 || list.Picks[0].SKU != "1003" || list.Picks[1].Aisle != "2" || list.Picks[1].Turn != 5 || !reflect.DeepEqual(list.Picks[1].Lots, first) {
			t.Fatalf("the list is %+v", list.Picks)
		}
		w.leaves()
		w.wantDates(store, picking.Lot{Units: 2, Until: day(-1)}, picking.Lot{Units: 4, Until: day(20)})
		w.wantDates(van, first...)
		view, err := r.core.Rounds.Round(t.Context(), w.round)
		w.must(err)
		place := picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}
		if got := view.Line(place).Lots; !reflect.DeepEqual(got, first) || !reflect.DeepEqual(view.Picks[1].Lots, first) {
			t.Errorf("the line brings %v, the list says %v", got, view.Picks)
		}
		w.fills("o1", put("S1", "1001", 2))
		w.wantDates(lane, picking.Lot{Units: 2, Until: day(3)})
		w.fills("o2", put("S1", "1001", 2), put("S2", "1003", 2))
		w.wantDates(lane, first...)
		w.wantDates(van)
		w.mustBeSound()
	})
}

func TestTheDateThatStandsOnTheGoodsIsBookedWhenTheStopEnds(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w, day := r.shelved()
		w.leaves().fills("o1", put("S1", "1001", 4), put("S2", "1003", 2))
		date := func(dates ...picking.Lot) cloud.RoundStepBody {
			b := laneStep("S1", "1001", 0)
			b.Dates = dates
			return b
		}
		w.refuses(cloud.CodeDateOver, cloud.RoundDate, date(picking.Lot{Units: 4, Until: day(-1)}))
		w.refuses(protocol.CodeMalformed, cloud.RoundDate, date(picking.Lot{Units: 4, Until: "soon"}))
		w.refuses(protocol.CodeMalformed, cloud.RoundDate, date(picking.Lot{Units: 0, Until: day(5)}))
		w.refuses(protocol.CodeMalformed, cloud.RoundDate, date(picking.Lot{Units: 1, Until: day(5)}, picking.Lot{Units: 2, Until: day(5)}))
		w.steps(cloud.RoundDate, date(picking.Lot{Units: 9, Until: day(7)}))
		view := w.steps(cloud.RoundDate, date(picking.Lot{Units: 2, Until: day(5)}, picking.Lot{Units: 9, Until: day(6)})) // more than were put
		if got := view.Line(picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}).Said; len(got) != 2 || got[0].Until != day(5) {
			t.Errorf("said is %v", got)
		}
		w.wantDates(lane, picking.Lot{Units: 3, Until: day(3)}, picking.Lot{Units: 1, Until: day(20)})
		w.steps(cloud.RoundCount, laneStep("S1", "1001", 4))
		w.steps(cloud.RoundCount, laneStep("S2", "1003", 2))
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		w.wantDates(lane, picking.Lot{Units: 2, Until: day(5)}, picking.Lot{Units: 2, Until: day(6)})
		w.must(w.db.View(t.Context(), func(tx cloud.Tx) error {
			lots, err := tx.Lots.Of(lane, "1001")
			for _, l := range lots {
				if !l.Said {
					t.Errorf("%+v counts as worked out", l)
				}
			}
			return err
		}))
		w.refuses(cloud.CodeRoundState, cloud.RoundDate, date(picking.Lot{Units: 4, Until: day(7)}))
		w.mustBeSound()
	})
}

// village is a store with three cabinets, of which the last by number is the nearest and the first can be reached in the morning only.
func village() cloud.MasterData {
	plan := storetest.Plan()
	plan.Stores[0].At = cloud.Spot{Latitude: 30_200_000, Longitude: 120_200_000}
	for i, id := range []protocol.CabinetID{"xs-01", "xs-02", "xs-03"} {
		c := storetest.Plan().Cabinets[0]
		c.ID, c.Number, c.Hours = id, i+1, nil
		c.At = cloud.Spot{Latitude: 30_200_000, Longitude: 120_200_000 + (3-i)*2_000}
		c.Platforms[0].Par = map[protocol.SKU]int{"1001": 12}
		if i == 0 {
			plan.Cabinets = nil
		}
		plan.Cabinets = append(plan.Cabinets, c)
	}
	return plan
}

// A clock that a test begins with stands at eight in the morning of the chain.
func TestAWalkIsPutInOrderWhenPickingBegins(t *testing.T) {
	all := []protocol.CabinetID{"xs-01", "xs-02", "xs-03"}
	cases := []struct {
		name   string
		change func(*cloud.MasterData)
		want   []protocol.CabinetID
		placed bool
		late   protocol.CabinetID
	}{
		{"along the street and back", func(*cloud.MasterData) {}, []protocol.CabinetID{"xs-03", "xs-02", "xs-01"}, true, ""},
		{"first to where it is shut soon", func(m *cloud.MasterData) {
			m.Cabinets[1].Hours = []cloud.Reach{{Hours: cloud.Hours{Open: 0, Close: 8*60 + 10}}}
		}, []protocol.CabinetID{"xs-02", "xs-01", "xs-03"}, true, ""},
		{"to one that was shut before, and is told of", func(m *cloud.MasterData) {
			m.Cabinets[2].Hours = []cloud.Reach{{Hours: cloud.Hours{Open: 60, Close: 120}}}
		}, []protocol.CabinetID{"xs-03", "xs-02", "xs-01"}, true, "xs-03"},
		{"by number where nobody knows where one stands", func(m *cloud.MasterData) { m.Cabinets[1].At = cloud.Spot{} }, all, false, ""},
		{"by number where nobody knows where the store is", func(m *cloud.MasterData) { m.Stores[0].At = cloud.Spot{} }, all, false, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				plan := village()
				c.change(&plan)
				r.must(r.core.Apply(t.Context(), plan))
				r.must(r.db.People().AddStaff(t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
				ask := cloud.PlanRound{Person: technician, By: "li", Key: "plan", Store: "north", Cabinets: all}
				round, err := r.core.Rounds.Plan(t.Context(), ask)
				r.must(err)
				w := &walk{rig: r, round: round.ID}
				view := w.steps(cloud.RoundStart, cloud.RoundStepBody{})
				var got, lines []protocol.CabinetID
				for _, s := range view.Stops {
					got = append(got, s.Cabinet)
					if placed := !s.Due.IsZero(); placed != c.placed || (s.Late > 0) != (s.Cabinet == c.late) {
						t.Errorf("%s is due at %v, late by %v", s.Cabinet, s.Due, s.Late)
					}
				}
				for _, l := range view.Lines {
					if len(lines) == 0 || lines[len(lines)-1] != l.Cabinet {
						lines = append(lines, l.Cabinet)
					}
				}
				if !reflect.DeepEqual(got, c.want) || !reflect.DeepEqual(lines, c.want) {
					t.Errorf("walked as %v, lines as %v, want %v", got, lines, c.want)
				}
				if c.placed && (view.Stops[1].Metres < 200 || view.Stops[1].Metres > 600) {
					t.Errorf("the second stop is %d m away", view.Stops[1].Metres)
				}
				again, err := r.core.Rounds.Plan(t.Context(), ask)
				if err != nil || again.ID != round.ID {
					t.Errorf("the same request once more: %v, %v", again.ID, err)
				}
			})
		})
	}
}

func TestTheNeedsOfAStoreSayTheWalkAndKeepToTheRoomOfALane(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		plan := village()
		plan.Cabinets[0].Platforms[0].Room = map[protocol.SKU]int{"1001": 10}
		r.must(r.core.Apply(t.Context(), plan))
		needs, err := r.core.RoundPlans.Needs(t.Context(), "north")
		r.must(err)
		if needs.Unplaced != 0 || len(needs.Trip.Stops) != 3 || needs.Trip.Stops[0].Cabinet != "xs-03" || needs.Trip.Metres < 1000 {
			t.Errorf("%d unplaced, the walk is %+v", needs.Unplaced, needs.Trip)
		}
		for i, want := range []int{2, 4} { // Both lack four, and the first has room for two of them.
			if got := needs.Stops[i].Lines[0]; got.SKU != "1001" || got.Bring != want {
				t.Errorf("%s is brought %d: %+v", needs.Stops[i].Cabinet.ID, got.Bring, got.Why)
			}
		}
		plan.Cabinets[2].At = cloud.Spot{}
		r.must(r.core.Apply(t.Context(), plan))
		if needs, err = r.core.RoundPlans.Needs(t.Context(), "north"); err != nil || needs.Unplaced != 1 || len(needs.Trip.Stops) != 0 {
			t.Errorf("%d unplaced, the walk is %+v, %v", needs.Unplaced, needs.Trip, err)
		}
	})
}

func TestLookAlikesOfALineAreNamed(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		plan := storetest.Plan()
		plan.Articles[1].Name, plan.Articles[1].Unit = cloud.Text{Zh: "水 500ml", En: "Water"}, plan.Articles[0].Unit+1000
		plan.Articles[0].Name.Zh = "水 550ml"
		plan.Articles[2].Name, plan.Articles[2].Retired = cloud.Text{Zh: "水 330ml", En: "Water"}, true
		w.must(r.core.Apply(t.Context(), plan))
		view, err := r.core.Rounds.Round(t.Context(), w.round)
		w.must(err)
		got := view.Alike["1001"]
		if len(got) != 1 || got[0].SKU != "1002" || !got[0].Named || !got[0].Weighed {
			t.Errorf("1001 is like %+v", got)
		}
	})
}
