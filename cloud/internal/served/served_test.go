package served

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/storetest"
	"allhours/protocol"
)

// nobody expects anything to be sold.
type nobody struct{}

func (nobody) Outlooks(cloud.Tx) (cloud.Outlooks, error) { return cloud.Outlooks{}, nil }

// TestADayThatWasToldIsCorrectedOpenly: a cabinet is silent until its day was told; what it tells then corrects the day, and the
// correction names the event because of which.
func TestADayThatWasToldIsCorrectedOpenly(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "fleet.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) // Eight in the evening of the store.
	clock := func() time.Time { return now }
	s := New(Options{
		DB: db, Book: book.New(clock, func() protocol.UUID { return protocol.UUID{} }), Catalog: catalog.New(), Presence: presence.New(), Demand: nobody{},
		Now: clock, Logger: slog.New(slog.DiscardHandler),
	})
	update := func(work func(tx cloud.Tx) error) {
		t.Helper()
		if err := errors.Join(db.Update(t.Context(), work), s.Due(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	plan, journal, began := storetest.Plan(), protocol.UUID{6: 0x70, 8: 0x80, 15: 1}, now
	heard := func(tx cloud.Tx, seq uint64) error {
		return tx.Inbox.Move("xs-01", cloud.Position{Journal: journal, Applied: seq, Seen: seq, Placed: now})
	}
	update(func(tx cloud.Tx) error {
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(plan.Cabinets[0].Cabinet, now)
		return err
	})
	update(func(tx cloud.Tx) error {
		word := coverage.Fact{Ref: "event:1", Seq: 1, Cabinet: "xs-01", Kind: coverage.Silence, Code: coverage.SilentFirst, At: now.UnixMilli(), Made: now.UnixMilli()}
		return errors.Join(Follow(tx, now), tx.CoverageFacts.Add([]coverage.Fact{word}), heard(tx, 1))
	})
	now = now.Add(8 * time.Hour)
	update(func(cloud.Tx) error { return nil })
	told := func() (d cloud.CoverageDay, corrections []cloud.CoverageCorrection) {
		t.Helper()
		if err := db.View(t.Context(), func(tx cloud.Tx) error {
			days, err := tx.CoverageDays.Told("north", "2026-11-20", "2026-11-20")
			if err != nil || len(days) != 1 {
				t.Fatalf("told %+v, %v", days, err)
			}
			d = days[0]
			corrections, err = tx.CoverageDays.Corrections("north", d.Day, d.Day, 9)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return d, corrections
	}
	const night = 2 * 60 * 60_000 // from ten until midnight
	before, corrections := told()
	if before.Sum.Unknown < night || before.Sum.Covered != 0 || len(corrections) != 0 {
		t.Fatalf("told %+v, corrected %+v", before.Sum, corrections)
	}
	now = now.Add(time.Minute)
	update(func(tx cloud.Tx) error {
		late := coverage.Fact{Ref: "event:9", Cabinet: "xs-01", Kind: coverage.Late, From: began.UnixMilli(), At: now.UnixMilli(), Made: now.UnixMilli()}
		reader := coverage.Fact{Ref: "birth:1", Cabinet: "xs-01", Kind: coverage.Line, Subject: coverage.Reader, Value: 1, At: began.UnixMilli(), Made: now.UnixMilli()}
		return errors.Join(tx.CoverageFacts.Add([]coverage.Fact{late, reader}), heard(tx, 9))
	})
	after, corrections := told()
	if after.Sum.Covered != night || after.Sum.Unknown != before.Sum.Unknown-night || after.Sum.Whole() != before.Sum.Whole() || len(corrections) != 1 {
		t.Fatalf("told %+v, was %+v, corrected %+v", after.Sum, before.Sum, corrections)
	}
	c := corrections[0]
	if c.Ref != "event:9" || c.Before != before.Sum || c.After != after.Sum || c.To.Sub(c.From) != 2*time.Hour || !c.From.Equal(began.Add(2*time.Hour)) {
		t.Errorf("corrected %+v", c)
	}
}
