package look

import (
	"fmt"
	"testing"
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

func TestACabinetIsAskedOnceInAWhileHoweverManyLook(t *testing.T) {
	s := New(Options{})
	now := time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC)
	asked := 0
	for range 600 { // Two tabs for a minute, ten times a second in all.
		if s.due("xs-01", now) {
			asked++
		}
		now = now.Add(100 * time.Millisecond)
	}
	if want := int(time.Minute / againAfter); asked != want {
		t.Errorf("asked %d times in a minute, want %d", asked, want)
	}
}

func TestOnlySoManyCabinetsAreAskedAtTheSameTime(t *testing.T) {
	s := New(Options{})
	now := time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC)
	asked := 0
	for n := range 3 * mostAtOnce {
		if s.due(protocol.CabinetID(fmt.Sprintf("c-%d", n)), now) {
			asked++
		}
	}
	if asked != mostAtOnce {
		t.Errorf("%d are asked at once, want %d", asked, mostAtOnce)
	}
	if !s.due("later", now.Add(wire.LookFor)) {
		t.Error("nobody is asked any more when the others are over")
	}
}
