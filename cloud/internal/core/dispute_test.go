package core_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// bought is a visit that was billed: two waters and a tea from the first shelf, sweets from the second as many as are asked for.
func bought(r *rig, sweets int) cloud.Visit {
	r.t.Helper()
	v, err := r.begin("")
	r.must(err)
	lines := []settle.Line{{SKU: "1001", Qty: 2}, {SKU: "1002", Qty: 1}}
	if sweets > 0 {
		lines = append(lines, settle.Line{SKU: "1003", Qty: sweets})
	}
	r.cabinet.buys(v.ID, lines...)
	later(2 * time.Second)
	return r.visit(v.ID)
}

// object is the resident's word against all of some articles.
func (r *rig) object(v cloud.Visit, skus ...protocol.SKU) (cloud.Dispute, error) {
	o := cloud.Objection{Visit: v.ID, Person: resident, Words: "not mine"}
	for _, l := range v.Lines {
		if slices.Contains(skus, l.SKU) {
			o.Lines = append(o.Lines, cloud.DisputeLine{SKU: l.SKU, Qty: l.Qty, Why: cloud.ComplaintNotTaken})
		}
	}
	return r.core.Disputes.Object(r.t.Context(), o)
}

func (r *rig) rule(d cloud.Dispute, role protocol.Role, lines ...cloud.RulingLine) (cloud.Dispute, error) {
	return r.core.Disputes.Rule(r.t.Context(), cloud.RuleDispute{Dispute: d.ID, By: string(role), Role: role, Lines: lines, Reason: "the scales say so"})
}

// hasty makes the chain's periods short enough to be waited for.
func hasty(r *rig) {
	r.t.Helper()
	m := storetest.Plan()
	m.Chain.Disputing.Within, m.Chain.Disputing.SupportPer = time.Hour, time.Hour
	r.must(r.core.Apply(r.t.Context(), m))
}

func line(sku protocol.SKU, qty int, amount protocol.Fen, goods cloud.Fate) cloud.RulingLine {
	l := cloud.RulingLine{SKU: sku, Qty: qty, Amount: amount, Goods: goods}
	if goods == cloud.FateMisplaced {
		l.Platform = "S2"
	}
	return l
}

func TestARulingMovesMoneyAndGoods(t *testing.T) {
	waters := protocol.SKU("1001")
	cases := []struct {
		name         string
		sweets       int // of 9 yuan; six of them are more than the hold
		object       []protocol.SKU
		lines        []cloud.RulingLine
		want         cloud.VisitState
		refund, owed protocol.Fen
		water        map[ledger.Account]int64 // what is where after it, of 8 in stock
	}{
		{"refused, and the bill stands", 0, []protocol.SKU{waters}, nil, cloud.StateCharged, 0, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 2, ledger.Stock("xs-01", "S1"): 6}},
		{"all of a line, which never left the cabinet", 0, []protocol.SKU{waters}, []cloud.RulingLine{line(waters, 2, 400, cloud.FateBack)}, cloud.StateCharged, 400, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 0, ledger.Stock("xs-01", "S1"): 8}},
		{"a part of a line, for bad quality", 0, []protocol.SKU{waters}, []cloud.RulingLine{line(waters, 1, 150, cloud.FateWrittenOff)}, cloud.StateCharged, 150, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 1, ledger.OffQuality: 1}},
		{"misplaced in the cabinet", 0, []protocol.SKU{waters}, []cloud.RulingLine{line(waters, 1, 200, cloud.FateMisplaced)}, cloud.StateCharged, 200, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 1, ledger.Stray("xs-01", "S2"): 1}},
		{"nobody knows where it is", 0, []protocol.SKU{waters}, []cloud.RulingLine{line(waters, 2, 400, cloud.FateLost)}, cloud.StateCharged, 400, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 0, ledger.Lost: 2}},
		{"a present: the resident keeps it", 0, []protocol.SKU{waters}, []cloud.RulingLine{line(waters, 2, 400, cloud.FateSold)}, cloud.StateCharged, 400, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 2}},
		{"the whole bill", 0, []protocol.SKU{waters, "1002"}, []cloud.RulingLine{line(waters, 2, 400, cloud.FateBack), line("1002", 1, 350, cloud.FateBack)}, cloud.StateRefunded, 750, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 0}},
		{"a part of a debt: less is owed", 6, []protocol.SKU{waters}, []cloud.RulingLine{line(waters, 2, 400, cloud.FateBack)}, cloud.StateOwed, 0, 750, map[ledger.Account]int64{ledger.Sold("xs-01"): 0}},
		{"more than the debt: the rest comes back", 6, []protocol.SKU{waters, "1002", "1003"}, []cloud.RulingLine{line(waters, 2, 400, cloud.FateBack), line("1003", 1, 900, cloud.FateSold)}, cloud.StateCharged, 150, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 0}},
		{"everything of a visit in debt", 6, []protocol.SKU{waters, "1002", "1003"}, []cloud.RulingLine{line(waters, 2, 400, cloud.FateBack), line("1002", 1, 350, cloud.FateBack), line("1003", 6, 5400, cloud.FateBack)}, cloud.StateRefunded, 5000, 0, map[ledger.Account]int64{ledger.Sold("xs-01"): 0}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v := bought(r, c.sweets)
				before := r.provider.Taken(resident)
				d, err := r.object(v, c.object...)
				r.must(err)
				for range 2 { // The second is a repetition, and changes nothing.
					if d, err = r.rule(d, protocol.RoleManager, c.lines...); err != nil {
						t.Fatal(err)
					}
				}
				later(2 * time.Second)
				got := r.is(v.ID, c.want)
				if back := before - r.provider.Taken(resident); back != c.refund || got.Refunded != c.refund {
					t.Errorf("%s came back by the provider, %s by the visit, want %s", back, got.Refunded, c.refund)
				}
				if owed := r.balance(ledger.Debt(resident), ledger.Fen); owed != int64(c.owed) {
					t.Errorf("%d is owed, want %s", owed, c.owed)
				}
				for account, want := range c.water {
					if is := r.balance(account, ledger.Article("1001")); is != want {
						t.Errorf("%s has %d waters, want %d", account, is, want)
					}
				}
				r.check()
			})
		})
	}
}

func TestABillOfWhichARestWasWaivedCanBeObjectedToAsAWhole(t *testing.T) {
	for _, bySupport := range []bool{false, true} {
		inRig(t, func(t *testing.T, r *rig) {
			v := bought(r, 6)
			r.must(r.core.Money.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: "kindness"}))
			r.is(v.ID, cloud.StateCharged)
			if bySupport {
				_, err := r.core.Support.Refund(t.Context(), cloud.SupportRefund{
					Visit: v.ID, By: "manager", Role: protocol.RoleManager, Key: "k", Reason: "all of it",
				})
				r.must(err)
			} else {
				d, err := r.object(v, "1001", "1002", "1003")
				r.must(err)
				d, err = r.rule(d, protocol.RoleManager, line("1001", 2, 400, cloud.FateBack), line("1002", 1, 350, cloud.FateBack), line("1003", 6, 5400, cloud.FateBack))
				r.must(err)
				if d.Ruling.Refund != 5000 || d.Ruling.Waived != 0 {
					t.Errorf("ruled %+v", d.Ruling)
				}
			}
			later(2 * time.Second)
			if got := r.is(v.ID, cloud.StateRefunded); got.Refunded != 5000 {
				t.Errorf("%s came back", got.Refunded)
			}
			r.check()
		})
	}
}

func TestWhatMayBeObjectedTo(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := bought(r, 0)
		object := func(o cloud.Objection) error {
			_, err := r.core.Disputes.Object(t.Context(), o)
			return err
		}
		one := []cloud.DisputeLine{{SKU: "1001", Qty: 1, Why: cloud.ComplaintOther}}
		for _, c := range []struct {
			name string
			o    cloud.Objection
			want protocol.Code
		}{
			{"somebody else's bill", cloud.Objection{Visit: v.ID, Person: protocol.UUID{9}, Lines: one}, cloud.CodeUnknownVisit},
			{"by nobody", cloud.Objection{Visit: v.ID, Lines: one}, cloud.CodeUnknownVisit},
			{"nothing of it", cloud.Objection{Visit: v.ID, Person: resident}, protocol.CodeMalformed},
			{"more than was billed", cloud.Objection{Visit: v.ID, Person: resident, Lines: []cloud.DisputeLine{{SKU: "1001", Qty: 3, Why: cloud.ComplaintOther}}}, protocol.CodeMalformed},
			{"what was not billed", cloud.Objection{Visit: v.ID, Person: resident, Lines: []cloud.DisputeLine{{SKU: "1003", Qty: 1, Why: cloud.ComplaintOther}}}, protocol.CodeMalformed},
			{"an article twice", cloud.Objection{Visit: v.ID, Person: resident, Lines: append(one, one...)}, protocol.CodeMalformed},
			{"a complaint that there is not", cloud.Objection{Visit: v.ID, Person: resident, Lines: []cloud.DisputeLine{{SKU: "1001", Qty: 1, Why: "dear"}}}, protocol.CodeMalformed},
		} {
			if err := object(c.o); protocol.CodeOf(err) != c.want {
				t.Errorf("%s: got %v, want %s", c.name, err, c.want)
			}
		}
		good := cloud.Objection{Visit: v.ID, Person: resident, Lines: one, Key: "k"}
		for range 2 {
			r.must(object(good))
		}
		other := good
		other.Words = "more"
		if err := object(other); protocol.CodeOf(err) != cloud.CodeKeyReused {
			t.Errorf("the key for another objection: %v", err)
		}
		other.Key = "l"
		if err := object(other); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("a second one while the first is open: %v", err)
		}
	})
}

func TestADecidedObjectionIsAnsweredOnceMoreByAManager(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := bought(r, 0)
		first, err := r.object(v, "1001")
		r.must(err)
		_, err = r.rule(first, protocol.RoleSupport)
		r.must(err)
		later(time.Second)
		second, err := r.object(v, "1001")
		r.must(err)
		if _, err := r.rule(second, protocol.RoleSupport, line("1001", 1, 200, cloud.FateBack)); protocol.CodeOf(err) != cloud.CodeOverLimit {
			t.Errorf("support decided what support had decided: %v", err)
		}
		_, err = r.rule(second, protocol.RoleManager, line("1001", 1, 200, cloud.FateBack))
		r.must(err)
		if _, err := r.object(v, "1001"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("a third objection: %v", err)
		}
		if o, err := r.core.Disputes.Objecting(t.Context(), v.ID); err != nil || o.May || len(o.Disputes) != 2 {
			t.Errorf("%+v, %v", o, err)
		}
	})
}

func TestAnObjectionComesWithinItsPeriod(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		hasty(r)
		v := bought(r, 0)
		later(time.Hour - time.Minute)
		if o, err := r.core.Disputes.Objecting(t.Context(), v.ID); err != nil || !o.May {
			t.Errorf("just before its end: %+v, %v", o, err)
		}
		later(2 * time.Minute)
		if _, err := r.object(v, "1001"); protocol.CodeOf(err) != cloud.CodeTooLate {
			t.Errorf("after it: %v", err)
		}
		if o, err := r.core.Disputes.Objecting(t.Context(), v.ID); err != nil || o.May {
			t.Errorf("after its end: %+v, %v", o, err)
		}
	})
}

func TestRulingsThatAreRefused(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := bought(r, 0)
		d, err := r.object(v, "1001")
		r.must(err)
		for name, l := range map[string]cloud.RulingLine{
			"more money than the line cost":       line("1001", 2, 401, cloud.FateBack),
			"less than nothing":                   line("1001", 2, -1, cloud.FateBack),
			"more goods than were objected to":    line("1001", 3, 400, cloud.FateBack),
			"an article that nobody objected to":  line("1002", 1, 100, cloud.FateBack),
			"a fate that there is not":            line("1001", 1, 100, "eaten"),
			"misplaced on no platform":            {SKU: "1001", Qty: 1, Amount: 100, Goods: cloud.FateMisplaced},
			"misplaced where there is none":       {SKU: "1001", Qty: 1, Amount: 100, Goods: cloud.FateMisplaced, Platform: "S9"},
			"sold, and yet on another platform":   {SKU: "1001", Qty: 1, Amount: 100, Goods: cloud.FateSold, Platform: "S2"},
			"a fate without a name for its goods": {SKU: "1001", Qty: 1, Amount: 100},
		} {
			if _, err := r.rule(d, protocol.RoleManager, l); protocol.CodeOf(err) != protocol.CodeMalformed {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := r.core.Disputes.Rule(t.Context(), cloud.RuleDispute{Dispute: d.ID, By: "li", Role: protocol.RoleManager}); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := r.rule(cloud.Dispute{ID: protocol.UUID{7}}, protocol.RoleManager); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("an objection that never was: %v", err)
		}
		_, err = r.rule(d, protocol.RoleManager, line("1001", 2, 400, cloud.FateBack))
		r.must(err)
		if _, err := r.rule(d, protocol.RoleOwner); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("decided otherwise: %v", err)
		}
		later(time.Second)
		again, err := r.object(v, "1001")
		r.must(err)
		if _, err := r.rule(again, protocol.RoleManager, line("1001", 0, 1, cloud.FateSold)); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("more than the line cost, in two rulings: %v", err)
		}
	})
}

func TestSupportGivesBackWithinItsLimit(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) { // 30 yuan a visit, 40 a resident and hour
		hasty(r)
		refund := func(v cloud.Visit, key string, lines ...cloud.RulingLine) (cloud.Dispute, error) {
			return r.core.Support.Refund(t.Context(), cloud.SupportRefund{Visit: v.ID, By: "mei", Role: protocol.RoleSupport, Key: key, Lines: lines, Reason: "called"})
		}
		first, second := bought(r, 3), bought(r, 3)
		for range 2 { // The second is a repetition.
			d, err := refund(first, "a", line("1003", 3, 2700, cloud.FateSold))
			r.must(err)
			if d.Ruling == nil || d.Ruling.Refund != 2700 || len(d.Refunds) != 1 {
				t.Fatalf("%+v", d)
			}
		}
		if _, err := refund(first, "a", line("1003", 1, 900, cloud.FateSold)); protocol.CodeOf(err) != cloud.CodeKeyReused {
			t.Errorf("the key for another refund: %v", err)
		}
		if _, err := refund(first, "", line("1001", 1, 200, cloud.FateSold)); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("without a key: %v", err)
		}
		asked, err := refund(second, "b", line("1003", 2, 1800, cloud.FateSold))
		r.must(err)
		if asked.Ruling != nil {
			t.Errorf("above the resident's limit, and given: %+v", asked.Ruling)
		}
		if _, err := r.rule(asked, protocol.RoleSupport, line("1003", 2, 1800, cloud.FateSold)); protocol.CodeOf(err) != cloud.CodeOverLimit {
			t.Errorf("support decided what is above its limit: %v", err)
		}
		open, err := r.core.Disputes.Cases(t.Context(), "", true, 10)
		if err != nil || len(open) != 1 || open[0].ID != asked.ID || open[0].By != "mei" {
			t.Errorf("the manager's list: %+v, %v", open, err)
		}
		_, err = r.rule(asked, protocol.RoleManager, line("1003", 2, 1800, cloud.FateSold))
		r.must(err)
		later(time.Hour)
		if _, err := refund(second, "c"); protocol.CodeOf(err) != cloud.CodeManagerRuled {
			t.Errorf("the rest of what the manager ruled on: %v", err)
		}
		d, err := refund(second, "c", line("1001", 2, 400, cloud.FateSold), line("1002", 1, 350, cloud.FateSold))
		r.must(err)
		if d.Ruling == nil || d.Ruling.Total() != 750 {
			t.Errorf("an hour later what the manager did not rule on: %+v", d)
		}
		_, err = r.core.Support.Refund(t.Context(), cloud.SupportRefund{Visit: second.ID, By: "manager", Role: protocol.RoleManager, Key: "d", Reason: "called"})
		r.must(err)
		later(2 * time.Second)
		r.is(second.ID, cloud.StateRefunded)
		story, err := r.core.Support.Story(t.Context(), second.ID)
		r.must(err)
		var kinds []cloud.ActionKind
		for _, a := range story.Actions {
			kinds = append(kinds, a.Kind)
		}
		if !slices.Equal(kinds, []cloud.ActionKind{cloud.ActionAsk, cloud.ActionRefund, cloud.ActionRefund, cloud.ActionRefund}) {
			t.Errorf("listed as done: %v", kinds)
		}
		r.check()
	})
}

func TestARefusedRefundIsAskedForAgainByAPerson(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := bought(r, 0)
		refuse := true
		r.faults = func(k cloud.OpKind, _ protocol.UUID) payment.Fault {
			if k == cloud.OpRefund && refuse {
				return payment.FaultRefuse
			}
			return payment.FaultNone
		}
		d, err := r.object(v, "1001")
		r.must(err)
		d, err = r.rule(d, protocol.RoleManager, line("1001", 2, 400, cloud.FateBack))
		r.must(err)
		li := cloud.Principal{Name: "li", Role: protocol.RoleManager}
		if _, err := r.core.Support.Retry(t.Context(), d.ID, li, "again"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("asked again before the provider has refused: %v", err)
		}
		later(2 * time.Second)
		if kinds := r.incidents(); kinds[cloud.IncidentRefundRefused] != 1 {
			t.Errorf("incidents: %v", kinds)
		}
		r.is(v.ID, cloud.StateCharged)
		refuse = false
		d, err = r.core.Support.Retry(t.Context(), d.ID, li, "the card is well again")
		r.must(err)
		if _, err := r.core.Support.Retry(t.Context(), d.ID, li, "again"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("asked a third time: %v", err)
		}
		later(2 * time.Second)
		if got := r.is(v.ID, cloud.StateCharged); got.Refunded != 400 || r.provider.Taken(resident) != 350 {
			t.Errorf("%s came back, %s is taken", got.Refunded, r.provider.Taken(resident))
		}
		if kinds := r.incidents(); kinds[cloud.IncidentRefundRefused] != 0 {
			t.Errorf("still incidents: %v", kinds)
		}
		r.check()
	})
}

// TestNoRefundIsMadeTwice lets several members of the staff at once do whatever they can to the same bills, under every
// fault of the provider and with restarts between, and holds the books to the provider's own truth.
func TestNoRefundIsMadeTwice(t *testing.T) {
	for seed := range uint64(8) {
		inRig(t, func(t *testing.T, r *rig) {
			dice := rand.New(rand.NewPCG(seed, 3))
			var mu sync.Mutex
			chance := func(n int) int {
				mu.Lock()
				defer mu.Unlock()
				return dice.IntN(n)
			}
			visits := []cloud.Visit{bought(r, 0), bought(r, 3), bought(r, 6)}
			taken := r.provider.Taken(resident)
			var healed atomic.Bool
			r.faults = func(k cloud.OpKind, _ protocol.UUID) payment.Fault {
				if healed.Load() {
					return payment.FaultNone
				}
				return []payment.Fault{payment.FaultNone, payment.FaultNone, payment.FaultRefuse, payment.FaultLost, payment.FaultTimeout}[chance(5)]
			}
			for range 4 {
				var staff sync.WaitGroup
				for n := range 4 {
					role := []protocol.Role{protocol.RoleManager, protocol.RoleOwner, protocol.RoleSupport, protocol.RoleManager}[n]
					staff.Go(func() {
						for range 5 {
							meddle(r, visits[chance(len(visits))], role, chance)
						}
					})
				}
				staff.Wait()
				if chance(2) == 0 {
					r.restart()
				}
				later(time.Duration(chance(20)) * time.Second)
			}
			healed.Store(true)
			later(20 * time.Minute)
			back := taken - r.provider.Taken(resident)
			var told protocol.Fen
			for _, v := range visits {
				got := r.visit(v.ID)
				told += got.Refunded
				if got.Refunded+got.Forgiven > got.Total {
					t.Errorf("seed %d: of %s %s came back and %s was forgiven", seed, got.Total, got.Refunded, got.Forgiven)
				}
			}
			if back < 0 || back > taken || back != told {
				t.Errorf("seed %d: of %s the provider gave %s back, the visits tell %s", seed, taken, back, told)
			}
			r.ruled(seed)
			r.check()
		})
		if t.Failed() {
			return
		}
	}
}

// meddle does one thing that a member of the staff may try.
func meddle(r *rig, v cloud.Visit, role protocol.Role, chance func(int) int) {
	by := cloud.Principal{Name: string(role), Role: role}
	l := v.Lines[chance(len(v.Lines))]
	amount := l.Price * protocol.Fen(1+chance(l.Qty))
	lines := []cloud.RulingLine{line(l.SKU, chance(l.Qty+1), amount, cloud.Fates()[chance(len(cloud.Fates()))])}
	cases, err := r.core.Disputes.Cases(r.t.Context(), "", chance(2) == 0, 10)
	r.must(err)
	switch do := chance(4); {
	case do == 0:
		_, err = r.object(v, l.SKU)
	case do == 1:
		_, err = r.core.Support.Refund(r.t.Context(), cloud.SupportRefund{
			Visit: v.ID, By: by.Name, Role: role, Key: []string{"a", "b"}[chance(2)], Lines: lines, Reason: "called",
		})
	case len(cases) == 0:
	case do == 2:
		c := cases[chance(len(cases))]
		lines[0].SKU = c.Lines[0].SKU
		_, err = r.rule(c.Dispute, role, lines...)
	default:
		_, err = r.core.Support.Retry(r.t.Context(), cases[chance(len(cases))].ID, by, "again")
	}
	if err != nil && protocol.CodeOf(err) == "" {
		r.t.Error(err)
	}
}

// ruled holds each ruling to what was asked of the provider because of it.
func (r *rig) ruled(seed uint64) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		list, err := tx.Disputes.List("", false, 100)
		for _, d := range list {
			if d.Unasked() < 0 || d.Returned() > d.Ruling.Refund {
				r.t.Errorf("seed %d: %s was ruled, %s returned, %d not asked for", seed, d.Ruling.Refund, d.Returned(), d.Unasked())
			}
			ops, err2 := tx.Ops.Of(d.Visit)
			if left := payment.Left(ops); left < 0 {
				r.t.Errorf("seed %d: visit %s has %d left to give back", seed, d.Visit, left)
			}
			err = errors.Join(err, err2)
		}
		return err
	})
}

func TestWhatWasGivenBackIsNotEarned(t *testing.T) {
	for _, c := range []struct {
		name    string
		vat     int
		taken   int             // units of water that somebody else takes first
		nextDay bool            // the objection is decided on a day on which no water lay in its lane
		fate    cloud.Fate      // of the two waters that are given back
		before  [3]protocol.Fen // gross, net and cost of the sale's own day, before the ruling
		after   [3]protocol.Fen // of the ruling's day, after it
	}{
		{"goods that come back, no tax", 0, 0, false, cloud.FateBack, [3]protocol.Fen{750, 750, 300}, [3]protocol.Fen{750, 350, 100}},
		{"goods that come back, with tax", 13, 0, false, cloud.FateBack, [3]protocol.Fen{750, 664, 300}, [3]protocol.Fen{750, 310, 100}},
		{"goods that stay sold, out of a lane that was empty all day", 13, 6, true, cloud.FateSold, [3]protocol.Fen{1950, 1726, 900}, [3]protocol.Fen{0, -354, 0}},
		{"goods that come back into a lane that was empty all day", 13, 6, true, cloud.FateBack, [3]protocol.Fen{1950, 1726, 900}, [3]protocol.Fen{0, -354, -200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				plan := storetest.Plan()
				for i := range plan.Articles {
					plan.Articles[i].Cost, plan.Articles[i].VATPercent = 100, c.vat
				}
				r.must(r.core.Apply(t.Context(), plan))
				earned := func(when string, want [3]protocol.Fen) {
					today, err := r.core.StoreDays.Today(t.Context())
					r.must(err)
					d, err := r.core.StoreDays.Day(t.Context(), "north", today)
					r.must(err)
					if e := d.Total(); [3]protocol.Fen{e.Gross, e.Net, e.Cost} != want {
						t.Errorf("%s the ruling gross, net and cost are %+v: want %v", when, e, want)
					}
				}
				if c.taken > 0 {
					other, err := r.begin("")
					r.must(err)
					r.cabinet.buys(other.ID, settle.Line{SKU: "1001", Qty: c.taken})
					later(10 * time.Second)
				}
				v := bought(r, 0)
				earned("before", c.before)
				d, err := r.object(v, "1001")
				r.must(err)
				if c.nextDay {
					r.rests(36 * time.Hour)
				}
				_, err = r.rule(d, protocol.RoleManager, line("1001", 2, 400, c.fate))
				r.must(err)
				later(2 * time.Second)
				earned("after", c.after)
			})
		})
	}
}
