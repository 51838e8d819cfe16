package picking

import "math"

// Need is what a lane is to be brought on the next visit.
type Need struct {
	Place
	Book     int      `json:"book"`
	Expired  int      `json:"expired"`  // units that will be past their date when the visit is, to be taken out
	Proposed int      `json:"proposed"` // the par that its demand asks for, whatever is set
	Bring    int      `json:"bring"`
	Lots     []Lot    `json:"lots,omitempty"` // of the store's that it is brought, where their dates are known
	Why      []Reason `json:"why"`            // the first step first
	// Lost is how many units more are expected to be asked for in vain until the round after the next where the cabinet is
	// skipped than where it is brought this.
	Lost float64 `json:"lost"`

	lane *Lane
	kept int // units that lie there and will be sold before their date

	given, got int // units that a transfer takes out, and puts in
}

// Needs is what the lanes of a cabinet are to be brought, as if the store had all of it. They are in the cabinet's order.
func Needs(c *Cabinet, when When, p Policy) []Need {
	var all []Need
	for i := range c.Platforms {
		surface := &c.Platforms[i]
		first := len(all)
		for n := range surface.Lanes {
			lane := &surface.Lanes[n]
			all = append(all, need(Place{c.ID, surface.ID, lane.SKU}, lane, when, p))
		}
		bear(all[first:], surface.Capacity, when, p)
	}
	for i := range all {
		all[i].Lost = all[i].saved(when)
	}
	return all
}

func need(at Place, lane *Lane, when When, p Policy) Need {
	n := Need{Place: at, Book: lane.Book, lane: lane}
	spoiling := 0
	n.kept, spoiling, n.Expired = keeping(lane, when)
	if spoiling > 0 {
		n.Why = append(n.Why, Reason{Code: Expiring, Units: spoiling})
	}
	n.want(when, p)
	if n.Bring > 0 {
		n.wholeCase(p)
		n.beforeItSpoils(when, p)
		n.fit(when)
	}
	return n
}

// want is what the par or the demand asks for.
func (n *Need) want(when When, p Policy) {
	lane := n.lane
	service, hours := lane.service(p), p.Lasts(when)
	last := lane.Demand.Quantile(service, hours)
	n.Proposed = max(last-int(lane.Demand.Expected(when.Visit)), p.Least)
	if lane.Life > 0 {
		n.Proposed = min(n.Proposed, lane.keeps(lane.Life, p))
	}
	if lane.Holds > 0 {
		n.Proposed = min(n.Proposed, lane.Holds)
	}
	switch {
	case lane.Leaving:
		n.Proposed = 0
		n.because(Reason{Code: Leaving})
	case lane.HasPar:
		sold := min(n.kept, lane.Demand.Quantile(0.5, when.Visit))
		n.because(Reason{Code: Par, Units: max(lane.Par-n.kept+sold, 0)})
	case last > n.kept:
		n.because(Reason{Code: Service, Units: last - n.kept, Percent: int(math.Round(service * 100)), Hours: hours})
	case n.kept < p.Least:
		n.because(Reason{Code: Least, Units: p.Least - n.kept})
	default:
		n.because(Reason{Code: Enough, Percent: int(math.Round(service * 100)), Hours: hours})
	}
}

// wholeCase adds what makes a case whole, where that is little.
func (n *Need) wholeCase(p Policy) {
	size := n.lane.Case
	if size <= 1 || n.lane.HasPar {
		return
	}
	if lacks := (size - n.Bring%size) % size; lacks > 0 && lacks*100 <= size*p.RoundUp {
		n.because(Reason{Code: Case, Units: n.Bring + lacks})
	}
}

// beforeItSpoils leaves out what would not be sold before its date: what lies there is sold first.
func (n *Need) beforeItSpoils(when When, p Policy) {
	lane := n.lane
	if lane.Life <= 0 {
		return
	}
	hours := when.Visit + lane.Life
	if keeps := max(lane.keeps(hours, p)-n.kept, 0); keeps < n.Bring {
		n.because(Reason{Code: Spoils, Units: keeps, Hours: hours})
	}
}

// fit leaves out what the lane has no room for, with what is all but surely sold by then gone.
func (n *Need) fit(when When) {
	if n.lane.Holds <= 0 {
		return
	}
	if room := max(n.lane.Holds-n.there(when), 0); room < n.Bring {
		n.because(Reason{Code: Room, Units: room})
	}
}

// there is how many units the visit finds at most, with a probability of 90 %, what expired by then taken out.
func (n *Need) there(when When) int {
	stock := max(n.Book, 0) - n.Expired
	return stock - min(stock, n.lane.Demand.Quantile(0.1, when.Visit))
}

// Comes leaves out what another round is bringing.
func (n *Need) Comes(units int) {
	if units = min(units, n.Bring); units > 0 {
		n.because(Reason{Code: Coming, Units: n.Bring - units})
	}
}

func (n *Need) because(r Reason) {
	n.Bring = r.Units
	n.Why = append(n.Why, r)
}

// saved is what is lost by a skipped visit and would not be lost by one that brings all this.
func (n *Need) saved(when When) float64 {
	if n.Bring == 0 {
		return 0
	}
	d := n.lane.Demand
	return math.Max(d.Lost(n.kept, when.After)-d.Lost(n.kept, when.Visit)-d.Lost(n.kept+n.Bring, when.After), 0)
}

func (l *Lane) service(p Policy) float64 {
	switch {
	case l.Service > 0:
		return l.Service
	case l.Essential:
		return p.Essential
	}
	return p.Service
}

// risk is how likely it may be that a unit which spoils is not sold in time: as likely as it still earns more when it is sold
// than it costs when it is not, each by its chance.
func (l *Lane) risk(p Policy) float64 {
	earns, costs := 0.5, 0.5
	if l.Price > 0 && l.Cost > 0 { // What nobody has said the cost of is not free.
		earns, costs = float64(l.margin()), float64(l.Price-l.margin())
	}
	risk := earns / (earns + costs*max(p.Waste, 1))
	if l.Essential {
		return math.Max(risk, 1-p.Keep)
	}
	return risk
}

// keeps is how many units may lie there that spoil after so many hours. Of what is essential the least lies there though it may
// not be sold in time: who needs it at night has nowhere else to go.
func (l *Lane) keeps(hours int, p Policy) int {
	units := l.sells(l.risk(p), hours)
	if l.Essential {
		return max(units, p.Least)
	}
	return units
}

// sells is how many units are wanted within hours that may be more than the demand reaches: beyond it the mean goes on.
func (l *Lane) sells(p float64, hours int) int {
	reach := l.Demand.Hours()
	if hours <= reach || reach == 0 {
		return l.Demand.Quantile(p, hours)
	}
	return int(l.Demand.Expected(reach) * float64(hours) / float64(reach))
}

// keeping is how many of the units that lie there are sold before their date, how many are not, and how many of those will be
// past it at the visit.
func keeping(l *Lane, when When) (kept, spoiling, expired int) {
	stock := max(l.Book, 0)
	if len(l.Lots) == 0 {
		return stock, 0, 0
	}
	sold := 0
	for _, lot := range Lying(l.Lots, stock) {
		if lot.Until == "" {
			kept += lot.Units
			continue
		}
		hours := max(when.until(lot.Until), 0)
		sells := min(max(l.sells(0.5, hours)-sold, 0), lot.Units)
		sold += sells
		kept += sells
		spoiling += lot.Units - sells
		if hours <= when.Visit {
			expired += lot.Units - sells
		}
	}
	return kept, spoiling, expired
}
