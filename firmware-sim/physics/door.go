package physics

import "time"

// What a latch and its solenoid do by nature.
const (
	ReleaseTime = 10 * time.Second // a released latch locks itself when nobody pulled for so long after the pulse
	pullIn      = 30 * time.Millisecond
	burnTime    = 3 * time.Second // a solenoid that stays energised for longer burns
	minBounce   = 5
	maxBounce   = 50
)

// Door is one door with its latch, the latch's solenoid and the switch that tells whether the door is shut.
type Door struct {
	chance   chance
	open     bool
	movedAt  time.Time // when the door last moved, for its switch's bouncing
	bounce   time.Duration
	coilOn   bool
	coilAt   time.Time // when the coil was switched last
	pulsedAt time.Time // when it was switched on last
	released bool      // the bolt was drawn by the running or the last pulse and nobody has pulled since
	burns    int       // how often the coil was left on for longer than it survives
	stuck    bool
	dead     bool // the switch tells nothing new
	deadShut bool // what the dead switch says
}

// NewDoor makes a door that stands as told, with a cold coil.
func NewDoor(seed uint64, open bool) *Door {
	return &Door{chance: chance{seed: seed}, open: open}
}

// Energise switches the solenoid's current.
func (d *Door) Energise(at time.Time, on bool) {
	if on == d.coilOn {
		return
	}
	d.settle(at)
	if d.coilOn && at.Sub(d.coilAt) > burnTime {
		d.burns++
	}
	d.coilOn, d.coilAt = on, at
	if on {
		d.pulsedAt = at
	}
}

// PulsedAt is when the solenoid was last switched on.
func (d *Door) PulsedAt() time.Time { return d.pulsedAt }

// settle brings the bolt up to date with the coil before either changes. A coil that draws the bolt of an open door
// releases nothing: the bolt springs back when the current ends.
func (d *Door) settle(at time.Time) {
	if d.coilOn && !d.stuck && !d.open && at.Sub(d.coilAt) >= pullIn {
		d.released = true
	}
	if !d.coilOn && at.Sub(d.coilAt) > ReleaseTime {
		d.released = false
	}
}

// Released tells whether a pull would open the door.
func (d *Door) Released(at time.Time) bool {
	d.settle(at)
	return d.released
}

// Pull tries to open the door and tells whether it stands open now.
func (d *Door) Pull(at time.Time) bool {
	if d.open {
		return true
	}
	if !d.Released(at) {
		return false
	}
	d.released, d.open = false, true
	d.moved(at)
	return true
}

// Shut closes the door; the bolt snaps in, unless the coil still holds it.
func (d *Door) Shut(at time.Time) {
	if !d.open {
		return
	}
	d.open = false
	d.moved(at)
}

func (d *Door) moved(at time.Time) {
	d.movedAt = at
	d.bounce = time.Duration(d.chance.between(minBounce, maxBounce) * float64(time.Millisecond))
}

// Open tells where the door really is.
func (d *Door) Open() bool { return d.open }

// SwitchShut is what the door's switch says: true for shut. It chatters for 5 to 50 ms after the door moved.
func (d *Door) SwitchShut(at time.Time) bool {
	if d.dead {
		return d.deadShut
	}
	since := at.Sub(d.movedAt)
	if d.movedAt.IsZero() || since >= d.bounce {
		return !d.open
	}
	return uniform(d.chance.seed+1, at.UnixMilli()) < 0.5
}

// BoltLocked is what the lock's own switch says: true while the bolt holds a shut door.
func (d *Door) BoltLocked(at time.Time) bool { return !d.open && !d.Released(at) }

// Burns counts how often the solenoid was left on for longer than it survives, a running time included.
func (d *Door) Burns(at time.Time) int {
	if d.coilOn && at.Sub(d.coilAt) > burnTime {
		return d.burns + 1
	}
	return d.burns
}

// Stick makes the latch stick, so that no pulse releases it, or frees it again.
func (d *Door) Stick(stuck bool) { d.stuck = stuck }

// Deaden freezes the door's switch at what it says now, or revives it.
func (d *Door) Deaden(at time.Time, dead bool) {
	if dead && !d.dead {
		d.deadShut = d.SwitchShut(at)
	}
	d.dead = dead
}
