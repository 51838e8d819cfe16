package ledger

import (
	"strings"
	"time"

	"allhours/protocol"
)

// Day is a day of a store, as 2006-01-02 in the chain's time zone. Days order as their text does.
type Day string

// DayOf is the day that a moment lies in.
func DayOf(at time.Time, zone *time.Location) Day { return Day(at.In(zone).Format(time.DateOnly)) }

// Valid reports a day that is one.
func (d Day) Valid() bool {
	at, err := time.Parse(time.DateOnly, string(d))
	return err == nil && at.Format(time.DateOnly) == string(d)
}

// Add is the day some days later, or before.
func (d Day) Add(days int) Day {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return Day(at.AddDate(0, 0, days).Format(time.DateOnly))
}

// Until is how many days another day is after this one; below zero it is before.
func (d Day) Until(other Day) int {
	a, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0
	}
	b, err := time.Parse(time.DateOnly, string(other))
	if err != nil {
		return 0
	}
	return int(b.Sub(a) / (24 * time.Hour))
}

// Span is from the first moment of the day to that of the next, by the clocks of a zone.
func (d Day) Span(zone *time.Location) (from, to time.Time) {
	return d.first(zone), d.Add(1).first(zone)
}

// first is the day's first moment. Where clocks are changed at midnight, there is no midnight on that day, or there are two.
func (d Day) first(zone *time.Location) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return at
	}
	before, after := at.ZoneBounds()
	if DayOf(at, zone) < d {
		return after
	}
	if DayOf(before.Add(-1), zone) != d {
		return at
	}
	_, was := before.Add(-1).Zone()
	_, is := at.Zone()
	return at.Add(time.Duration(is-was) * time.Second)
}

// Pile is what a posting counts towards when a day is looked at: accounts of single visits and persons are too many to look
// at one by one. Money piles up as <kind>:<store>:<cabinet>; goods by their account where it names a place, else as
// <account>:<cabinet>.
func (e Entry) Pile(p Posting) Account {
	kind, rest, _ := strings.Cut(string(p.Account), ":")
	if p.Unit == Fen {
		return Account(kind + ":" + e.Store + ":" + string(e.Cabinet))
	}
	switch kind {
	case "stock", "stray", "sold", "shop", "van", "hands":
		return p.Account
	case "undecided":
		return PileOf("undecided", e.Cabinet)
	}
	if rest != "" {
		kind += ":" + rest
	}
	return PileOf(Account(kind), e.Cabinet)
}

// PileOf is where goods of a cabinet pile up that came from or went to a kind of account.
func PileOf(kind Account, cabinet protocol.CabinetID) Account { return kind + ":" + Account(cabinet) }
