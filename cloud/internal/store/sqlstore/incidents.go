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

type incidents struct{ *session }

// Open implements cloud.Incidents.
func (t incidents) Open(i cloud.Incident) error {
	if _, err := t.exec(`INSERT INTO incidents (cabinet, kind, subject, detail, count, first_ms, last_ms, closed_ms) VALUES (?, ?, ?, ?, 1, ?, ?, 0)
		ON CONFLICT (cabinet, kind, subject) WHERE closed_ms = 0
		DO UPDATE SET count = incidents.count + 1, last_ms = excluded.last_ms, detail = excluded.detail`,
		string(i.Cabinet), string(i.Kind), i.Subject, i.Detail, ms(i.Last), ms(i.Last)); err != nil {
		return fmt.Errorf("open incident %s of %s: %w", i.Kind, i.Cabinet, err)
	}
	return nil
}

// Close implements cloud.Incidents.
func (t incidents) Close(cabinet protocol.CabinetID, kind cloud.IncidentKind, subject string, at time.Time) error {
	if _, err := t.exec(`UPDATE incidents SET closed_ms = ? WHERE cabinet = ? AND kind = ? AND subject = ? AND closed_ms = 0`,
		ms(at), string(cabinet), string(kind), subject); err != nil {
		return fmt.Errorf("close incident %s of %s: %w", kind, cabinet, err)
	}
	return nil
}

const incidentColumns = `SELECT cabinet, kind, subject, detail, count, first_ms, last_ms, closed_ms FROM incidents`

func readIncident(row scanner) (cloud.Incident, error) {
	var i cloud.Incident
	return i, row.Scan(&i.Cabinet, &i.Kind, &i.Subject, &i.Detail, &i.Count, timeColumn{&i.First}, timeColumn{&i.Last}, timeColumn{&i.Closed})
}

// Around implements cloud.Incidents.
func (t incidents) Around(cabinet protocol.CabinetID, from, to time.Time, subject string) ([]cloud.Incident, error) {
	return all(t.session, readIncident, incidentColumns+` WHERE cabinet = ? AND (subject = ? OR first_ms <= ? AND last_ms >= ?) ORDER BY first_ms, id`,
		string(cabinet), subject, ms(to), ms(from))
}

// Unclosed implements cloud.Incidents.
func (t incidents) Unclosed(cabinet protocol.CabinetID) ([]cloud.Incident, error) {
	if cabinet == "" {
		return all(t.session, readIncident, incidentColumns+` WHERE closed_ms = 0 ORDER BY first_ms, id`)
	}
	return all(t.session, readIncident, incidentColumns+` WHERE closed_ms = 0 AND cabinet = ? ORDER BY first_ms, id`, string(cabinet))
}

// OpenByKind implements cloud.Incidents.
func (t incidents) OpenByKind() (map[cloud.IncidentKind]int, error) {
	type row struct {
		kind cloud.IncidentKind
		n    int
	}
	rows, err := all(t.session, func(r scanner) (row, error) {
		var one row
		return one, r.Scan(&one.kind, &one.n)
	}, `SELECT kind, COUNT(*) FROM incidents WHERE closed_ms = 0 GROUP BY kind`)
	if err != nil {
		return nil, err
	}
	counts := make(map[cloud.IncidentKind]int, len(rows))
	for _, r := range rows {
		counts[r.kind] = r.n
	}
	return counts, nil
}
