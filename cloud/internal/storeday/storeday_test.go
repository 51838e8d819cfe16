package storeday_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

func TestADayAddsUp(t *testing.T) {
	r := newRig(t)
	r.now = at(0, 23, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
	r.sell(at(0, 10, 0), "1001", 2, 200, true)
	r.sell(at(0, 11, 0), "1001", 1, 200, false)
	r.post(r.event(), at(0, 12, 0), ledger.Posting{Account: ledger.Stock("xs-01", "S1"), Unit: "sku:1001", Amount: 4}, ledger.Posting{Account: ledger.Supplier, Unit: "sku:1001", Amount: -4})
	r.post("movement:1", at(0, 13, 0), ledger.Posting{Account: ledger.Stock("xs-01", "S1"), Unit: "sku:1001", Amount: -1}, ledger.Posting{Account: "off:expired", Unit: "sku:1001", Amount: 1})
	d := r.day(day)
	if len(d.Goods) != 1 {
		t.Fatalf("goods: %+v", d.Goods)
	}
	g := d.Goods[0]
	if g.Opening != 8 || g.Closing != 8 || g.Total(reconcile.Sold) != -3 || g.Total(reconcile.Refilled) != 4 || g.Flows[reconcile.Flow{Way: reconcile.WrittenOff, Reason: "expired"}] != -1 {
		t.Errorf("got %+v", g)
	}
	if m := d.Money; m.Billed != 600 || m.Captured != 400 || m.DebtMade != 200 || m.Orders != 2 {
		t.Errorf("got %+v", m)
	}
	if e := d.Total(); e.Gross != 600 || e.Net != 531 || e.Cost != 300 || e.Stock != 800 || e.Waste != 100 {
		t.Errorf("got %+v", e)
	}
}

func TestWhatAPersonCountedStandsBesideTheBookAndMovesOnWithIt(t *testing.T) {
	r := newRig(t)
	r.now = at(0, 23, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
	counted := func(when time.Time, qty int, corrects protocol.UUID) protocol.UUID {
		m := cloud.Movement{ID: r.id(), At: when, Store: store, Cabinet: "xs-01", MoveGoods: cloud.MoveGoods{
			By: "wang", Kind: cloud.MoveCount, From: ledger.Stock("xs-01", "S1"), Lines: []cloud.MovedLine{{SKU: "1001", Qty: qty}},
		}}
		if !corrects.IsZero() {
			m.Kind, m.Corrects, m.Lines = cloud.MoveCorrect, corrects, nil
		}
		r.update(func(tx cloud.Tx) error { return tx.Movements.Add(m) })
		return m.ID
	}
	if g := r.day(day).Goods[0]; g.Count != nil {
		t.Fatalf("nobody counted: %+v", g)
	}
	counted(at(-1, 12, 0), 99, protocol.UUID{})
	counted(at(0, 9, 0), 8, protocol.UUID{})
	slip := counted(at(0, 9, 30), 80, protocol.UUID{})
	counted(at(0, 9, 31), 0, slip)
	r.sell(at(0, 10, 0), "1001", 2, 200, true)
	if g := r.day(day).Goods[0]; g.Count == nil || *g.Count != 6 || g.Closing != 6 {
		t.Errorf("counted 8, then 2 were sold: %+v", g)
	}
}

func TestGoodsAreWorthWhatTheyCostThen(t *testing.T) {
	r := newRig(t)
	r.now = at(2, 12, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
	for _, c := range []cloud.CostChange{{SKU: "1001", Cost: 90, From: at(-9, 0, 0)}, {SKU: "1001", Cost: 120, From: at(1, 6, 0)}} {
		r.update(func(tx cloud.Tx) error { return tx.Costs.Add(c) })
	}
	for d, want := range map[ledger.Day]protocol.Fen{day: 8 * 90, day.Add(1): 8 * 120} {
		if got := r.day(d).Total().Stock; got != want {
			t.Errorf("%s: stock is worth %s, want %s", d, got, want)
		}
	}
}

func TestADifferenceIsJudgedByWhatHappened(t *testing.T) {
	for say, c := range map[string]struct {
		set  func(r *rig)
		want reconcile.Cause
	}{
		"the cabinet was heard of last at noon":   {func(*rig) {}, reconcile.CauseLate},
		"its scale was faulty":                    {func(r *rig) { r.heard(); r.incident(cloud.IncidentScale, "S1") }, reconcile.CauseSensor},
		"a bottle lies on the wrong shelf":        {func(r *rig) { r.heard(); r.stray() }, reconcile.CauseMisplaced},
		"somebody opened the door by key":         {func(r *rig) { r.heard(); r.incident(cloud.IncidentKeyOpening, "1") }, reconcile.CauseTheft},
		"the article was told to weigh otherwise": {func(r *rig) { r.heard(); r.incident(cloud.IncidentUnitWeight, "1001") }, reconcile.CauseWeight},
		"nothing happened":                        {func(r *rig) { r.heard() }, reconcile.CauseUnknown},
		"it was missing the day before":           {func(r *rig) { r.heard(); r.count(at(-1, 23, 0), 5, 0) }, reconcile.CauseBefore},
	} {
		t.Run(say, func(t *testing.T) {
			r := newRig(t)
			r.now = at(1, 8, 0)
			r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
			r.count(at(0, 22, 30), 5, 0)
			r.sell(at(0, 22, 45), "1001", 1, 200, true) // after the scales had their last word
			c.set(r)
			d := r.day(day)
			if len(d.Differences) != 1 {
				t.Fatalf("got %+v", d.Differences)
			}
			if x := d.Differences[0]; x.Cause != c.want || x.Goods.Diff() != -3 && c.want != reconcile.CauseMisplaced {
				t.Errorf("got %s, %d: want %s", x.Cause, x.Goods.Diff(), c.want)
			}
		})
	}
}

func (r *rig) heard() {
	r.update(func(tx cloud.Tx) error {
		return tx.Inbox.Move("xs-01", cloud.Position{Journal: protocol.UUID{7}, Placed: r.now})
	})
}

func (r *rig) incident(kind cloud.IncidentKind, subject string) {
	r.update(func(tx cloud.Tx) error {
		return tx.Incidents.Open(cloud.Incident{Cabinet: "xs-01", Kind: kind, Subject: subject, Last: at(0, 15, 0)})
	})
}

func (r *rig) stray() {
	r.post(r.event(), at(0, 15, 0), ledger.Posting{Account: ledger.Stray("xs-01", "S2"), Unit: "sku:1001", Amount: 1}, ledger.Posting{Account: ledger.Stock("xs-01", "S1"), Unit: "sku:1001", Amount: -1})
}

func TestADayIsClosedOnce(t *testing.T) {
	r := newRig(t)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
	r.now = at(0, 12, 0)
	refuse := func(say string, code protocol.Code, d ledger.Day, note string) {
		t.Helper()
		if err := r.close(d, note); protocol.CodeOf(err) != code {
			t.Errorf("%s: got %v, want %s", say, err, code)
		}
	}
	refuse("a day that is not over", cloud.CodeDayNotOver, day, "x")
	r.now = at(3, 12, 0)
	refuse("over what is open without a word", cloud.CodeNoteNeeded, day, " ")
	if err := r.close(day, "the cabinet is in repair"); err != nil {
		t.Fatal(err)
	}
	refuse("a second time", cloud.CodeDayClosed, day, "x")
	refuse("an earlier day", cloud.CodeDayClosed, day.Add(-1), "x")
	refuse("a later day over one that is open", cloud.CodeDayBefore, day.Add(2), "x")
	refuse("tomorrow", cloud.CodeNotFound, day.Add(9), "x")
	if err := r.close(day.Add(1), "x"); err != nil {
		t.Error(err)
	}
	_, err := r.days.Close(context.Background(), cloud.CloseDay{Store: store, Day: day.Add(2), By: "m", Note: "x", Sum: "of other figures"})
	if protocol.CodeOf(err) != cloud.CodeFiguresMoved {
		t.Errorf("figures that the person did not see: %v", err)
	}
}

func TestWhatComesLateIsBookedOpenly(t *testing.T) {
	r := newRig(t)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
	r.sell(at(0, 10, 0), "1001", 1, 200, true)
	r.now = at(1, 9, 0)
	if err := r.close(day, "x"); err != nil {
		t.Fatal(err)
	}
	signed := r.day(day)
	r.now = at(2, 9, 0)
	r.sell(at(0, 22, 0), "1001", 2, 200, true)
	after := r.day(day)
	if after.Sum != signed.Sum || after.Money != signed.Money || after.Goods[0].Closing != 7 {
		t.Errorf("the closed day has changed: %+v", after.Money)
	}
	if len(after.LateFor) != 1 || after.LateFor[0].Flows[reconcile.Flow{Way: reconcile.Sold}] != -2 || after.LateFor[0].Money.Billed != 400 {
		t.Errorf("on the closed day: %+v", after.LateFor)
	}
	today := r.day(day.Add(2))
	if len(today.LateHere) != 1 || today.LateHere[0].Belonged != day || today.Money.Billed != 400 || today.Goods[0].Opening != 7 || today.Goods[0].Closing != 5 {
		t.Errorf("on the day that it is booked to: %+v %+v", today.LateHere, today.Goods)
	}
}

func statement(t *testing.T, lines ...payment.StatementLine) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	if err := payment.WriteStatement(&b, lines); err != nil {
		t.Fatal(err)
	}
	return &b
}

// file is a statement of the day of these tests that is not said to be whole.
func (r *rig) file(text io.Reader) cloud.StatementFile {
	return cloud.StatementFile{By: "manager", Name: "s.csv", Text: text}
}

func line(hold protocol.UUID, when time.Time, amount protocol.Fen) payment.StatementLine {
	return payment.StatementLine{
		At: when, Kind: payment.LineCapture, Order: strings.ReplaceAll(hold.String(), "-", ""), Amount: amount, Fee: 1, Merchant: "m-1", Currency: payment.Currency,
	}
}

func TestAStatementIsMatchedLineByLine(t *testing.T) {
	r := newRig(t)
	r.now = at(1, 9, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 20)...)
	well, less, twice, lacks, late := r.sell(at(0, 10, 0), "1001", 1, 200, true), r.sell(at(0, 11, 0), "1001", 1, 200, true), r.sell(at(0, 12, 0), "1001", 1, 200, true),
		r.sell(at(0, 13, 0), "1001", 1, 200, true), r.sell(at(0, 23, 59), "1001", 1, 200, true)
	other := line(r.sell(at(0, 14, 0), "1001", 1, 200, true), at(0, 14, 0), 200)
	other.Merchant = "m-2"
	lines := []payment.StatementLine{
		line(well, at(0, 10, 0), 200), line(less, at(0, 11, 0), 199), line(twice, at(0, 12, 0), 200), line(twice, at(0, 12, 0), 200),
		line(late, at(1, 0, 0), 200), line(protocol.UUID{5}, at(0, 15, 0), 700), other,
	}
	_ = lacks
	add := func(want int, lines ...payment.StatementLine) {
		t.Helper()
		done, bad, err := r.days.Import(context.Background(), r.file(statement(t, lines...)))
		if err != nil || len(bad) > 0 || done.Added != want {
			t.Fatalf("added %d: %v %v, want %d", done.Added, bad, err, want)
		}
	}
	add(7, lines...)
	add(0, lines...)
	add(0, lines[2:]...) // a file that overlaps
	if d := r.day(day); d.Stated || d.Awaited != 2 {
		t.Errorf("nobody said that it is the whole day: stated %v, %d awaited", d.Stated, d.Awaited)
	}
	r.update(func(tx cloud.Tx) error {
		whole := cloud.StatementImport{Sum: "whole", First: day, Last: day, At: r.now}
		_, err := tx.Statements.Put(whole, nil)
		return errors.Join(err, tx.Statements.Cover(whole))
	})
	d := r.day(day)
	got := map[reconcile.MatchState]int{reconcile.Matched: d.Matched}
	for _, p := range d.Pairs {
		got[p.State]++
	}
	for state, want := range map[reconcile.MatchState]int{
		reconcile.Matched: 2, reconcile.AmountDiffers: 1, reconcile.Twice: 1, reconcile.MissingThere: 2, reconcile.OtherDay: 1, reconcile.OtherMerchant: 1, reconcile.MissingHere: 0,
	} {
		if got[state] != want {
			t.Errorf("%s: %d, want %d", state, got[state], want)
		}
	}
	unknown, err := r.days.Unknown(context.Background(), 10)
	if err != nil || len(unknown) != 1 || unknown[0].Amount != 700 {
		t.Errorf("what nobody knows: %+v %v", unknown, err)
	}
}

func TestWhatIsStatedOnTwoDaysIsStatedTwice(t *testing.T) {
	r := newRig(t)
	r.now = at(2, 9, 0)
	hold := r.sell(at(0, 10, 0), "1001", 1, 200, true)
	for n := range 2 {
		if _, bad, err := r.days.Import(context.Background(), r.file(statement(t, line(hold, at(n, 10, 0), 200)))); err != nil || len(bad) > 0 {
			t.Fatal(bad, err)
		}
	}
	if d := r.day(day); d.Matched != 1 || len(d.Pairs) != 0 {
		t.Errorf("on its own day: %d matched, %+v", d.Matched, d.Pairs)
	}
	if d := r.day(day.Add(1)); len(d.Pairs) != 1 || d.Pairs[0].State != reconcile.Twice {
		t.Errorf("on the day after: %+v, want it told as stated twice", d.Pairs)
	}
}

func TestALineIsMatchedHoweverItsNumberIsWritten(t *testing.T) {
	r := newRig(t)
	r.now = at(1, 9, 0)
	capital, hyphened := line(r.sell(at(0, 10, 0), "1001", 1, 200, true), at(0, 10, 0), 200), line(protocol.UUID{}, at(0, 11, 0), 200)
	capital.Order, hyphened.Order = strings.ToUpper(capital.Order), r.sell(at(0, 11, 0), "1001", 1, 200, true).String()
	if _, bad, err := r.days.Import(context.Background(), r.file(statement(t, capital, hyphened))); err != nil || len(bad) > 0 {
		t.Fatal(bad, err)
	}
	if d := r.day(day); d.Matched != 2 || len(d.Pairs) != 0 {
		t.Errorf("%d matched, %+v", d.Matched, d.Pairs)
	}
}

func TestALineIsOfTheStoreThatBookedItsOperation(t *testing.T) {
	r := newRig(t)
	r.now = at(1, 9, 0)
	hold := r.sell(at(0, 10, 0), "1001", 1, 200, true)
	r.post(ledger.OpRef(hold), at(0, 10, 0), ledger.Reserve(r.id(), protocol.UUID{2}, 5000)...)
	r.update(func(tx cloud.Tx) error {
		moved := r.cabinet
		moved.Store = "south"
		plan := storetest.Plan()
		plan.Stores = []cloud.Store{{ID: "south"}}
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(moved, r.now)
		return err
	})
	if _, bad, err := r.days.Import(context.Background(), r.file(statement(t, line(hold, at(0, 10, 0), 200)))); err != nil || len(bad) > 0 {
		t.Fatal(bad, err)
	}
	if d := r.day(day); d.Matched != 1 || d.Faults() != 0 {
		t.Errorf("the cabinet stands elsewhere since: %d matched, %+v", d.Matched, d.Pairs)
	}
}

func TestABadStatementChangesNothing(t *testing.T) {
	r := newRig(t)
	file := "\ufefftime,kind,order_number,refund_number,amount_fen,fee_fen,merchant,currency\r\n" +
		"2026-11-27T10:00:00+08:00,capture,1,,200,1,m-1,CNY\r\n" +
		"yesterday,capture,1,,200,1,m-1,CNY\r\n" +
		"2026-11-27T10:00:00+08:00,gift,1,,2.00,1,m-1,USD\r\n"
	_, bad, err := r.days.Import(context.Background(), r.file(strings.NewReader(file)))
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, b := range bad {
		places = append(places, fmt.Sprintf("%d %s", b.Line, b.Column))
	}
	if got := strings.Join(places, ", "); got != "3 time, 4 amount_fen, 4 kind, 4 currency" {
		t.Errorf("got %s: %v", got, bad)
	}
	if list, err := r.days.Imports(context.Background(), 10); err != nil || len(list) != 0 {
		t.Errorf("taken in: %v %v", list, err)
	}
}

// TestRandomDaysAddUp: whatever happens on whichever day, whenever it arrives and whatever is closed, each day's identities
// hold, what is closed never changes, and the days together are the whole book.
func TestRandomDaysAddUp(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r, chance := newRig(t), rand.New(rand.NewPCG(seed, 26))
			r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 500)...)
			signed := make(map[ledger.Day]cloud.StoreDay)
			var billed protocol.Fen
			var sold int64
			for n := range 5 {
				r.now = at(n, 23, 0)
				for range 12 {
					when := r.now.Add(-time.Duration(chance.IntN(60)) * time.Hour)
					if when.Before(at(-1, 10, 0)) {
						when = r.now
					}
					if qty := 1 + chance.IntN(3); chance.IntN(4) > 0 {
						r.sell(when, "1001", qty, 200, chance.IntN(3) > 0)
						billed, sold = billed+200*protocol.Fen(qty), sold+int64(qty)
					} else {
						r.post(r.event(), when, ledger.Posting{Account: ledger.Stock("xs-01", "S1"), Unit: "sku:1001", Amount: int64(qty)}, ledger.Posting{Account: ledger.Supplier, Unit: "sku:1001", Amount: -int64(qty)})
					}
				}
				r.now = at(n+1, 1, 0)
				if chance.IntN(2) == 0 && (len(signed) == 0 || signed[day.Add(n-1)].Closed != nil) {
					if err := r.close(day.Add(n), "x"); err != nil {
						t.Fatal(err)
					}
					signed[day.Add(n)] = r.day(day.Add(n))
				}
			}
			var sum reconcile.Money
			var left int64
			before := int64(-1)
			for n := -1; n < 6; n++ {
				d := r.day(day.Add(n))
				if was, closed := signed[day.Add(n)]; closed && (was.Sum != d.Sum || was.Money != d.Money) {
					t.Errorf("%s has changed after it was closed", day.Add(n))
				}
				sum = sum.Add(d.Money)
				for _, g := range d.Goods {
					left -= g.Total(reconcile.Sold)
					if before >= 0 && g.Opening != before {
						t.Errorf("%s opens with %d, the day before closed with %d", d.Day, g.Opening, before)
					}
					before = g.Closing
				}
			}
			if sum.Billed != billed || left != sold {
				t.Errorf("the days have %s and %d units, the visits %s and %d", sum.Billed, left, billed, sold)
			}
		})
	}
}

func TestWhatTheProviderKeepsIsBookedOnceForEachStoreAndDay(t *testing.T) {
	r := newRig(t)
	r.now = at(2, 9, 0)
	first, second := line(r.sell(at(0, 10, 0), "1001", 1, 200, true), at(0, 10, 0), 200), line(r.sell(at(0, 11, 0), "1001", 1, 200, true), at(0, 11, 0), 200)
	third := line(r.sell(at(1, 10, 0), "1001", 1, 200, true), at(1, 10, 0), 200)
	rent := payment.StatementLine{At: at(1, 12, 0), Kind: payment.LineFee, Fee: 30, Merchant: "m-1", Currency: payment.Currency}
	if err := r.close(day, "no statement yet"); err != nil {
		t.Fatal(err)
	}
	take := func(lines ...payment.StatementLine) {
		t.Helper()
		if _, bad, err := r.days.Import(context.Background(), r.file(statement(t, lines...))); err != nil || len(bad) > 0 {
			t.Fatal(bad, err)
		}
	}
	kept := func(want int64) {
		t.Helper()
		r.update(func(tx cloud.Tx) error {
			chain, err := tx.Ledger.Balance(ledger.Chain, ledger.Fen)
			withheld, err2 := tx.Ledger.Balance(ledger.Withheld, ledger.Fen)
			if chain != want || withheld != -want {
				t.Errorf("the chain's cost is %d, withheld %d: want %d", chain, withheld, want)
			}
			return errors.Join(err, err2)
		})
	}
	take(first, third)
	kept(2)
	take(first, third)
	kept(2)
	take(first, second, third, rent) // A longer file of the same days brings what the other lacked.
	kept(33)
	closed, open := r.day(day), r.day(day.Add(1))
	if closed.Money.Fees != 0 || open.Money.Fees != 1 {
		t.Errorf("fees of the closed day %d, of the open one %d: want what comes after the close booked as late", closed.Money.Fees, open.Money.Fees)
	}
	if today := r.day(day.Add(2)); today.Money.Fees != 2 || len(today.LateHere) != 1 || today.LateHere[0].Money.Fees != 2 || today.LateHere[0].Belonged != day {
		t.Errorf("fees of today %d, late %+v", today.Money.Fees, today.LateHere)
	}
	if whole, err := r.days.Day(context.Background(), cloud.Chainwide, day.Add(1)); err != nil || whole.Money.Fees != 30 {
		t.Errorf("fees of the chain's own day %d, %v", whole.Money.Fees, err)
	}
}

// breaking is a database that breaks off after some units of work, and tells how many lines of a statement the largest wrote.
type breaking struct {
	cloud.DB
	left, most int
}

var errBroken = errors.New("broken off")

func (b *breaking) Update(ctx context.Context, work func(cloud.Tx) error) error {
	if b.left--; b.left < 0 {
		return errBroken
	}
	return b.DB.Update(ctx, func(tx cloud.Tx) error {
		before, err := tx.Stated.Count(day)
		if err := errors.Join(err, work(tx)); err != nil {
			return err
		}
		after, err := tx.Stated.Count(day)
		b.most = max(b.most, after-before)
		return err
	})
}

func TestALongStatementIsWrittenInSmallPartsAndTakenUpWhereItWasBrokenOff(t *testing.T) {
	const lines = 1000
	r := newRig(t)
	r.now = at(1, 9, 0)
	all := make([]payment.StatementLine, lines)
	for n := range all {
		all[n] = line(protocol.UUID{14: byte(n >> 8), 15: byte(n)}, at(0, 10, 0), 200)
	}
	through := &breaking{DB: r.db, left: 2}
	r.days.DB = through
	take := func() (cloud.StatementImport, error) {
		f := r.file(statement(t, all...))
		f.First, f.Last = day, day
		done, _, err := r.days.Import(context.Background(), f)
		return done, err
	}
	if _, err := take(); !errors.Is(err, errBroken) {
		t.Fatalf("got %v", err)
	}
	if d := r.day(day); d.Stated {
		t.Error("half a statement counts as the whole day")
	}
	through.left = lines
	done, err := take()
	if err != nil || done.Added == 0 || done.Added >= lines || done.Changed != 0 || done.Lacking != 0 {
		t.Errorf("the rest is taken in as %+v, %v", done, err)
	}
	r.update(func(tx cloud.Tx) error {
		n, err := tx.Stated.Count(day)
		files, err2 := tx.Statements.Imports(2)
		if n != lines || len(files) != 1 || files[0].Added != lines || files[0].First != day {
			t.Errorf("%d lines of %+v", n, files)
		}
		return errors.Join(err, err2)
	})
	r.update(func(tx cloud.Tx) error {
		fees, err := tx.Ledger.Balance(ledger.Chain, ledger.Fen)
		if fees != lines {
			t.Errorf("%d fen of fees are booked: want 1 of each line", fees)
		}
		return err
	})
	if through.most > 500 {
		t.Errorf("%d lines are written at once: doors wait for them", through.most)
	}
}
