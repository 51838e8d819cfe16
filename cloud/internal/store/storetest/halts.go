package storetest

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func halts(t *testing.T, db cloud.DB) {
	update(t, db, func(tx cloud.Tx) error {
		plan := Plan()
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(plan.Cabinets[0].Cabinet, now)
		return err
	})
	off := cloud.Halt{
		ID: id(1), Cabinet: "xs-01", Kind: protocol.CodeOffSale, Holds: true, At: now, By: "Li Na", Role: protocol.RoleManager, Reason: cloud.HaltCleaning,
		Text: cloud.Text{Zh: "清洁中", En: "Being cleaned"}, Until: now.Add(3 * time.Hour), Note: "floor too",
	}
	again := off
	again.ID, again.At, again.Reason, again.Until = id(2), now.Add(time.Hour), cloud.HaltRepair, time.Time{}
	lock := cloud.Halt{ID: id(3), Cabinet: "xs-01", Kind: protocol.CodeLockedOut, Holds: true, At: now.Add(2 * time.Hour), By: "Chen Jun", Role: protocol.RoleTechnician, Reason: cloud.HaltDamage}
	on := cloud.Halt{ID: id(4), Cabinet: "xs-01", Kind: protocol.CodeOffSale, At: now.Add(4 * time.Hour), By: "Li Na", Role: protocol.RoleManager, Reason: cloud.HaltRepair}
	add := func(h cloud.Halt) {
		t.Helper()
		update(t, db, func(tx cloud.Tx) error { return tx.Halts.Add(h) })
	}
	inForce := func(what string, cabinet protocol.CabinetID, want ...cloud.Halt) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Halts.InForce(cabinet)
			if len(got) != len(want) {
				t.Errorf("%s: %+v", what, got)
				return err
			}
			same(t, got, append([]cloud.Halt{}, want...))
			return err
		})
	}
	inForce("before any", "")
	add(off)
	inForce("one", "xs-01", off)
	add(again)
	inForce("a newer word takes the place of the older", "", again)
	add(lock)
	inForce("two kinds, the severer first", "xs-01", lock, again)
	inForce("of another cabinet", "xs-02")
	add(on)
	inForce("one taken back", "", lock)
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Halts.Of("xs-01", 3)
		same(t, got, []cloud.Halt{on, lock, again})
		return err
	})
	since := func(what string, from time.Time, want ...cloud.HaltSpan) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Halts.Since(from)
			same(t, got, append([]cloud.HaltSpan{}, want...))
			return err
		})
	}
	first := cloud.HaltSpan{Cabinet: "xs-01", From: off.At, To: again.At}
	second := cloud.HaltSpan{Cabinet: "xs-01", From: again.At, To: on.At}
	third := cloud.HaltSpan{Cabinet: "xs-01", From: lock.At}
	since("all of them", time.Time{}, first, second, third)
	since("what was over before", now.Add(2*time.Hour), second, third)
	since("what goes on", now.Add(9*time.Hour), third)
	ended := cloud.Halt{ID: id(5), Cabinet: "xs-01", Kind: protocol.CodeOffSale, Holds: true, At: now.Add(5 * time.Hour), By: "Li Na", Reason: cloud.HaltSite, Until: now.Add(6 * time.Hour)}
	add(ended)
	since("one with an end that nobody has noted yet", now.Add(5*time.Hour), third, cloud.HaltSpan{Cabinet: "xs-01", From: ended.At, To: ended.Until})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Try(func() error { return tx.Halts.Add(ended) }) })
}
