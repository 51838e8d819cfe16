package payment_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/payment"
	"allhours/protocol"
)

// silences are when coverage was told that the provider is silent, each until it was told that it answers; zero: it has not been.
func (r *rig) silences() (all []coverage.Span) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		facts, err := tx.CoverageFacts.Of("", time.Time{})
		for _, f := range facts {
			switch {
			case f.Kind != coverage.Payment:
			case f.Value == 1:
				all = append(all, coverage.Span{From: f.At})
			default:
				all[len(all)-1].To = f.At
			}
		}
		return err
	})
	return all
}

// TestTheProviderIsSilentForCoverageUntilItsNextWord: nobody else wants a door that night.
func TestTheProviderIsSilentForCoverageUntilItsNextWord(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault payment.Fault
		ends  bool
	}{
		{"the hold's query is answered", payment.FaultTimeout, true},
		{"the hold never arrived, and is sent again", payment.FaultLost, true},
		{"it calls back with another amount first, and then answers", payment.FaultWrongAmount, true},
		{"nothing is answered", payment.FaultNone, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				calls := 0
				r.does(func(cloud.OpKind, protocol.UUID) payment.Fault {
					if calls++; calls > 1 && c.ends {
						return payment.FaultNone
					}
					if !c.ends {
						return payment.FaultLost
					}
					return c.fault
				})
				r.begin(r.newID())
				later(time.Minute)
				got := r.silences()
				if len(got) != 1 {
					t.Fatalf("silences %v, want one", got)
				}
				if ended := got[0].To != 0; ended != c.ends || ended && got[0].Length() > 10_000 {
					t.Errorf("it was silent for %d ms, ended %t", got[0].Length(), ended)
				}
			})
		})
	}
}

// TestEachSilenceOfTheProviderIsToldOfByItself also where one operation is asked about again and again.
func TestEachSilenceOfTheProviderIsToldOfByItself(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		for range 2 {
			r.does(func(cloud.OpKind, protocol.UUID) payment.Fault { return payment.FaultLost })
			r.begin(r.newID())
			r.does(func(cloud.OpKind, protocol.UUID) payment.Fault { return payment.FaultLate })
			later(time.Hour)
		}
		got := r.silences()
		if len(got) != 2 || got[0].To == 0 || got[1].To == 0 || got[1].From-got[0].To < 30*60_000 {
			t.Errorf("silences %v, want two that ended", got)
		}
	})
}
