package sqlstore

import (
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// maxQuarantine is how many events of one cabinet are set aside at most that are in no inbox; a cloned card must not fill the
// disk. What is in the inbox, and has no effect, is always named.
const maxQuarantine = 5000

type quarantine struct{ *session }

// Put implements cloud.Quarantine.
func (t quarantine) Put(s cloud.SetAside) error {
	event, err := jsonText(s.Event)
	if err != nil {
		return err
	}
	sum := s.Event.Hash()
	hash := hex.EncodeToString(sum[:])
	_, err = t.exec(`INSERT INTO quarantine (cabinet, journal, seq, hash, reason, detail, at_ms, event)
		SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM quarantine WHERE cabinet = ?) < ?
			OR EXISTS (SELECT 1 FROM inbox WHERE cabinet = ? AND journal = ? AND seq = ? AND hash = ?) ON CONFLICT DO NOTHING`,
		string(s.Event.Cabinet), idText(s.Event.Journal), int64(s.Event.Seq), hash, string(s.Reason), s.Detail, ms(s.At), event,
		string(s.Event.Cabinet), maxQuarantine, string(s.Event.Cabinet), idText(s.Event.Journal), int64(s.Event.Seq), hash)
	if err != nil {
		return fmt.Errorf("set aside event %d of %s: %w", s.Event.Seq, s.Event.Cabinet, err)
	}
	return nil
}

const asideColumns = `SELECT q.reason, q.detail, q.at_ms, q.event, q.how, q.done_by, q.done_ms FROM quarantine q`

func readAside(row scanner) (cloud.SetAside, error) {
	var s cloud.SetAside
	return s, row.Scan(&s.Reason, &s.Detail, timeColumn{&s.At}, jsonColumn{&s.Event}, &s.How, &s.By, timeColumn{&s.Done})
}

// List implements cloud.Quarantine.
func (t quarantine) List(cabinet protocol.CabinetID, limit int) ([]cloud.SetAside, error) {
	return all(t.session, readAside, asideColumns+` WHERE (q.cabinet = ? OR ? = '') ORDER BY q.at_ms, q.cabinet, q.journal, q.seq LIMIT ?`,
		string(cabinet), string(cabinet), limit)
}

// Find implements cloud.Quarantine.
func (t quarantine) Find(key cloud.AsideKey) ([]cloud.SetAside, error) {
	return all(t.session, readAside, asideColumns+` LEFT JOIN inbox i ON i.cabinet = q.cabinet AND i.journal = q.journal AND i.seq = q.seq AND i.hash = q.hash
		WHERE q.cabinet = ? AND q.journal = ? AND q.seq = ? ORDER BY CASE WHEN i.seq IS NULL THEN 1 ELSE 0 END, q.hash`,
		string(key.Cabinet), idText(key.Journal), int64(key.Seq))
}

// Finish implements cloud.Quarantine.
func (t quarantine) Finish(s cloud.SetAside, how cloud.AsideHow, by string, at time.Time) error {
	sum := s.Event.Hash()
	changed, err := t.exec(`UPDATE quarantine SET how = ?, done_by = ?, done_ms = ? WHERE cabinet = ? AND journal = ? AND seq = ? AND hash = ? AND how = ''`,
		string(how), by, ms(at), string(s.Event.Cabinet), idText(s.Event.Journal), int64(s.Event.Seq), hex.EncodeToString(sum[:]))
	return exactlyOne(changed, err, fmt.Sprintf("end the case of event %d of %s", s.Event.Seq, s.Event.Cabinet))
}

// Aside implements cloud.Quarantine.
func (t quarantine) Aside(e wire.Event) (bool, error) {
	sum := e.Hash()
	var one int
	return t.one(`SELECT 1 FROM quarantine WHERE cabinet = ? AND journal = ? AND seq = ? AND hash = ? AND how <> 'replayed'`,
		[]any{string(e.Cabinet), idText(e.Journal), int64(e.Seq), hex.EncodeToString(sum[:])}, &one)
}
