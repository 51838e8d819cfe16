package picking

import (
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Policy is what a chain wants of its refills.
type Policy struct {
	Service   float64 // how surely an article lasts until the visit after the next, 0 to 1
	Essential float64 // the same of an essential one
	// Days is for how many of them what is brought shall last, where the lane has the room and it keeps as long: a round goes
	// where it saves most, so that a cabinet may have to wait. Until the round after the next it lasts anyway.
	Days  int
	Least int // units that lie in every lane after a visit: what is never there is never sold
	// Keep is how surely a unit of an essential article that spoils must be sold to be brought, 0 to 1. Of others as much is
	// wanted as makes what it earns outweigh what it costs.
	Keep float64
	// Waste is how many times what it costs a unit counts that is not sold in time, 1 or more: it is carried there and back,
	// and the next visit could have brought it.
	Waste      float64
	RoundUp    int          // percent of a case at most that are added to make a case whole
	Worth      int          // how many times its margin an essential unit counts where goods or room are short
	Minute     protocol.Fen // what a minute of a round costs
	NightHour  protocol.Fen // what it is worth that one category of essentials is there for one more hour of a night
	ExpiredOut protocol.Fen // what it is worth that a unit whose date is over is taken out
	Photo      bool         // a stop is not left before there is a picture of all that is thrown away there
}

// Usual is the policy of a chain that has not said another.
func Usual() Policy {
	return Policy{
		Service: 0.9, Essential: 0.98, Days: 7, Least: 1, Keep: 0.35, Waste: 2, RoundUp: 20, Worth: 3,
		Minute: 60, NightHour: 2000, ExpiredOut: 1000,
	}
}

// Bound is between what a number of a policy may be.
type Bound struct{ From, To float64 }

// Has reports a number within the bound.
func (b Bound) Has(n float64) bool { return n >= b.From && n <= b.To }

// Bounds are those of a policy, each in the unit of its number; what lies beyond them is a slip of the pen.
type Bounds struct {
	Service, Essential, Days, Least, Keep, Waste, RoundUp, Worth, Minute, NightHour, ExpiredOut Bound
}

// PolicyBounds are what a policy is held to.
func PolicyBounds() Bounds {
	return Bounds{
		Service: Bound{0.5, 0.999}, Essential: Bound{0.5, 0.999}, Days: Bound{0, 28}, Least: Bound{0, 5}, Keep: Bound{0, 0.95}, Waste: Bound{1, 10},
		RoundUp: Bound{0, 100}, Worth: Bound{1, 20}, Minute: Bound{0, 1_000}, NightHour: Bound{0, 100_000}, ExpiredOut: Bound{0, 100_000},
	}
}

// Valid reports a policy that lies within its bounds.
func (p Policy) Valid() bool {
	b := PolicyBounds()
	return b.Service.Has(p.Service) && b.Essential.Has(p.Essential) && b.Days.Has(float64(p.Days)) && b.Least.Has(float64(p.Least)) && b.Keep.Has(p.Keep) &&
		b.Waste.Has(p.Waste) && b.RoundUp.Has(float64(p.RoundUp)) && b.Worth.Has(float64(p.Worth)) && b.Minute.Has(float64(p.Minute)) &&
		b.NightHour.Has(float64(p.NightHour)) && b.ExpiredOut.Has(float64(p.ExpiredOut))
}

// Span is hours from now, the last not included.
type Span struct {
	From, To int
}

// When is the time of a round.
type When struct {
	Visit  int        // hours until the cabinets are visited
	After  int        // hours until they could be visited the next time after it
	Nights []Span     // when their store is shut, until After at least
	Today  ledger.Day // that it is now
	Rest   int        // hours until today is over
}

// Lasts is until how many hours from now what is brought shall last.
func (p Policy) Lasts(w When) int { return max(w.Visit+24*p.Days, w.After) }

// until is how many hours are left until the end of a day; below zero where that was before today.
func (w When) until(day ledger.Day) int { return w.Rest + 24*w.Today.Until(day) }
