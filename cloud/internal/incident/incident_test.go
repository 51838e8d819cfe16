package incident

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// noon is a time of day in the chain's zone when people are awake, night one when they sleep.
var (
	noon  = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	night = time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
)

// rig is the service over a real database and a clock that the test sets. It is also who hears cabinets, and who is told.
type rig struct {
	*Service
	t        *testing.T
	now      time.Time
	heard    map[protocol.CabinetID]cloud.Presence
	offline  bool
	broken   time.Time // until when nothing is received
	outlooks cloud.Outlooks
	answers  []error
	taken    [][]Told
	last     byte
}

func (r *rig) Of(cabinet protocol.CabinetID) cloud.Presence { return r.heard[cabinet] }

func (r *rig) Outlooks(cloud.Tx) (cloud.Outlooks, error) { return r.outlooks, nil }

func (r *rig) FleetChanged() {}

func (r *rig) Receive(_ context.Context, told []Told) (err error) {
	r.taken = append(r.taken, told)
	if r.now.Before(r.broken) {
		return errors.New("out of order")
	}
	if len(r.answers) > 0 {
		err, r.answers = r.answers[0], r.answers[1:]
	}
	return err
}

func newRig(t *testing.T, now time.Time) *rig {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	plan := storetest.Plan()
	plan.Chain.Quiet = cloud.Quiet{From: 22 * 60, To: 8 * 60}
	r := &rig{t: t, now: now, heard: map[protocol.CabinetID]cloud.Presence{}, last: 100}
	r.Service = New(Options{
		DB: db, Presence: r, Demand: r, Hub: r, Channels: []Channel{{Name: "test", To: r}}, BaseURL: "https://near.example",
		Online: func() bool { return !r.offline }, Now: func() time.Time { return r.now },
		NewID: func() protocol.UUID { r.last++; return protocol.UUID{6: 0x70, 8: 0x80, 15: r.last} }, Logger: slog.New(slog.DiscardHandler),
	})
	r.update(func(tx cloud.Tx) error {
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		c := plan.Cabinets[0].Cabinet
		_, err := tx.Cabinets.Save(c, time.Time{})
		second := c
		second.ID, second.Number = "xs-02", 2
		_, err2 := tx.Cabinets.Save(second, time.Time{})
		return errors.Join(err, err2)
	})
	return r
}

func (r *rig) update(work func(cloud.Tx) error) {
	r.t.Helper()
	if err := r.DB.Update(r.t.Context(), work); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) open(kind cloud.IncidentKind) {
	r.t.Helper()
	r.update(func(tx cloud.Tx) error {
		return tx.Incidents.Open(cloud.Incident{Cabinet: "xs-01", Kind: kind, Last: r.now})
	})
}

// speaks has cabinets be heard now.
func (r *rig) speaks(cabinets ...protocol.CabinetID) {
	for _, id := range cabinets {
		r.heard[id] = cloud.Presence{Connected: true, Conn: protocol.UUID{15: 1}, LastSeen: r.now, Telemetry: &wire.Telemetry{}}
	}
}

// after lets time pass as the workers see it: looked at each minute.
func (r *rig) after(d time.Duration) {
	r.t.Helper()
	for end := r.now.Add(d); ; {
		if err := errors.Join(r.Look(r.t.Context()), r.Write(r.t.Context()), r.Tell(r.t.Context(), r.Channels[0])); err != nil {
			r.t.Fatal(err)
		}
		if !r.now.Before(end) {
			return
		}
		r.now = r.now.Add(min(time.Minute, end.Sub(r.now)))
	}
}

func (r *rig) tells(want ...string) {
	r.t.Helper()
	var got []string
	for _, told := range r.taken {
		line := ""
		for _, one := range told {
			line += fmt.Sprintf("%s %s %v;", one.What, one.Kind, one.Numbers)
		}
		got = append(got, line)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("told %q, want %q", got, want)
	}
}

func TestAPageGoesOutAtOnceATicketInTheMorningWithTheOthers(t *testing.T) {
	r := newRig(t, night)
	r.open(cloud.IncidentLock)
	r.open(cloud.IncidentScale)
	r.open(cloud.IncidentCounters)
	r.after(10 * time.Minute)
	r.tells("opened lock_failed [1];")
	if _, err := r.Act(t.Context(), cloud.IncidentAct{Number: 1, Did: cloud.IncidentAcknowledged, By: "Li Na"}); err != nil {
		t.Fatal(err)
	}
	r.after(6 * time.Hour)
	r.tells("opened lock_failed [1];", "opened scale_fault [2];opened counters [3];")
}

// TestWhatIsToldHasTheNamesAndTheClocksThatPeopleKnow: nobody woken at night knows a cabinet by its id, or reckons from UTC.
func TestWhatIsToldHasTheNamesAndTheClocksThatPeopleKnow(t *testing.T) {
	r := newRig(t, noon)
	plan := storetest.Plan()
	r.update(func(tx cloud.Tx) error {
		soon := cloud.Lot{Place: ledger.Stock("xs-01", "S1"), SKU: plan.Articles[0].SKU, Until: "2026-03-03"}
		return errors.Join(
			tx.Incidents.Open(cloud.Incident{Cabinet: "xs-02", Kind: cloud.IncidentExpires, Subject: soon.Subject(), Last: r.now}),
			tx.Incidents.Open(cloud.Incident{Cabinet: "zz-99", Kind: cloud.IncidentUnknownCabinet, Last: r.now}),
		)
	})
	r.after(time.Minute)
	var told []Told
	for _, together := range r.taken {
		told = append(told, together...)
	}
	if len(told) != 2 {
		t.Fatalf("told %+v", told)
	}
	unknown, expires := told[0], told[1]
	if expires.Name != plan.Stores[0].Name || expires.Article != plan.Articles[0].Name || len(expires.Places) != 1 || expires.Places[0].Number != 2 {
		t.Errorf("told by the names of %+v", expires)
	}
	if got := expires.At.Format("15:04"); got != "12:00" {
		t.Errorf("told that it was at %s, want noon by the clocks of the chain", got)
	}
	if unknown.Cabinets[0] != "zz-99" || unknown.Places[0].Number != 0 || unknown.Name != (cloud.Text{}) {
		t.Errorf("a cabinet that nobody planned is told by the names of %+v", unknown)
	}
}

func TestWhatFailsIsToldAgainAndNeverTwice(t *testing.T) {
	lost := errors.New("no answer")
	for _, c := range []struct {
		name    string
		answers []error
		calls   int
	}{
		{"it is taken at once", nil, 1},
		{"it is tried again under the same id", []error{lost, lost}, 3},
		{"what is refused is not tried again", []error{ErrRefused}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, noon)
			r.answers = c.answers
			r.open(cloud.IncidentKeyOpening)
			r.update(func(tx cloud.Tx) error {
				return tx.Followed.Take(cloud.IncidentStep{Number: 1, At: r.now, Did: cloud.IncidentAcknowledged, By: "Li Na"})
			})
			r.after(2 * time.Hour)
			if len(r.taken) != c.calls {
				t.Fatalf("%d calls, want %d", len(r.taken), c.calls)
			}
			for _, told := range r.taken {
				if told[0].ID != r.taken[0][0].ID || told[0].Link != "https://near.example/incidents/1" {
					t.Errorf("told %+v", told[0])
				}
			}
		})
	}
}

func TestAReceiverThatIsOutOfOrderForANightIsToldInTheEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		out  time.Duration
		want int // that it takes
	}{{"for ten hours", 10 * time.Hour, 1}, {"for longer than anybody wants to know", 25 * time.Hour, 0}} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, noon)
			r.broken = r.now.Add(c.out)
			r.open(cloud.IncidentKeyOpening)
			r.update(func(tx cloud.Tx) error {
				return tx.Followed.Take(cloud.IncidentStep{Number: 1, At: r.now, Did: cloud.IncidentAcknowledged, By: "Li Na"})
			})
			r.after(26 * time.Hour)
			if stats := r.Stats(); stats.Sent != int64(c.want) || stats.Refused != int64(1-c.want) {
				t.Errorf("sent and refused: %+v, after %d calls", stats, len(r.taken))
			}
		})
	}
}

func TestWhatWaitsForAChannelThatIsGoneIsNotOverdue(t *testing.T) {
	r := newRig(t, noon)
	r.broken = r.now.Add(24 * time.Hour)
	r.open(cloud.IncidentKeyOpening)
	r.after(time.Minute)
	backlog := func() (waiting int) {
		t.Helper()
		if err := r.DB.View(t.Context(), func(tx cloud.Tx) (err error) {
			waiting, _, err = tx.Notices.Backlog(r.now)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return waiting
	}
	for _, c := range []struct {
		channels []Channel
		want     int
	}{{r.Channels, 1}, {[]Channel{{Name: "another", To: r}}, 0}} {
		r.Channels = c.channels
		if err := r.Retire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := backlog(); got != c.want {
			t.Errorf("with %d channels %d wait, want %d", len(c.channels), got, c.want)
		}
	}
}

func TestWhatIsOverBeforeItIsToldIsNotTold(t *testing.T) {
	r := newRig(t, night)
	r.open(cloud.IncidentScale)
	r.after(time.Minute)
	r.update(func(tx cloud.Tx) error { return tx.Incidents.Close("xs-01", cloud.IncidentScale, "", r.now) })
	r.after(8 * time.Hour)
	r.tells()
}

func TestWhatNobodyTakesIsToldOnceMore(t *testing.T) {
	r := newRig(t, noon)
	r.open(cloud.IncidentLock)
	r.after(29 * time.Minute)
	r.tells("opened lock_failed [1];")
	r.after(2 * time.Hour)
	r.tells("opened lock_failed [1];", "escalated lock_failed [1];")
}

func TestCabinetsThatAreAwayAreOneThingAndAreOverWhenTheyAreBack(t *testing.T) {
	r := newRig(t, noon)
	r.speaks("xs-01", "xs-02")
	r.after(9 * time.Minute)
	r.tells()
	r.after(2 * time.Minute)
	r.tells("opened away [1 2];")
	r.speaks("xs-01", "xs-02")
	r.after(time.Minute)
	open, err := r.List(t.Context(), cloud.IncidentQuery{Limit: 9})
	if err != nil || len(open) != 0 {
		t.Errorf("still open: %+v, %v", open, err)
	}
	kinds, err := r.Times(t.Context(), r.now.Add(-cloud.IncidentsTimed))
	times := cloud.TimesOf(kinds)
	if detect, _ := times.Means(); err != nil || kinds[cloud.IncidentAway] != times || times.Ended != 2 || detect != 10*time.Minute {
		t.Errorf("times %+v, %v", times, err)
	}
}

func TestWhoCannotBeHeardIsNotAway(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(r *rig)
	}{
		{"a cabinet that was never claimed", func(*rig) {}},
		{"while the broker is lost", func(r *rig) { r.speaks("xs-01"); r.offline = true }},
		{"a person has closed it, and knows", func(r *rig) {
			r.speaks("xs-01")
			r.after(11 * time.Minute)
			if _, err := r.Act(t.Context(), cloud.IncidentAct{Number: 1, Did: cloud.IncidentClosed, Cause: cloud.CausePower, By: "Li Na"}); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, noon)
			c.do(r)
			r.after(time.Hour)
			open, err := r.List(t.Context(), cloud.IncidentQuery{Limit: 9})
			if err != nil || len(open) != 0 {
				t.Errorf("open: %+v, %v", open, err)
			}
		})
	}
}

func TestWhatAPersonDoesIsHeldToTheKind(t *testing.T) {
	r := newRig(t, noon)
	r.open(cloud.IncidentLock)
	for _, c := range []struct {
		name string
		act  cloud.IncidentAct
	}{
		{"closed without a cause", cloud.IncidentAct{Did: cloud.IncidentClosed}},
		{"a cause of another kind", cloud.IncidentAct{Did: cloud.IncidentClosed, Cause: cloud.CauseProvider}},
		{"another cause without words", cloud.IncidentAct{Did: cloud.IncidentClosed, Cause: cloud.CauseOther, Words: " "}},
		{"assigned to nobody who works here", cloud.IncidentAct{Did: cloud.IncidentAssigned, Whom: "somebody"}},
		{"a note without words", cloud.IncidentAct{Did: cloud.IncidentNoted}},
		{"what only a rule does", cloud.IncidentAct{Did: cloud.IncidentEscalated}},
	} {
		c.act.Number = 1
		if _, err := r.Act(t.Context(), c.act); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	story, err := r.Act(t.Context(), cloud.IncidentAct{Number: 1, Did: cloud.IncidentClosed, Cause: cloud.CauseHardware, By: "Li Na"})
	if err != nil || story.Incident.Closed.IsZero() || len(story.Steps) != 2 {
		t.Errorf("closed: %+v, %v", story, err)
	}
}

func TestEveryKindIsLookedAfter(t *testing.T) {
	for _, k := range cloud.IncidentKinds() {
		care := k.Care()
		if care.Urgency == "" || care.Escalate <= 0 || care.Role == "" || len(care.Causes) < 3 {
			t.Errorf("%s: %+v", k, care)
		}
	}
}
