package sqlstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"allhours/cloud"
	"allhours/cloud/audit"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Audit lets work look at one snapshot of everything, beside whoever writes meanwhile.
func (d *DB) Audit(ctx context.Context, work func(audit.Books) error) error {
	return d.read(ctx, func(s *session) error { return work(books(s)) })
}

func books(s *session) audit.Books {
	return audit.Books{
		Entries: auditEntries(s), Lines: auditLines(s), Sums: auditSums(s), Balances: auditBalances(s, ""), Days: auditDays(s),
		Visits: auditVisits(s), Orders: auditOrders(s), Decisions: auditDecisions(s), Ops: auditOps(s),
		TopUps: auditTopUps(s), Rulings: auditRulings(s), Debts: auditDebts(s), Moved: auditMoved(s),
		Movements: auditMovements(s), Openings: auditOpenings(s), Closed: auditClosed(s), Fees: auditFees(s),
		Journals: auditJournals(s), Events: auditEvents(s), Aside: auditAside(s), Levels: auditLevels(s), Trail: auditDeeds(s),
		Of:  func(prefix ledger.Account) audit.Stream[ledger.Posting] { return auditBalances(s, prefix) },
		Ask: auditAsk{s},
	}
}

func auditEntries(s *session) audit.Stream[ledger.Entry] {
	return pages(func(after ledger.Entry) ([]ledger.Entry, error) {
		return all(s, readEntry, entryColumns+` WHERE id > ? ORDER BY id LIMIT ?`, idText(after.ID), pageRows)
	})
}

// numbered is a posting with its place in its entry, behind which the next page begins.
type numbered struct {
	audit.Line
	line int
}

func auditLines(s *session) audit.Stream[audit.Line] {
	rows := pages(func(after numbered) ([]numbered, error) {
		return all(s, func(row scanner) (numbered, error) {
			var l numbered
			return l, row.Scan(idColumn{&l.Entry}, &l.line, &l.Account, &l.Unit, &l.Amount, &l.Pile)
		}, `SELECT entry, line, account, unit, amount, pile FROM ledger_postings WHERE (entry, line) > (?, ?) ORDER BY entry, line LIMIT ?`,
			idText(after.Entry), after.line, pageRows)
	})
	return func(yield func(audit.Line, error) bool) {
		for l, err := range rows {
			if !yield(l.Line, err) {
				return
			}
		}
	}
}

func auditSums(s *session) audit.Stream[ledger.Posting] {
	return pages(func(after ledger.Posting) ([]ledger.Posting, error) {
		return all(s, readPosting, `SELECT account, unit, CAST(SUM(amount) AS BIGINT) FROM ledger_postings WHERE (account, unit) > (?, ?)
			GROUP BY account, unit ORDER BY account, unit LIMIT ?`, string(after.Account), string(after.Unit), pageRows)
	})
}

func auditBalances(s *session, prefix ledger.Account) audit.Stream[ledger.Posting] {
	return pages(func(after ledger.Posting) ([]ledger.Posting, error) {
		return all(s, readPosting, `SELECT account, unit, amount FROM ledger_balances WHERE account >= ? AND account < ? AND (account, unit) > (?, ?)
			ORDER BY account, unit LIMIT ?`, string(prefix), beyond(prefix), string(after.Account), string(after.Unit), pageRows)
	})
}

// auditDays lays what is kept of each day beside what the postings come to. It is one statement: the databases sort on the
// disk where that is much.
func auditDays(s *session) audit.Stream[audit.Day] {
	return stream(s, func(row scanner) (audit.Day, error) {
		var d audit.Day
		var kept int64
		err := row.Scan(&d.Pile, &d.Unit, &d.Day, &d.Posted, &d.Change, &d.Closing, &kept)
		d.Kept = kept > 0
		return d, err
	}, `SELECT pile, unit, day, CAST(SUM(posted) AS BIGINT), CAST(SUM(change) AS BIGINT), CAST(SUM(closing) AS BIGINT), CAST(SUM(kept) AS BIGINT) FROM (
			SELECT p.pile, p.unit, e.day, p.amount AS posted, 0 AS change, 0 AS closing, 0 AS kept
			FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry
			UNION ALL SELECT pile, unit, day, 0, change, closing, 1 FROM ledger_days
		) AS both_sides GROUP BY pile, unit, day ORDER BY pile, unit, day`)
}

func auditVisits(s *session) audit.Stream[cloud.VisitRecord] {
	return pages(func(after cloud.VisitRecord) ([]cloud.VisitRecord, error) {
		return all(s, readVisit, visitColumns+` WHERE v.id > ? ORDER BY v.id LIMIT ?`, idText(after.ID), pageRows)
	})
}

func auditOrders(s *session) audit.Stream[cloud.Order] {
	return pages(func(after cloud.Order) ([]cloud.Order, error) {
		found, err := all(s, func(row scanner) (cloud.Order, error) {
			var o cloud.Order
			return o, row.Scan(idColumn{&o.Visit}, &o.Why, &o.Total, hexColumn{&o.Hash}, timeColumn{&o.At}, &o.Config)
		}, `SELECT visit, why, total_fen, hash, at_ms, config FROM orders WHERE visit > ? ORDER BY visit LIMIT ?`, idText(after.Visit), pageRows)
		return found, linesOf(s, "order_lines", err, len(found), func(i int) (protocol.VisitID, *[]cloud.OrderLine) { return found[i].Visit, &found[i].Lines })
	})
}

func auditDecisions(s *session) audit.Stream[cloud.Decision] {
	return pages(func(after cloud.Decision) ([]cloud.Decision, error) {
		found, err := all(s, func(row scanner) (cloud.Decision, error) {
			var d cloud.Decision
			return d, row.Scan(idColumn{&d.Visit}, &d.By, timeColumn{&d.At}, &d.Story, &d.Waived, &d.Total)
		}, `SELECT visit, by_name, at_ms, story, waived, total_fen FROM decisions WHERE visit > ? ORDER BY visit LIMIT ?`, idText(after.Visit), pageRows)
		return found, linesOf(s, "decision_lines", err, len(found), func(i int) (protocol.VisitID, *[]cloud.OrderLine) { return found[i].Visit, &found[i].Lines })
	})
}

// linesOf fills the lines of a page of bills, which is in the order of its visits.
func linesOf(s *session, table string, err error, bills int, bill func(int) (protocol.VisitID, *[]cloud.OrderLine)) error {
	if err != nil || bills == 0 {
		return err
	}
	type line struct {
		visit protocol.VisitID
		cloud.OrderLine
	}
	first, _ := bill(0)
	last, _ := bill(bills - 1)
	found, err := all(s, func(row scanner) (line, error) {
		var l line
		return l, row.Scan(idColumn{&l.visit}, &l.SKU, &l.Name.Zh, &l.Name.En, &l.Qty, &l.Price)
	}, `SELECT visit, sku, name_zh, name_en, qty, price_fen FROM `+table+` WHERE visit >= ? AND visit <= ? ORDER BY visit, line`, idText(first), idText(last))
	at := 0
	for _, l := range found {
		visit, lines := bill(at)
		for visit != l.visit && at < bills-1 {
			at++
			visit, lines = bill(at)
		}
		*lines = append(*lines, l.OrderLine)
	}
	return err
}

func readAmount(row scanner) (audit.Amount, error) {
	var m audit.Amount
	return m, row.Scan(idColumn{&m.Visit}, &m.Fen)
}

func auditDebts(s *session) audit.Stream[audit.Amount] {
	return pages(func(after audit.Amount) ([]audit.Amount, error) {
		return all(s, readAmount, `SELECT visit, amount_fen FROM debts WHERE visit > ? ORDER BY visit LIMIT ?`, idText(after.Visit), pageRows)
	})
}

func auditJournals(s *session) audit.Stream[audit.Journal] {
	return pages(func(after audit.Journal) ([]audit.Journal, error) {
		return all(s, func(row scanner) (audit.Journal, error) {
			var j audit.Journal
			return j, row.Scan(&j.Cabinet, idColumn{&j.Journal}, &j.Applied, &j.Seen, &j.InForce)
		}, `SELECT cabinet, journal, applied, seen, in_force FROM (
			SELECT cabinet, journal, applied, seen, 1 = 1 AS in_force FROM journals WHERE journal <> ''
			UNION ALL SELECT cabinet, journal, applied, 0, 1 = 0 FROM retired_journals WHERE journal <> ''
			) AS both_kinds WHERE (cabinet, journal) > (?, ?) ORDER BY cabinet, journal LIMIT ?`, string(after.Cabinet), idText(after.Journal), pageRows)
	})
}

func auditEvents(s *session) audit.Stream[audit.Event] {
	return pages(func(after audit.Event) ([]audit.Event, error) {
		return all(s, func(row scanner) (audit.Event, error) {
			var e audit.Event
			return e, row.Scan(&e.Cabinet, idColumn{&e.Key.Journal}, &e.Seq, &e.Hash, jsonColumn{&e.Event}, &e.Booked)
		}, `SELECT i.cabinet, i.journal, i.seq, i.hash, i.event,
			EXISTS (SELECT 1 FROM ledger_entries e WHERE e.ref = 'event:' || i.cabinet || '/' || i.journal || '/' || i.seq)
			FROM inbox i WHERE (i.cabinet, i.journal, i.seq) > (?, ?, ?) ORDER BY i.cabinet, i.journal, i.seq LIMIT ?`,
			string(after.Cabinet), idText(after.Key.Journal), int64(after.Seq), pageRows)
	})
}

func auditAside(s *session) audit.Stream[audit.Key] {
	return pages(func(after audit.Key) ([]audit.Key, error) {
		return all(s, func(row scanner) (audit.Key, error) {
			var k audit.Key
			return k, row.Scan(&k.Cabinet, idColumn{&k.Journal}, &k.Seq, &k.Hash)
		}, `SELECT cabinet, journal, seq, hash FROM quarantine WHERE how <> 'replayed' AND (cabinet, journal, seq, hash) > (?, ?, ?, ?)
			ORDER BY cabinet, journal, seq, hash LIMIT ?`, string(after.Cabinet), idText(after.Journal), int64(after.Seq), after.Hash, pageRows)
	})
}

func auditLevels(s *session) audit.Stream[audit.Level] {
	return pages(func(after audit.Level) ([]audit.Level, error) {
		return all(s, func(row scanner) (audit.Level, error) {
			var l audit.Level
			return l, row.Scan(&l.Cabinet, &l.Platform, timeColumn{&l.At}, &l.Weight, jsonColumn{&l.Units})
		}, `SELECT cabinet, platform, at_ms, weight_mg, units FROM levels WHERE (cabinet, platform) > (?, ?) ORDER BY cabinet, platform LIMIT ?`,
			string(after.Cabinet), string(after.Platform), pageRows)
	})
}

// auditAsk answers single questions.
type auditAsk struct{ *session }

// Seller implements audit.Ask.
func (q auditAsk) Seller(visit protocol.VisitID) (cloud.StoreID, bool, error) {
	return sellers(q).Of(visit)
}

// Order implements audit.Ask.
func (q auditAsk) Order(visit protocol.VisitID) (cloud.Order, bool, error) {
	o := cloud.Order{Visit: visit}
	found, err := q.one(`SELECT why, total_fen, hash, config FROM orders WHERE visit = ?`, []any{idText(visit)}, &o.Why, &o.Total, hexColumn{&o.Hash}, &o.Config)
	return o, found, err
}

// Visit implements audit.CabinetAsk.
func (q auditAsk) Visit(id protocol.VisitID) (v cloud.VisitRecord, found bool, err error) {
	all, err := all(q.session, readVisit, visitColumns+` WHERE v.id = ?`, idText(id))
	if len(all) > 0 {
		v = all[0]
	}
	return v, len(all) > 0, err
}

// Config implements audit.CabinetAsk.
func (q auditAsk) Config(cabinet protocol.CabinetID, version uint64) (wire.Config, bool, error) {
	return desired(q).At(cabinet, version)
}

// Tally implements audit.CabinetAsk.
func (q auditAsk) Tally(cabinet protocol.CabinetID) (cloud.Tally, bool, error) {
	return meters(q).Counters(cabinet)
}

// Lost implements audit.CabinetAsk.
func (q auditAsk) Lost(cabinet protocol.CabinetID, journal protocol.UUID) (bool, error) {
	var one int
	return q.one(`SELECT 1 FROM incidents WHERE cabinet = ? AND kind = ? AND subject = ? LIMIT 1`,
		[]any{string(cabinet), string(cloud.IncidentEventsLost), journal.String()}, &one)
}

// Posted implements audit.Ask.
func (q auditAsk) Posted(ref ledger.Ref) ([]ledger.Posting, error) {
	return book(q).Posted(ref)
}

// mostRefs is how many entries are named beside a difference.
const mostRefs = 20

// Refs implements audit.Ask.
func (q auditAsk) Refs(a ledger.Account) ([]ledger.Ref, error) {
	return all(q.session, func(row scanner) (r ledger.Ref, err error) { return r, row.Scan(&r) },
		`SELECT ref FROM ledger_entries WHERE id IN (SELECT entry FROM ledger_postings WHERE account = ?) ORDER BY at_ms, id LIMIT ?`, string(a), mostRefs)
}

// explained are postings that are as much as their operation moved, or what was left of the hold that it ended.
const explained = `o.state = 'done' AND ABS(p.amount) IN (o.amount_fen, COALESCE(h.amount_fen, 0), COALESCE(h.amount_fen, 0) - o.amount_fen)`

// Behind implements audit.Ask.
func (q auditAsk) Behind(a ledger.Account) ([]audit.Entry, error) {
	type line struct {
		audit.Entry
		explained bool
	}
	lines, err := all(q.session, func(row scanner) (line, error) {
		var l line
		return l, row.Scan(idColumn{&l.ID}, &l.Kind, &l.Ref, idColumn{&l.Visit}, &l.Fen, &l.explained)
	}, `SELECT e.id, COALESCE(o.kind, ''), e.ref, COALESCE(o.visit, ''), p.amount, o.id IS NOT NULL AND `+explained+` AS explained
		FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry LEFT JOIN payment_ops o ON e.ref = 'op:' || o.id LEFT JOIN payment_ops h ON h.id = o.on_op
		WHERE p.account = ? AND p.unit = 'fen' ORDER BY explained, e.at_ms, e.id, p.line LIMIT ?`, string(a), mostRefs)
	if err != nil {
		return nil, fmt.Errorf("what is behind %s: %w", a, err)
	}
	entries := make([]audit.Entry, 0, len(lines))
	for _, l := range lines {
		if l.explained && !lines[0].explained {
			break
		}
		if l.Kind == "" {
			l.Kind, _ = l.Ref.Cut()
		}
		entries = append(entries, l.Entry)
	}
	return entries, nil
}

// facts are the kinds of facts that entries are made from, and how one is looked up by what follows the kind.
func facts() map[string]string {
	return map[string]string{
		"op":       `SELECT 1 FROM payment_ops WHERE id = ? AND state IN ('done', 'refused')`,
		"decision": `SELECT 1 FROM decisions WHERE visit = ? AND NOT waived`,
		"waiver":   `SELECT 1 FROM decisions WHERE visit = ? AND waived`,
		"dispute":  `SELECT 1 FROM rulings WHERE dispute = ?`,
		"movement": `SELECT 1 FROM movements WHERE id = ?`,
	}
}

// Known implements audit.Ask.
func (q auditAsk) Known(ref ledger.Ref) (bool, error) {
	var one int
	switch kind, which := ref.Cut(); kind {
	case "owed":
		return q.Known(ledger.Ref(which))
	case "event":
		return q.knownEvent(which)
	case "count":
		cabinet, _, _ := strings.Cut(which, "/")
		if ref != ledger.CountRef(protocol.CabinetID(cabinet), ledger.OpeningCount) {
			return false, nil
		}
		return q.one(`SELECT 1 FROM desired WHERE cabinet = ? LIMIT 1`, []any{cabinet}, &one)
	case "fees":
		file, of, _ := strings.Cut(which, "/")
		day, store, _ := strings.Cut(of, "/")
		return q.one(`SELECT 1 FROM statement_lines WHERE file = ? AND day = ? AND store = ? AND fee_fen <> 0 LIMIT 1`, []any{file, day, store}, &one)
	default:
		query, is := facts()[kind]
		if !is {
			return false, nil
		}
		return q.one(query, []any{which}, &one)
	}
}

// knownEvent looks for an event that is applied.
func (q auditAsk) knownEvent(which string) (bool, error) {
	parts := strings.Split(which, "/")
	if len(parts) != 3 {
		return false, nil
	}
	seq, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return false, nil //nolint:nilerr // A ref that names nothing.
	}
	var one int
	found, err := q.one(`SELECT 1 FROM inbox i WHERE i.cabinet = ? AND i.journal = ? AND i.seq = ? AND (
		EXISTS (SELECT 1 FROM journals j WHERE j.cabinet = i.cabinet AND j.journal = i.journal AND j.applied >= i.seq)
		OR EXISTS (SELECT 1 FROM retired_journals r WHERE r.cabinet = i.cabinet AND r.journal = i.journal AND r.applied >= i.seq))`,
		[]any{parts[0], parts[1], seq}, &one)
	if err != nil {
		return false, fmt.Errorf("event %s: %w", which, err)
	}
	return found, nil
}
