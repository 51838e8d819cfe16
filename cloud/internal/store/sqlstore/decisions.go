package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type decisions struct{ *session }

// Add implements cloud.Decisions.
func (t decisions) Add(d cloud.Decision) error {
	if _, found, err := t.Find(d.Visit); err != nil || found {
		return conflictOr(err, "visit %s was decided", d.Visit)
	}
	if _, err := t.exec(`INSERT INTO decisions (visit, by_name, at_ms, story, waived, total_fen) VALUES (?, ?, ?, ?, ?, ?)`,
		idText(d.Visit), d.By, ms(d.At), d.Story, d.Waived, int64(d.Total)); err != nil {
		return fmt.Errorf("decide visit %s: %w", d.Visit, err)
	}
	if err := t.keepWords(cloud.WordsDecision, d.Visit, d.Visit, d.At, d.Note); err != nil {
		return err
	}
	for i, l := range d.Lines {
		if _, err := t.exec(`INSERT INTO decision_lines (visit, line, sku, name_zh, name_en, qty, price_fen) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			idText(d.Visit), i, string(l.SKU), l.Name.Zh, l.Name.En, l.Qty, int64(l.Price)); err != nil {
			return fmt.Errorf("decide visit %s: line %d: %w", d.Visit, i, err)
		}
	}
	return nil
}

// Find implements cloud.Decisions.
func (t decisions) Find(visit protocol.VisitID) (cloud.Decision, bool, error) {
	d := cloud.Decision{Visit: visit}
	found, err := t.one(`SELECT by_name, at_ms, story, waived, total_fen, `+wordsOf(cloud.WordsDecision, "decisions.visit")+` FROM decisions WHERE visit = ?`, []any{idText(visit)},
		&d.By, timeColumn{&d.At}, &d.Story, &d.Waived, &d.Total, &d.Note)
	if err != nil || !found {
		return d, false, err
	}
	d.Lines, err = all(t.session, readLine, `SELECT sku, name_zh, name_en, qty, price_fen FROM decision_lines WHERE visit = ? ORDER BY line`, idText(visit))
	return d, true, err
}
