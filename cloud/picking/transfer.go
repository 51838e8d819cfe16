package picking

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// Transfer is goods of one article that a round takes out of a lane of one cabinet and puts into a lane of another.
type Transfer struct {
	From  Place `json:"from"`
	To    Place `json:"to"`
	Units int   `json:"units"`
	Why   Code  `json:"why"` // Expiring: they would not be sold where they lie; Store: the store has too few for the other
}

// Transfers proposes what the cabinets that a plan visits can give each other, and leaves out of what the others are brought what
// they get by it: first what would not be sold where it lies before its date, then what lies in one lane beyond what will be wanted
// there while the store has too few for another.
func (p Plan) Transfers(cabinets []Cabinet, when When, policy Policy) []Transfer {
	x := exchange{visited: p.Chosen(), when: when, policy: policy}
	for _, c := range cabinets {
		if slices.Contains(x.visited, c.ID) {
			x.needs = append(x.needs, pointers(p.Needs[c.ID])...)
		}
	}
	slices.SortStableFunc(x.needs, func(a, b *Need) int { return a.Compare(b.Place) })
	for _, why := range []Code{Expiring, Store} {
		for _, from := range x.needs {
			x.give(from, why)
		}
	}
	p.settle()
	return x.all
}

// Carry leaves out of what lanes are brought what they get of others, as somebody has said.
func (p Plan) Carry(all []Transfer) {
	for _, t := range all {
		needs := p.Needs[t.To.Cabinet]
		if i := slices.IndexFunc(needs, func(n Need) bool { return n.Place == t.To }); i >= 0 {
			needs[i].gets(t.Units)
		}
	}
	p.settle()
}

// exchange is what cabinets of one round give each other.
type exchange struct {
	visited []protocol.CabinetID
	needs   []*Need
	when    When
	policy  Policy
	all     []Transfer
}

// give shares what a lane has to spare out to those where most of it is lacking.
func (x *exchange) give(from *Need, why Code) {
	spare, hours := from.spare(why, x.when, x.policy)
	if spare == 0 {
		return
	}
	var takers []*Need
	for _, to := range x.needs {
		if to.SKU == from.SKU && to.Cabinet != from.Cabinet && to.takes(why, hours, x.policy) > 0 {
			takers = append(takers, to)
		}
	}
	slices.SortStableFunc(takers, func(a, b *Need) int {
		return cmp.Or(cmp.Compare(b.takes(why, hours, x.policy), a.takes(why, hours, x.policy)), a.Compare(b.Place))
	})
	for _, to := range takers {
		one := Transfer{from.Place, to.Place, min(spare, to.takes(why, hours, x.policy)), why}
		if _, straight := Order(x.visited, append(slices.Clip(x.all), one)); one.Units <= 0 || !straight {
			continue
		}
		spare -= one.Units
		from.given += one.Units
		to.gets(one.Units)
		x.all = append(x.all, one)
	}
}

// spare is what a lane can give, and how many hours the first of it may be sold for; 0: it does not matter.
func (n *Need) spare(why Code, when When, p Policy) (units, hours int) {
	switch {
	case n.got > 0:
		return 0, 0
	case why == Expiring: // Fresh ones may be brought in their place.
		spoils, until := spoiling(n.lane, when)
		return max(spoils-n.given, 0), until
	case n.Bring > 0:
		return 0, 0
	}
	holds := n.Proposed + int(n.lane.Demand.Expected(when.Visit))
	if n.lane.HasPar {
		holds = n.lane.Par
	}
	return max(n.kept-n.given-max(holds, n.lane.Demand.Quantile(n.lane.service(p), p.Lasts(when))), 0), 0
}

// takes is how many units a lane wants of what another has to spare.
func (n *Need) takes(why Code, hours int, p Policy) int {
	if n.lane.Leaving || n.given > 0 {
		return 0
	}
	if why == Store {
		return n.lacks()
	}
	return max(min(n.Bring+n.lacks(), n.lane.sells(0.5, hours)-n.kept-n.got), 0)
}

// lacks is how many units a lane is brought less because the store has no more.
func (n *Need) lacks() int {
	i := slices.IndexFunc(n.Why, func(r Reason) bool { return r.Code == Store })
	if i < 1 {
		return 0
	}
	return max(n.Why[i-1].Units-n.Why[i].Units-n.got, 0)
}

// gets leaves out of what is brought what comes from another lane, but for what the store did not have anyway.
func (n *Need) gets(units int) {
	fromShelf := max(units-n.lacks(), 0)
	n.got += units
	if fromShelf > 0 {
		n.because(Reason{Code: Moved, Units: max(n.Bring-fromShelf, 0)})
	}
}

// spoiling is how many units of a lane that the visit can still take elsewhere are not sold there in time, and in how many hours the
// first of them must be.
func spoiling(l *Lane, when When) (units, hours int) {
	sold := 0
	for _, lot := range Lying(l.Lots, l.Book) {
		if lot.Until == "" {
			continue
		}
		left := max(when.until(lot.Until), 0)
		sells := min(max(l.sells(0.5, left)-sold, 0), lot.Units)
		sold += sells
		if left <= when.Visit || sells == lot.Units {
			continue
		}
		if units += lot.Units - sells; hours == 0 {
			hours = left
		}
	}
	return units, hours
}

// Order puts cabinets so that each comes after those that it gets goods from, and else leaves them as they are; false where they go
// around in a circle.
func Order(cabinets []protocol.CabinetID, transfers []Transfer) ([]protocol.CabinetID, bool) {
	left, order := slices.Clone(cabinets), make([]protocol.CabinetID, 0, len(cabinets))
	for len(left) > 0 {
		next := slices.IndexFunc(left, func(id protocol.CabinetID) bool {
			return !slices.ContainsFunc(transfers, func(t Transfer) bool {
				return t.To.Cabinet == id && t.From.Cabinet != id && slices.Contains(left, t.From.Cabinet)
			})
		})
		if next < 0 {
			return cabinets, false
		}
		order = append(order, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return order, true
}
