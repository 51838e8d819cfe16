package fleet

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/internal/watch"
)

// The first page after a start waited for ten thousand cabinets to be read, which takes longer than all else on it.
func TestWhoAsksFirstFindsTheFleetRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db")), OneConnection: true})
		if err != nil {
			t.Fatal(err)
		}
		s := New(Options{DB: db, Presence: presence.New(), Catalog: catalog.New(), Hub: watch.New(), Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		read := func(when string, want int) {
			t.Helper()
			synctest.Wait()
			var at [2]uint64
			if err := db.View(t.Context(), func(tx cloud.Tx) (err error) { at, err = s.planned.now(tx); return err }); err != nil {
				t.Fatal(err)
			}
			if kept := s.planned.kept(at); len(kept) != want {
				t.Errorf("%s: %d cabinets are kept, want %d", when, len(kept), want)
			}
		}
		plan := storetest.Plan()
		if err := db.Update(t.Context(), func(tx cloud.Tx) error {
			if err := tx.Plans.Save(plan); err != nil {
				return err
			}
			_, err := tx.Cabinets.Save(plan.Cabinets[0].Cabinet, time.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(readEvery)
		read("after a change", len(plan.Cabinets))
		stop()
		running.Wait()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
