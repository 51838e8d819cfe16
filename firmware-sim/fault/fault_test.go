package fault_test

import (
	"slices"
	"testing"

	"allhours/firmware-sim/fault"
)

func TestASetHoldsEachFaultOnceAndLetsItGo(t *testing.T) {
	var s fault.Set
	stuck, latch := fault.Fault{Kind: fault.ScaleStuck, Platform: "S1"}, fault.Fault{Kind: fault.LatchStuck}
	s.Put(stuck, true)
	s.Put(stuck, true)
	s.Put(latch, true)
	if got := s.Active(); !slices.Equal(got, []fault.Fault{stuck, latch}) {
		t.Fatalf("active %v", got)
	}
	if !s.Has(fault.ScaleStuck, "S1") || s.Has(fault.ScaleStuck, "S2") || s.Has(fault.ScaleSilent, "S1") {
		t.Fatal("a fault is of one kind and one platform")
	}
	s.Put(stuck, false)
	s.Put(latch, false)
	if got := s.Active(); got == nil || len(got) != 0 {
		t.Fatalf("after mending %#v are broken, want an empty list", got)
	}
}
