package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// troubles are the incidents of these tests.
type troubles struct {
	all  []cloud.Incident
	acts []cloud.IncidentAct
}

func (t *troubles) List(_ context.Context, q cloud.IncidentQuery) (found []cloud.Incident, err error) {
	for _, i := range t.all {
		if i.Closed.IsZero() != q.Over && (q.Kind == "" || q.Kind == i.Kind) {
			found = append(found, i)
		}
	}
	return found, nil
}

func (t *troubles) Story(_ context.Context, number int) (cloud.IncidentStory, error) {
	for _, i := range t.all {
		if i.Number == number {
			steps := []cloud.IncidentStep{{ID: 1, Number: number, At: i.Opened, Did: cloud.IncidentOpened}}
			if i.Whom != "" {
				steps = append(steps, cloud.IncidentStep{ID: 2, Number: number, At: i.Taken, Did: cloud.IncidentAssigned, By: "Li Na", Whom: i.Whom})
			}
			if i.Cause != "" {
				steps = append(steps, cloud.IncidentStep{ID: 3, Number: number, At: i.Closed, Did: cloud.IncidentClosed, By: i.Whom, Cause: i.Cause, Words: "换了锁线"})
			}
			return cloud.IncidentStory{Incident: i, Steps: steps}, nil
		}
	}
	return cloud.IncidentStory{}, protocol.Errorf(cloud.CodeNotFound, "none")
}

func (t *troubles) Act(_ context.Context, a cloud.IncidentAct) (cloud.IncidentStory, error) {
	t.acts = append(t.acts, a)
	return cloud.IncidentStory{}, nil
}

func (*troubles) Hands(context.Context) ([]cloud.Principal, error) {
	return []cloud.Principal{{Name: "Chen Jun"}, {Name: "Li Na"}}, nil
}

func (*troubles) Times(context.Context, time.Time) (map[cloud.IncidentKind]cloud.IncidentTimes, error) {
	return map[cloud.IncidentKind]cloud.IncidentTimes{
		cloud.IncidentLock: {Ended: 1, Detect: time.Minute, Repair: 2 * time.Hour}, cloud.IncidentAway: {Ended: 3, Detect: 7 * time.Minute, Repair: time.Hour},
	}, nil
}

// troubled is a night when a lock fails and a street has no power.
func troubled(w *world) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	at := func(number int, cabinet protocol.CabinetID, kind cloud.IncidentKind, since time.Duration) cloud.Incident {
		return cloud.Incident{Number: number, Cabinet: cabinet, Kind: kind, Count: 1, First: ago(since), Last: ago(since), Opened: ago(since)}
	}
	lock, over := at(1, "qj-1", cloud.IncidentLock, 50*time.Minute), at(5, "xh-1", cloud.IncidentLock, 7*time.Hour)
	lock.Subject, lock.Count, lock.Detail, lock.Escalated = "1", 3, "the board answers, the door does not move", ago(20*time.Minute)
	over.Subject, over.Taken, over.Whom, over.Closed, over.Cause = "1", ago(6*time.Hour), "Chen Jun", ago(5*time.Hour), cloud.CauseHardware
	scale := at(4, "qj-2", cloud.IncidentScale, 3*time.Hour)
	scale.Subject, scale.Taken, scale.Whom = "S2", ago(2*time.Hour), "Chen Jun"
	w.troubles.all = []cloud.Incident{
		lock, at(2, "xh-1", cloud.IncidentAway, 12*time.Minute), at(3, "xh-2", cloud.IncidentAway, 11*time.Minute), scale, over,
	}
}

func TestIncidentsOfAStoreThatHappenTogetherAreShownAsOne(t *testing.T) {
	w := newWorld()
	troubled(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	page := v.get("/incidents")
	mustSee(t, page, http.StatusOK, "4 incidents are not over", "Xianghu store: no word from 2 cabinets at the same time", "/incidents/2", "/incidents/3",
		"The lock of door 1 failed twice in a row", "told again", "With Chen Jun", "Noticed within", "Can wait")
	mustSee(t, v.get("/incidents?state=over"), http.StatusOK, "/incidents/5", "Closed: broken hardware")
	mustSee(t, page, http.StatusOK, "Noticed within 2 min, over within", `href="/incidents?state=over&amp;within=30"`, `href="/incidents?kind=away&amp;state=over&amp;within=30"`)
	mustSee(t, v.get("/incidents?state=over&within=30"), http.StatusOK, "Over within 30 days", "/incidents/5", "noticed within")
	mustSee(t, v.get("/incidents?kind=scale_fault"), http.StatusOK, "One incident is not over", "/incidents/4")
}

func TestAnIncidentIsTakenAssignedAndClosedByWhoMay(t *testing.T) {
	w := newWorld()
	troubled(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/incidents/1"), http.StatusOK, "Look at the lock and its wires.", "/cabinets/qj-1", "I am on it", "Chen Jun", "broken hardware", "Noticed", "a technician", "Cabinet 1 · Qianjiang Garden, gate 2")
	for _, c := range []struct {
		who, path string
		opens     bool
	}{{"technician", "/incidents/1", true}, {"technician", "/incidents/5", false}, {"mei", "/incidents/1", false}} { // What is over needs nobody at the door.
		asked := v
		asked.session = c.who
		if rec := asked.get(c.path); strings.Contains(rec.Body.String(), "/service\"") != c.opens {
			t.Errorf("%s leads %s to the door: %t, want %t", c.path, c.who, !c.opens, c.opens)
		}
	}
	mustSee(t, v.get("/incidents/5"), http.StatusOK, "Chen Jun closed it: broken hardware", "换了锁线")
	mustSee(t, v.get("/incidents/99"), http.StatusNotFound)
	for _, form := range [][]string{
		{"did", "acknowledged"},
		{"did", "assigned", "whom", "Chen Jun", "cause", "power"},
		{"did", "closed", "cause", "hardware", "words", "new cable", "whom", "Li Na"},
	} {
		if rec := v.post("/incidents/1", form...); rec.Code != http.StatusSeeOther {
			t.Errorf("%v: %d", form, rec.Code)
		}
	}
	want := []cloud.IncidentAct{
		{Number: 1, Did: cloud.IncidentAcknowledged, By: "manager"},
		{Number: 1, Did: cloud.IncidentAssigned, By: "manager", Whom: "Chen Jun"},
		{Number: 1, Did: cloud.IncidentClosed, By: "manager", Cause: cloud.CauseHardware, Words: "new cable"},
	}
	for i, act := range want {
		if i >= len(w.troubles.acts) || w.troubles.acts[i] != act {
			t.Fatalf("done: %+v, want %+v", w.troubles.acts, want)
		}
	}
	reader := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "auditor"}
	if rec := reader.post("/incidents/1", "did", "acknowledged"); rec.Code != http.StatusForbidden {
		t.Errorf("who only reads may act: %d", rec.Code)
	}
}
