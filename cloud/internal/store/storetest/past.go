package storetest

import (
	"testing"
	"time"

	"allhours/cloud"
)

func pastStays(t *testing.T, db cloud.DB) {
	played := cloud.SimulatedPast{From: now.Add(-48 * time.Hour), Until: now, Seed: -7}
	found := func() (p cloud.SimulatedPast) {
		view(t, db, func(tx cloud.Tx) (err error) { p, err = tx.Past.Find(); return err })
		return p
	}
	if p := found(); p.Any() {
		t.Errorf("books that were lived have %+v", p)
	}
	update(t, db, func(tx cloud.Tx) error { return tx.Past.Mark(played) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Past.Mark(played) })
	if p := found(); p != played {
		t.Errorf("found %+v, want %+v", p, played)
	}
}
