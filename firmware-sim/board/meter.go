package board

import (
	"math"
	"slices"
	"time"

	"allhours/protocol"
)

// Converter is one load cell with its analogue-to-digital converter.
type Converter interface {
	// ConversionAt is the index of the newest conversion at a time.
	ConversionAt(at time.Time) int64
	// Conversion is the k-th one, in grams; false when the converter does not answer.
	Conversion(k int64) (grams float64, ok bool)
}

// Status bits, as both weight boards report them.
const (
	StatusOverload = 1 << 9
	StatusAtZero   = 1 << 7
	StatusOverflow = 1 << 6
	StatusUnstable = 1 << 5
	StatusNegative = 1 << 3
)

// tracking is a correction that a weight board makes on its own: range in tenths of a division and time in tenths of a
// second, 0 for off.
type tracking struct {
	zeroRange, zeroTime   uint16
	creepRange, creepTime uint16
}

// factoryTracking is what the boards wake up with. It swallows goods that leave slowly, which is why an agent must
// switch it off.
func factoryTracking() tracking {
	return tracking{zeroRange: 5, zeroTime: 10, creepRange: 20, creepTime: 10}
}

// meter turns conversions into what a weight board shows.
type meter struct {
	converter Converter
	divisionG float64
	capacityG float64
	window    int64 // conversions that the filter averages
	stableD   float64
	stableFor int64 // conversions over which a stable reading keeps within stableD divisions

	tracking  tracking
	followed  float64 // grams that tracking took for creep or for a wandering zero
	reference float64 // filtered grams at the last look of the tracking
	lookedAt  time.Time
	zero      float64 // grams that were zeroed by command
	tare      float64

	said []protocol.Milligrams // lately shown, oldest first; what a fault kept back among it
}

// remembered is how many weights a board remembers to have shown.
const remembered = 256

func newMeter(converter Converter, capacityG, divisionG float64) *meter {
	return &meter{
		converter: converter, divisionG: divisionG, capacityG: capacityG,
		window: 4, stableD: 3, stableFor: 12, tracking: factoryTracking(),
	}
}

// filtered is the average of the window that ends with conversion k, in grams.
func (m *meter) filtered(k int64) (float64, bool) {
	sum := 0.0
	for i := range m.window {
		g, ok := m.converter.Conversion(k - i)
		if !ok {
			return 0, false
		}
		sum += g
	}
	return sum / float64(m.window), true
}

// gross is the shown weight in grams, rounded to the division, and its status bits.
func (m *meter) gross(at time.Time) (grams float64, status uint16) {
	m.track(at)
	k := m.converter.ConversionAt(at)
	raw, ok := m.filtered(k)
	if !ok {
		return 0, StatusOverflow
	}
	exact := raw - m.zero - m.followed
	grams = math.Round(exact/m.divisionG) * m.divisionG
	switch {
	case raw > m.capacityG+9*m.divisionG:
		status |= StatusOverload
	case math.Abs(exact) < m.divisionG/4:
		status |= StatusAtZero
	}
	if grams < 0 {
		status |= StatusNegative
	}
	if !m.stable(k, raw) {
		status |= StatusUnstable
	}
	if len(m.said) == remembered {
		m.said = slices.Delete(m.said, 0, 1)
	}
	m.said = append(m.said, protocol.FromGrams(grams))
	return grams, status
}

// restart brings back what the board wakes up with.
func (m *meter) restart() {
	m.tracking, m.followed, m.zero, m.tare, m.lookedAt = factoryTracking(), 0, 0, 0, time.Time{}
}

func (m *meter) stable(k int64, raw float64) bool {
	for back := m.window; back <= m.stableFor; back += m.window {
		before, ok := m.filtered(k - back)
		if !ok || math.Abs(before-raw) > m.stableD*m.divisionG {
			return false
		}
	}
	return true
}

// setTracking switches the automatic corrections. Switching all of them off takes back what they had followed.
func (m *meter) setTracking(t tracking) {
	if t.creepRange == 0 && t.zeroRange == 0 {
		m.followed = 0
	}
	m.tracking = t
}

// track lets the board's own corrections work through the time since it looked last.
func (m *meter) track(at time.Time) {
	step := m.interval()
	if step == 0 || m.lookedAt.IsZero() {
		m.look(at)
		return
	}
	const atMost = 600 // looks to catch up with after a long silence; older ones are skipped
	if at.Sub(m.lookedAt) > atMost*step {
		m.look(at.Add(-atMost * step))
	}
	for next := m.lookedAt.Add(step); !next.After(at); next = next.Add(step) {
		m.follow(next)
	}
}

func (m *meter) interval() time.Duration {
	const tenth = 100 * time.Millisecond
	switch {
	case m.tracking.creepRange > 0:
		return max(1, time.Duration(m.tracking.creepTime)) * tenth
	case m.tracking.zeroRange > 0:
		return max(1, time.Duration(m.tracking.zeroTime)) * tenth
	}
	return 0
}

func (m *meter) look(at time.Time) {
	if g, ok := m.filtered(m.converter.ConversionAt(at)); ok {
		m.reference, m.lookedAt = g, at
	}
}

// follow takes a small change since the last look for creep, and a small weight for a wandering zero.
func (m *meter) follow(at time.Time) {
	before := m.reference
	m.look(at)
	m.lookedAt = at
	tenth := m.divisionG / 10
	if change := m.reference - before; math.Abs(change) <= float64(m.tracking.creepRange)*tenth {
		m.followed += change
	}
	if shown := m.reference - m.zero - m.followed; math.Abs(shown) <= float64(m.tracking.zeroRange)*tenth {
		m.followed += shown
	}
}

// zeroNow makes what lies there zero; false when that is more than share of the capacity.
func (m *meter) zeroNow(at time.Time, share float64) bool {
	g, ok := m.filtered(m.converter.ConversionAt(at))
	if !ok || math.Abs(g) > share*m.capacityG {
		return false
	}
	m.zero, m.followed = g, 0
	return true
}
