package picking

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// Stop is a cabinet that the next round may visit.
type Stop struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	Minutes int                `json:"minutes"` // that it costs, the way to it included
	Totes   int                `json:"totes"`
	Must    bool               `json:"must"` // somebody has said so
	Shut    bool               `json:"shut"` // nobody can reach it when the round is
	Units   int                `json:"units"`
	Skip    Loss               `json:"skip"` // what is lost where it is not visited
}

// Limits is what a round can do; 0 is no limit.
type Limits struct {
	Minutes int
	Totes   int
}

// Ground is why a cabinet is visited, or not.
type Ground string

// The grounds; pages choose their text by them.
const (
	Wanted   Ground = "wanted"     // visited: somebody has said so
	Pays     Ground = "pays"       // visited: skipping costs more than the stop
	NoTime   Ground = "no_time"    // not visited: others save more by the minute
	NoTote   Ground = "no_tote"    // not visited: others save more, and no tote is left
	NotWorth Ground = "not_worth"  // not visited: skipping costs less than the stop
	NoneToDo Ground = "none_to_do" // not visited: nothing is to be brought or taken out
	NoWay    Ground = "no_way"     // not visited: nobody can reach it when the round is
)

// Choice is what becomes of a cabinet on the next round.
type Choice struct {
	Stop
	Chosen bool         `json:"chosen"`
	Why    Ground       `json:"why"`
	Worth  protocol.Fen `json:"worth_fen"` // what skipping it costs in all
	Price  protocol.Fen `json:"price_fen"` // what the stop costs
}

// Choose picks the cabinets of the next round: those that somebody wants visited, then those that save most by the minute, as
// long as they fit and save more than they cost. Each stop has its choice, in the order in which they were looked at.
func Choose(stops []Stop, limits Limits, p Policy) []Choice {
	all := make([]Choice, 0, len(stops))
	for _, s := range stops {
		s.Minutes, s.Totes = max(s.Minutes, 1), max(s.Totes, 1)
		all = append(all, Choice{Stop: s, Worth: s.Skip.Worth(p), Price: protocol.Fen(s.Minutes) * p.Minute})
	}
	slices.SortStableFunc(all, func(a, b Choice) int {
		if a.Must != b.Must {
			return map[bool]int{true: -1, false: 1}[a.Must]
		}
		// Fractions are compared as products: the order must not hang on how they are rounded.
		return cmp.Or(cmp.Compare(b.Worth*protocol.Fen(a.Minutes), a.Worth*protocol.Fen(b.Minutes)), cmp.Compare(a.Cabinet, b.Cabinet))
	})
	minutes, totes := 0, 0
	for i := range all {
		c := &all[i]
		c.Chosen, c.Why = c.judge(limits, minutes, totes)
		if c.Chosen {
			minutes, totes = minutes+c.Minutes, totes+c.Totes
		}
	}
	return all
}

func (c *Choice) judge(limits Limits, minutes, totes int) (bool, Ground) {
	switch {
	case !c.Must && c.Units == 0 && c.Skip.Expired == 0:
		return false, NoneToDo
	case !c.Must && c.Shut:
		return false, NoWay
	case !c.Must && c.Worth < c.Price:
		return false, NotWorth
	case limits.Minutes > 0 && minutes+c.Minutes > limits.Minutes:
		return false, NoTime
	case limits.Totes > 0 && totes+c.Totes > limits.Totes:
		return false, NoTote
	case c.Must:
		return true, Wanted
	}
	return true, Pays
}
