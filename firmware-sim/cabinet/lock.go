package cabinet

import (
	"errors"
	"fmt"
	"time"

	"allhours/firmware-sim/board"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/physics"
	"allhours/protocol/fieldbus/cu16"
	"allhours/protocol/fieldbus/modbus"
)

// Family is a kind of lock board, by the name of its protocol.
type Family string

// Families of lock boards.
const (
	ModbusRelay Family = "modbusrelay"
	CU16        Family = "cu16"
	CU48        Family = "cu48"
	CU48Modbus  Family = "cu48modbus"
	Lock8A      Family = "lock8a"
	WKLY        Family = "wkly"
)

// Lock is one lock board. The first channel of a cabinet's first lock board releases the cabinet's own door; every other
// channel has a door with nothing behind it.
type Lock struct {
	Family   Family `json:"family"`
	Unit     byte   `json:"unit"`     // the board's address
	Channels int    `json:"channels"` // locks that the board has
	Doors    int    `json:"doors"`    // how many of them are wired, from the first on

	// What follows is for boards that time the pulse themselves and have one contact for each lock.
	PulseMS     int  `json:"pulse_ms,omitempty"`     // 0 means 300
	OfDoor      bool `json:"of_door,omitempty"`      // the contacts are the doors' switches, not the bolts'
	EndEarly    bool `json:"end_early,omitempty"`    // cu16: replies have their end mark after the hooks
	ShortedOpen bool `json:"shorted_open,omitempty"` // lock8a: contacts are shorted when open
	Pushes      bool `json:"pushes,omitempty"`       // lock8a: tells changes unasked
	First       int  `json:"first,omitempty"`        // wkly: number of the first lock
	Mute        bool `json:"mute,omitempty"`         // wkly: does not answer orders
}

// usualPulse is what boards are delivered with that time the pulse themselves.
const usualPulse = 300 * time.Millisecond

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
	limits := map[Family]int{ModbusRelay: 32, CU16: 16, CU48: 48, CU48Modbus: 48, Lock8A: 24, WKLY: 48}
	limit, known := limits[l.Family]
	switch {
	case !known:
		return fmt.Errorf("family %q of a lock board is not built", l.Family)
	case l.Channels < 1 || l.Channels > limit:
		return fmt.Errorf("%s with %d channels: want 1 to %d", l.Family, l.Channels, limit)
	case l.Doors < 1 || l.Doors > l.Channels:
		return fmt.Errorf("%s with %d doors: want 1 to %d", l.Family, l.Doors, l.Channels)
	}
	if l.PulseMS < 0 || l.PulseMS > 10_000 || l.First < 0 || l.First > 1 {
		return fmt.Errorf("%s with a pulse of %d ms and first lock %d: want 0 to 10000 and 0 or 1", l.Family, l.PulseMS, l.First)
	}
	return nil
}

func (l Lock) pulse() time.Duration {
	if l.PulseMS == 0 {
		return usualPulse
	}
	return time.Duration(l.PulseMS) * time.Millisecond
}

// hearer is a board that speaks a protocol of its own.
type hearer interface {
	// Answer gives what the board sends when it has heard the bytes between two silences; nil for silence.
	Answer(heard []byte, at time.Time) []byte
}

// speaker is a board that speaks unasked.
type speaker interface {
	// Speak gives what it says, nil for nothing, and when to ask again; negative for never.
	Speak(at time.Time) (said []byte, again time.Duration)
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
	hearer    hearer  // nil where the board speaks Modbus, which all such boards of a line hear together
	speaker   speaker // nil where the board never does
	orders    int     // obeyed, also to channels that are not wired
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
	u.build(baud)
	return u
}

// build makes the board of the family.
func (u *lockUnit) build(baud int) {
	p := u.plan
	switch p.Family {
	case CU16:
		layout := cu16.EndLast
		if p.EndEarly {
			layout = cu16.EndEarly
		}
		one := board.NewCU16(p.Unit, layout, p.pulse(), u)
		u.board, u.hearer = one, one
	case CU48:
		one := board.NewCU48(p.Unit, p.pulse(), u)
		u.board, u.hearer = one, one
	case CU48Modbus:
		u.board = board.NewCU48Modbus(p.Unit, p.pulse(), u)
	case Lock8A:
		one := board.NewLock8A(board.Lock8ASpec{Number: p.Unit, ShortedOpen: p.ShortedOpen, Pushes: p.Pushes, Pulse: p.pulse()}, u)
		u.board, u.hearer, u.speaker = one, one, one
	case WKLY:
		one := board.NewWKLY(board.WKLYSpec{Number: p.Unit, Locks: p.Channels, First: p.First, Mute: p.Mute, Pulse: p.pulse()}, u)
		u.board, u.hearer = one, one
	default:
		u.board = board.NewRelay(p.Unit, baud, p.Channels, u)
	}
}

// Energise switches a channel's solenoid.
func (u *lockUnit) Energise(channel int, at time.Time, on bool) {
	if on {
		u.orders++
	}
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

// Closed is what a board with one contact for each lock sees of it. A lock that is not wired is open.
func (u *lockUnit) Closed(channel int, at time.Time) bool {
	switch {
	case channel >= len(u.doors):
		return false
	case u.plan.OfDoor:
		return u.doors[channel].door.SwitchShut(at)
	}
	return u.doors[channel].door.BoltLocked(at)
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

// Speak is what the lock boards say unasked; the first that has something to say is heard.
func (c *Cabinet) Speak(at time.Time) (said []byte, again time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(at)
	again = -1
	for _, u := range c.locks {
		if u.speaker == nil {
			continue
		}
		next := bootTime
		if !u.deaf(at) {
			said, next = u.speaker.Speak(at)
		}
		if next >= 0 && (again < 0 || next < again) {
			again = next
		}
		if said != nil {
			break
		}
	}
	return said, again
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
	Orders   int              `json:"orders"` // obeyed to switch a solenoid on, also to channels that are not wired
	Channels []SolenoidReport `json:"channels"`
}

func (u *lockUnit) report(at time.Time) LockReport {
	r := LockReport{Family: u.plan.Family, Unit: u.plan.Unit, Orders: u.orders, Channels: make([]SolenoidReport, len(u.doors))}
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
