package storeday_test

import (
	"context"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

func TestTheStoresAndTheChainItselfAreTheWholeStatement(t *testing.T) {
	r := newRig(t)
	r.now = at(1, 9, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 20)...)
	sold, top, out := r.sell(at(0, 10, 0), "1001", 1, 200, true), r.id(), r.id()
	r.update(func(tx cloud.Tx) error {
		if err := tx.Ops.Add(cloud.PaymentOp{ID: top, Person: protocol.UUID{2}, Kind: cloud.OpTopUp, Amount: 5000, State: cloud.OpDone, Created: at(0, 11, 0)}); err != nil {
			return err
		}
		if err := r.book.Post(tx, book.Fact{Ref: ledger.OpRef(top), At: at(0, 11, 0)}, ledger.TopUp(protocol.UUID{2}, 5000, ledger.Provider)); err != nil {
			return err
		}
		if err := tx.Ops.Add(cloud.PaymentOp{ID: out, Person: protocol.UUID{2}, Kind: cloud.OpPayout, Amount: 900, On: top, State: cloud.OpDone, Created: at(0, 12, 0)}); err != nil {
			return err
		}
		return r.book.Post(tx, book.Fact{Ref: ledger.OpRef(out), At: at(0, 12, 0)}, ledger.PayOut(protocol.UUID{2}, 900, ledger.Provider))
	})
	back := payment.StatementLine{
		At: at(0, 12, 0), Kind: payment.LineRefund, Order: payment.Number(top), Refund: payment.Number(out), Amount: 900, Merchant: "m-1", Currency: payment.Currency,
	}
	fee := payment.StatementLine{At: at(0, 23, 0), Kind: payment.LineFee, Fee: 30, Merchant: "m-1", Currency: payment.Currency}
	stray := line(protocol.UUID{5}, at(0, 15, 0), 700)
	f := r.file(statement(t, line(sold, at(0, 10, 0), 200), line(top, at(0, 11, 0), 5000), back, stray, fee))
	f.First, f.Last = day, day
	if _, bad, err := r.days.Import(context.Background(), f); err != nil || len(bad) > 0 {
		t.Fatal(bad, err)
	}
	own := r.of(cloud.Chainwide, day)
	if own.Matched != 2 || own.Faults() != 1 || own.Paid != (reconcile.Paid{Lines: 4, Captured: 5700, Refunded: 900, Fees: 32}) || own.Money.Captured != 5000 || own.Money.Refunded != 900 || len(own.Goods) != 0 {
		t.Errorf("the chain's own day: %d matched, %+v, %+v, %+v", own.Matched, own.Pairs, own.Paid, own.Money)
	}
	var sum reconcile.Paid
	for _, s := range own.Whole {
		sum = sum.Add(s.Paid)
	}
	if sum != r.day(day).Paid.Add(own.Paid) || sum != (reconcile.Paid{Lines: 5, Captured: 5900, Refunded: 900, Fees: 33}) {
		t.Errorf("the stores and the chain are %+v", own.Whole)
	}
	r.update(func(tx cloud.Tx) error {
		totals, err := r.days.Totals(tx, cloud.Chainwide, day)
		for _, l := range totals {
			if l.Refunded != 0 {
				t.Errorf("what was paid out counts as a refund of %s", l.Refunded)
			}
		}
		return err
	})
	if _, err := r.days.Close(context.Background(), cloud.CloseDay{Store: cloud.Chainwide, Day: day, By: "owner", Role: protocol.RoleOwner, Note: "asked the provider"}); err != nil {
		t.Fatal(err)
	}
	if d := r.of(cloud.Chainwide, day); d.Closed == nil || d.Closed.Store != cloud.Chainwide || d.Store != cloud.Chainwide {
		t.Errorf("it was closed: %+v", d.Closed)
	}
	heads, err := r.days.Heads(context.Background(), day, 1)
	if err != nil || len(heads) != 2 || heads[1].Store != cloud.Chainwide || heads[1].Closed == nil {
		t.Errorf("%+v %v", heads, err)
	}
}

func TestAPartOfAStatementLeavesADayOpenForMore(t *testing.T) {
	r := newRig(t)
	r.now = at(1, 9, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 20)...)
	early, late := r.sell(at(0, 10, 0), "1001", 1, 200, true), r.sell(at(0, 20, 0), "1001", 1, 200, true)
	take := func(from, to ledger.Day, lines ...payment.StatementLine) (cloud.StatementImport, []cloud.BadRow, error) {
		f := r.file(statement(t, lines...))
		f.First, f.Last = from, to
		return r.days.Import(context.Background(), f)
	}
	first, second := line(early, at(0, 10, 0), 200), line(late, at(0, 20, 0), 200)
	if _, bad, err := take("", "", first); err != nil || len(bad) > 0 {
		t.Fatal(bad, err)
	}
	if d := r.day(day); d.Stated || d.Awaited != 1 || d.Faults() != 0 {
		t.Errorf("a part: stated %v, %d awaited, %+v", d.Stated, d.Awaited, d.Pairs)
	}
	if _, bad, _ := take(day.Add(-1), day.Add(-1), first); len(bad) != 1 || bad[0].Line != 2 {
		t.Errorf("a file of another day: %+v", bad)
	}
	if _, _, err := take(day.Add(1), day.Add(1), first); protocol.CodeOf(err) != protocol.CodeMalformed {
		t.Errorf("a day that is not over: %v", err)
	}
	if i, bad, err := take(day, day, second); err != nil || len(bad) > 0 || i.Added != 1 || i.Lacking != 1 {
		t.Errorf("%+v %v %v", i, bad, err)
	}
	if d := r.day(day); !d.Stated || d.Matched != 2 || d.Awaited != 0 {
		t.Errorf("the whole: stated %v, %d matched, %+v", d.Stated, d.Matched, d.Pairs)
	}
	if i, _, err := take(day, day, first, second); err != nil || i.Added != 0 || i.Lacking != 0 || i.Changed != 0 {
		t.Errorf("the same again: %+v %v", i, err)
	}
}
