package core_test

import (
	"slices"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

// told lists the kinds of what was written down to be told of a visit.
func (r *rig) told(v protocol.VisitID) (kinds []cloud.MessageKind) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		all, err := tx.Told.Of(v)
		for _, m := range all {
			kinds = append(kinds, m.Kind)
		}
		return err
	})
	return kinds
}

func TestADebtThatTheStaffWaivesIsTold(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := bought(r, 6)
		waive := func() error {
			return r.core.Money.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: "kindness"})
		}
		r.must(waive())
		if err := waive(); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("waived twice: %v", err)
		}
		want := []cloud.MessageKind{cloud.MessageReceipt, cloud.MessageDebt, cloud.MessageDebtWaived}
		if told := r.told(v.ID); !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		r.view(func(tx cloud.Tx) error {
			m, _, err := tx.Messages.Find(cloud.MessageRef(cloud.MessageDebtWaived, v.ID.String()))
			if m.Amount != 1150 || m.Person != resident {
				t.Errorf("told %+v", m.Message)
			}
			return err
		})
		r.check()
	})
}
