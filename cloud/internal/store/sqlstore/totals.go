package sqlstore

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

type totals struct{ *session }

// totalColumns are what a total is kept in, in the order of its values.
var totalColumns = [...]string{
	"visits", "orders", "gross_fen", "net_fen", "cost_fen", "back_fen", "refunded_fen", "owed_fen", "waste_fen", "shrink_fen", "lost_fen",
	"sold_out_ms", "reviewed_ms", "walked_ms", "open_ms", "covered_ms", "uncovered_ms", "unknown_ms", "blind_ms",
}

func totalValues(t cloud.Total) []any {
	return []any{
		t.Visits, t.Orders, int64(t.Gross), int64(t.Net), int64(t.Cost), int64(t.TakenBack), int64(t.Refunded), int64(t.Owed), int64(t.Waste), int64(t.Shrink), int64(t.Lost),
		t.SoldOut.Milliseconds(), t.Reviewed.Milliseconds(), t.Walked.Milliseconds(), t.Served.Open, t.Served.Covered, t.Served.Uncovered, t.Served.Unknown, t.Blind.Milliseconds(),
	}
}

// totalInto are where the values of a total are read into.
func totalInto(t *cloud.Total) []any {
	return []any{
		&t.Visits, &t.Orders, &t.Gross, &t.Net, &t.Cost, &t.TakenBack, &t.Refunded, &t.Owed, &t.Waste, &t.Shrink, &t.Lost,
		spanColumn{&t.SoldOut},
		spanColumn{&t.Reviewed},
		spanColumn{&t.Walked},
		&t.Served.Open, &t.Served.Covered, &t.Served.Uncovered, &t.Served.Unknown,
		spanColumn{&t.Blind},
	}
}

// spanColumn reads milliseconds.
type spanColumn struct{ into *time.Duration }

// Scan implements sql.Scanner.
func (c spanColumn) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("span: got %T", src)
	}
	*c.into = time.Duration(n) * time.Millisecond
	return nil
}

// ofStore narrows a statement to a store, where one is asked for.
func ofStore(query string, store cloud.StoreID, args ...any) (string, []any) {
	if store == "" {
		return query, args
	}
	return query + ` AND store = ?`, append(args, string(store))
}

// Due implements cloud.TotalTable.
func (t totals) Due(limit int) ([]cloud.DueDay, error) {
	return all(t.session, func(row scanner) (cloud.DueDay, error) {
		var d cloud.DueDay
		return d, row.Scan(&d.Day, &d.Store, &d.Times)
	}, `SELECT day, store, times FROM days_due ORDER BY day DESC, store DESC LIMIT ?`, limit)
}

// Waiting implements cloud.TotalTable.
func (t totals) Waiting(store cloud.StoreID, from, to ledger.Day) (n int, err error) {
	query, args := ofStore(`SELECT COUNT(*) FROM days_due WHERE day BETWEEN ? AND ?`, store, string(from), string(to))
	_, err = t.one(query, args, &n)
	return n, err
}

// Look implements cloud.TotalTable.
func (t totals) Look(store cloud.StoreID, day ledger.Day) error {
	if _, err := t.exec(`INSERT INTO days_due (day, store, times) VALUES (?, ?, 1) ON CONFLICT (day, store) DO UPDATE SET times = days_due.times + 1`,
		string(day), string(store)); err != nil {
		return fmt.Errorf("add %s of %s up again: %w", day, store, err)
	}
	return nil
}

// Save implements cloud.TotalTable.
func (t totals) Save(due cloud.DueDay, of []cloud.DayTotal, made time.Time) error {
	if _, err := t.exec(`DELETE FROM day_totals WHERE day = ? AND store = ?`, string(due.Day), string(due.Store)); err != nil {
		return fmt.Errorf("totals of %s on %s: %w", due.Store, due.Day, err)
	}
	columns := slices.Concat([]string{"day", "store", "cabinet"}, totalColumns[:], []string{"causes", "made_ms"})
	rows := make([][]any, 0, len(of))
	for _, d := range of {
		causes, err := jsonText(d.Causes)
		if err != nil {
			return err
		}
		rows = append(rows, slices.Concat([]any{string(due.Day), string(due.Store), string(d.Cabinet)}, totalValues(d.Total), []any{causes, ms(made)}))
	}
	if err := t.insert("day_totals", columns, "", rows); err != nil {
		return fmt.Errorf("totals of %s on %s: %w", due.Store, due.Day, err)
	}
	if _, err := t.exec(`DELETE FROM days_due WHERE day = ? AND store = ? AND times = ?`, string(due.Day), string(due.Store), due.Times); err != nil {
		return fmt.Errorf("totals of %s on %s: %w", due.Store, due.Day, err)
	}
	return nil
}

// Made implements cloud.TotalTable.
func (t totals) Made(day ledger.Day) (map[cloud.StoreID]time.Time, error) {
	type word struct {
		store cloud.StoreID
		at    time.Time
	}
	words, err := all(t.session, func(row scanner) (word, error) {
		var w word
		return w, row.Scan(&w.store, timeColumn{&w.at})
	}, `SELECT store, MIN(made_ms) FROM day_totals WHERE day = ? GROUP BY store`, string(day))
	made := make(map[cloud.StoreID]time.Time, len(words))
	for _, w := range words {
		made[w.store] = w.at
	}
	return made, err
}

// Sums implements cloud.TotalTable.
func (t totals) Sums(q cloud.TotalQuery) ([]cloud.TotalLine, error) {
	named, group := `store, '', ''`, `store`
	switch q.By {
	case cloud.TotalByCabinet:
		named, group = `store, cabinet, ''`, `store, cabinet`
	case cloud.TotalByDay:
		named, group = `'', '', day`, `day`
	case cloud.TotalByStore:
	}
	var sums strings.Builder
	for _, column := range totalColumns {
		sums.WriteString(`, CAST(SUM(` + column + `) AS BIGINT)`)
	}
	query, args := ofStore(`SELECT `+named+sums.String()+` FROM day_totals WHERE day BETWEEN ? AND ?`, q.Store, string(q.From), string(q.To))
	lines, err := all(t.session, func(row scanner) (cloud.TotalLine, error) {
		var l cloud.TotalLine
		return l, row.Scan(append([]any{&l.Store, &l.Cabinet, &l.Day}, totalInto(&l.Total)...)...)
	}, query+` GROUP BY `+group, args...)
	if err != nil {
		return nil, fmt.Errorf("totals from %s to %s: %w", q.From, q.To, err)
	}
	slices.SortFunc(lines, func(a, b cloud.TotalLine) int {
		return cmp.Or(cmp.Compare(a.Store, b.Store), cmp.Compare(a.Cabinet, b.Cabinet), cmp.Compare(a.Day, b.Day))
	})
	return lines, nil
}

// Oldest implements cloud.TotalTable.
func (t totals) Oldest(store cloud.StoreID, from, to ledger.Day) (at time.Time, err error) {
	query, args := ofStore(`SELECT COALESCE(MIN(made_ms), 0) FROM day_totals WHERE day BETWEEN ? AND ?`, store, string(from), string(to))
	_, err = t.one(query, args, timeColumn{&at})
	return at, err
}

// Causes implements cloud.TotalTable.
func (t totals) Causes(store cloud.StoreID, day ledger.Day) (cloud.Causes, error) {
	query, args := ofStore(`SELECT causes FROM day_totals WHERE causes <> '{}' AND day = ?`, store, string(day))
	found, err := all(t.session, func(row scanner) (cloud.Causes, error) {
		var text string
		if err := row.Scan(&text); err != nil {
			return nil, err
		}
		causes := cloud.Causes{}
		return causes, json.Unmarshal([]byte(text), &causes)
	}, query, args...)
	sum := cloud.Causes{}
	for _, causes := range found {
		sum.Add(causes)
	}
	return sum, err
}

type dayWork struct{ *session }

func readCount(row scanner) (cloud.DayCount, error) {
	var c cloud.DayCount
	return c, row.Scan(&c.Cabinet, &c.Count)
}

// Visits implements cloud.DayWork. The cross join has SQLite look at the store's stays first, as for Doubtful.
func (t dayWork) Visits(store cloud.StoreID, from, to time.Time) ([]cloud.DayCount, error) {
	return all(t.session, readCount, `SELECT v.cabinet, COUNT(*) FROM stays s CROSS JOIN visits v
		WHERE `+stayAt+` AND s.store = ? AND v.created_ms >= ? AND v.created_ms < ? AND v.purpose = ? GROUP BY v.cabinet`,
		string(store), ms(from), ms(to), uint8(protocol.PurposePurchase))
}

// The looks at cases of a store's cabinets, and for how long they were, each up to most, in milliseconds.
const (
	lookedFor = `CAST(SUM(CASE WHEN o.seen_ms - o.opened_ms > ? THEN ? ELSE o.seen_ms - o.opened_ms END) AS BIGINT)`
	lookedAt  = `review_openings o CROSS JOIN visits v CROSS JOIN stays s WHERE v.id = o.visit AND ` + stayAt + ` AND s.store = ? AND o.opened_ms >= ? AND o.opened_ms < ?`
)

// Reviewed implements cloud.DayWork.
func (t dayWork) Reviewed(store cloud.StoreID, from, to time.Time, most time.Duration) ([]cloud.DayCount, error) {
	return all(t.session, readCount, `SELECT v.cabinet, `+lookedFor+` FROM `+lookedAt+` GROUP BY v.cabinet`, most.Milliseconds(), most.Milliseconds(), string(store), ms(from), ms(to))
}

// Looked implements cloud.DayWork.
func (t dayWork) Looked(store cloud.StoreID, from, to time.Time, most time.Duration) ([]cloud.CaseLooked, error) {
	return all(t.session, readLooked, `SELECT l.visit, l.cabinet, l.first_ms, l.spent_ms, COALESCE(d.at_ms, 0), COALESCE(d.by_name, ''), COALESCE(d.waived, FALSE)
		FROM (SELECT o.visit, v.cabinet, MIN(o.opened_ms) AS first_ms, `+lookedFor+` AS spent_ms FROM `+lookedAt+` GROUP BY o.visit, v.cabinet) l
		LEFT JOIN decisions d ON d.visit = l.visit ORDER BY l.spent_ms DESC, l.visit`,
		most.Milliseconds(), most.Milliseconds(), string(store), ms(from), ms(to))
}

func readLooked(row scanner) (l cloud.CaseLooked, err error) {
	var spent int64
	err = row.Scan(idColumn{&l.Visit}, &l.Cabinet, timeColumn{&l.First}, &spent, timeColumn{&l.Decided}, &l.By, &l.Waived)
	l.Spent = time.Duration(spent) * time.Millisecond
	return l, err
}

// Lay implements cloud.DayWork.
func (t dayWork) Lay(prefix ledger.Account, day ledger.Day) ([]ledger.Posting, error) {
	return all(t.session, readPosting, `SELECT pile, unit, closing FROM (`+closingOfPiles+`) AS piles WHERE closing IS NOT NULL ORDER BY pile, unit`,
		string(day), string(prefix), beyond(prefix))
}

// Walked implements cloud.DayWork.
func (t dayWork) Walked(store cloud.StoreID, day ledger.Day) ([]cloud.DayCount, error) {
	return all(t.session, readCount, `SELECT '', COALESCE(CAST(SUM(r.ended_ms - r.left_ms) AS BIGINT), 0) FROM rounds r
			WHERE r.day = ? AND r.store = ? AND r.left_ms <> 0 AND r.ended_ms > r.left_ms
		UNION ALL SELECT s.cabinet, CAST(SUM(s.gone_ms - s.came_ms) AS BIGINT) FROM rounds r JOIN round_stops s ON s.round = r.id
			WHERE r.day = ? AND r.store = ? AND r.left_ms <> 0 AND r.ended_ms > r.left_ms AND s.came_ms <> 0 AND s.gone_ms > s.came_ms GROUP BY s.cabinet`,
		string(day), string(store), string(day), string(store))
}

var (
	_ cloud.TotalTable = totals{}
	_ cloud.DayWork    = dayWork{}
)
