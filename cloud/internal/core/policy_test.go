package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

func TestAStoreFollowsTheChainsPolicyUntilItHasItsOwn(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.must(r.core.Apply(t.Context(), village()))
		set := func(store cloud.StoreID, version int, change func(*picking.Policy)) error {
			p := picking.Usual()
			change(&p)
			return r.core.Policies.SetPolicy(t.Context(), cloud.RefillPolicy{Store: store, Version: version, By: "li", Policy: &p})
		}
		days := func(want int, own bool) {
			t.Helper()
			p, err := r.core.Policies.Policy(t.Context(), "north")
			if err != nil || p.Policy.Days != want || p.Own != own {
				t.Errorf("%d days, of its own: %v, %v; want %d", p.Policy.Days, p.Own, err, want)
			}
		}
		days(picking.Usual().Days, false)
		r.must(set("", 0, func(p *picking.Policy) { p.Days = 5 }))
		days(5, false)
		r.must(set("north", 0, func(p *picking.Policy) { p.Days = 3 }))
		days(3, true)
		r.must(set("", 1, func(p *picking.Policy) { p.Days = 6 }))
		days(3, true)
		r.must(r.core.Policies.SetPolicy(t.Context(), cloud.RefillPolicy{Store: "north", Version: 1, By: "mei"}))
		days(6, false)
		p, err := r.core.Policies.Policy(t.Context(), "north")
		if err != nil || p.Version != 2 || len(p.History) != 2 || p.History[0].By != "mei" || p.History[1].By != "li" {
			t.Errorf("history %+v, %v", p, err)
		}
		for what, c := range map[string]struct {
			code protocol.Code
			err  error
		}{
			"somebody was faster":  {cloud.CodeChanged, set("north", 1, func(*picking.Policy) {})},
			"surer than sure":      {protocol.CodeMalformed, set("north", 2, func(p *picking.Policy) { p.Service = 1 })},
			"a store that is none": {cloud.CodeNotFound, set("west", 0, func(*picking.Policy) {})},
		} {
			if protocol.CodeOf(c.err) != c.code {
				t.Errorf("%s: %v", what, c.err)
			}
		}
	})
}

func TestACabinetThatNobodyCanReachOnTheDayIsNotProposed(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		plan := village()
		tomorrow := (int(time.Now().In(time.FixedZone("", 8*3600)).Weekday()) + 6 + 1) % 7
		plan.Cabinets[1].Hours = []cloud.Reach{{Days: 1 << tomorrow, Hours: cloud.Hours{Open: 0, Close: 1440}}}
		plan.Cabinets[2].Hours = []cloud.Reach{{Hours: cloud.Hours{Open: 60, Close: 120}}, {Hours: cloud.Hours{Open: 1080, Close: 1410}}}
		r.must(r.core.Apply(t.Context(), plan))
		needs, err := r.core.RoundPlans.Needs(t.Context(), "north")
		r.must(err)
		for i, want := range []bool{true, false, true} {
			if c := needs.Stops[i].Choice; c.Chosen != want || !want && c.Why != picking.NoWay {
				t.Errorf("%s: %+v", needs.Stops[i].Cabinet.ID, c)
			}
		}
	})
}

func TestARuleThatEndsGivesThePricesBack(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated()
		r.brought(4, "")
		r.tomorrow()
		r.tomorrow()
		full := protocol.Fen(0)
		r.view(func(tx cloud.Tx) error {
			version, err := tx.Prices.Current()
			prices, err2 := tx.Prices.Of(version)
			full = prices["1001"]
			if err == nil {
				err = err2
			}
			return err
		})
		if r.tag() >= full {
			t.Fatalf("water costs %d of %d", r.tag(), full)
		}
		r.must(r.core.Rules.EndMarkdown(t.Context(), "drinks", "li"))
		if r.tag() != full {
			t.Errorf("the rule is ended, and water costs %d, not %d", r.tag(), full)
		}
		if err := r.core.Rules.EndMarkdown(t.Context(), "drinks", "li"); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("once more: %v", err)
		}
		ended, err := r.core.Rules.EndedMarkdowns(t.Context(), 9)
		if err != nil || len(ended) != 1 || ended[0].By != "li" || len(ended[0].Steps) != 2 {
			t.Errorf("ended %+v, %v", ended, err)
		}
	})
}
