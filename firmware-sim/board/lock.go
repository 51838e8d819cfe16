package board

import "time"

// LockWiring is what hangs on a lock board that has a solenoid and one contact for each lock.
type LockWiring interface {
	// Energise switches a lock's solenoid; it is called for every order, also where that changes nothing.
	Energise(channel int, at time.Time, on bool)
	// Closed tells whether a lock's contact says locked, or shut.
	Closed(channel int, at time.Time) bool
}

// pulser energises solenoids for the time that the board is set to. A lock that fires already is left to its own end: the
// board is busy with it.
type pulser struct {
	wiring LockWiring
	pulse  time.Duration
	offAt  []time.Time // zero where none fires
}

func newPulser(locks int, pulse time.Duration, wiring LockWiring) pulser {
	return pulser{wiring: wiring, pulse: pulse, offAt: make([]time.Time, locks)}
}

// Advance ends the pulses whose time is over. Whoever looks at what the board feeds calls it first.
func (p *pulser) Advance(at time.Time) {
	for ch, off := range p.offAt {
		if !off.IsZero() && !off.After(at) {
			p.wiring.Energise(ch, off, false)
			p.offAt[ch] = time.Time{}
		}
	}
}

// Restart is what a dip of the supply does: every solenoid falls off.
func (p *pulser) Restart(at time.Time) {
	for ch, off := range p.offAt {
		if !off.IsZero() {
			p.wiring.Energise(ch, at, false)
			p.offAt[ch] = time.Time{}
		}
	}
}

// fire begins a pulse; it reports whether the board has that lock.
func (p *pulser) fire(ch int, at time.Time) bool {
	if ch < 0 || ch >= len(p.offAt) {
		return false
	}
	p.wiring.Energise(ch, at, true)
	if p.offAt[ch].IsZero() {
		p.offAt[ch] = at.Add(p.pulse)
	}
	return true
}

// fireAll begins a pulse of every lock.
func (p *pulser) fireAll(at time.Time) {
	for ch := range p.offAt {
		p.fire(ch, at)
	}
}

// closed packs the contacts, bit 0 for the first lock.
func (p *pulser) closed(at time.Time) (bits uint64) {
	for ch := range p.offAt {
		if p.wiring.Closed(ch, at) {
			bits |= 1 << ch
		}
	}
	return bits
}

// scan lists the requests that a board finds in what it heard, sliding over what is none.
func scan[Request any](heard []byte, parse func([]byte) (Request, int, error)) []Request {
	var found []Request
	for len(heard) > 0 {
		req, n, err := parse(heard)
		if err != nil {
			n = 1
		} else {
			found = append(found, req)
		}
		heard = heard[n:]
	}
	return found
}
