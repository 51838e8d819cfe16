package demand

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// span is some time of a day.
type span struct{ from, to time.Time }

// shelves are what lay and moved in the cabinets of a store on one day.
type shelves struct {
	span
	zone    *time.Location
	opening map[picking.Place]int64
	flows   []cloud.GoodsFlow
	stopped func(picking.Place) []span // when its compartment did not sell, in order
}

// lane is one place through its day.
type lane struct {
	units int64
	since time.Time // since when units lie there
	there []span    // when some lay there
	sold  [24]int
}

// sales are what was sold of each article in each cabinet hour by hour, and the shares of the hours in which it could be.
func (s shelves) sales() []forecast.Sales {
	lanes := make(map[picking.Place]*lane, len(s.opening))
	for at, units := range s.opening {
		lanes[at] = &lane{units: units, since: s.from}
	}
	for _, f := range s.flows {
		l := lanes[f.Place]
		if l == nil {
			l = &lane{}
			lanes[f.Place] = l
		}
		l.move(f, s)
	}
	type pair struct {
		cabinet protocol.CabinetID
		sku     protocol.SKU
	}
	found := make(map[pair]*forecast.Sales, len(lanes))
	var order []pair
	for _, at := range slices.SortedFunc(maps.Keys(lanes), picking.Place.Compare) {
		l, p := lanes[at], pair{at.Cabinet, at.SKU}
		l.rest(s.to)
		of := found[p]
		if of == nil {
			of = &forecast.Sales{Cabinet: at.Cabinet, SKU: at.SKU}
			found[p] = of
			order = append(order, p)
		}
		for h, units := range l.sold {
			of.Sold[h] += units
		}
		for _, open := range without(l.there, s.stopped(at)) {
			s.able(of, open)
		}
	}
	slices.SortFunc(order, func(a, b pair) int { return cmp.Or(cmp.Compare(a.cabinet, b.cabinet), cmp.Compare(a.sku, b.sku)) })
	all := make([]forecast.Sales, 0, len(order))
	for _, p := range order {
		all = append(all, *found[p])
	}
	return all
}

// move takes in one change. What is booked to the day and happened before it lay there from its beginning on.
func (l *lane) move(f cloud.GoodsFlow, s shelves) {
	at := f.At
	if at.Before(s.from) {
		at = s.from
	}
	if at.After(s.to) {
		at = s.to
	}
	l.rest(at)
	l.units, l.since = l.units+f.Units, at
	if f.Sold && f.At.Equal(at) && at.Before(s.to) {
		l.sold[at.In(s.zone).Hour()] -= int(f.Units)
	}
}

// rest ends what lay there until a moment.
func (l *lane) rest(until time.Time) {
	if l.units > 0 && l.since.Before(until) {
		l.there = append(l.there, span{l.since, until})
	}
	l.since = until
}

// able adds a time in which the article could be bought. One that lies in two places can be bought where it lies in one.
func (s shelves) able(of *forecast.Sales, open span) {
	for at := open.from; at.Before(open.to); {
		clock := at.In(s.zone)
		next := at.Add(time.Hour - time.Duration(clock.Minute())*time.Minute - time.Duration(clock.Second())*time.Second - time.Duration(clock.Nanosecond()))
		if next.After(open.to) {
			next = open.to
		}
		h := clock.Hour()
		of.Able[h] = min(of.Able[h]+next.Sub(at).Hours(), 1)
		at = next
	}
}

// without takes times out of others; both are in order.
func without(spans, out []span) (left []span) {
	for _, s := range spans {
		for _, o := range out {
			if !o.to.After(s.from) || !o.from.Before(s.to) {
				continue
			}
			if o.from.After(s.from) {
				left = append(left, span{s.from, o.from})
			}
			s.from = o.to
			if !s.from.Before(s.to) {
				break
			}
		}
		if s.from.Before(s.to) {
			left = append(left, s)
		}
	}
	return left
}
