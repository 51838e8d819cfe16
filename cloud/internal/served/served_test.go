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
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/storetest"
	"allhours/protocol"
)

// nobody expects anything to be sold.
type nobody struct{}

func (nobody) Outlooks(cloud.Tx) (cloud.Outlooks, error) { return cloud.Outlooks{}, nil }

// TestADayThatWasToldIsCorrectedOpenly: a cabinet is silent until its day was told; what it tells then corrects the day, and the
// correction names the event because of which.
func TestADayThatWasToldIsCorrectedOpenly(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) // Eight in the evening of the store.
	clock, made := func() time.Time { return now }, byte(0)
	s := New(Options{
		DB: db, Book: book.New(clock, func() protocol.UUID { return protocol.UUID{} }), Catalog: catalog.New(), Presence: presence.New(), Demand: nobody{},
		Now: clock, NewID: func() protocol.UUID { made++; return protocol.UUID{6: 0x70, 8: 0x80, 15: made} }, Logger: slog.New(slog.DiscardHandler),
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
	now = now.Add(time.Minute)
	special := cloud.SpecialHours{Stores: []cloud.StoreID{"north"}, From: "2026-11-20", To: "2026-11-20", Hours: []cloud.Hours{}, Reason: "stock-taking", By: "li"}
	changes, err := s.Preview(t.Context(), special)
	if err != nil || len(changes) != 1 || !changes[0].Told || len(changes[0].Before) != 1 || len(changes[0].After) != 0 {
		t.Fatalf("would change %+v, %v", changes, err)
	}
	if special, err = s.Set(t.Context(), special); err != nil {
		t.Fatal(err)
	}
	shut, corrections := told()
	if shut.Sum.Open != 0 || shut.Sum.Whole() != after.Sum.Whole() || len(corrections) != 2 || corrections[0].Kind != coverage.Opened || corrections[0].Ref != "hours:"+special.ID.String() {
		t.Errorf("closed all day it is told as %+v, corrected %+v", shut.Sum, corrections)
	}
	now = now.Add(time.Minute)
	if err := s.TakeBack(t.Context(), special.ID, "wang"); err != nil {
		t.Fatal(err)
	}
	if again, corrections := told(); again.Sum != after.Sum || len(corrections) != 3 {
		t.Errorf("taken back it is told as %+v, was %+v, corrected %+v", again.Sum, after.Sum, corrections)
	}
	if err := s.TakeBack(t.Context(), special.ID, "wang"); protocol.CodeOf(err) != cloud.CodeConflict {
		t.Errorf("taken back twice: %v", err)
	}
	now = now.Add(time.Minute)
	update(func(tx cloud.Tx) error {
		broken := coverage.Fact{Ref: "event:10", Cabinet: "xs-01", Kind: coverage.Lock, Subject: "1", Value: 2, From: began.UnixMilli(), At: now.UnixMilli(), Made: now.UnixMilli()}
		return errors.Join(tx.CoverageFacts.Add([]coverage.Fact{broken}), heard(tx, 10))
	})
	if gaps, _ := told(); gaps.Sum.Uncovered == 0 || gaps.Blind != gaps.Sum.Uncovered || gaps.Lost != 0 {
		t.Errorf("before anything is learned of what sells, gaps are told as %+v, %d ms of them of unknown cost", gaps.Sum, gaps.Blind)
	}
	for say, bad := range map[string]func(h *cloud.SpecialHours){
		"no reason":            func(h *cloud.SpecialHours) { h.Reason = " " },
		"no store":             func(h *cloud.SpecialHours) { h.Stores = nil },
		"days that are none":   func(h *cloud.SpecialHours) { h.To = "soon" },
		"too long ago":         func(h *cloud.SpecialHours) { h.From = "2026-09-01" },
		"too many days":        func(h *cloud.SpecialHours) { h.To = "2027-11-20" },
		"hours that are empty": func(h *cloud.SpecialHours) { h.Hours = []cloud.Hours{{Open: 60, Close: 60}} },
	} {
		h := special
		bad(&h)
		if _, err := s.Preview(t.Context(), h); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("%s: %v", say, err)
		}
	}
}
