package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// told lists the kinds of what was written down to be told of a visit.
func (r *rig) told(v protocol.VisitID) (kinds []cloud.MessageKind) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		all, err := tx.Told.Of(v)
		for _, m := range all {
			kinds = append(kinds, m.Kind)
		}
		return err
	})
	return kinds
}

func TestADebtThatTheStaffWaivesIsTold(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := bought(r, 6)
		waive := func() error {
			return r.core.Money.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: "kindness"})
		}
		r.must(waive())
		if err := waive(); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("waived twice: %v", err)
		}
		want := []cloud.MessageKind{cloud.MessageReceipt, cloud.MessageDebt, cloud.MessageDebtWaived}
		if told := r.told(v.ID); !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		r.view(func(tx cloud.Tx) error {
			m, _, err := tx.Messages.Find(cloud.MessageRef(cloud.MessageDebtWaived, v.ID.String()))
			if m.Amount != 1150 || m.Person != resident {
				t.Errorf("told %+v", m.Message)
			}
			return err
		})
		r.check()
	})
}

// standsIn brings the cabinet to another store.
func (r *rig) standsIn(store cloud.StoreID) {
	r.t.Helper()
	m := storetest.Plan()
	m.Stores = append(m.Stores, cloud.Store{ID: "south", Name: cloud.Text{Zh: "南店", En: "South"}, Hours: m.Stores[0].Hours})
	m.Cabinets[0].Store = store
	r.must(r.core.Apply(r.t.Context(), m))
}

func TestWhatFollowsASaleIsBookedToTheStoreThatSold(t *testing.T) {
	lines := []cloud.RulingLine{line("1001", 2, 400, cloud.FateBack), line("1002", 1, 350, cloud.FateBack), line("1003", 6, 5400, cloud.FateBack)}
	for _, c := range []struct {
		name string
		do   func(r *rig) cloud.Visit // sells in the north, and moves the cabinet to the south
		want cloud.VisitState
	}{
		{"a refund", func(r *rig) cloud.Visit {
			v := bought(r, 0)
			r.standsIn("south")
			_, err := r.core.Support.Refund(r.t.Context(), cloud.SupportRefund{Visit: v.ID, By: "manager", Role: protocol.RoleManager, Key: "k", Reason: "all of it"})
			r.must(err)
			return v
		}, cloud.StateRefunded},
		{"a debt that is forgiven in part, and the rest of the bill given back", func(r *rig) cloud.Visit {
			v := bought(r, 6)
			r.standsIn("south")
			d, err := r.object(v, "1001", "1002", "1003")
			r.must(err)
			_, err = r.rule(d, protocol.RoleManager, lines...)
			r.must(err)
			return v
		}, cloud.StateRefunded},
		{"a debt that is waived", func(r *rig) cloud.Visit {
			v := bought(r, 6)
			r.standsIn("south")
			r.must(r.core.Money.Waive(r.t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: "moved"}))
			return v
		}, cloud.StateCharged},
		{"a debt that is paid", func(r *rig) cloud.Visit {
			v := bought(r, 6)
			r.standsIn("south")
			_, err := r.core.Money.PayDebts(r.t.Context(), cloud.PayDebts{Person: resident, Key: "k"})
			r.must(err)
			return v
		}, cloud.StateCharged},
		{"a case that is decided later", func(r *rig) cloud.Visit {
			v := doubted(r)
			r.standsIn("south")
			_, err := r.core.Visits.Decide(r.t.Context(), cloud.DecideReview{Visit: v.ID, By: "li", Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1003", Qty: 1}}})
			r.must(err)
			return v
		}, cloud.StateCharged},
	} {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v := c.do(r)
				later(10 * time.Second)
				r.is(v.ID, c.want)
				if south := r.balance("store:south", ledger.Fen); south != 0 {
					t.Errorf("the turnover of the south is %d", south)
				}
				r.view(func(tx cloud.Tx) error {
					for _, kind := range []ledger.Account{"hold", "due", "debt", "resident", "provider", "waived", "store"} {
						closing, err := tx.Ledger.Closing(kind+":", "2100-01-01")
						if err != nil {
							return err
						}
						for _, p := range closing {
							if strings.HasPrefix(string(p.Account), string(kind)+":south:") {
								t.Errorf("%s has %d", p.Account, p.Amount)
							}
						}
					}
					return nil
				})
				r.check()
			})
		})
	}
}

func TestSupportLeavesWhatAManagerHasRuledOn(t *testing.T) {
	for _, c := range []struct {
		name   string
		by     protocol.Role
		ruled  []cloud.RulingLine // on the waters
		role   protocol.Role
		lines  []cloud.RulingLine // none: the whole bill
		want   protocol.Code
		refund protocol.Fen
	}{
		{"refused by a manager", protocol.RoleManager, nil, protocol.RoleSupport, []cloud.RulingLine{line("1001", 1, 200, cloud.FateSold)}, cloud.CodeManagerRuled, 0},
		{"granted in part by an owner, the rest asked of support", protocol.RoleOwner, []cloud.RulingLine{line("1001", 1, 200, cloud.FateSold)}, protocol.RoleSupport, []cloud.RulingLine{line("1001", 1, 200, cloud.FateSold)}, cloud.CodeManagerRuled, 200},
		{"the whole bill, with what a manager refused in it", protocol.RoleManager, nil, protocol.RoleSupport, nil, cloud.CodeManagerRuled, 0},
		{"another article of the same bill", protocol.RoleManager, nil, protocol.RoleSupport, []cloud.RulingLine{line("1002", 1, 350, cloud.FateSold)}, protocol.CodeOK, 350},
		{"refused by support itself", protocol.RoleSupport, nil, protocol.RoleSupport, []cloud.RulingLine{line("1001", 1, 200, cloud.FateSold)}, protocol.CodeOK, 200},
		{"a manager once more", protocol.RoleManager, nil, protocol.RoleManager, []cloud.RulingLine{line("1001", 1, 200, cloud.FateSold)}, protocol.CodeOK, 200},
		{"an owner over a manager", protocol.RoleManager, nil, protocol.RoleOwner, nil, protocol.CodeOK, 750},
	} {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v := bought(r, 0)
				d, err := r.object(v, "1001")
				r.must(err)
				_, err = r.rule(d, c.by, c.ruled...)
				r.must(err)
				later(time.Second)
				_, err = r.core.Support.Refund(t.Context(), cloud.SupportRefund{Visit: v.ID, By: "mei", Role: c.role, Key: "k", Lines: c.lines, Reason: "called"})
				if protocol.CodeOf(err) != c.want {
					t.Errorf("got %v, want %q", err, c.want)
				}
				later(2 * time.Second)
				if got := r.visit(v.ID); got.Refunded != c.refund {
					t.Errorf("%s came back, want %s", got.Refunded, c.refund)
				}
				o, err := r.core.Disputes.Objecting(t.Context(), v.ID)
				if refused := c.want != protocol.CodeOK; err != nil || (len(o.Disputes) == 1) != refused {
					t.Errorf("%d objections, %v", len(o.Disputes), err)
				}
				r.check()
			})
		})
	}
}

func TestWhatTheStaffWaivedIsTold(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := bought(r, 6)
		r.must(r.core.Money.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: "kindness"}))
		story, err := r.core.Support.Story(t.Context(), v.ID)
		r.must(err)
		if story.Visit.Forgiven != 1150 || story.Owed != 0 || story.Left != 5000 {
			t.Errorf("%s forgiven, %s owed, %s left", story.Visit.Forgiven, story.Owed, story.Left)
		}
		if len(story.Messages) != 3 || story.Messages[2].Kind != cloud.MessageDebtWaived {
			t.Errorf("told %+v", story.Messages)
		}
	})
}

func TestNoPlatformGetsMoreBackThanWasTakenFromIt(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		teas := []settle.Line{{SKU: "1002", Qty: 2}}
		body := r.cabinet.settled(v.ID, teas...)
		body.Answer.Why = []settle.Explanation{{Lines: teas, Probability: 1, Steps: []settle.Step{{Platform: "S2", SKU: "1002", Qty: -1}, {Platform: "S1", SKU: "1002", Qty: -1}}}}
		r.cabinet.reply(protocol.CodeOK)
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(body)
		later(2 * time.Second)
		for _, key := range []string{"first", "second"} {
			_, err := r.core.Support.Refund(t.Context(), cloud.SupportRefund{
				Visit: v.ID, By: "manager", Role: protocol.RoleManager, Key: key, Reason: "one of two", Lines: []cloud.RulingLine{line("1002", 1, 350, cloud.FateBack)},
			})
			r.must(err)
			later(2 * time.Second)
		}
		for account, want := range map[ledger.Account]int64{ledger.Stock("xs-01", "S1"): 6, ledger.Stray("xs-01", "S2"): 0, ledger.Sold("xs-01"): 0} {
			if got := r.balance(account, ledger.Article("1002")); got != want {
				t.Errorf("%s has %d, want %d", account, got, want)
			}
		}
		r.check()
	})
}

func TestAReceiptIsWorthAMessageForADayAfterItWasBilled(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		r.cabinet.reply(protocol.CodeOK)
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		waits := r.cabinet.journalled(r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 1}))
		later(2 * time.Hour) // The cabinet's line is down.
		r.must(r.cabinet.send(waits))
		billed := time.Now()
		later(time.Minute)
		r.view(func(tx cloud.Tx) error {
			m, _, err := tx.Messages.Find(cloud.MessageRef(cloud.MessageReceipt, v.ID.String()))
			if !m.Expires.Equal(billed.Add(24 * time.Hour)) {
				t.Errorf("it was billed at %s, and its receipt is worth nothing at %s", billed, m.Expires)
			}
			return err
		})
	})
}
