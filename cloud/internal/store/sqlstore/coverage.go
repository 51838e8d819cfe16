package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

type coverageFacts struct{ *session }

const factColumns = `SELECT f.number, f.ref, f.seq, f.cabinet, f.kind, f.subject, f.from_ms, f.at_ms, f.value, f.code, f.made_ms FROM coverage_facts f `

// heardFact is a fact with the number that it was heard as.
type heardFact struct {
	coverage.Fact
	number int64
}

func readFact(row scanner) (heardFact, error) {
	var f heardFact
	return f, row.Scan(&f.number, &f.Ref, &f.Seq, &f.Cabinet, &f.Kind, &f.Subject, &f.From, &f.At, &f.Value, &f.Code, &f.Made)
}

func plain(list []heardFact) []coverage.Fact {
	facts := make([]coverage.Fact, len(list))
	for i, f := range list {
		facts[i] = f.Fact
	}
	return facts
}

// Add implements cloud.CoverageFacts.
func (t coverageFacts) Add(facts []coverage.Fact) error {
	rows := make([][]any, len(facts))
	for i, f := range facts {
		rows[i] = []any{f.Ref, int64(f.Seq), string(f.Cabinet), string(f.Kind), f.Subject, f.From, f.At, f.Value, f.Code, f.Made}
	}
	if err := t.insert("coverage_facts", []string{"ref", "seq", "cabinet", "kind", "subject", "from_ms", "at_ms", "value", "code", "made_ms"},
		" ON CONFLICT (ref, kind, subject) DO NOTHING", rows); err != nil {
		return fmt.Errorf("facts of coverage: %w", err)
	}
	return nil
}

// Of implements cloud.CoverageFacts.
func (t coverageFacts) Of(cabinet protocol.CabinetID, from time.Time) ([]coverage.Fact, error) {
	before, err := all(t.session, readFact, factColumns+`WHERE f.cabinet = ? AND f.at_ms < ? AND NOT EXISTS (
		SELECT 1 FROM coverage_facts g WHERE g.cabinet = f.cabinet AND g.kind = f.kind AND g.subject = f.subject AND g.at_ms < ?
		AND (g.at_ms > f.at_ms OR g.at_ms = f.at_ms AND g.number > f.number)) ORDER BY f.at_ms, f.number`, string(cabinet), ms(from), ms(from))
	if err != nil {
		return nil, fmt.Errorf("facts of %s: %w", cabinet, err)
	}
	since, err := all(t.session, readFact, factColumns+`WHERE f.cabinet = ? AND f.at_ms >= ? ORDER BY f.at_ms, f.number`, string(cabinet), ms(from))
	if err != nil {
		return nil, fmt.Errorf("facts of %s: %w", cabinet, err)
	}
	return append(plain(before), plain(since)...), nil
}

// After implements cloud.CoverageFacts.
func (t coverageFacts) After(number int64, limit int) ([]coverage.Fact, int64, error) {
	list, err := all(t.session, readFact, factColumns+`WHERE f.number > ? ORDER BY f.number LIMIT ?`, number, limit)
	if err != nil {
		return nil, number, fmt.Errorf("facts after %d: %w", number, err)
	}
	if len(list) > 0 {
		number = list[len(list)-1].number
	}
	return plain(list), number, nil
}

// Newest implements cloud.CoverageFacts.
func (t coverageFacts) Newest(cabinet protocol.CabinetID, kind coverage.Kind, subject string) (coverage.Fact, bool, error) {
	list, err := all(t.session, readFact, factColumns+`WHERE f.cabinet = ? AND f.kind = ? AND f.subject = ? ORDER BY f.at_ms DESC, f.number DESC LIMIT 1`,
		string(cabinet), string(kind), subject)
	return first(list).Fact, len(list) > 0, err
}

// Heard implements cloud.CoverageFacts. Between two cards what was known ends where the one before ended.
func (t coverageFacts) Heard(store cloud.StoreID, from, to time.Time) (map[protocol.CabinetID]time.Time, error) {
	heard, err := dayFacts(t).Heard(store, from, to)
	if err != nil {
		return nil, err
	}
	for cabinet, at := range heard {
		if !at.IsZero() {
			continue
		}
		end, found, err := t.Newest(cabinet, coverage.End, "")
		if err != nil {
			return nil, err
		}
		if found && end.From != 0 {
			heard[cabinet] = time.UnixMilli(end.From).UTC()
		}
	}
	return heard, nil
}

type coverageHeads struct{ *session }

// Head implements cloud.CoverageHeads.
func (t coverageHeads) Head(cabinet protocol.CabinetID) (h cloud.CoverageHead, err error) {
	if _, err = t.one(`SELECT head FROM coverage_heads WHERE cabinet = ?`, []any{string(cabinet)}, jsonColumn{&h}); err != nil {
		return h, fmt.Errorf("head of %s: %w", cabinet, err)
	}
	return h, nil
}

// SaveHead implements cloud.CoverageHeads.
func (t coverageHeads) SaveHead(cabinet protocol.CabinetID, h cloud.CoverageHead) error {
	text, err := jsonText(h)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO coverage_heads (cabinet, head) VALUES (?, ?) ON CONFLICT (cabinet) DO UPDATE SET head = excluded.head`,
		string(cabinet), text); err != nil {
		return fmt.Errorf("save the head of %s: %w", cabinet, err)
	}
	return nil
}

type coverageRules struct{ *session }

// AddRule implements cloud.CoverageRules.
func (t coverageRules) AddRule(r cloud.CoverageRule) error {
	if _, err := t.exec(`INSERT INTO coverage_rules (store, kind, day, from_ms, body, by_name, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		string(r.Store), string(r.Kind), string(r.Day), ms(r.From), string(r.Body), r.By, ms(r.Made)); err != nil {
		return fmt.Errorf("rule %s of %q: %w", r.Kind, r.Store, err)
	}
	return nil
}

// Rules implements cloud.CoverageRules.
func (t coverageRules) Rules(store cloud.StoreID) ([]cloud.CoverageRule, error) {
	return all(t.session, func(row scanner) (cloud.CoverageRule, error) {
		var r cloud.CoverageRule
		var body string
		err := row.Scan(&r.Store, &r.Kind, &r.Day, timeColumn{&r.From}, &body, &r.By, timeColumn{&r.Made})
		r.Body = []byte(body)
		return r, err
	}, `SELECT store, kind, day, from_ms, body, by_name, made_ms FROM coverage_rules WHERE store IN (?, '') ORDER BY number`, string(store))
}

type coverageDays struct{ *session }

// Tell implements cloud.CoverageDays.
func (t coverageDays) Tell(d cloud.CoverageDay) error {
	text, err := jsonText(d.Pieces)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO coverage_days (store, day, open_ms, covered_ms, uncovered_ms, unknown_ms, lost_fen, blind_ms, pieces, made_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (store, day) DO UPDATE SET open_ms = excluded.open_ms, covered_ms = excluded.covered_ms,
		uncovered_ms = excluded.uncovered_ms, unknown_ms = excluded.unknown_ms, lost_fen = excluded.lost_fen, blind_ms = excluded.blind_ms, pieces = excluded.pieces, made_ms = excluded.made_ms`,
		string(d.Store), string(d.Day), d.Sum.Open, d.Sum.Covered, d.Sum.Uncovered, d.Sum.Unknown, int64(d.Lost), d.Blind, text, ms(d.Made)); err != nil {
		return fmt.Errorf("tell %s of %s: %w", d.Day, d.Store, err)
	}
	return nil
}

// Correct implements cloud.CoverageDays.
func (t coverageDays) Correct(d cloud.CoverageDay, c cloud.CoverageCorrection) error {
	sums, err := jsonText([]coverage.Sum{c.Before, c.After})
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO coverage_corrections (store, day, at_ms, from_ms, to_ms, cabinet, kind, ref, sums) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(c.Store), string(c.Day), ms(c.At), ms(c.From), ms(c.To), string(c.Cabinet), string(c.Kind), c.Ref, sums); err != nil {
		return fmt.Errorf("correct %s of %s: %w", c.Day, c.Store, err)
	}
	return t.Tell(d)
}

// Told implements cloud.CoverageDays.
func (t coverageDays) Told(store cloud.StoreID, from, to ledger.Day) ([]cloud.CoverageDay, error) {
	return all(t.session, func(row scanner) (cloud.CoverageDay, error) {
		d := cloud.CoverageDay{Store: store}
		return d, row.Scan(&d.Day, &d.Sum.Open, &d.Sum.Covered, &d.Sum.Uncovered, &d.Sum.Unknown, &d.Lost, &d.Blind, jsonColumn{&d.Pieces}, timeColumn{&d.Made})
	}, `SELECT day, open_ms, covered_ms, uncovered_ms, unknown_ms, lost_fen, blind_ms, pieces, made_ms FROM coverage_days
		WHERE store = ? AND day >= ? AND day <= ? ORDER BY day`, string(store), string(from), string(to))
}

// Corrections implements cloud.CoverageDays.
func (t coverageDays) Corrections(store cloud.StoreID, from, to ledger.Day, limit int) ([]cloud.CoverageCorrection, error) {
	return all(t.session, func(row scanner) (cloud.CoverageCorrection, error) {
		c := cloud.CoverageCorrection{Store: store}
		sums := make([]coverage.Sum, 2)
		err := row.Scan(&c.Day, timeColumn{&c.At}, timeColumn{&c.From}, timeColumn{&c.To}, &c.Cabinet, &c.Kind, &c.Ref, jsonColumn{&sums})
		if err == nil && len(sums) == 2 {
			c.Before, c.After = sums[0], sums[1]
		}
		return c, err
	}, `SELECT day, at_ms, from_ms, to_ms, cabinet, kind, ref, sums FROM coverage_corrections
		WHERE store = ? AND day >= ? AND day <= ? ORDER BY at_ms DESC, number DESC LIMIT ?`, string(store), string(from), string(to), limit)
}

type coverageMarks struct{ *session }

// Mark implements cloud.CoverageMarks.
func (t coverageMarks) Mark(name string) (value int64, err error) {
	_, err = t.one(`SELECT value FROM coverage_marks WHERE name = ?`, []any{name}, &value)
	return value, err
}

// SetMark implements cloud.CoverageMarks.
func (t coverageMarks) SetMark(name string, value int64) error {
	if _, err := t.exec(`INSERT INTO coverage_marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value); err != nil {
		return fmt.Errorf("mark %s: %w", name, err)
	}
	return nil
}

var (
	_ cloud.CoverageFacts = coverageFacts{}
	_ cloud.CoverageHeads = coverageHeads{}
	_ cloud.CoverageRules = coverageRules{}
	_ cloud.CoverageDays  = coverageDays{}
	_ cloud.CoverageMarks = coverageMarks{}
)
