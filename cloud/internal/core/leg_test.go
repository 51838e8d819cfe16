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

const southShop = ledger.Account("shop:south")

// twoStores is a chain of two stores, each of which has 1001 and 1003 of known dates, and a restocker.
func (r *rig) twoStores() {
	r.t.Helper()
	r.must(r.db.People().AddStaff(r.t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
	m := storetest.Plan()
	m.Stores = append(m.Stores, cloud.Store{ID: "south", Name: cloud.Text{Zh: "南店", En: "South"}, Hours: m.Stores[0].Hours})
	r.must(r.core.Apply(r.t.Context(), m))
	for _, shop := range []ledger.Account{store, southShop} {
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: shop, Lines: []cloud.MovedLine{
			{SKU: "1001", Qty: 4, Until: r.today().Add(3)}, {SKU: "1001", Qty: 20, Until: r.today().Add(20)}, {SKU: "1003", Qty: 10, Until: r.today().Add(9)},
		}})
		r.must(err)
	}
}

func leg(way cloud.LegWay, sku protocol.SKU, units int) cloud.PlannedLeg {
	return cloud.PlannedLeg{Store: "south", Way: way, SKU: sku, Units: units}
}

func (r *rig) plansLegs(key string, cabinets []protocol.CabinetID, legs ...cloud.PlannedLeg) (cloud.Round, error) {
	return r.core.Rounds.Plan(r.t.Context(), cloud.PlanRound{Person: technician, By: "li", Key: key, Store: "north", Restocker: restocker, Cabinets: cabinets, Legs: legs})
}

func hands(way cloud.LegWay, why string, all ...cloud.HandSaid) cloud.RoundStepBody {
	return cloud.RoundStepBody{Store: "south", Way: way, Why: why, Hands: all}
}

func TestARoundTakesGoodsToAnotherStoreAndFetchesOthersThere(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.twoStores()
		round, err := r.plansLegs("plan", []protocol.CabinetID{"xs-01"}, leg(cloud.LegTake, "1001", 6), leg(cloud.LegFetch, "1003", 5))
		r.must(err)
		if again, err := r.plansLegs("plan", []protocol.CabinetID{"xs-01"}, leg(cloud.LegTake, "1001", 6), leg(cloud.LegFetch, "1003", 5)); err != nil || again.ID != round.ID {
			t.Errorf("the same once more: %v, %v", again.ID, err)
		}
		w := &walk{rig: r, round: round.ID}
		list, err := r.core.RoundPlans.PickList(t.Context(), round.ID)
		r.must(err)
		if len(list.Picks) != 1 || list.Picks[0].Units != 6 || list.Picks[0].Totes[0].Store != "south" || list.Stores["south"].Name.En != "South" || len(list.Changes) != 0 {
			t.Fatalf("picked are %+v, changed %+v", list.Picks, list.Changes)
		}
		w.steps(cloud.RoundStart, cloud.RoundStepBody{})
		w.refuses(cloud.CodeRoundState, cloud.RoundHand, hands(cloud.LegTake, "", cloud.HandSaid{SKU: "1001", Units: 6}))
		w.refuses(protocol.CodeMalformed, cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 7})
		w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 6})
		w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
		w.has(map[ledger.Account]int64{store: 18, van: 6, southShop: 24})
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01", Why: "nothing to do"})
		w.refuses(cloud.CodeRoundState, cloud.RoundFinish, cloud.RoundStepBody{})
		for what, c := range map[string]struct {
			body cloud.RoundStepBody
			want protocol.Code
		}{
			"fewer without a reason":         {hands(cloud.LegTake, "", cloud.HandSaid{SKU: "1001", Units: 5}), cloud.CodeAnswerNeeded},
			"as many, with a reason":         {hands(cloud.LegTake, "", cloud.HandSaid{SKU: "1001", Units: 6, Reason: cloud.HandGone}), protocol.CodeMalformed},
			"for a reason that is none":      {hands(cloud.LegTake, "", cloud.HandSaid{SKU: "1001", Units: 5, Reason: "rain"}), protocol.CodeMalformed},
			"another one, without words":     {hands(cloud.LegTake, "", cloud.HandSaid{SKU: "1001", Units: 5, Reason: cloud.HandOther}), protocol.CodeMalformed},
			"another article":                {hands(cloud.LegTake, "", cloud.HandSaid{SKU: "1001", Units: 6}, cloud.HandSaid{SKU: "1002", Units: 1}), protocol.CodeMalformed},
			"nothing, and no word":           {hands(cloud.LegTake, ""), protocol.CodeMalformed},
			"at a store that is not gone to": {cloud.RoundStepBody{Store: "north", Way: cloud.LegTake, Hands: []cloud.HandSaid{{SKU: "1001", Units: 6}}}, cloud.CodeNotFound},
		} {
			t.Log(what)
			w.refuses(c.want, cloud.RoundHand, c.body)
		}
		view := w.steps(cloud.RoundHand, hands(cloud.LegTake, "", cloud.HandSaid{SKU: "1001", Units: 5, Reason: cloud.HandDamaged}))
		w.has(map[ledger.Account]int64{store: 18, van: 1, southShop: 29})
		w.wantDates(southShop, picking.Lot{Units: 8, Until: r.today().Add(3)}, picking.Lot{Units: 21, Until: r.today().Add(20)})
		if l := view.Legs[0]; l.Handed == nil || *l.Handed != 5 || l.Reason != cloud.HandDamaged || l.Over.IsZero() || l.InVan() != 1 {
			t.Errorf("the leg is %+v", l)
		}
		w.refuses(cloud.CodeRoundState, cloud.RoundHand, hands(cloud.LegTake, "", cloud.HandSaid{SKU: "1001", Units: 5, Reason: cloud.HandDamaged}))
		view = w.steps(cloud.RoundHand, hands(cloud.LegFetch, "", cloud.HandSaid{SKU: "1003", Units: 5}))
		if want := []cloud.RoundRest{{SKU: "1001", Expected: 1}, {SKU: "1003", Expected: 5}}; !reflect.DeepEqual(view.InVan(), want) {
			t.Errorf("in the van are %+v, want %+v", view.InVan(), want)
		}
		w.refuses(cloud.CodeAnswerNeeded, cloud.RoundFinish, cloud.RoundStepBody{})
		done := w.steps(cloud.RoundFinish, cloud.RoundStepBody{Rest: []cloud.RestSaid{{SKU: "1001", Back: 1}, {SKU: "1003", Back: 5}}})
		if done.State != cloud.RoundDone {
			t.Errorf("the round is %s", done.State)
		}
		w.has(map[ledger.Account]int64{store: 19, van: 0, southShop: 29})
		for account, want := range map[ledger.Account]int64{store: 15, southShop: 5} {
			if got := r.balance(account, ledger.Article("1003")); got != want {
				t.Errorf("%s has %d of 1003, want %d", account, got, want)
			}
		}
		r.check()
	})
}

func TestWhatIsNotHandedOverComesBack(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.twoStores()
		round, err := r.plansLegs("plan", nil, leg(cloud.LegTake, "1001", 6), leg(cloud.LegFetch, "1003", 5))
		r.must(err)
		w := &walk{rig: r, round: round.ID}
		w.steps(cloud.RoundStart, cloud.RoundStepBody{})
		w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "1001", Units: 4, Short: cloud.ShortDamaged})
		w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
		view := w.steps(cloud.RoundHand, hands(cloud.LegTake, "nobody was there"))
		if h, _ := view.Handing("south", cloud.LegTake); !h.LeftOut() || h.Legs[0].Why != "nobody was there" || h.Units() != 4 {
			t.Errorf("the hand-over is %+v", h)
		}
		w.steps(cloud.RoundHand, hands(cloud.LegFetch, "nobody was there"))
		w.steps(cloud.RoundFinish, cloud.RoundStepBody{Rest: []cloud.RestSaid{{SKU: "1001", Back: 4}}})
		w.has(map[ledger.Account]int64{store: 24, van: 0, southShop: 24})
		r.check()
	})
}

func TestWhatIsBoundForAnotherStoreIsNotPlannedTwice(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.twoStores()
		for what, bad := range map[string][]cloud.PlannedLeg{
			"to the own store":        {{Store: "north", Way: cloud.LegTake, SKU: "1001", Units: 1}},
			"no way":                  {{Store: "south", SKU: "1001", Units: 1}},
			"no unit":                 {leg(cloud.LegTake, "1001", 0)},
			"there and back":          {leg(cloud.LegTake, "1001", 1), leg(cloud.LegFetch, "1001", 1)},
			"more than one ever puts": {leg(cloud.LegTake, "1001", 1000)},
		} {
			if _, err := r.plansLegs("bad", nil, bad...); protocol.CodeOf(err) != protocol.CodeMalformed {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := r.plansLegs("bad", nil, cloud.PlannedLeg{Store: "west", Way: cloud.LegTake, SKU: "1001", Units: 1}); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("to a store that is none: %v", err)
		}
		if _, err := r.plansLegs("bad", nil, leg(cloud.LegTake, "9999", 1)); protocol.CodeOf(err) != cloud.CodeUnknownArticle {
			t.Errorf("an article that is none: %v", err)
		}
		if _, err := r.plansLegs("bad", nil); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("a round to nowhere: %v", err)
		}
		lacks := storetest.Plan()
		lacks.Stores = append(lacks.Stores, cloud.Store{ID: "south", Name: cloud.Text{Zh: "南店", En: "South"}, Hours: lacks.Stores[0].Hours})
		lacks.Cabinets[0].Platforms[0].Par = map[protocol.SKU]int{"1001": 12}
		r.must(r.core.Apply(t.Context(), lacks))
		round, err := r.plansLegs("most of it goes", []protocol.CabinetID{"xs-01"}, leg(cloud.LegTake, "1001", 23))
		r.must(err)
		if got := round.Line(waterLane).Planned; got != 1 {
			t.Errorf("of 24, 23 of which go to another store, %d are planned for a lane that lacks four", got)
		}
		r.must(r.db.View(t.Context(), func(tx cloud.Tx) error {
			coming, err := tx.Rounds.List(cloud.RoundQuery{At: "south", Open: true})
			if len(coming) != 1 || coming[0].ID != round.ID {
				t.Errorf("the other store sees %d rounds coming", len(coming))
			}
			return err
		}))
	})
}
