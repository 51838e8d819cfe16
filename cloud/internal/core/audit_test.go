package core_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/audit"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/postgres"
	"allhours/cloud/internal/store/postgrestest"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// night leaves books behind with a bit of everything in them: a paid visit, an owed one, one in review, one that took
// nothing, one decided, one waived, a refill, and an event that was set aside.
func night(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "night.db")
	inRig(t, func(t *testing.T, r *rig) {
		closedDays(r)
		for _, lines := range [][]settle.Line{{{SKU: "1001", Qty: 2}}, nil} {
			v, err := r.begin("")
			r.must(err)
			r.cabinet.buys(v.ID, lines...)
			later(10 * time.Second)
		}
		for _, how := range []cloud.DecideReview{{Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1003", Qty: 1}}}, {Waive: true}} {
			v := doubted(r)
			how.Visit, how.By = v.ID, "li"
			_, err := r.core.Visits.Decide(t.Context(), how)
			r.must(err)
			later(10 * time.Second)
		}
		doubted(r)
		refill := protocol.UUID{6: 0x70, 8: 0x80, 15: 77}
		body := r.cabinet.settled(refill)
		body.Purpose = protocol.PurposeRefill
		body.Answer.Why = []settle.Explanation{{Lines: []settle.Line{}, Steps: []settle.Step{{Platform: "S1", SKU: "1001", Qty: 4}}}}
		b := begun(refill)
		b.Purpose = protocol.PurposeRefill
		r.cabinet.does(b)
		r.cabinet.does(body)
		r.cabinet.does(wire.StockBody{Levels: []settle.Level{{Platform: "S1", Units: []settle.Line{{SKU: "1001", Qty: 7}}}}})
		e := r.cabinet.journalled(wire.BootBody{})
		e.Body = []byte(`{"clean":7}`)
		r.cabinet.events[len(r.cabinet.events)-1] = e
		r.must(r.cabinet.send(e))
		paidAhead(r)
		stated(r)
		v, err := r.begin("")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1003", Qty: 6})
		later(time.Minute)
		r.is(v.ID, cloud.StateOwed)
		r.mustBeSound()
		into, err := sql.Open("sqlite3", r.path)
		r.must(err)
		_, err = into.Exec(`VACUUM INTO ?`, file)
		r.must(err)
		r.must(into.Close())
	})
	return file
}

// closedDays are two days that were signed: one on which goods were moved, counted, sold and objected to, and one on which nothing was.
func closedDays(r *rig) {
	r.t.Helper()
	shop, lane := ledger.Shop("north"), ledger.Stock("xs-01", "S2")
	var first cloud.Movement
	for i, m := range []cloud.MoveGoods{
		{Kind: cloud.MoveReceive, To: shop, Lines: []cloud.MovedLine{{SKU: "1003", Qty: 24}}},
		{Kind: cloud.MoveTransfer, From: shop, To: lane, Lines: []cloud.MovedLine{{SKU: "1003", Qty: 4}}},
		{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: []cloud.MovedLine{{SKU: "1003", Qty: 2}}},
		{Kind: cloud.MoveCount, From: shop, Reason: ledger.Unknown, Lines: []cloud.MovedLine{{SKU: "1003", Qty: 19}}},
	} {
		done, err := r.moves(m)
		r.must(err)
		if i == 0 {
			first = done
		}
	}
	_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveCorrect, Corrects: first.ID})
	r.must(err)
	v := bought(r, 0)
	d, err := r.object(v, "1001")
	r.must(err)
	_, err = r.rule(d, protocol.RoleManager, line("1001", 1, 200, cloud.FateBack))
	r.must(err)
	later(2 * time.Second)
	day, err := r.core.StoreDays.Today(r.t.Context())
	r.must(err)
	r.rests(48 * time.Hour)
	for range 2 {
		_, err = r.core.StoreDays.Close(r.t.Context(), cloud.CloseDay{Store: "north", Day: day, By: "li", Role: protocol.RoleManager, Note: "no statement"})
		r.must(err)
		day = day.Add(1)
	}
	r.cabinet.birth()
	r.cabinet.telemetry()
}

// stated is a provider's statement of the night so far.
func stated(r *rig) {
	r.t.Helper()
	var raw bytes.Buffer
	r.must(payment.WriteStatement(&raw, []payment.StatementLine{
		{At: time.Now(), Kind: payment.LineFee, Fee: 30, Merchant: "m", Currency: payment.Currency},
		{At: time.Now().Add(-time.Hour), Kind: payment.LineCapture, Order: "other", Amount: 200, Fee: 2, Merchant: "m", Currency: payment.Currency},
	}))
	_, bad, err := r.core.Stated.Import(r.t.Context(), cloud.StatementFile{By: "li", Name: "s.csv", Text: &raw})
	r.must(err)
	if len(bad) > 0 {
		r.t.Fatal(bad)
	}
}

// paidAhead is somebody who fills a balance at the till and by the provider, buys with it twice, is given some of it back, and has
// some of it paid out both ways; the second time the hold is still kept.
func paidAhead(r *rig) {
	r.t.Helper()
	person := protocol.UUID{6: 0x70, 8: 0x80, 15: 43}
	r.must(r.db.People().AddResident(r.t.Context(), people.Resident{ID: person, PhoneMAC: []byte{1}, Phone: []byte{2}, Created: time.Now()}))
	for _, t := range []cloud.TopUp{{Person: person, Amount: 20000, Key: "a", By: "manager", Note: "cash"}, {Person: person, Amount: 500, Key: "b"}} {
		_, err := r.core.Money.TopUp(r.t.Context(), t)
		r.must(err)
	}
	begin := func() protocol.VisitID {
		v, err := r.core.Visits.Begin(r.t.Context(), cloud.BeginVisit{Person: person, Cabinet: "xs-01"})
		r.must(err)
		return v.ID
	}
	first := begin()
	r.cabinet.buys(first, settle.Line{SKU: "1002", Qty: 1})
	later(10 * time.Second)
	_, err := r.core.Support.Refund(r.t.Context(), cloud.SupportRefund{Visit: first, By: "manager", Role: protocol.RoleManager, Key: "k", Reason: "sour"})
	r.must(err)
	for _, out := range []cloud.PayOut{{Person: person, Amount: 200, Key: "c"}, {Person: person, Amount: 1000, Key: "d", Till: true, By: "manager", Note: "slip 17"}} {
		_, err := r.core.Money.PayOut(r.t.Context(), out)
		r.must(err)
	}
	second := begin()
	r.cabinet.buys(second, settle.Line{SKU: "1002", Qty: 1})
	later(10 * time.Second)
}

// looked audits books and lists what differs.
func looked(t *testing.T, file string) []audit.Difference {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: file, Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return lookedAt(t, db)
}

func lookedAt(t *testing.T, db *sqlstore.DB) (found []audit.Difference) {
	t.Helper()
	if err := db.Audit(t.Context(), func(books audit.Books) error {
		_, err := audit.Run(books, func(d audit.Difference) error {
			found = append(found, d)
			return nil
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

// unguarded is a copy of books without the triggers of their schema, so that somebody can write past every rule of it.
func unguarded(t *testing.T, file string) string {
	t.Helper()
	other := copied(t, file)
	db := bare(t, other)
	defer db.Close()
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
	if err != nil {
		t.Fatal(err)
	}
	var drops []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		drops = append(drops, "DROP TRIGGER "+name)
	}
	if err := rows.Close(); err != nil || len(drops) == 0 {
		t.Fatalf("%d triggers, %v", len(drops), err)
	}
	for _, drop := range drops {
		if _, err := db.Exec(drop); err != nil {
			t.Fatalf("%s: %v", drop, err)
		}
	}
	return other
}

// damaged is a copy of unguarded books in which somebody wrote.
func damaged(t *testing.T, file string, statements ...string) string {
	t.Helper()
	other := copied(t, file)
	db := bare(t, other)
	defer db.Close()
	for _, statement := range statements {
		done, err := db.Exec(statement)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%s: changed %d rows, %v", statement, n, err)
		}
	}
	return other
}

// copied is a copy of a file.
func copied(t *testing.T, file string) string {
	t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "fleet.db")
	if err := os.WriteFile(other, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	return other
}

// bare is a database without what the service puts before it. No power fails here, so nothing is brought to the disk.
func bare(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+file+"?_synchronous=OFF")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestEachDamageToTheBooksIsNamed(t *testing.T) {
	file := night(t)
	if found := slices.DeleteFunc(looked(t, file), func(d audit.Difference) bool { return d.Shown }); len(found) != 0 {
		t.Fatalf("sound books differ: %+v", found)
	}
	open := unguarded(t, file)
	for _, c := range damages() {
		t.Run(c.name, func(t *testing.T) { c.isNamed(t, looked(t, damaged(t, open, c.do...))) })
	}
}

// damage is what somebody may do to books, and how it must be named.
type damage struct {
	name  string
	do    []string
	check audit.Check
	where string
}

func (c damage) isNamed(t *testing.T, found []audit.Difference) {
	t.Helper()
	if !slices.ContainsFunc(found, func(d audit.Difference) bool {
		named := len(d.Entries) > 0 && !d.Entries[0].ID.IsZero() && d.Entries[0].Kind != "" && d.Entries[0].Ref != ""
		unnamed := slices.Contains([]audit.Check{audit.CheckPrepaid, audit.CheckCash, audit.CheckProvider}, d.Check) && !named
		return d.Check == c.check && !d.Shown && strings.HasPrefix(d.Where, c.where) && d.Expected != d.Found && !unnamed
	}) {
		t.Errorf("no difference of %q at %q; found:\n%s", c.check, c.where, listed(found))
	}
}

func damages() []damage {
	ofSold := `(SELECT id FROM visits WHERE payment = 'captured' ORDER BY id LIMIT 1)`
	settledSold := `(SELECT seq FROM inbox WHERE event LIKE '%"visit.settled"%' AND event LIKE '%' || ` + ofSold + ` || '%')`
	captured := `(SELECT e.id FROM ledger_entries e JOIN payment_ops o ON e.ref = 'op:' || o.id WHERE o.kind = 'capture' AND o.visit = ` + ofSold + `)`
	toppedUp := `(SELECT e.id FROM ledger_entries e JOIN payment_ops o ON e.ref = 'op:' || o.id WHERE o.kind = 'topup')`
	paidOut := `(SELECT e.id FROM ledger_entries e JOIN payment_ops o ON e.ref = 'op:' || o.id WHERE o.kind = 'payout')`
	return []damage{
		{"a posting is changed", []string{`UPDATE ledger_postings SET amount = amount + 1 WHERE account = 'store:north'`}, audit.CheckEntry, "entry "},
		{"a posting is gone", []string{`DELETE FROM ledger_postings WHERE account = 'provider' AND line = 1`}, audit.CheckEntry, "entry "},
		{"an entry is gone, its postings are not", []string{`DELETE FROM ledger_entries WHERE ref LIKE 'op:%'`}, audit.CheckEntry, "entry "},
		{"the postings of an entry are gone", []string{`DELETE FROM ledger_postings WHERE entry = (SELECT id FROM ledger_entries WHERE ref LIKE 'count:%')`}, audit.CheckEntry, "entry "},
		{"an entry is made from nothing", []string{`UPDATE ledger_entries SET ref = 'op:none' WHERE id = (SELECT id FROM ledger_entries WHERE ref LIKE 'op:%' LIMIT 1)`}, audit.CheckRef, "entry "},
		{"an entry is made from something that nobody knows", []string{`UPDATE ledger_entries SET ref = 'dream:1' WHERE ref LIKE 'count:%'`}, audit.CheckRef, "entry "},
		{"an entry is of an event that is not there", []string{`DELETE FROM inbox WHERE seq = ` + settledSold}, audit.CheckRef, "entry "},
		{"a balance is changed", []string{`UPDATE ledger_balances SET amount = amount + 1 WHERE account = 'provider'`}, audit.CheckBalance, "provider"},
		{"a balance is gone", []string{`DELETE FROM ledger_balances WHERE account = 'provider'`}, audit.CheckBalance, "provider"},
		{"a balance is of no postings", []string{`INSERT INTO ledger_balances VALUES ('zebra', 'fen', 3)`}, audit.CheckBalance, "zebra"},
		{"a day is changed", []string{`UPDATE ledger_days SET change = change + 1 WHERE pile LIKE 'sold:%'`}, audit.CheckDay, "sold:xs-01 on "},
		{"a closing is changed", []string{`UPDATE ledger_days SET closing = closing + 1 WHERE pile LIKE 'sold:%'`}, audit.CheckDay, "sold:xs-01 on "},
		{"a day is gone", []string{`DELETE FROM ledger_days WHERE pile LIKE 'stock:%S1'`}, audit.CheckDay, "stock:xs-01:S1 on "},
		{"a posting piles up elsewhere", []string{`UPDATE ledger_postings SET pile = 'stock:xs-09:S1' WHERE account = 'stock:xs-01:S1'`}, audit.CheckDay, "stock:xs-01:S1"},
		{"an outcome is taken back", []string{`UPDATE visits SET outcome = '' WHERE id = ` + ofSold}, audit.CheckOutcome, "visit "},
		{"an outcome is another one", []string{`UPDATE visits SET outcome = 'nothing_taken' WHERE id = ` + ofSold}, audit.CheckOutcome, "visit "},
		{"a visit has an outcome and no end", []string{`UPDATE visits SET ended_ms = 0 WHERE id = ` + ofSold}, audit.CheckOutcome, "visit "},
		{"an order is of no visit", []string{`UPDATE orders SET visit = '00000000-0000-7000-8000-000000000001' WHERE visit = ` + ofSold}, audit.CheckOutcome, "order of visit "},
		{"an order is gone", []string{`DELETE FROM orders WHERE visit = ` + ofSold}, audit.CheckOutcome, "visit "},
		{"a total is changed", []string{`UPDATE orders SET total_fen = total_fen + 1 WHERE visit = ` + ofSold}, audit.CheckTotal, "visit "},
		{"a line is gone", []string{`DELETE FROM order_lines WHERE visit = ` + ofSold}, audit.CheckTotal, "visit "},
		{"a decision's line is changed", []string{`UPDATE decision_lines SET qty = qty + 1`}, audit.CheckTotal, "visit "},
		{"a hold ends in silence", []string{`UPDATE payment_ops SET state = 'refused' WHERE kind = 'hold' AND visit = (SELECT id FROM visits WHERE payment = 'review')`}, audit.CheckHold, "visit "},
		{"a capture is forgotten", []string{`UPDATE payment_ops SET state = 'unknown' WHERE kind = 'capture' AND visit = ` + ofSold}, audit.CheckDue, "visit "},
		{"a capture is of another amount", []string{`UPDATE payment_ops SET amount_fen = amount_fen - 1 WHERE kind = 'capture' AND visit = ` + ofSold}, audit.CheckPayment, "visit "},
		{"a paid visit is owed again", []string{`UPDATE visits SET payment = 'owed' WHERE id = ` + ofSold}, audit.CheckPayment, "visit "},
		{"a sold visit is not paid", []string{`UPDATE visits SET payment = 'none' WHERE id = ` + ofSold}, audit.CheckPayment, "visit "},
		{"a case is decided behind everybody's back", []string{`UPDATE visits SET payment = 'waived', outcome = 'sold' WHERE payment = 'review'`}, audit.CheckUndecided, "visit "},
		{"an outcome of the provider is not booked", []string{
			`INSERT INTO payment_ops (id, visit, person, kind, amount_fen, on_op, state, attempts, next_ms, created_ms) SELECT '00000000-0000-7000-8000-000000000002', visit, person, 'release', 0, on_op, 'done', 1, 0, created_ms FROM payment_ops WHERE kind = 'capture' LIMIT 1`,
		}, audit.CheckOperation, "visit "},
		{"an operation is of no visit", []string{`UPDATE payment_ops SET visit = 'ffffffff-0000-7000-8000-000000000001' WHERE kind = 'capture'`}, audit.CheckOperation, "operation "},
		{"a capture's entry is of another amount", []string{
			`UPDATE ledger_postings SET amount = amount + CASE WHEN account = 'provider' THEN 1 ELSE -1 END WHERE entry = ` + captured + ` AND (account = 'provider' OR account LIKE 'due:%')`,
		}, audit.CheckAmount, "visit "},
		{"a capture's entry brings the money elsewhere", []string{`UPDATE ledger_postings SET account = 'cash' WHERE entry = ` + captured + ` AND account = 'provider'`}, audit.CheckAmount, "visit "},
		{"a hold is of another amount than its entry", []string{`UPDATE payment_ops SET amount_fen = amount_fen + 1 WHERE kind = 'hold' AND visit = ` + ofSold}, audit.CheckAmount, "visit "},
		{"a refund comes out of another store's turnover", []string{
			`UPDATE ledger_postings SET account = 'refund:south' WHERE account = 'refund:north'`,
		}, audit.CheckAmount, "visit "},
		{"a top-up's entry fills somebody else's balance", []string{`UPDATE ledger_postings SET account = 'prepaid:00000000-0000-7000-8000-000000000009' WHERE account LIKE 'prepaid:%' AND entry IN ` + toppedUp}, audit.CheckAmount, "topup "},
		{"a top-up in cash is booked as the provider's", []string{`UPDATE ledger_postings SET account = 'provider' WHERE account = 'cash' AND entry IN ` + toppedUp}, audit.CheckAmount, "topup "},
		{"a payout's entry empties somebody else's balance", []string{`UPDATE ledger_postings SET account = 'prepaid:00000000-0000-7000-8000-000000000009' WHERE account LIKE 'prepaid:%' AND entry IN ` + paidOut}, audit.CheckAmount, "payout "},
		{"a payout by a till is booked as the provider's", []string{`UPDATE ledger_postings SET account = 'provider' WHERE account = 'cash' AND entry IN ` + paidOut}, audit.CheckAmount, "payout "},
		{"a payout is forgotten", []string{`DELETE FROM payment_ops WHERE kind = 'payout' AND provider = 'cash'`}, audit.CheckCash, "cash"},
		{"a payout by the provider is forgotten", []string{`DELETE FROM payment_ops WHERE kind = 'payout' AND provider <> 'cash'`}, audit.CheckProvider, "provider"},
		{"a payout that was not done is booked", []string{`UPDATE payment_ops SET state = 'refused' WHERE kind = 'payout'`}, audit.CheckOperation, "payout "},
		{"a waiver is of another amount than its entry", []string{`UPDATE payment_ops SET kind = 'waive' WHERE kind = 'capture' AND visit = ` + ofSold}, audit.CheckAmount, "visit "},
		{"a balance that was paid ahead is more than was paid", []string{`UPDATE ledger_balances SET amount = amount - 100 WHERE account LIKE 'prepaid:%'`}, audit.CheckPrepaid, "prepaid:"},
		{"a top-up is forgotten", []string{`DELETE FROM payment_ops WHERE kind = 'topup' AND provider = 'cash'`}, audit.CheckPrepaid, "prepaid:"},
		{"what holds keep apart is not kept", []string{`UPDATE ledger_balances SET amount = amount - 100 WHERE account LIKE 'reserved:%'`}, audit.CheckReserved, "reserved:"},
		{"a balance that was paid ahead is of nobody's operations", []string{`INSERT INTO ledger_balances VALUES ('reserved:00000000-0000-7000-8000-000000000009', 'fen', -3)`}, audit.CheckReserved, "reserved:00000000-"},
		{"a till has less than was brought", []string{`UPDATE ledger_balances SET amount = amount - 100 WHERE account = 'cash'`}, audit.CheckCash, "cash"},
		{"the provider has more than it took", []string{`UPDATE ledger_balances SET amount = amount + 100 WHERE account = 'provider'`}, audit.CheckProvider, "provider"},
		{"a decision is about another article", []string{`UPDATE decision_lines SET sku = '1002'`}, audit.CheckFact, "decision of visit "},
		{"a decision was a waiver", []string{`UPDATE decisions SET waived = NOT waived`}, audit.CheckFact, "decision of visit "},
		{"a waiver's goods are others", []string{
			`UPDATE orders SET answer = replace(answer, '1001', '1003') WHERE visit IN (SELECT visit FROM decisions WHERE waived)`,
		}, audit.CheckFact, "decision of visit "},
		{"a ruling brought goods elsewhere", []string{`UPDATE ruling_lines SET goods = 'lost' WHERE goods = 'back'`}, audit.CheckFact, "ruling "},
		{"a ruling is of no visit", []string{`UPDATE rulings SET visit = 'ffffffff-0000-7000-8000-000000000001'`}, audit.CheckFact, "ruling "},
		{"a delivery was of more goods", []string{`UPDATE movements SET lines = replace(lines, '"qty":24', '"qty":25') WHERE kind = 'receive'`}, audit.CheckFact, "movement "},
		{"goods were written off for another reason", []string{`UPDATE movements SET reason = 'theft' WHERE kind = 'write_off'`}, audit.CheckFact, "movement "},
		{"somebody counted more", []string{`UPDATE movements SET lines = replace(lines, '"qty":19', '"qty":20') WHERE kind = 'count'`}, audit.CheckFact, "movement "},
		{"a correction is of another movement", []string{
			`UPDATE movements SET corrects = (SELECT id FROM movements WHERE kind = 'write_off') WHERE kind = 'correct'`,
		}, audit.CheckFact, "movement "},
		{"a movement's entry is gone", []string{
			`DELETE FROM ledger_postings WHERE entry IN (SELECT e.id FROM ledger_entries e JOIN movements m ON e.ref = 'movement:' || m.id WHERE m.kind = 'transfer')`,
			`DELETE FROM ledger_entries WHERE ref IN (SELECT 'movement:' || id FROM movements WHERE kind = 'transfer')`,
		}, audit.CheckFact, "movement "},
		{"a cabinet began with more goods", []string{`UPDATE desired SET config = replace(config, '"1003":10', '"1003":11')`}, audit.CheckFact, "opening stock of xs-01"},
		{"a statement states higher fees", []string{`UPDATE statement_lines SET fee_fen = fee_fen + 1 WHERE fee_fen = 30`}, audit.CheckFact, "fees of "},
		{"what a statement states as kept is not booked", []string{
			`DELETE FROM ledger_postings WHERE entry IN (SELECT id FROM ledger_entries WHERE ref LIKE 'fees:%')`, `DELETE FROM ledger_entries WHERE ref LIKE 'fees:%'`,
		}, audit.CheckFact, "fees of "},
		{"fees are booked that no statement states", []string{`DELETE FROM statement_lines`}, audit.CheckRef, "entry "},
		{"a count is one that never was", []string{`UPDATE ledger_entries SET ref = 'count:xs-01/7' WHERE ref = 'count:xs-01/1'`}, audit.CheckRef, "entry "},
		{"the figures of a closed day are others", []string{`UPDATE closed_days SET sum = '00' WHERE day = (SELECT MIN(day) FROM closed_days)`}, audit.CheckClosed, "20"},
		{"a closed day is signed with the figures of another one", []string{
			`UPDATE closed_days SET figures = (SELECT o.figures FROM closed_days o ORDER BY o.day DESC LIMIT 1), sum = (SELECT o.sum FROM closed_days o ORDER BY o.day DESC LIMIT 1)`,
		}, audit.CheckClosed, "20"},
		{"what is owed is booked as somebody else's", []string{
			`UPDATE ledger_postings SET account = 'debt:00000000-0000-7000-8000-000000000009' WHERE account LIKE 'debt:%'`,
			`UPDATE ledger_balances SET account = 'debt:00000000-0000-7000-8000-000000000009' WHERE account LIKE 'debt:%'`,
		}, audit.CheckDebt, "debt:"},
		{"a debt is forgotten", []string{`UPDATE visits SET payment = 'captured' WHERE payment = 'owed'`}, audit.CheckDebt, "debt:"},
		{"a debt is changed", []string{`UPDATE ledger_balances SET amount = amount + 1 WHERE account LIKE 'debt:%'`}, audit.CheckDebt, "debt:"},
		{"an event is changed", []string{`UPDATE inbox SET event = replace(event, '"qty":2', '"qty":1') WHERE seq = ` + settledSold}, audit.CheckInbox, "event "},
		{"an event is gone", []string{`DELETE FROM inbox WHERE seq = 2`}, audit.CheckInbox, "xs-01, journal "},
		{"the newest event is gone", []string{`DELETE FROM inbox WHERE seq = (SELECT max(seq) FROM inbox)`}, audit.CheckInbox, "xs-01, journal "},
		{"a position is moved back", []string{`UPDATE journals SET applied = applied - 1`}, audit.CheckInbox, "event "},
		{"a journal is forgotten", []string{`DELETE FROM journals`}, audit.CheckInbox, "event 1 "},
		{"a settlement's entry is gone", []string{
			`DELETE FROM ledger_postings WHERE entry = (SELECT id FROM ledger_entries WHERE ref LIKE 'event:%/' || ` + settledSold + `)`,
			`DELETE FROM ledger_entries WHERE ref LIKE 'event:%/' || ` + settledSold,
		}, audit.CheckEffect, "event "},
		{"a settlement moved other goods", []string{
			`UPDATE ledger_postings SET unit = 'sku:1002' WHERE entry = (SELECT id FROM ledger_entries WHERE ref LIKE 'event:%/' || ` + settledSold + `) AND unit = 'sku:1001'`,
		}, audit.CheckEffect, "event "},
		{"an event that is evidence only has an entry", []string{
			`UPDATE ledger_entries SET ref = 'event:xs-01/' || (SELECT journal FROM journals) || '/1' WHERE ref LIKE 'count:%'`,
		}, audit.CheckEffect, "event 1 "},
		{"a settlement is of no visit", []string{`DELETE FROM visits WHERE id = ` + ofSold}, audit.CheckEffect, "event "},
		{"a count is changed", []string{`UPDATE tallies SET tally = replace(tally, '"openings":', '"openings":1')`}, audit.CheckCounters, "xs-01, journal "},
		{"a count is gone", []string{`DELETE FROM tallies`}, audit.CheckCounters, "xs-01, journal "},
	}
}

// A copy makes the sums of all rows at once; what comes to it later is counted row by row again.
func TestACopyCountsWhatComesLater(t *testing.T) {
	from, err := sqlite.Open(t.Context(), sqlite.Options{Path: night(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	for name, open := range map[string]func() (*sqlstore.DB, error){
		"SQLite": func() (*sqlstore.DB, error) {
			return sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "copy.db")})
		},
		"PostgreSQL": func() (*sqlstore.DB, error) { return postgres.Open(t.Context(), postgrestest.Start(t).Database(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			to, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer to.Close()
			if err := sqlstore.Copy(t.Context(), from, to, sqlstore.CopyOptions{Told: func(string, int) {}}); err != nil {
				t.Fatal(err)
			}
			const day = ledger.Day("2031-01-01")
			entry := ledger.Entry{ID: protocol.UUID{0: 0xff}, At: time.Now(), Ref: ledger.FeesRef("sum", "north", day), Store: "north", Day: day, Postings: ledger.Fees(7)}
			var before, after int64
			if err := to.Update(t.Context(), func(tx cloud.Tx) (err error) {
				if before, err = tx.Ledger.Balance(ledger.Chain, ledger.Fen); err != nil {
					return err
				}
				if err = tx.Ledger.Post(entry); err != nil {
					return err
				}
				after, err = tx.Ledger.Balance(ledger.Chain, ledger.Fen)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if before == 0 || after != before+7 {
				t.Errorf("the balance of the copy was %d and is %d", before, after)
			}
			for _, d := range lookedAt(t, to) {
				if d.Check == audit.CheckBalance || d.Check == audit.CheckDay {
					t.Errorf("%+v", d)
				}
			}
		})
	}
}

// TestBooksThatMoveToPostgreSQLAreTheSame copies books as a growing chain does, audits both, and plants one damage of each
// kind in the copy.
func TestBooksThatMoveToPostgreSQLAreTheSame(t *testing.T) {
	file, cluster := night(t), postgrestest.Start(t)
	whole := cluster.Database(t)
	from, err := sqlite.Open(t.Context(), sqlite.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := postgres.Open(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlstore.Copy(t.Context(), from, to, sqlstore.CopyOptions{Told: func(string, int) {}}); err != nil {
		t.Fatal(err)
	}
	if was, is := listed(lookedAt(t, from)), listed(lookedAt(t, to)); was != is {
		t.Errorf("the copy differs in\n%s\nits source in\n%s", is, was)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	tried := make(map[audit.Check]bool)
	for _, c := range damages() {
		if tried[c.check] {
			continue
		}
		tried[c.check] = true
		t.Run(c.name, func(t *testing.T) {
			url := cluster.Copy(t, whole)
			raw, err := sql.Open("pgx", url)
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range append([]string{`SET session_replication_role = replica`}, c.do...) {
				raw.SetMaxOpenConns(1)
				if _, err := raw.Exec(statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			if err := raw.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := postgres.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			c.isNamed(t, lookedAt(t, db))
		})
	}
}

func listed(found []audit.Difference) string {
	var text strings.Builder
	for _, d := range found {
		fmt.Fprintf(&text, "%+v\n", d)
	}
	return text.String()
}

func TestWhatTheScalesSayIsShownAndNoFaultOfTheBooks(t *testing.T) {
	found := looked(t, night(t))
	if len(found) == 0 {
		t.Fatal("nothing is shown")
	}
	for _, d := range found {
		if !d.Shown || d.Check != audit.CheckStock || !strings.HasPrefix(d.Where, "stock:xs-01:S1") {
			t.Errorf("found %+v", d)
		}
	}
}
