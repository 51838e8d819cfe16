package air

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/store/sqlite"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// TestHowWarmItWasOutlivesARestart: a keeper that is stopped writes down what it has, and the next one takes it up, but for what is
// older than a day.
func TestHowWarmItWasOutlivesARestart(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "fleet.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	at := time.Date(2026, 11, 21, 18, 14, 0, 0, time.UTC)
	now := at
	start := func() (*Keeper, *presence.Book) {
		t.Helper()
		there := presence.New()
		k := New(Options{DB: db, Presence: there, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
		birth := wire.Birth{V: 1, Cabinet: "xs-01", Journal: protocol.UUID{1}, Conn: protocol.UUID{2}, Challenge: make([]byte, 16)}
		if err := there.Recall(birth); err != nil {
			t.Fatal(err)
		}
		if err := k.Recall(t.Context()); err != nil {
			t.Fatal(err)
		}
		return k, there
	}
	k, there := start()
	there.Telemetry(wire.Telemetry{Cabinet: "xs-01", Compartments: []wire.CompartmentTelemetry{{Compartment: 1, Probes: []wire.Probe{{Celsius: 41}}}}}, at)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	k.Run(stopped)

	now = at.Add(time.Hour)
	_, there = start()
	curves := there.Air("xs-01", now)
	if len(curves) != 1 {
		t.Fatalf("%d curves after a restart, want 1", len(curves))
	}
	steps := curves[0].Steps
	if got := steps[len(steps)-13]; got != (cloud.AirRange{Low: 41, High: 41, Known: true}) {
		t.Errorf("an hour ago: %+v", got)
	}

	now = at.Add(25 * time.Hour)
	_, there = start()
	if curves := there.Air("xs-01", now); len(curves) != 0 {
		t.Errorf("a day later there are %d curves", len(curves))
	}
}
