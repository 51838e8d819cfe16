package core_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/storetest"
	"allhours/protocol"
)

// neighbours are three cabinets of one store and one plan, which all sell 1001.
func (r *rig) neighbours() []protocol.CabinetID {
	r.t.Helper()
	plan := storetest.Plan()
	ids := []protocol.CabinetID{"xs-01"}
	for n := 2; n <= 3; n++ {
		c := plan.Cabinets[0]
		c.ID, c.Number = protocol.CabinetID(fmt.Sprintf("xs-%02d", n)), n
		plan.Cabinets = append(plan.Cabinets, c)
		ids = append(ids, c.ID)
	}
	r.must(r.core.Apply(r.t.Context(), plan))
	return ids
}

func (r *rig) rollOut(a cloud.AskRollout) (cloud.RolloutPreview, cloud.Rollout, error) {
	r.t.Helper()
	a.By, a.Why = "li", "winter"
	p, err := r.core.Rollouts.PreviewRollout(r.t.Context(), a)
	if err != nil {
		return p, cloud.Rollout{}, err
	}
	out, err := r.core.Rollouts.ApplyRollout(r.t.Context(), a, p.Revision)
	return p, out, err
}

func TestARollOutChangesAllOfItsCabinetsOrNone(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		ids := r.neighbours()
		swap := cloud.AskRollout{Kind: cloud.RolloutSwap, What: cloud.RolloutWhat{From: "1001", To: "1003", Stores: []cloud.StoreID{"north"}}}
		_, err := r.draft("cabinet,platform,sku\nxs-02,S2,1003\nxs-02,S2,1002\n")
		r.must(err)
		p, _, err := r.rollOut(swap)
		if protocol.CodeOf(err) != cloud.CodeRolloutBarred || p.Barred() != 1 || p.Changed() != 2 {
			t.Errorf("with a draft that waits: %d barred, %d changed, %v", p.Barred(), p.Changed(), err)
		}
		if all, _ := r.core.Drafts.Drafts(t.Context(), cloud.DraftQuery{Waiting: true}); len(all) != 1 {
			t.Errorf("a roll-out that was refused made drafts: %+v", all)
		}
		r.must(r.core.Drafts.WithdrawDraft(t.Context(), 1, "li"))
		p, out, err := r.rollOut(swap)
		r.must(err)
		for _, one := range p.Cabinets {
			if one.Home != 8 || len(one.Turns) != 2 {
				t.Errorf("%s: %d to bring home by %+v", one.Cabinet.ID, one.Home, one.Turns)
			}
		}
		if _, err := r.core.Rollouts.ApplyRollout(t.Context(), cloud.AskRollout{Kind: cloud.RolloutSwap, What: swap.What, Why: "x", By: "li"}, p.Revision); protocol.CodeOf(err) != cloud.CodeChanged {
			t.Errorf("the same preview applied once more: %v", err)
		}
		v, err := r.core.Rollouts.Rollout(t.Context(), "", out.Number)
		r.must(err)
		if v.Waiting != len(ids) || v.Taken != 0 || v.By != "li" || v.Why != "winter" {
			t.Errorf("it is at %+v", v.Rollout)
		}
	})
}

func TestARollOutIsWithdrawnWhereItWaitsAndTakenBackWhereItIsInForce(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.neighbours()
		_, out, err := r.rollOut(cloud.AskRollout{Kind: cloud.RolloutSwap, What: cloud.RolloutWhat{From: "1001", To: "1003", Cabinets: []protocol.CabinetID{"xs-01", "xs-02"}}})
		r.must(err)
		r.takes("xs-01")
		if _, err := r.core.Rollouts.BackRollout(t.Context(), out.Number+1, cloud.Principal{Name: "li"}); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("one that there is not: %v", err)
		}
		r.must(r.core.Rollouts.WithdrawRollout(t.Context(), out.Number, cloud.Principal{Name: "li"}))
		if err := r.core.Rollouts.WithdrawRollout(t.Context(), out.Number, cloud.Principal{Name: "li"}); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("withdrawn once more: %v", err)
		}
		v, err := r.core.Rollouts.Rollout(t.Context(), "", out.Number)
		r.must(err)
		if v.Taken != 1 || v.Ended != 1 || v.Waiting != 0 || v.Withdrawn.IsZero() || v.WithdrawnBy != "li" {
			t.Errorf("it is at %d in force, %d withdrawn, %d waiting: %+v", v.Taken, v.Ended, v.Waiting, v.Rollout)
		}
		back, err := r.core.Rollouts.BackRollout(t.Context(), out.Number, cloud.Principal{Name: "li"})
		r.must(err)
		if _, err := r.core.Rollouts.BackRollout(t.Context(), out.Number, cloud.Principal{Name: "li"}); protocol.CodeOf(err) != cloud.CodeDraftWaits {
			t.Errorf("taken back once more: %v", err)
		}
		r.takes("xs-01")
		config := r.shall()
		if skus, _ := skusOn(config, "S1"); !slices.Equal(skus, []protocol.SKU{"1001", "1002"}) {
			t.Errorf("taken back by %d the cabinet has %v", back.Number, skus)
		}
		if _, err := r.core.Rollouts.BackRollout(t.Context(), out.Number, cloud.Principal{Name: "li"}); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("taken back when it is as it was: %v", err)
		}
	})
}

// TestARollOutOfAManagerOfOneStoreKeepsToThatStore: what they begin, read and take back is of their cabinets alone.
func TestARollOutOfAManagerOfOneStoreKeepsToThatStore(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		plan := storetest.Plan()
		south := plan.Stores[0]
		south.ID = "south"
		plan.Stores = append(plan.Stores, south)
		far := plan.Cabinets[0]
		far.ID, far.Number, far.Store = "xs-04", 1, "south"
		plan.Cabinets = append(plan.Cabinets, far)
		r.must(r.core.Apply(t.Context(), plan))
		li, north := cloud.Principal{Name: "li", Bound: "north"}, cloud.Bound("north")
		swap := cloud.RolloutWhat{From: "1001", To: "1003"}
		in := func(kind cloud.RolloutKind, what cloud.RolloutWhat, stores []cloud.StoreID, cabinets ...protocol.CabinetID) cloud.AskRollout {
			what.Stores, what.Cabinets = stores, cabinets
			return cloud.AskRollout{Kind: kind, What: what, Of: north}
		}
		both := []cloud.StoreID{"north", "south"}
		for name, ask := range map[string]cloud.AskRollout{
			"in a store of others":         in(cloud.RolloutSwap, swap, both),
			"in a cabinet of others":       in(cloud.RolloutSwap, swap, both[:1], "xs-04"),
			"like a cabinet of others":     in(cloud.RolloutPlan, cloud.RolloutWhat{Model: "xs-04"}, both[:1]),
			"of prices":                    in(cloud.RolloutPrices, cloud.RolloutWhat{Prices: map[protocol.SKU]protocol.Fen{"1001": 250}}, nil),
			"of others alone":              in(cloud.RolloutSwap, swap, both[1:]),
			"in a store that is none here": in(cloud.RolloutSwap, swap, []cloud.StoreID{"north", "moon"}),
		} {
			if _, _, err := r.rollOut(ask); protocol.CodeOf(err) != cloud.CodeOtherStores {
				t.Errorf("a roll-out %s: %v", name, err)
			}
		}
		if all, _ := r.core.Drafts.Drafts(t.Context(), cloud.DraftQuery{Waiting: true}); len(all) != 0 {
			t.Errorf("refused roll-outs made drafts: %+v", all)
		}
		_, own, err := r.rollOut(in(cloud.RolloutSwap, swap, both[:1]))
		r.must(err)
		r.must(r.core.Rollouts.WithdrawRollout(t.Context(), own.Number, li))
		chain := func(stores []cloud.StoreID) cloud.Rollout {
			_, out, err := r.rollOut(cloud.AskRollout{Kind: cloud.RolloutSwap, What: cloud.RolloutWhat{From: "1001", To: "1003", Stores: stores}})
			r.must(err)
			return out
		}
		wide := chain(both)
		v, err := r.core.Rollouts.Rollout(t.Context(), north, wide.Number)
		r.must(err)
		if len(v.Drafts) != 1 || v.Drafts[0].Cabinet != "xs-01" || v.Waiting != 1 || v.Others != 1 || !slices.Equal(v.What.Stores, both[:1]) {
			t.Errorf("of one for both stores the manager of one reads %d drafts, %+v, %d of others, %v", len(v.Drafts), v.DraftCount, v.Others, v.What.Stores)
		}
		if err := r.core.Rollouts.WithdrawRollout(t.Context(), wide.Number, li); protocol.CodeOf(err) != cloud.CodeOtherStores {
			t.Errorf("one for both stores is withdrawn: %v", err)
		}
		r.takes("xs-01")
		if _, err := r.core.Rollouts.BackRollout(t.Context(), wide.Number, li); protocol.CodeOf(err) != cloud.CodeOtherStores {
			t.Errorf("one for both stores is taken back: %v", err)
		}
		r.must(r.core.Rollouts.WithdrawRollout(t.Context(), wide.Number, cloud.Principal{Name: "chief"}))
		foreign := chain(both[1:])
		if _, err := r.core.Rollouts.Rollout(t.Context(), north, foreign.Number); protocol.CodeOf(err) != cloud.CodeOtherStores {
			t.Errorf("one of another store is read: %v", err)
		}
		waiting, err := r.core.Drafts.Drafts(t.Context(), cloud.DraftQuery{Rollout: foreign.Number})
		r.must(err)
		if at, err := r.core.Places.StoreOf(t.Context(), cloud.PlaceDraft, fmt.Sprint(waiting[0].Number)); at != "south" || err != nil {
			t.Errorf("a draft of the south lies in %q (%v)", at, err)
		}
		for _, none := range []string{"99", "-1", "x"} {
			if _, err := r.core.Places.StoreOf(t.Context(), cloud.PlaceDraft, none); protocol.CodeOf(err) != cloud.CodeNotFound {
				t.Errorf("the draft %q that there is not lies somewhere: %v", none, err)
			}
		}
		list, err := r.core.Rollouts.Rollouts(t.Context(), north, 9)
		r.must(err)
		if len(list) != 2 || list[0].Number != wide.Number || list[1].Number != own.Number {
			t.Errorf("the manager of one store is told of %+v", list)
		}
	})
}

type taker interface {
	TakeDraft(tx cloud.Tx, number uint32, round protocol.UUID, by string) error
}

// takes lets the draft of a cabinet take effect as a restocker's word does.
func (r *rig) takes(id protocol.CabinetID) {
	r.t.Helper()
	r.must(r.db.Update(r.t.Context(), func(tx cloud.Tx) error {
		all, err := tx.Drafts.List(cloud.DraftQuery{Cabinet: id, Waiting: true})
		if err != nil {
			return err
		}
		return r.core.Drafts.(taker).TakeDraft(tx, all[0].Number, protocol.UUID{}, "wang")
	}))
}

func TestPricesAreRolledOutAtATimeAndBroughtBackAsTheyWere(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.neighbours()
		ask := func(after time.Duration) cloud.AskRollout {
			return cloud.AskRollout{Kind: cloud.RolloutPrices, What: cloud.RolloutWhat{Prices: map[protocol.SKU]protocol.Fen{"1001": 250}, At: time.Now().Add(after)}}
		}
		_, first, err := r.rollOut(ask(time.Hour))
		r.must(err)
		r.must(r.core.Rollouts.WithdrawRollout(t.Context(), first.Number, cloud.Principal{Name: "li"}))
		p, out, err := r.rollOut(ask(time.Hour))
		r.must(err)
		if p.Changed() != 3 {
			t.Errorf("%d cabinets show another price", p.Changed())
		}
		if _, err := r.core.Rollouts.BackRollout(t.Context(), out.Number, cloud.Principal{Name: "li"}); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("brought back before they hold: %v", err)
		}
		later(time.Hour + 5*time.Second)
		if got := r.prices().Prices["1001"]; got != 250 {
			t.Errorf("when their time has come 1001 costs %d", got)
		}
		_, err = r.core.Rollouts.BackRollout(t.Context(), out.Number, cloud.Principal{Name: "li"})
		r.must(err)
		later(5 * time.Second)
		if got := r.prices().Prices["1001"]; got != 200 {
			t.Errorf("brought back 1001 costs %d", got)
		}
		if err := r.core.Rollouts.WithdrawRollout(t.Context(), out.Number, cloud.Principal{Name: "li"}); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("withdrawn when they held: %v", err)
		}
	})
}
