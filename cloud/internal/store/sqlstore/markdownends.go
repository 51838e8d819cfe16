package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type markdownEnds struct{ *session }

// End implements cloud.MarkdownEnds.
func (t markdownEnds) End(category, by string, at time.Time) error {
	kept, err := t.exec(`INSERT INTO markdown_ends (category, at_ms, rule, by_name) SELECT category, CAST(? AS BIGINT), rule, ? FROM markdowns WHERE category = ?`, ms(at), by, category)
	if err != nil {
		return fmt.Errorf("end markdown of %q: %w", category, err)
	}
	if kept == 0 {
		return protocol.Errorf(cloud.CodeNotFound, "category %q has no rule of its own", category)
	}
	if _, err := t.exec(`DELETE FROM markdowns WHERE category = ?`, category); err != nil {
		return fmt.Errorf("end markdown of %q: %w", category, err)
	}
	return t.run(`UPDATE settings SET value = value + 1 WHERE name = 'revision'`)
}

// Ended implements cloud.MarkdownEnds.
func (t markdownEnds) Ended(limit int) ([]cloud.MarkdownEnd, error) {
	return all(t.session, func(row scanner) (cloud.MarkdownEnd, error) {
		var e cloud.MarkdownEnd
		return e, row.Scan(&e.Category, timeColumn{&e.At}, jsonColumn{&e.Markdown.Markdown}, &e.By)
	}, `SELECT category, at_ms, rule, by_name FROM markdown_ends ORDER BY at_ms DESC, category LIMIT ?`, limit)
}

var _ cloud.MarkdownEnds = markdownEnds{}
