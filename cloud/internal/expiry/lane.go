package expiry

import (
	"context"
	"slices"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// laneEntries is how much of what was booked in a lane is told.
const laneEntries = 50

// Lane implements cloud.Expiry.
func (s *Service) Lane(ctx context.Context, at picking.Place) (h cloud.LaneHistory, err error) {
	h.Moved = make(map[ledger.Ref]cloud.Movement)
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if h.Cabinet, err = tx.Cabinets.Find(at.Cabinet); err != nil {
			return err
		}
		if !slices.ContainsFunc(h.Cabinet.Platforms, func(p cloud.Platform) bool { return p.ID == at.Platform }) {
			return protocol.Errorf(cloud.CodeNotFound, "cabinet %s has no platform %q", at.Cabinet, at.Platform)
		}
		l, err := s.look(tx)
		if err != nil {
			return err
		}
		if _, known := l.articles[at.SKU]; !known {
			return protocol.Errorf(cloud.CodeNotFound, "there is no article %q", at.SKU)
		}
		place := ledger.Stock(at.Cabinet, at.Platform)
		if h.LaneLots, err = l.lane(place, at); err != nil {
			return err
		}
		prices, err := l.prices(at.Cabinet)
		if err != nil {
			return err
		}
		h.Price = prices[at.SKU]
		if h.Entries, err = tx.Ledger.Latest(place, ledger.Article(at.SKU), laneEntries); err != nil {
			return err
		}
		return moved(tx, h.Entries, h.Moved)
	})
	return h, err
}

// moved finds the movements that entries were made of.
func moved(tx cloud.Tx, entries []ledger.Entry, into map[ledger.Ref]cloud.Movement) error {
	for _, e := range entries {
		id, of := e.Ref.Movement()
		if !of {
			continue
		}
		m, err := tx.Movements.Find(id)
		if err != nil {
			return err
		}
		into[e.Ref] = m
	}
	return nil
}
