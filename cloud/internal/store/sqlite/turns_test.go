package sqlite_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"allhours/cloud"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlstore"
)

// busy is a database whose writer is at work until it is released, and what was done behind that, in its order.
type busy struct {
	*sqlstore.DB
	release chan struct{}
	done    []string
}

func whileBusy(t *testing.T, b *busy, queue func(put func(ctx context.Context, name string))) {
	t.Helper()
	ctx := t.Context()
	b.DB = open(t, sqlite.Options{Path: filepath.Join(t.TempDir(), "fleet.db"), OneConnection: true})
	b.release = make(chan struct{})
	put := func(ctx context.Context, name string) {
		go func() {
			err := b.Update(ctx, func(cloud.Tx) error {
				b.done = append(b.done, name)
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}()
		synctest.Wait()
	}
	go func() {
		err := b.Update(ctx, func(cloud.Tx) error {
			<-b.release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}()
	synctest.Wait()
	queue(put)
	close(b.release)
	synctest.Wait()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatSomebodyWaitsForGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b busy
		whileBusy(t, &b, func(put func(context.Context, string)) {
			for range 40 {
				put(cloud.Unawaited(t.Context()), "stock")
			}
			put(t.Context(), "door")
		})
		if at := slices.Index(b.done, "door"); at != 0 || len(b.done) != 41 {
			t.Errorf("the door's work was done as number %d of %d", at, len(b.done))
		}
	})
}

func TestACrowdOfPeopleDoesNotStopWhatCabinetsTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const crowd = 2500
		var b busy
		whileBusy(t, &b, func(put func(context.Context, string)) {
			for range 40 {
				put(cloud.Unawaited(t.Context()), "stock")
			}
			for range crowd {
				put(t.Context(), "door")
			}
		})
		if at := slices.Index(b.done, "stock"); at < 0 || at > crowd/2 || len(b.done) != crowd+40 {
			t.Errorf("the first word of a cabinet was taken as number %d of %d", at, len(b.done))
		}
	})
}
