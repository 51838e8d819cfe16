package physics_test

import (
	"testing"
	"time"

	"allhours/firmware-sim/physics"
)

// pulsed is a shut door whose coil was on for half a second.
func pulsed() (*physics.Door, time.Time) {
	d := physics.NewDoor(1, false)
	d.Energise(night(), true)
	end := night().Add(500 * time.Millisecond)
	d.Energise(end, false)
	return d, end
}

func TestALatchThatNobodyPulsedHolds(t *testing.T) {
	d := physics.NewDoor(1, false)
	if d.Pull(night()) || !d.BoltLocked(night()) {
		t.Fatal("the door gave")
	}
}

func TestAReleasedLatchGivesUntilTenSecondsAfterThePulse(t *testing.T) {
	cases := []struct {
		name  string
		after time.Duration
		gives bool
	}{
		{"at once", 0, true},
		{"just before 10 s", 9900 * time.Millisecond, true},
		{"just after 10 s", 10100 * time.Millisecond, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, end := pulsed()
			at := end.Add(c.after)
			if d.BoltLocked(at) == c.gives {
				t.Fatalf("the bolt says %v", d.BoltLocked(at))
			}
			if got := d.Pull(at); got != c.gives {
				t.Fatalf("gave: %v, want %v", got, c.gives)
			}
		})
	}
}

func TestALatchIsFreeWhileTheCoilHoldsIt(t *testing.T) {
	d := physics.NewDoor(1, false)
	d.Energise(night(), true)
	if at := night().Add(200 * time.Millisecond); !d.Pull(at) {
		t.Fatal("the door did not give during the pulse")
	}
}

func TestAPulseTooShortForTheBoltReleasesNothing(t *testing.T) {
	d := physics.NewDoor(1, false)
	d.Energise(night(), true)
	d.Energise(night().Add(5*time.Millisecond), false)
	if d.Pull(night().Add(time.Second)) {
		t.Fatal("5 ms drew the bolt")
	}
}

func TestOnePulseIsOneOpening(t *testing.T) {
	cases := []struct {
		name   string
		pulled time.Duration // after the pulse began, which lasts 500 ms
	}{{"pulled while the coil is on", 200 * time.Millisecond}, {"pulled after the pulse", 700 * time.Millisecond}}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, pull, end := physics.NewDoor(1, false), night().Add(c.pulled), night().Add(500*time.Millisecond)
			d.Energise(night(), true)
			if pull.After(end) {
				d.Energise(end, false)
			}
			if !d.Pull(pull) {
				t.Fatal("the door did not give")
			}
			d.Energise(end, false)
			d.Shut(end.Add(time.Second))
			if at := end.Add(2 * time.Second); d.Pull(at) || !d.BoltLocked(at) {
				t.Fatal("the door gave a second time")
			}
		})
	}
}

func TestALatchThatLockedItselfCanBeReleasedAgain(t *testing.T) {
	d, end := pulsed()
	later := end.Add(time.Minute)
	if d.Pull(later) {
		t.Fatal("the latch did not lock itself")
	}
	d.Energise(later, true)
	d.Energise(later.Add(500*time.Millisecond), false)
	if !d.Pull(later.Add(time.Second)) {
		t.Fatal("the second pulse released nothing")
	}
}

func TestADoorSwitchBouncesAtMost50Milliseconds(t *testing.T) {
	d, end := pulsed()
	d.Pull(end)
	changes, before := 0, d.SwitchShut(end)
	for ms := range 1000 {
		now := d.SwitchShut(end.Add(time.Duration(ms) * time.Millisecond))
		if now != before {
			changes++
			if ms > 50 {
				t.Fatalf("the switch changed %d ms after the door", ms)
			}
		}
		before = now
	}
	if changes < 2 {
		t.Fatalf("the switch changed %d times: it did not bounce", changes)
	}
	if before {
		t.Fatal("the switch says shut")
	}
}

func TestACoilLeftOnIsNoticed(t *testing.T) {
	d := physics.NewDoor(1, false)
	d.Energise(night(), true)
	if d.Burns(night().Add(time.Second)) != 0 {
		t.Fatal("a second burnt the coil")
	}
	if at := night().Add(4 * time.Second); d.Burns(at) != 1 {
		t.Fatalf("%d burns after 4 s", d.Burns(at))
	}
	d.Energise(night().Add(5*time.Second), false)
	if at := night().Add(time.Hour); d.Burns(at) != 1 {
		t.Fatalf("%d burns after one", d.Burns(at))
	}
}

func TestAStuckLatchDoesNotRelease(t *testing.T) {
	d := physics.NewDoor(1, false)
	d.Stick(true)
	d.Energise(night(), true)
	d.Energise(night().Add(500*time.Millisecond), false)
	if at := night().Add(time.Second); d.Pull(at) || !d.BoltLocked(at) {
		t.Fatal("a stuck latch released")
	}
}

func TestADeadSwitchSaysForEverWhatItSaidLast(t *testing.T) {
	d, end := pulsed()
	d.Deaden(end, true)
	d.Pull(end)
	if at := end.Add(time.Second); !d.SwitchShut(at) {
		t.Fatal("a dead switch noticed the door")
	}
	d.Deaden(end.Add(time.Second), false)
	if at := end.Add(2 * time.Second); d.SwitchShut(at) {
		t.Fatal("a mended switch does not notice the open door")
	}
}
