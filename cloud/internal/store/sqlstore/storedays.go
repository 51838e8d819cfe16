package sqlstore

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

type days struct{ *session }

const pileColumns = `e.cabinet, p.pile, p.unit, substr(e.ref, 1, 6) = 'event:' AS by_event, CAST(SUM(p.amount) AS BIGINT), COUNT(*)`

// Piles implements cloud.DayTable.
func (t days) Piles(store cloud.StoreID, day ledger.Day) ([]reconcile.Pile, error) {
	piles, err := all(t.session, func(row scanner) (reconcile.Pile, error) {
		var p reconcile.Pile
		return p, row.Scan(&p.Cabinet, &p.Pile, &p.Unit, &p.Event, &p.Amount, &p.Entries)
	}, `SELECT `+pileColumns+` FROM ledger_entries e JOIN ledger_postings p ON p.entry = e.id
		WHERE e.store = ? AND e.day = ? GROUP BY e.cabinet, p.pile, p.unit, by_event, p.amount > 0`, string(store), string(day))
	if err != nil {
		return nil, fmt.Errorf("piles of %s on %s: %w", store, day, err)
	}
	return piles, nil
}

// Late implements cloud.DayTable. What is grouped by first is what no index has in its order: else SQLite would read all that a
// store ever booked, for the sake of the order.
func (t days) Late(store cloud.StoreID, day ledger.Day) ([]cloud.LatePile, error) {
	const columns = `SELECT e.late, e.day, ` + pileColumns + ` FROM ledger_entries e JOIN ledger_postings p ON p.entry = e.id WHERE e.late <> '' AND e.store = ? AND `
	const group = ` GROUP BY p.pile, e.cabinet, p.unit, by_event, p.amount > 0, e.late, e.day`
	piles, err := all(t.session, func(row scanner) (cloud.LatePile, error) {
		var p cloud.LatePile
		return p, row.Scan(&p.Belonged, &p.Booked, &p.Cabinet, &p.Pile.Pile, &p.Unit, &p.Event, &p.Amount, &p.Entries)
	}, columns+`e.late = ?`+group+` UNION ALL `+columns+`e.day = ?`+group, string(store), string(day), string(store), string(day))
	if err != nil {
		return nil, fmt.Errorf("what was late for %s on %s: %w", store, day, err)
	}
	return piles, nil
}

// Entries implements cloud.DayTable.
func (t days) Entries(store cloud.StoreID, day ledger.Day) ([]ledger.Entry, error) {
	type line struct {
		ledger.Entry
		ledger.Posting
	}
	lines, err := all(t.session, func(row scanner) (line, error) {
		var l line
		return l, row.Scan(idColumn{&l.ID}, timeColumn{&l.At}, &l.Ref, &l.Store, &l.Cabinet, &l.Day, &l.Late, &l.Account, &l.Unit, &l.Amount)
	}, `SELECT e.id, e.at_ms, e.ref, e.store, e.cabinet, e.day, e.late, p.account, p.unit, p.amount
		FROM ledger_entries e JOIN ledger_postings p ON p.entry = e.id WHERE e.store = ? AND e.day = ? ORDER BY e.at_ms, e.id, p.line`,
		string(store), string(day))
	if err != nil {
		return nil, fmt.Errorf("entries of %s on %s: %w", store, day, err)
	}
	entries := []ledger.Entry{}
	for _, l := range lines {
		if n := len(entries); n == 0 || entries[n-1].ID != l.ID {
			entries = append(entries, l.Entry)
		}
		last := &entries[len(entries)-1]
		last.Postings = append(last.Postings, l.Posting)
	}
	return entries, nil
}

// Sales implements cloud.DayTable. A visit is billed by its order, or by what a person decided; its bill is the entry that
// posts both the store's turnover and what is due.
func (t days) Sales(store cloud.StoreID, day ledger.Day) ([]reconcile.Sale, error) {
	sales, err := all(t.session, func(row scanner) (reconcile.Sale, error) {
		var s reconcile.Sale
		return s, row.Scan(&s.Cabinet, &s.SKU, &s.Qty, &s.Gross)
	}, `WITH billed AS (
			SELECT DISTINCT substr(due.account, 5) AS visit, e.cabinet AS cabinet FROM ledger_entries e
			JOIN ledger_postings due ON due.entry = e.id AND due.pile >= 'due:' AND due.pile < 'due;' AND due.amount > 0
			WHERE e.store = ? AND e.day = ?
			AND EXISTS (SELECT 1 FROM ledger_postings s WHERE s.entry = e.id AND s.pile >= 'store:' AND s.pile < 'store;' AND s.amount < 0)
		), lines AS (
			SELECT b.cabinet, l.sku, l.qty, l.price_fen FROM billed b JOIN orders o ON o.visit = b.visit AND o.why = '' JOIN order_lines l ON l.visit = b.visit
			UNION ALL
			SELECT b.cabinet, l.sku, l.qty, l.price_fen FROM billed b JOIN decision_lines l ON l.visit = b.visit
		) SELECT cabinet, sku, CAST(SUM(qty) AS BIGINT), CAST(SUM(qty * price_fen) AS BIGINT) FROM lines GROUP BY cabinet, sku ORDER BY cabinet, sku`,
		string(store), string(day))
	if err != nil {
		return nil, fmt.Errorf("sales of %s on %s: %w", store, day, err)
	}
	return sales, nil
}

// GivenBack implements cloud.DayTable.
func (t days) GivenBack(store cloud.StoreID, day ledger.Day) ([]reconcile.GivenBack, error) {
	return all(t.session, func(row scanner) (reconcile.GivenBack, error) {
		var g reconcile.GivenBack
		return g, row.Scan(idColumn{&g.Op}, &g.Cabinet, &g.Amount, &g.SKU, &g.Ruled)
	}, `SELECT o.id, e.cabinet, o.amount_fen, l.sku, l.amount_fen FROM ledger_entries e JOIN payment_ops o ON o.id = substr(e.ref, 4)
		JOIN refunds r ON r.op = o.id JOIN ruling_lines l ON l.dispute = r.dispute
		WHERE e.store = ? AND e.day = ? AND e.ref >= 'op:' AND e.ref < 'op;' AND o.kind = 'refund' ORDER BY o.id, l.line`, string(store), string(day))
}

// What is paid out comes from the provider's account. Money from a resident's own balance is no business of the provider.
const bookedColumns = `SELECT o.id, COALESCE(o.visit, ''), CASE WHEN p.amount > 0 THEN 'capture' ELSE 'refund' END,
	CASE WHEN o.kind = 'capture' AND o.on_op <> '' THEN o.on_op ELSE o.id END, ABS(p.amount), e.day
	FROM ledger_entries e JOIN payment_ops o ON o.id = substr(e.ref, 4)
	JOIN ledger_postings p ON p.entry = e.id AND p.pile >= 'provider:' AND p.pile < 'provider;' WHERE `

func readBooked(row scanner) (reconcile.Booked, error) {
	var b reconcile.Booked
	err := row.Scan(idColumn{&b.Op}, idColumn{&b.Visit}, &b.Kind, &b.Number, &b.Amount, &b.Day)
	b.Number = strings.ReplaceAll(b.Number, "-", "")
	return b, err
}

// Booked implements cloud.DayTable.
func (t days) Booked(store cloud.StoreID, day ledger.Day) ([]reconcile.Booked, error) {
	return all(t.session, readBooked, bookedColumns+`e.store = ? AND e.day = ? AND e.ref >= 'op:' AND e.ref < 'op;' ORDER BY e.at_ms, o.id`, string(store), string(day))
}

// BookedAs implements cloud.DayTable.
func (t days) BookedAs(kind reconcile.MoneyKind, op string) (reconcile.Booked, bool, error) {
	const refund = bookedColumns + `e.ref = 'op:' || ? AND o.kind IN ('refund', 'payout')`
	const capture = bookedColumns + `e.ref = 'op:' || ? AND o.kind NOT IN ('hold', 'release', 'refund', 'payout')
		UNION ` + bookedColumns + `e.ref IN (SELECT 'op:' || id FROM payment_ops WHERE on_op = ? AND on_op <> '' AND kind = 'capture')`
	query, args := capture, []any{op, op}
	if kind == reconcile.Refund {
		query, args = refund, []any{op}
	}
	found, err := all(t.session, readBooked, query, args...)
	if err != nil || len(found) == 0 {
		return reconcile.Booked{}, false, err
	}
	return found[0], true, nil
}

type closedDays struct{ *session }

// Add implements cloud.ClosedDays.
func (t closedDays) Add(c cloud.ClosedDay) error {
	last, err := t.Last(c.Store)
	if err != nil {
		return err
	}
	if last >= c.Day {
		return protocol.Errorf(cloud.CodeDayClosed, "%s is closed up to %s", c.Store, last)
	}
	if _, err := t.exec(`INSERT INTO closed_days (store, day, by_name, role, closed_ms, note, open, figures, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(c.Store), string(c.Day), c.By, string(c.Role), ms(c.At), c.Note, c.Open, c.Figures, c.Sum); err != nil {
		return fmt.Errorf("close %s of %s: %w", c.Day, c.Store, err)
	}
	return nil
}

// Last implements cloud.ClosedDays.
func (t closedDays) Last(store cloud.StoreID) (ledger.Day, error) {
	var last ledger.Day
	_, err := t.one(`SELECT COALESCE(MAX(day), '') FROM closed_days WHERE store = ?`, []any{string(store)}, &last)
	return last, err
}

// Find implements cloud.ClosedDays.
func (t closedDays) Find(store cloud.StoreID, day ledger.Day) (cloud.ClosedDay, bool, error) {
	c := cloud.ClosedDay{Store: store, Day: day}
	found, err := t.one(`SELECT by_name, role, closed_ms, note, open, figures, sum FROM closed_days WHERE store = ? AND day = ?`,
		[]any{string(store), string(day)}, &c.By, &c.Role, timeColumn{&c.At}, &c.Note, &c.Open, &c.Figures, &c.Sum)
	return c, found, err
}

// List implements cloud.ClosedDays.
func (t closedDays) List(from, to ledger.Day) ([]cloud.ClosedDay, error) {
	return all(t.session, func(row scanner) (cloud.ClosedDay, error) {
		var c cloud.ClosedDay
		return c, row.Scan(&c.Store, &c.Day, &c.By, &c.Role, timeColumn{&c.At}, &c.Note, &c.Open, &c.Sum)
	}, `SELECT store, day, by_name, role, closed_ms, note, open, sum FROM closed_days WHERE store IN (SELECT id FROM stores UNION ALL SELECT '') AND day BETWEEN ? AND ? ORDER BY day DESC, store`,
		string(from), string(to))
}

type dayLevels struct{ *session }

// Save implements cloud.DayLevels. What was read later on the day counts.
func (t dayLevels) Save(day ledger.Day, l cloud.DayLevel) error {
	counts, err := jsonText(l.Counts)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO day_levels (cabinet, day, platform, at_ms, counts) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (cabinet, day, platform) DO UPDATE SET at_ms = excluded.at_ms, counts = excluded.counts WHERE day_levels.at_ms <= excluded.at_ms`,
		string(l.Cabinet), string(day), string(l.Platform), ms(l.At), counts); err != nil {
		return fmt.Errorf("save level of %s %s: %w", l.Cabinet, l.Platform, err)
	}
	return nil
}

// Of implements cloud.DayLevels.
func (t dayLevels) Of(cabinet protocol.CabinetID, day ledger.Day) ([]cloud.DayLevel, error) {
	return all(t.session, func(row scanner) (cloud.DayLevel, error) {
		l := cloud.DayLevel{Cabinet: cabinet}
		return l, row.Scan(&l.Platform, timeColumn{&l.At}, jsonColumn{&l.Counts})
	}, `SELECT platform, at_ms, counts FROM day_levels WHERE cabinet = ? AND day = ? ORDER BY platform`, string(cabinet), string(day))
}

// After implements cloud.DayLevels.
func (t dayLevels) After(store cloud.StoreID, day ledger.Day, at time.Time) ([]cloud.Moved, error) {
	return all(t.session, func(row scanner) (cloud.Moved, error) {
		var m cloud.Moved
		return m, row.Scan(timeColumn{&m.At}, &m.Account, &m.Unit, &m.Amount)
	}, `SELECT e.at_ms, p.account, p.unit, p.amount FROM ledger_entries e JOIN ledger_postings p ON p.entry = e.id
		WHERE e.store = ? AND e.day = ? AND e.at_ms > ? AND p.unit <> 'fen' AND (p.pile >= 'stock:' AND p.pile < 'stock;' OR p.pile >= 'stray:' AND p.pile < 'stray;')`,
		string(store), string(day), ms(at))
}

type dayFacts struct{ *session }

// TopUps implements cloud.DayFacts.
func (t dayFacts) TopUps(before time.Time) (n int, err error) {
	_, err = t.one(`SELECT COUNT(*) FROM payment_ops WHERE state IN ('pending', 'sent', 'unknown') AND kind IN ('topup', 'payout') AND created_ms < ?`, []any{ms(before)}, &n)
	return n, err
}

// Cabinets implements cloud.DayFacts.
func (t dayFacts) Cabinets(store cloud.StoreID, from, to time.Time) ([]cloud.Cabinet, error) {
	return all(t.session, readCabinet, cabinetColumns+` WHERE id IN (SELECT s.cabinet FROM stays s WHERE s.store = ? AND `+stayWithin+`) ORDER BY number, id`,
		string(store), ms(to), ms(from))
}

// stayWithin are stays that begin before a moment and end after another one; stayAt are those in which a row falls.
const (
	stayWithin = `s.from_ms < ? AND (s.until_ms = 0 OR s.until_ms > ?)`
	stayAt     = `s.cabinet = v.cabinet AND s.from_ms <= v.created_ms AND (s.until_ms = 0 OR s.until_ms > v.created_ms)`
)

// Heard implements cloud.DayFacts.
func (t dayFacts) Heard(store cloud.StoreID, from, to time.Time) (map[protocol.CabinetID]time.Time, error) {
	type word struct {
		cabinet protocol.CabinetID
		at      time.Time
	}
	words, err := all(t.session, func(row scanner) (word, error) {
		var w word
		return w, row.Scan(&w.cabinet, timeColumn{&w.at})
	}, `SELECT c.id, COALESCE(j.placed_ms, 0) FROM cabinets c LEFT JOIN journals j ON j.cabinet = c.id
		WHERE c.id IN (SELECT s.cabinet FROM stays s WHERE s.store = ? AND `+stayWithin+`)`, string(store), ms(to), ms(from))
	if err != nil {
		return nil, fmt.Errorf("what was heard of %s: %w", store, err)
	}
	heard := make(map[protocol.CabinetID]time.Time, len(words))
	for _, w := range words {
		heard[w.cabinet] = w.at
	}
	return heard, nil
}

// Incidents implements cloud.DayFacts.
func (t dayFacts) Incidents(store cloud.StoreID, from, to time.Time) ([]cloud.Incident, error) {
	return all(t.session, readIncident, `SELECT `+incidentFields+` FROM stays s CROSS JOIN incidents i
		WHERE i.cabinet = s.cabinet AND (s.until_ms = 0 OR i.first_ms < s.until_ms) AND (i.closed_ms = 0 OR i.closed_ms >= s.from_ms)
		AND s.store = ? AND `+stayWithin+` AND i.first_ms < ? AND (i.closed_ms = 0 OR i.closed_ms >= ?) ORDER BY i.first_ms, i.id`,
		string(store), ms(to), ms(from), ms(to), ms(from))
}

// Doubtful implements cloud.DayFacts. The cross join has SQLite look at the store's stays first, not at all that the chain
// sold on the day.
func (t dayFacts) Doubtful(store cloud.StoreID, from, to time.Time) ([]cloud.VisitRecord, error) {
	return all(t.session, readVisit, visitFields+` FROM stays s CROSS JOIN visits v LEFT JOIN orders o ON o.visit = v.id
		WHERE `+stayAt+` AND s.store = ? AND v.created_ms >= ? AND v.created_ms < ? AND v.purpose = ? AND (o.why <> '' OR v.code = ?) ORDER BY v.created_ms, v.id`,
		string(store), ms(from), ms(to), uint8(protocol.PurposePurchase), string(protocol.CodePulseUnknown))
}

// Unsettled implements cloud.DayFacts. The cross joins have SQLite look at what waits first, which is not much, and not at all that
// the cabinets of the store ever sold.
func (t dayFacts) Unsettled(store cloud.StoreID, before time.Time) ([]cloud.VisitRecord, error) {
	const of = ` CROSS JOIN stays s WHERE ` + stayAt + ` AND s.store = ? AND v.created_ms < ? AND `
	var found []cloud.VisitRecord
	for _, waits := range []string{`v.ended_ms = 0`, `v.ended_ms <> 0 AND v.payment IN ('held', 'unknown', 'review')`} {
		list, err := all(t.session, readVisit, visitColumns+of+waits+` ORDER BY v.created_ms, v.id`, string(store), ms(before))
		if err != nil {
			return nil, fmt.Errorf("what is open of %s: %w", store, err)
		}
		found = append(found, list...)
	}
	slices.SortStableFunc(found, func(a, b cloud.VisitRecord) int { return a.Created.Compare(b.Created) })
	return found, nil
}
