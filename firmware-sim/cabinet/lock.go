package cabinet

import (
	"errors"
	"fmt"
	"time"

	"allhours/firmware-sim/board"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/physics"
	"allhours/protocol/fieldbus/modbus"
)

// Family is a kind of lock board, by the name of its protocol.
type Family string

// Families of lock boards.
const (
	ModbusRelay Family = "modbusrelay"
)

// Lock is one lock board. The first channel of a cabinet's first lock board releases the cabinet's own door; every other
// channel has a door with nothing behind it.
type Lock struct {
	Family   Family `json:"family"`
	Unit     byte   `json:"unit"`     // the board's address
	Channels int    `json:"channels"` // locks that the board has
	Doors    int    `json:"doors"`    // how many of them are wired, from the first on
}

// What a lock board goes through when its supply dips.
const (
	dipAfter = 40 * time.Millisecond // of the solenoid's current
	bootTime = 300 * time.Millisecond
)

// ErrNoLock says that there is no such lock.
var ErrNoLock = errors.New("there is no such lock")

// locks is the plan's lock boards; a plan that names none has the usual relay board with one door.
func (p Plan) locks() []Lock {
	if len(p.Locks) > 0 {
		return p.Locks
	}
	return []Lock{{Family: ModbusRelay, Unit: RelayUnit, Channels: board.Channels, Doors: 1}}
}

func (l Lock) validate() error {
	limits := map[Family]int{ModbusRelay: 32}
	limit, known := limits[l.Family]
	switch {
	case !known:
		return fmt.Errorf("family %q of a lock board is not built", l.Family)
	case l.Channels < 1 || l.Channels > limit:
		return fmt.Errorf("%s with %d channels: want 1 to %d", l.Family, l.Channels, limit)
	case l.Doors < 1 || l.Doors > l.Channels:
		return fmt.Errorf("%s with %d doors: want 1 to %d", l.Family, l.Doors, l.Channels)
	}
	return nil
}

// hearer is a lock board that speaks a protocol of its own.
type hearer interface {
	// Answer gives what the board sends when it has heard the bytes between two silences; nil for silence.
	Answer(heard []byte, at time.Time) []byte
}

// lockUnit is one lock board with its doors.
type lockUnit struct {
	plan   Lock
	faults *fault.Set
	doors  []*solenoid
	board  interface {
		Advance(at time.Time)
		Restart(at time.Time)
	}
	hearer    hearer // nil where the board speaks Modbus, which all such boards of a line hear together
	dipAt     time.Time
	deafUntil time.Time
}

// solenoid is what one channel feeds, with the door that it holds.
type solenoid struct {
	door    *physics.Door
	on      bool
	since   time.Time
	orders  int
	pulses  int
	longest time.Duration
}

// newLockUnit builds one board; first is the door of its first channel, nil for one with nothing behind it.
func newLockUnit(plan Lock, baud int, seed uint64, faults *fault.Set, first *physics.Door) *lockUnit {
	u := &lockUnit{plan: plan, faults: faults}
	for ch := range plan.Doors {
		door := first
		if ch > 0 || first == nil {
			door = physics.NewDoor(seed+uint64(ch)<<8+uint64(plan.Unit)<<16, false)
		}
		u.doors = append(u.doors, &solenoid{door: door})
	}
	u.board = board.NewRelay(plan.Unit, baud, plan.Channels, u)
	return u
}

// Energise switches a channel's solenoid.
func (u *lockUnit) Energise(channel int, at time.Time, on bool) {
	if channel >= len(u.doors) {
		return
	}
	s := u.doors[channel]
	s.door.Energise(at, on)
	if on {
		s.orders++
	}
	if on == s.on {
		return
	}
	s.on = on
	if !on {
		s.longest = max(s.longest, at.Sub(s.since))
		return
	}
	s.pulses++
	s.since = at
	if u.faults.Has(fault.LockRestarts, "") {
		u.dipAt = at.Add(dipAfter)
	}
}

// Input is what the board's contacts say: a pair for each channel, the door's switch and the bolt's.
func (u *lockUnit) Input(channel int, at time.Time) bool {
	if channel/2 >= len(u.doors) {
		return false
	}
	door := u.doors[channel/2].door
	if channel%2 == DoorInput {
		return door.SwitchShut(at)
	}
	return door.BoltLocked(at)
}

// advance lets the board's time pass, and its supply dip.
func (u *lockUnit) advance(at time.Time) {
	if !u.dipAt.IsZero() && !u.dipAt.After(at) {
		u.board.Restart(u.dipAt)
		u.deafUntil = u.dipAt.Add(bootTime)
		u.dipAt = time.Time{}
	}
	u.board.Advance(at)
}

func (u *lockUnit) deaf(at time.Time) bool { return at.Before(u.deafUntil) }

// answer is what a board with a protocol of its own says.
func (u *lockUnit) answer(heard []byte, at time.Time) []byte {
	if u.hearer == nil || u.deaf(at) {
		return nil
	}
	return u.hearer.Answer(heard, at)
}

// SolenoidReport is what one lock is and went through.
type SolenoidReport struct {
	Orders     int   `json:"orders"`     // obeyed to switch it on, also while it was on
	Pulses     int   `json:"pulses"`     // times that it was switched on
	LongestUS  int64 `json:"longest_us"` // longest time that it was on, a running one included
	On         bool  `json:"on"`
	DoorShut   bool  `json:"door_shut"`
	BoltLocked bool  `json:"bolt_locked"`
}

// LockReport is one lock board.
type LockReport struct {
	Family   Family           `json:"family"`
	Unit     byte             `json:"unit"`
	Channels []SolenoidReport `json:"channels"`
}

func (u *lockUnit) report(at time.Time) LockReport {
	r := LockReport{Family: u.plan.Family, Unit: u.plan.Unit, Channels: make([]SolenoidReport, len(u.doors))}
	for ch, s := range u.doors {
		longest := s.longest
		if s.on {
			longest = max(longest, at.Sub(s.since))
		}
		r.Channels[ch] = SolenoidReport{
			Orders: s.orders, Pulses: s.pulses, LongestUS: longest.Microseconds(), On: s.on,
			DoorShut: !s.door.Open(), BoltLocked: s.door.BoltLocked(at),
		}
	}
	return r
}

// Locks is what the lock boards are and went through.
func (c *Cabinet) Locks(at time.Time) []LockReport {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(at)
	reports := make([]LockReport, len(c.locks))
	for i, u := range c.locks {
		reports[i] = u.report(at)
	}
	return reports
}

// Move pulls a door open or shuts it. It fails with physics.ErrLatched, physics.ErrDoorShut or ErrNoLock.
func (c *Cabinet) Move(at time.Time, lock, channel int, open bool) error {
	if lock < 0 || lock >= len(c.locks) || channel < 0 || channel >= len(c.locks[lock].doors) {
		return fmt.Errorf("%w: %d of lock board %d", ErrNoLock, channel, lock)
	}
	if lock == 0 && channel == 0 {
		if open {
			return c.Pull(at)
		}
		return c.Shut(at)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(at)
	door := c.locks[lock].doors[channel].door
	switch {
	case !open && !door.Open():
		return physics.ErrDoorShut
	case !open:
		door.Shut(at)
	case !door.Pull(at):
		return physics.ErrLatched
	}
	return nil
}

// modbusLock is a lock board among the other Modbus boards of the line.
type modbusLock struct {
	board.Board
	unit *lockUnit
}

// Answer is silence while the board starts.
func (m modbusLock) Answer(req modbus.Request, at time.Time) []byte {
	if m.unit.deaf(at) {
		return nil
	}
	return m.Board.Answer(req, at)
}

func (c *Cabinet) advance(at time.Time) {
	for _, u := range c.locks {
		u.advance(at)
	}
}

// burns counts the solenoids that were left on for too long.
func (c *Cabinet) burns(at time.Time) int {
	n := 0
	for _, u := range c.locks {
		for _, s := range u.doors {
			n += s.door.Burns(at)
		}
	}
	return n
}
