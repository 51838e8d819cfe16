package cloud

import "time"

// RoundHabit is when the rounds of a store are walked, and what one of them can do.
type RoundHabit struct {
	Store   StoreID
	Minute  int       // after midnight, by the chain's clocks
	Days    uint8     // of the week, Monday the lowest bit
	Minutes int       // that a round may take; 0: no limit
	Totes   int       // that it carries; 0: no limit
	By      string    // who said so; empty: nobody has
	At      time.Time // when
}

// EveryDay is all days of the week.
const EveryDay uint8 = 1<<7 - 1

// beforeClosing is how long before a store shuts its round is walked where nobody has said otherwise: late enough that the cabinets
// are full for the night, early enough to be back.
const beforeClosing = 120

// UsualHabit is the habit of a store of which nobody has said one: each day, two hours before it shuts, at eight in the evening where
// its hours are not known.
func UsualHabit(s Store) RoundHabit {
	shuts := 0
	for _, h := range s.Hours {
		shuts = max(shuts, h.Close)
	}
	h := RoundHabit{Store: s.ID, Minute: 20 * 60, Days: EveryDay}
	if shuts > beforeClosing && shuts < 24*60 {
		h.Minute = shuts - beforeClosing
	}
	return h
}

// Valid reports a habit that can be kept.
func (h RoundHabit) Valid() bool {
	return h.Minute >= 0 && h.Minute < 24*60 && h.Days > 0 && h.Days <= EveryDay && h.Minutes >= 0 && h.Minutes <= 24*60 && h.Totes >= 0 && h.Totes <= 1000
}

// After is the first round after a moment of the chain's own zone.
func (h RoundHabit) After(at time.Time) time.Time {
	for n := 0; ; n++ {
		next := time.Date(at.Year(), at.Month(), at.Day()+n, h.Minute/60, h.Minute%60, 0, 0, at.Location())
		weekday := (int(next.Weekday()) + 6) % 7
		if h.Days>>weekday&1 == 1 && next.After(at) {
			return next
		}
	}
}

// RoundHabits keep when the rounds of each store are walked.
type RoundHabits interface {
	Save(h RoundHabit) error
	// Find is false where nobody has said one.
	Find(store StoreID) (h RoundHabit, found bool, err error)
}
