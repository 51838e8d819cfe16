package storeday

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// just is as little time as is told apart.
const just = time.Millisecond

// standing finds the cabinets that stood with the store on the day, and where they stood around it. A cabinet that moves in
// the first moment of a day stood elsewhere the moment before, and moves on that day.
func (a *adding) standing() (err error) {
	if a.cabinets, err = a.tx.Facts.Cabinets(a.store, a.from.Add(-just), a.end().Add(just)); err != nil {
		return err
	}
	yesterday, _ := a.day.Add(-1).Span(a.zone)
	stays, err := a.tx.Stays.Around(a.store, yesterday, a.end().Add(just))
	a.stays = make(map[protocol.CabinetID][]cloud.Stay, len(a.cabinets))
	for _, s := range stays {
		a.stays[s.Cabinet] = append(a.stays[s.Cabinet], s)
	}
	return err
}

// end is the last moment of the day that there has been.
func (a *adding) end() time.Time {
	if a.over {
		return a.to.Add(-just)
	}
	return a.until
}

// stood reports whether a cabinet stood with the store at a moment around the day.
func (a *adding) stood(cabinet protocol.CabinetID, at time.Time) bool {
	return slices.ContainsFunc(a.stays[cabinet], func(s cloud.Stay) bool { return s.Store == a.store && s.Covers(at) })
}

// left is until when the day of a cabinet lasted here; for one that never stood here, for no time.
func (a *adding) left(cabinet protocol.CabinetID) (at time.Time) {
	for _, s := range a.stays[cabinet] {
		if s.Store != a.store {
			continue
		}
		if at = s.Until; at.IsZero() || at.After(a.until) {
			at = a.until
		}
	}
	return at
}

// stores are those that may have booked what lies in the cabinets.
func (a *adding) stores() []cloud.StoreID {
	all := []cloud.StoreID{a.store}
	for _, stays := range a.stays {
		for _, s := range stays {
			if !slices.Contains(all, s.Store) {
				all = append(all, s.Store)
			}
		}
	}
	return all
}

// moves lists the cabinets that came and went on the day, in order of time.
func (a *adding) moves() []cloud.CabinetMove {
	all := []cloud.CabinetMove{}
	for _, stays := range a.stays {
		for i, s := range stays {
			m := cloud.CabinetMove{Cabinet: s.Cabinet, At: s.From, To: s.Store}
			if i > 0 {
				m.From = stays[i-1].Store
			}
			if !s.From.Before(a.from) && (m.From == a.store || m.To == a.store) {
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(x, y cloud.CabinetMove) int {
		return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Cabinet, y.Cabinet))
	})
	return all
}

// own leaves of a cabinet's shelves what was the store's at each end of the day. The goods of a cabinet that is moved go with
// it: they leave one store and come to the other.
func (a *adding) own(shelves []reconcile.Shelf) []reconcile.Shelf {
	if a.began == nil {
		a.began = make(map[place]int64)
	}
	for i := range shelves {
		s := &shelves[i]
		if !s.Stray {
			a.began[place{s.Cabinet, s.SKU}] += s.Opening
		}
		if !a.stood(s.Cabinet, a.from.Add(-just)) {
			s.Opening = 0
		}
		if !a.stood(s.Cabinet, a.end()) {
			s.Closing = 0
		}
	}
	return shelves
}

// booked adds the cabinets of which something was booked here though they stood elsewhere by then: a visit belongs to the
// store with which its cabinet stood when it began.
func (a *adding) booked(piles []reconcile.Pile) error {
	for _, p := range piles {
		if err := a.add(p.Cabinet); err != nil {
			return err
		}
	}
	return nil
}

// named adds the cabinets that the day's figures name.
func (a *adding) named(d cloud.StoreDay) error {
	for _, g := range d.Goods {
		if err := a.add(g.Cabinet); err != nil {
			return err
		}
	}
	for _, cabinet := range slices.Sorted(maps.Keys(d.Earned)) {
		if err := a.add(cabinet); err != nil {
			return err
		}
	}
	return nil
}

func (a *adding) add(cabinet protocol.CabinetID) error {
	if cabinet == "" || slices.ContainsFunc(a.cabinets, func(c cloud.Cabinet) bool { return c.ID == cabinet }) {
		return nil
	}
	c, err := a.tx.Cabinets.Find(cabinet)
	if protocol.CodeOf(err) == cloud.CodeUnknownCabinet {
		return nil
	}
	if err == nil {
		a.cabinets = append(a.cabinets, c)
	}
	return err
}
