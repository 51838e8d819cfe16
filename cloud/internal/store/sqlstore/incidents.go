package sqlstore

import (
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// maxQuarantine is how many events of one cabinet are set aside at most; a cloned card must not fill the disk.
const maxQuarantine = 5000

type quarantine struct{ *session }

// Put implements cloud.Quarantine.
func (t quarantine) Put(s cloud.SetAside) error {
	event, err := jsonText(s.Event)
	if err != nil {
		return err
	}
	sum := s.Event.Hash()
	_, err = t.exec(`INSERT INTO quarantine (cabinet, journal, seq, hash, reason, detail, at_ms, event)
		SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM quarantine WHERE cabinet = ?) < ? ON CONFLICT DO NOTHING`,
		string(s.Event.Cabinet), idText(s.Event.Journal), int64(s.Event.Seq), hex.EncodeToString(sum[:]), string(s.Reason), s.Detail, ms(s.At), event,
		string(s.Event.Cabinet), maxQuarantine)
	if err != nil {
		return fmt.Errorf("set aside event %d of %s: %w", s.Event.Seq, s.Event.Cabinet, err)
	}
	return nil
}

// List implements cloud.Quarantine.
func (t quarantine) List(cabinet protocol.CabinetID, limit int) ([]cloud.SetAside, error) {
	return all(t.session, func(row scanner) (cloud.SetAside, error) {
		var s cloud.SetAside
		return s, row.Scan(&s.Reason, &s.Detail, timeColumn{&s.At}, jsonColumn{&s.Event})
	}, `SELECT reason, detail, at_ms, event FROM quarantine WHERE cabinet = ? ORDER BY at_ms, journal, seq LIMIT ?`, string(cabinet), limit)
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
	return all(t.session, readIncident, incidentColumns+`
		WHERE closed_ms = 0 AND (cabinet = ? OR ? = '') ORDER BY first_ms, id`, string(cabinet), string(cabinet))
}
