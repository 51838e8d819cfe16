package journal_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/internal/journal"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// shown is a visit by a grant that was shown, of one resident for each subject.
func shown(n, subject byte) edge.Visit {
	v := visit(n)
	v.Offline, v.Subject, v.Limit = true, grant.Token{subject}, 5000
	return v
}

// visits lets a visit begin and end, pulled or not.
func visits(t *testing.T, j *journal.Journal, v edge.Visit, pulled bool) {
	t.Helper()
	must(t, j.Burn(v))
	if !pulled {
		must(t, j.Append(wire.AbortedBody{Visit: v.ID, Code: protocol.CodeNotPulled}))
		return
	}
	b := settled(1)
	b.Visit = v.ID
	must(t, j.Append(wire.OpenedBody{Visit: v.ID}, b))
}

func risking(j *journal.Journal, o *wire.Offline) error {
	cfg := config(1, 1)
	cfg.Limits.Offline = o
	return j.Apply(cfg)
}

func TestWhatIsRiskedIsCountedOnDisk(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	code(t, j.Burn(shown(1, 1)), protocol.CodeUnsupported)
	must(t, risking(j, &wire.Offline{Openings: 2, Fen: 12_000, PerMS: 10_000, Cabinet: 4}))
	visits(t, j, shown(2, 1), false)
	visits(t, j, shown(3, 1), true)
	visits(t, j, shown(4, 1), true)
	must(t, j.Abandon())
	j = open(t, dir)
	code(t, j.Burn(shown(5, 1)), protocol.CodeResidentLimit)
	must(t, j.Burn(visit(6)), j.Append(wire.AbortedBody{Visit: visit(6).ID, Code: protocol.CodeNotPulled})) // A command risks nothing.
	dear := shown(7, 2)
	dear.Limit = 12_001
	code(t, j.Burn(dear), protocol.CodeResidentLimit)
	visits(t, j, shown(14, 1), true) // The first two were ten seconds before, by the grants' own times.
	visits(t, j, shown(8, 2), true)
	code(t, j.Burn(shown(9, 3)), protocol.CodeCabinetLimit)
	must(t, j.Ack(last(t, j), 1))
	visits(t, j, shown(9, 3), true)
	must(t, j.Ack(0, 2)) // A cloud restored from yesterday has not heard of them.
	code(t, j.Burn(shown(10, 4)), protocol.CodeCabinetLimit)
}

// TestATechniciansOpeningsTakeNothingFromWhatIsRiskedOnResidents: one resident's is risked, and a technician's is not told yet.
func TestATechniciansOpeningsTakeNothingFromWhatIsRiskedOnResidents(t *testing.T) {
	j := open(t, t.TempDir())
	must(t, risking(j, &wire.Offline{Openings: 2, Fen: 12_000, PerMS: 10_000, Cabinet: 1, Service: 1}))
	served := shown(1, 9)
	served.Purpose, served.Limit = protocol.PurposeService, 0
	visits(t, j, served, true)
	again := shown(2, 9)
	again.Purpose, again.Limit = protocol.PurposeService, 0
	code(t, j.Burn(again), protocol.CodeResidentLimit)
	visits(t, j, shown(3, 1), true)
	code(t, j.Burn(shown(4, 2)), protocol.CodeCabinetLimit)
}

func TestAnEventThatIsWrittenMovesTheFloorOfTime(t *testing.T) {
	o := options(t.TempDir())
	j, err := journal.Open(o)
	must(t, err)
	t.Cleanup(func() { _ = j.Abandon() })
	floor := func() time.Time {
		f, err := j.Floor()
		must(t, err)
		return f
	}
	must(t, j.Append(wire.AliveBody{}))
	if f := floor(); !f.IsZero() {
		t.Errorf("an event whose time is not sure makes a floor of %s", f)
	}
	seen := time.UnixMilli(1_795_000_000_000)
	o.Clock.Floor(seen)
	must(t, j.Append(wire.AliveBody{}))
	if f := floor(); f.Before(seen.Truncate(time.Millisecond)) {
		t.Errorf("floor %s: want what was seen", f)
	}
	told := seen.Add(time.Hour)
	o.Clock.Heard(told)
	must(t, j.Append(wire.RefusedBody{Visit: visit(1).ID, Code: protocol.CodeBusy}))
	if f := floor(); f.Before(told) {
		t.Errorf("floor %s: want the cloud's word", f)
	}
}

func TestAJournalOfTheVersionBeforeIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	must(t, j.Burn(visit(1)), j.Abandon())
	db, err := sql.Open("sqlite3", filepath.Join(dir, "journal.db"))
	must(t, err)
	_, err = db.Exec(`DROP TABLE shown; DROP TABLE warmth; DROP TABLE corrections; PRAGMA user_version = 2`)
	must(t, err, db.Close())
	j = open(t, dir)
	code(t, j.Burn(visit(1)), protocol.CodeUsed)
	must(t, j.Append(wire.AbortedBody{Visit: visit(1).ID, Code: protocol.CodeNotPulled}))
	must(t, risking(j, &wire.Offline{Openings: 1, Fen: 5000, PerMS: 1000, Cabinet: 1}), j.Burn(shown(2, 1)))
}
