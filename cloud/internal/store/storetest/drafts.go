package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func someDraft() cloud.Draft {
	return cloud.Draft{
		Cabinet: "xs-01", Why: "winter", Made: now, By: "li", Rollout: 3,
		Plan: []cloud.DraftPlatform{{ID: "S1", SKUs: []protocol.SKU{"1003", "1002"}, Par: map[protocol.SKU]int{"1003": 4}, Room: map[protocol.SKU]int{"1002": 9}}},
	}
}

func draftsKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	one := someDraft()
	update(t, db, func(tx cloud.Tx) (err error) { one.Number, err = tx.Drafts.Add(one); return err })
	refused(t, db, cloud.CodeDraftWaits, func(tx cloud.Tx) error { _, err := tx.Drafts.Add(someDraft()); return err })
	refused(t, db, cloud.CodeNotFound, func(tx cloud.Tx) error { _, err := tx.Drafts.Find(99); return err })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Drafts.End(99, cloud.DraftEnd{At: now}) })
	one.End = cloud.DraftEnd{At: now.Add(time.Hour), Taken: true, By: "wang", Round: id(80), Before: []cloud.DraftPlatform{{ID: "S1", SKUs: []protocol.SKU{"1001"}}}}
	update(t, db, func(tx cloud.Tx) error { return tx.Drafts.End(one.Number, one.End) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Drafts.End(one.Number, cloud.DraftEnd{At: now}) })
	other := someDraft()
	other.Rollout = 0
	update(t, db, func(tx cloud.Tx) (err error) { other.Number, err = tx.Drafts.Add(other); return err })
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Drafts.Find(one.Number)
		same(t, found, one)
		return err
	})
	view(t, db, func(tx cloud.Tx) error {
		counted, err := tx.Drafts.Count("", 3)
		none, err2 := tx.Drafts.Count("", 9)
		if counted != (cloud.DraftCount{Taken: 1}) || none != (cloud.DraftCount{}) {
			t.Errorf("of roll-out 3 %+v, of none %+v", counted, none)
		}
		here, err3 := tx.Drafts.Count(cloud.BoundTo("elsewhere", "north"), 3)
		elsewhere, err4 := tx.Drafts.Count(cloud.BoundTo("elsewhere"), 3)
		if here != counted || elsewhere != none {
			t.Errorf("of roll-out 3 %+v with its store, %+v elsewhere", here, elsewhere)
		}
		return errors.Join(err, err2, err3, err4)
	})
	for what, c := range map[string]struct {
		q    cloud.DraftQuery
		want []cloud.Draft
	}{
		"all, the newest first":     {cloud.DraftQuery{}, []cloud.Draft{other, one}},
		"the newest of a cabinet":   {cloud.DraftQuery{Cabinet: "xs-01", Limit: 1}, []cloud.Draft{other}},
		"those that wait":           {cloud.DraftQuery{Waiting: true}, []cloud.Draft{other}},
		"of the store":              {cloud.DraftQuery{Of: cloud.BoundTo("north")}, []cloud.Draft{other, one}},
		"of another store":          {cloud.DraftQuery{Of: cloud.BoundTo("elsewhere")}, nil},
		"of a roll-out":             {cloud.DraftQuery{Rollout: 3}, []cloud.Draft{one}},
		"that wait of a roll-out":   {cloud.DraftQuery{Rollout: 3, Waiting: true}, nil},
		"of a cabinet without them": {cloud.DraftQuery{Cabinet: "xs-02"}, nil},
	} {
		view(t, db, func(tx cloud.Tx) error {
			found, err := tx.Drafts.List(c.q)
			if len(found) != len(c.want) {
				t.Fatalf("%s: %+v, want %+v", what, found, c.want)
			}
			for i := range found {
				same(t, found[i], c.want[i])
			}
			return err
		})
	}
}

func rolloutsKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	one := cloud.Rollout{
		Kind: cloud.RolloutPrices, Why: "winter", Made: now, By: "li", Back: 2,
		What: cloud.RolloutWhat{Prices: map[protocol.SKU]protocol.Fen{"1001": 250}, Before: map[protocol.SKU]protocol.Fen{"1001": 200}, At: now, Change: 4},
	}
	other := cloud.Rollout{Kind: cloud.RolloutSwap, Why: "spring", Made: now, By: "li", What: cloud.RolloutWhat{From: "1001", To: "1003", Stores: []cloud.StoreID{"north"}}}
	update(t, db, func(tx cloud.Tx) (err error) {
		if one.Number, err = tx.Rollouts.Add(one); err != nil {
			return err
		}
		other.Number, err = tx.Rollouts.Add(other)
		return err
	})
	refused(t, db, cloud.CodeNotFound, func(tx cloud.Tx) error { _, err := tx.Rollouts.Find(99); return err })
	update(t, db, func(tx cloud.Tx) error { return tx.Rollouts.Withdraw(one.Number, now.Add(time.Hour), "mei") })
	one.Withdrawn, one.WithdrawnBy = now.Add(time.Hour), "mei"
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Rollouts.Withdraw(one.Number, now, "li") })
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Rollouts.Find(one.Number)
		same(t, found, one)
		list, err2 := tx.Rollouts.List("", 1)
		if len(list) != 1 || list[0].Number != other.Number {
			t.Errorf("the newest is %+v", list)
		}
		return errors.Join(err, err2)
	})
	draft := someDraft()
	draft.Rollout = other.Number
	update(t, db, func(tx cloud.Tx) error { _, err := tx.Drafts.Add(draft); return err })
	view(t, db, func(tx cloud.Tx) error {
		for of, want := range map[cloud.Bound]int{"": 2, cloud.BoundTo("north"): 2, cloud.BoundTo("elsewhere"): 1} {
			list, err := tx.Rollouts.List(of, 9)
			if err != nil {
				return err
			}
			if len(list) != want || list[want-1].Number != one.Number {
				t.Errorf("of the stores %q %+v, want %d with that of prices", of, list, want)
			}
		}
		return nil
	})
}
