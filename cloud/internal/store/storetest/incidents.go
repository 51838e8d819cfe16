package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func scaleFault(cabinet protocol.CabinetID, at time.Time) cloud.Incident {
	return cloud.Incident{Cabinet: cabinet, Kind: cloud.IncidentScale, Subject: "S1", Detail: "silent", Last: at}
}

func openIncident(t *testing.T, db cloud.DB, i cloud.Incident) {
	t.Helper()
	update(t, db, func(tx cloud.Tx) error { return tx.Incidents.Open(i) })
}

func endIncident(t *testing.T, db cloud.DB, i cloud.Incident, at time.Time) {
	t.Helper()
	update(t, db, func(tx cloud.Tx) error { return tx.Incidents.Close(i.Cabinet, i.Kind, i.Subject, at) })
}

func unclosed(t *testing.T, db cloud.DB, want ...cloud.Incident) {
	t.Helper()
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Incidents.Unclosed("xs-01")
		same(t, got, append([]cloud.Incident{}, want...))
		return err
	})
}

func incidentsCount(t *testing.T, db cloud.DB) {
	openIncident(t, db, scaleFault("xs-01", now))
	again := scaleFault("xs-01", now)
	again.Detail = "stuck"
	openIncident(t, db, again)
	want := again
	want.Count, want.First, want.Number, want.Opened = 2, now, 1, now
	unclosed(t, db, want)
	endIncident(t, db, again, now)
	endIncident(t, db, again, now) // There is none any more.
	unclosed(t, db)
	later := now.Add(cloud.IncidentRejoin)
	openIncident(t, db, scaleFault("xs-01", later))
	want.Detail, want.Count, want.Number, want.First, want.Last, want.Opened = "silent", 1, 2, later, later, later
	unclosed(t, db, want)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(
			tx.Incidents.Open(cloud.Incident{Cabinet: "xs-02", Kind: cloud.IncidentScale, Subject: "S1", Last: now}),
			tx.Incidents.Open(cloud.Incident{Cabinet: "xs-02", Kind: cloud.IncidentLock, Last: now}),
			tx.Incidents.Open(cloud.Incident{Cabinet: "xs-02", Kind: cloud.IncidentLeftOpen, Last: now}),
			tx.Incidents.Close("xs-02", cloud.IncidentLeftOpen, "", now),
		)
	})
	view(t, db, func(tx cloud.Tx) error {
		counts, err := tx.Incidents.OpenByKind()
		same(t, counts, map[cloud.IncidentKind]int{cloud.IncidentScale: 2, cloud.IncidentLock: 1})
		return err
	})
}

func incidentsReturn(t *testing.T, db cloud.DB) {
	first := scaleFault("xs-01", now)
	openIncident(t, db, first)
	endIncident(t, db, first, now.Add(time.Minute))
	back := now.Add(cloud.IncidentRejoin)
	openIncident(t, db, scaleFault("xs-01", back))
	want := first
	want.Count, want.Number, want.First, want.Last, want.Opened = 2, 1, now, back, now
	unclosed(t, db, want)
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Followed.Of(1)
		same(t, got, []cloud.IncidentStep{
			{ID: 1, Number: 1, At: now, Did: cloud.IncidentOpened},
			{ID: 2, Number: 1, At: now.Add(time.Minute), Did: cloud.IncidentEnded},
			{ID: 3, Number: 1, At: back, Did: cloud.IncidentReturned},
		})
		return err
	})
}

func incidentSteps(t *testing.T, db cloud.DB) {
	update(t, db, func(tx cloud.Tx) error { return tx.Plans.Save(Plan()) })
	update(t, db, func(tx cloud.Tx) error {
		_, err := tx.Cabinets.Save(Plan().Cabinets[0].Cabinet, time.Time{})
		return err
	})
	openIncident(t, db, scaleFault("xs-01", now))
	take := func(s cloud.IncidentStep) func(cloud.Tx) error {
		s.At = now.Add(time.Hour)
		return func(tx cloud.Tx) error { return tx.Followed.Take(s) }
	}
	refused(t, db, cloud.CodeNotFound, take(cloud.IncidentStep{Number: 9, Did: cloud.IncidentAcknowledged}))
	update(t, db, take(cloud.IncidentStep{Number: 1, Did: cloud.IncidentEscalated}))
	refused(t, db, cloud.CodeConflict, take(cloud.IncidentStep{Number: 1, Did: cloud.IncidentEscalated}))
	update(t, db, take(cloud.IncidentStep{Number: 1, Did: cloud.IncidentAcknowledged, By: "Li Na"}))
	update(t, db, take(cloud.IncidentStep{Number: 1, Did: cloud.IncidentAssigned, By: "Li Na", Whom: "Chen Jun"}))
	update(t, db, take(cloud.IncidentStep{Number: 1, Did: cloud.IncidentClosed, By: "Chen Jun", Cause: cloud.CauseHardware, Words: "new cable"}))
	refused(t, db, cloud.CodeConflict, take(cloud.IncidentStep{Number: 1, Did: cloud.IncidentAssigned, Whom: "Li Na"}))
	update(t, db, take(cloud.IncidentStep{Number: 1, Did: cloud.IncidentNoted, By: "Li Na", Words: "thanks"}))
	view(t, db, func(tx cloud.Tx) error {
		told, err := tx.Followed.After(4, 1)
		if len(told) != 1 {
			t.Fatalf("%d steps, want 1", len(told))
		}
		same(t, told[0].Step, cloud.IncidentStep{
			ID: 5, Number: 1, At: now.Add(time.Hour), Did: cloud.IncidentClosed, By: "Chen Jun", Cause: cloud.CauseHardware, Words: "new cable",
		})
		want := scaleFault("xs-01", now)
		want.Count, want.Number, want.First, want.Opened, want.Whom, want.Cause = 1, 1, now, now, "Chen Jun", cloud.CauseHardware
		want.Closed, want.Taken, want.Escalated = now.Add(time.Hour), now.Add(time.Hour), now.Add(time.Hour)
		same(t, told[0].Incident, want)
		same(t, told[0].Store, Plan().Cabinets[0].Store)
		return err
	})
}

func incidentsListed(t *testing.T, db cloud.DB) {
	update(t, db, func(tx cloud.Tx) error { return tx.Plans.Save(Plan()) })
	update(t, db, func(tx cloud.Tx) error {
		_, err := tx.Cabinets.Save(Plan().Cabinets[0].Cabinet, time.Time{})
		return err
	})
	lock := cloud.Incident{Cabinet: "xs-01", Kind: cloud.IncidentLock, Last: now.Add(-time.Hour)}
	gone := cloud.Incident{Cabinet: "xs-01", Kind: cloud.IncidentLeftOpen, Last: now}
	late := cloud.Incident{Cabinet: "xs-01", Kind: cloud.IncidentAway, Last: now.Add(time.Hour)}
	for _, i := range []cloud.Incident{scaleFault("xs-01", now), scaleFault("zz-99", now.Add(time.Minute)), lock, gone, late} {
		openIncident(t, db, i)
	}
	endIncident(t, db, gone, now)
	update(t, db, func(tx cloud.Tx) error {
		return tx.Followed.Take(cloud.IncidentStep{Number: 5, At: now, Did: cloud.IncidentAcknowledged, By: "Li Na"})
	})
	for _, c := range []struct {
		name string
		q    cloud.IncidentQuery
		want []int
	}{
		{"what wakes somebody first, then the longest waiting", cloud.IncidentQuery{Limit: 9}, []int{3, 5, 1, 2}},
		{"no more than were asked for, and not what is urgent left out", cloud.IncidentQuery{Limit: 2}, []int{3, 5}},
		{"of a kind", cloud.IncidentQuery{Kind: cloud.IncidentScale, Limit: 9}, []int{1, 2}},
		{"of a store", cloud.IncidentQuery{Store: Plan().Cabinets[0].Store, Limit: 9}, []int{3, 5, 1}},
		{"those that are over", cloud.IncidentQuery{Over: true, Limit: 9}, []int{4}},
		{"those that are over since a moment", cloud.IncidentQuery{Over: true, Since: now, Limit: 9}, []int{4}},
		{"those that are over since a later one", cloud.IncidentQuery{Over: true, Since: now.Add(time.Second), Limit: 9}, []int{}},
	} {
		view(t, db, func(tx cloud.Tx) error {
			found, err := tx.Noticed.List(c.q)
			numbers := []int{}
			for _, i := range found {
				numbers = append(numbers, i.Number)
			}
			t.Log(c.name)
			same(t, numbers, c.want)
			return err
		})
	}
	view(t, db, func(tx cloud.Tx) error {
		one, err := tx.Noticed.Find(3)
		newest, found, err2 := tx.Noticed.Newest("xs-01", cloud.IncidentLeftOpen, "")
		_, none, err3 := tx.Noticed.Newest("xs-01", cloud.IncidentStopped, "")
		if one.Kind != cloud.IncidentLock || newest.Number != 4 || !found || none {
			t.Errorf("number 3 is %s; the newest is %d, %v; of another kind %v", one.Kind, newest.Number, found, none)
		}
		return errors.Join(err, err2, err3)
	})
	refused(t, db, cloud.CodeNotFound, func(tx cloud.Tx) error {
		_, err := tx.Noticed.Find(6)
		return err
	})
}

func incidentTimes(t *testing.T, db cloud.DB) {
	late := scaleFault("xs-01", now)
	late.First, late.Opened = now.Add(-time.Minute), now.Add(2*time.Minute)
	openIncident(t, db, late)
	endIncident(t, db, late, now.Add(12*time.Minute))
	other := scaleFault("xs-02", now)
	openIncident(t, db, other)
	endIncident(t, db, other, now.Add(time.Hour))
	openIncident(t, db, scaleFault("xs-03", now))
	for _, c := range []struct {
		since time.Time
		want  map[cloud.IncidentKind]cloud.IncidentTimes
	}{
		{now, map[cloud.IncidentKind]cloud.IncidentTimes{cloud.IncidentScale: {Ended: 2, Detect: 3 * time.Minute, Repair: 70 * time.Minute}}},
		{now.Add(30 * time.Minute), map[cloud.IncidentKind]cloud.IncidentTimes{cloud.IncidentScale: {Ended: 1, Repair: time.Hour}}},
		{now.Add(2 * time.Hour), map[cloud.IncidentKind]cloud.IncidentTimes{}},
	} {
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Noticed.Times(c.since)
			same(t, got, c.want)
			return err
		})
	}
}

func noticesOnce(t *testing.T, db cloud.DB) {
	openIncident(t, db, scaleFault("xs-01", now))
	notice := func(n byte, channel string) cloud.Notice {
		return cloud.Notice{
			ID: id(n), Channel: channel, Step: 1, Urgency: cloud.UrgencyPage, Body: []byte(`{"a":1}`), Created: now, Next: now.Add(time.Hour), State: cloud.NoticeWaiting,
		}
	}
	update(t, db, func(tx cloud.Tx) error {
		told, err := tx.Notices.Told()
		same(t, told, int64(0))
		return errors.Join(err, tx.Notices.Tell(1, []cloud.Notice{notice(1, "a"), notice(2, "b"), notice(3, "a")}))
	})
	due := func(channel string, at time.Time, want ...cloud.Notice) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Notices.Due(channel, at, 10)
			same(t, got, append([]cloud.Notice{}, want...))
			return err
		})
	}
	due("a", now)
	due("a", now.Add(time.Hour), notice(1, "a"))
	sent, tried := notice(1, "a"), notice(2, "b")
	sent.State, tried.Attempts, tried.Next = cloud.NoticeSent, 1, now.Add(2*time.Hour)
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Notices.Move(sent), tx.Notices.Move(tried)) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Notices.Move(sent) })
	due("b", now.Add(time.Hour))
	due("b", now.Add(2*time.Hour), tried)
	view(t, db, func(tx cloud.Tx) error {
		told, err := tx.Notices.Told()
		waiting, oldest, err2 := tx.Notices.Backlog(now.Add(2 * time.Hour))
		_, none, err3 := tx.Notices.Backlog(now)
		if told != 1 || waiting != 1 || !oldest.Equal(now) || !none.IsZero() {
			t.Errorf("told through %d, %d wait since %s, and none are due at %s", told, waiting, oldest, none)
		}
		return errors.Join(err, err2, err3)
	})
}
