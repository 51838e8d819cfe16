package cloud

import (
	"slices"
	"time"

	"allhours/cloud/coverage"
)

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

// RoundTimes are when the rounds of a store are walked: by its habit, where its hours of the day let them be.
type RoundTimes struct {
	RoundHabit
	Calendar coverage.Calendar // in the chain's zone
}

// RoundTimes reads those of a store, as they are usual where nobody has said them.
func (tx Tx) RoundTimes(s Store, zone *time.Location) (t RoundTimes, err error) {
	habit, found, err := tx.Habits.Find(s.ID)
	if err != nil {
		return t, err
	}
	if !found {
		habit = UsualHabit(s)
	}
	special, err := tx.Special.Of(s.ID)
	if err != nil {
		return t, err
	}
	days := coverage.Calendar{Zone: zone, Usual: []coverage.Hours{{Spans: Minutes(s.Hours)}}, Special: SpecialDays(special)}
	return RoundTimes{habit, days}, nil
}

// After is the first round after a moment.
func (t RoundTimes) After(at time.Time) time.Time {
	at = at.In(t.Calendar.Zone)
	for n := 0; ; n++ {
		day := time.Date(at.Year(), at.Month(), at.Day()+n, 0, 0, 0, 0, at.Location())
		minute, walked := t.on(day)
		next := time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, at.Location())
		if walked && next.After(at) {
			return next
		}
	}
}

// on is the minute of a day at which its round is walked; false where there is none. On a day of special hours it is the usual one as
// long as the store is open then, else so long before it shuts; who does not open has nobody there to pick.
func (t RoundTimes) on(day time.Time) (minute int, walked bool) {
	weekday := (int(day.Weekday()) + 6) % 7
	spans, special := t.Calendar.Special[day.Format(time.DateOnly)]
	switch walked = t.Days>>weekday&1 == 1; {
	case !walked || !special:
		return t.Minute, walked
	case len(spans) == 0:
		return 0, false
	case slices.ContainsFunc(spans, func(s coverage.Minutes) bool { return s.Open <= t.Minute && (t.Minute < s.Close || s.Close <= s.Open) }):
		return t.Minute, true
	}
	last := spans[len(spans)-1]
	return max(last.Close-beforeClosing, last.Open), true
}

// RoundHabits keep when the rounds of each store are walked.
type RoundHabits interface {
	Save(h RoundHabit) error
	// Find is false where nobody has said one.
	Find(store StoreID) (h RoundHabit, found bool, err error)
}
