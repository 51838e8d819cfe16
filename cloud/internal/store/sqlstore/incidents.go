package sqlstore

import (
	"fmt"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type incidents struct{ *session }

// Open implements cloud.Incidents.
func (t incidents) Open(i cloud.Incident) error {
	err := t.open(i)
	if err != nil {
		return fmt.Errorf("open incident %s of %s: %w", i.Kind, i.Cabinet, err)
	}
	return nil
}

func (t incidents) open(i cloud.Incident) error {
	if i.First.IsZero() {
		i.First = i.Last
	}
	if i.Opened.IsZero() {
		i.Opened = i.Last
	}
	counted, err := t.exec(`UPDATE incidents SET count = count + 1, last_ms = ?, detail = ? WHERE cabinet = ? AND kind = ? AND subject = ? AND closed_ms = 0`,
		ms(i.Last), i.Detail, string(i.Cabinet), string(i.Kind), i.Subject)
	if err != nil || counted > 0 {
		return err
	}
	var former int
	found, err := t.one(`SELECT number FROM incidents WHERE cabinet = ? AND kind = ? AND subject = ? AND closed_ms > ? ORDER BY closed_ms DESC, number DESC LIMIT 1`,
		[]any{string(i.Cabinet), string(i.Kind), i.Subject, ms(i.Last.Add(-cloud.IncidentRejoin))}, &former)
	if err != nil {
		return err
	}
	if found {
		if _, err := t.exec(`UPDATE incidents SET count = count + 1, last_ms = ?, detail = ?, closed_ms = 0, cause = '' WHERE number = ?`, ms(i.Last), i.Detail, former); err != nil {
			return err
		}
		return incidentSteps(t).add(cloud.IncidentStep{Number: former, At: i.Opened, Did: cloud.IncidentReturned})
	}
	if _, err := t.one(`SELECT COALESCE(MAX(number), 0) + 1 FROM incidents`, nil, &i.Number); err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO incidents (cabinet, kind, subject, detail, count, first_ms, last_ms, closed_ms, number, opened_ms) VALUES (?, ?, ?, ?, 1, ?, ?, 0, ?, ?)`,
		string(i.Cabinet), string(i.Kind), i.Subject, i.Detail, ms(i.First), ms(i.Last), i.Number, ms(i.Opened)); err != nil {
		return err
	}
	return incidentSteps(t).add(cloud.IncidentStep{Number: i.Number, At: i.Opened, Did: cloud.IncidentOpened})
}

// Close implements cloud.Incidents.
func (t incidents) Close(cabinet protocol.CabinetID, kind cloud.IncidentKind, subject string, at time.Time) error {
	var number int
	found, err := t.one(`SELECT number FROM incidents WHERE cabinet = ? AND kind = ? AND subject = ? AND closed_ms = 0`,
		[]any{string(cabinet), string(kind), subject}, &number)
	if err == nil && found {
		if _, err = t.exec(`UPDATE incidents SET closed_ms = ? WHERE number = ?`, ms(at), number); err == nil {
			err = incidentSteps(t).add(cloud.IncidentStep{Number: number, At: at, Did: cloud.IncidentEnded})
		}
	}
	if err != nil {
		return fmt.Errorf("close incident %s of %s: %w", kind, cabinet, err)
	}
	return nil
}

const (
	incidentFields = `i.cabinet, i.kind, i.subject, i.detail, i.count, i.first_ms, i.last_ms, i.closed_ms, i.number, i.opened_ms, i.taken_ms, i.whom, i.escalated_ms, i.cause`

	incidentColumns = `SELECT ` + incidentFields + ` FROM incidents i`
)

// incidentRow is where a row's fields go.
func incidentRow(i *cloud.Incident) []any {
	return []any{
		&i.Cabinet, &i.Kind, &i.Subject, &i.Detail, &i.Count,
		timeColumn{&i.First},
		timeColumn{&i.Last},
		timeColumn{&i.Closed},
		&i.Number,
		timeColumn{&i.Opened},
		timeColumn{&i.Taken},
		&i.Whom,
		timeColumn{&i.Escalated},
		&i.Cause,
	}
}

func readIncident(row scanner) (cloud.Incident, error) {
	var i cloud.Incident
	return i, row.Scan(incidentRow(&i)...)
}

// Around implements cloud.Incidents.
func (t incidents) Around(cabinet protocol.CabinetID, from, to time.Time, subject string) ([]cloud.Incident, error) {
	return all(t.session, readIncident, incidentColumns+` WHERE i.cabinet = ? AND (i.subject = ? OR i.first_ms <= ? AND i.last_ms >= ?) ORDER BY i.first_ms, i.number`,
		string(cabinet), subject, ms(to), ms(from))
}

// Unclosed implements cloud.Incidents.
func (t incidents) Unclosed(cabinet protocol.CabinetID) ([]cloud.Incident, error) {
	if cabinet == "" {
		return all(t.session, readIncident, incidentColumns+` WHERE i.closed_ms = 0 ORDER BY i.first_ms, i.number`)
	}
	return all(t.session, readIncident, incidentColumns+` WHERE i.closed_ms = 0 AND i.cabinet = ? ORDER BY i.first_ms, i.number`, string(cabinet))
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

// Find implements cloud.IncidentTable.
func (t incidents) Find(number int) (cloud.Incident, error) {
	found, err := all(t.session, readIncident, incidentColumns+` WHERE i.number = ?`, number)
	if err != nil {
		return cloud.Incident{}, fmt.Errorf("find incident %d: %w", number, err)
	}
	if len(found) == 0 {
		return cloud.Incident{}, protocol.Errorf(cloud.CodeNotFound, "there is no incident %d", number)
	}
	return found[0], nil
}

// List implements cloud.IncidentTable.
func (t incidents) List(q cloud.IncidentQuery) ([]cloud.Incident, error) {
	where, order := ` WHERE i.closed_ms = 0`, ` ORDER BY `+incidentRank()+`, i.first_ms, i.number LIMIT ?`
	if q.Over {
		where, order = ` WHERE i.closed_ms > 0`, ` ORDER BY i.closed_ms DESC, i.number DESC LIMIT ?`
	}
	var args []any
	if q.Kind != "" {
		where, args = where+` AND i.kind = ?`, append(args, string(q.Kind))
	}
	if q.Over && !q.Since.IsZero() {
		where, args = where+` AND i.closed_ms >= ?`, append(args, ms(q.Since))
	}
	if q.Store != "" {
		where, args = where+` AND i.cabinet IN (SELECT id FROM cabinets WHERE store = ?)`, append(args, string(q.Store))
	}
	found, err := all(t.session, readIncident, incidentColumns+where+order, append(args, q.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("list incidents: %w", err)
	}
	return found, nil
}

// incidentRank is cloud.Incident.Rank as the database sees it: what a limit leaves out is what matters least.
func incidentRank() string {
	var pages []string
	for _, k := range cloud.IncidentKinds() {
		if k.Care().Urgency == cloud.UrgencyPage {
			pages = append(pages, "'"+string(k)+"'")
		}
	}
	return `CASE WHEN i.kind IN (` + strings.Join(pages, ", ") + `) THEN 0 ELSE 2 END + CASE WHEN i.taken_ms = 0 THEN 0 ELSE 1 END`
}

// Newest implements cloud.IncidentTable.
func (t incidents) Newest(cabinet protocol.CabinetID, kind cloud.IncidentKind, subject string) (cloud.Incident, bool, error) {
	found, err := all(t.session, readIncident, incidentColumns+` WHERE i.cabinet = ? AND i.kind = ? AND i.subject = ?
		ORDER BY CASE WHEN i.closed_ms = 0 THEN 0 ELSE 1 END, i.closed_ms DESC LIMIT 1`, string(cabinet), string(kind), subject)
	if err != nil || len(found) == 0 {
		return cloud.Incident{}, false, err
	}
	return found[0], true, nil
}

// Times implements cloud.IncidentTable.
func (t incidents) Times(since time.Time) (map[cloud.IncidentKind]cloud.IncidentTimes, error) {
	type row struct {
		kind           cloud.IncidentKind
		n              int
		detect, repair int64
	}
	rows, err := all(t.session, func(r scanner) (row, error) {
		var one row
		return one, r.Scan(&one.kind, &one.n, &one.detect, &one.repair)
	}, `SELECT kind, COUNT(*), CAST(SUM(CASE WHEN opened_ms > first_ms THEN opened_ms - first_ms ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN closed_ms > opened_ms THEN closed_ms - opened_ms ELSE 0 END) AS BIGINT)
		FROM incidents WHERE closed_ms >= ? AND closed_ms > 0 GROUP BY kind`, ms(since))
	if err != nil {
		return nil, fmt.Errorf("times of incidents: %w", err)
	}
	times := make(map[cloud.IncidentKind]cloud.IncidentTimes, len(rows))
	for _, r := range rows {
		times[r.kind] = cloud.IncidentTimes{Ended: r.n, Detect: time.Duration(r.detect) * time.Millisecond, Repair: time.Duration(r.repair) * time.Millisecond}
	}
	return times, nil
}

var (
	_ cloud.Incidents     = incidents{}
	_ cloud.IncidentTable = incidents{}
	_ cloud.IncidentSteps = incidentSteps{}
	_ cloud.NoticeTable   = notices{}
)
