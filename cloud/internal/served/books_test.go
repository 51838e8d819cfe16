package served

import (
	"fmt"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
)

// TestOneStoreMoreThanThereIsRoomForCostsOneRecord and not all of them.
func TestOneStoreMoreThanThereIsRoomForCostsOneRecord(t *testing.T) {
	s := New(Options{})
	for n := range mostBooks {
		s.keep(cloud.StoreID(fmt.Sprint(n)), &record{})
	}
	again, more := &record{}, &record{}
	s.keep("7", again)
	if len(s.books) != mostBooks || s.books["7"] != again {
		t.Errorf("%d records after one was made anew, want %d", len(s.books), mostBooks)
	}
	s.keep("more", more)
	if len(s.books) != mostBooks || s.books["more"] != more {
		t.Errorf("%d records after one more than there is room for, want %d", len(s.books), mostBooks)
	}
}

// TestAStoreTellsWhetherItsGapsHaveAKnownCost also where there is no gap now.
func TestAStoreTellsWhetherItsGapsHaveAKnownCost(t *testing.T) {
	for days, known := range map[int]bool{0: false, 20: true} {
		if got := headOf(emptyRecord(days), time.Now()); got.Costs != known {
			t.Errorf("after %d days of learning the cost is known: %t", days, got.Costs)
		}
	}
}

func emptyRecord(learned int) *record {
	return &record{zone: time.UTC, of: coverage.New(coverage.Plan{}), age: cloud.DemandAge{Days: learned}}
}
