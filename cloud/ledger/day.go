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
