package round

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// PickList implements cloud.RoundPlanning.
func (s *Service) PickList(ctx context.Context, id protocol.UUID) (l cloud.PickList, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if l.Round, err = tx.Rounds.Find(id); err != nil {
			return err
		}
		articles, err := s.Catalog.Articles(tx)
		if err != nil {
			return err
		}
		l.Names, l.Numbers = articles, make(map[protocol.CabinetID]int)
		var ids []protocol.CabinetID
		for _, stop := range l.Round.Stops {
			c, err := tx.Cabinets.Find(stop.Cabinet)
			if err != nil {
				return err
			}
			l.Numbers[c.ID] = c.Number
			if c.Store == l.Round.Store { // One that was moved since is planned from another shelf.
				ids = append(ids, c.ID)
			}
		}
		l.Picks = listed(l.Round, articles)
		if l.Round.Kind == cloud.RoundTally || l.Round.State != cloud.RoundPlanned && l.Round.State != cloud.RoundPicking {
			return nil
		}
		l.Changes, err = s.changes(tx, l, ids)
		return err
	})
	if err != nil {
		return l, fmt.Errorf("pick list of round %s: %w", id, err)
	}
	return l, nil
}

// listed is what a round is to be brought.
func listed(r cloud.Round, articles map[protocol.SKU]cloud.Article) []picking.Pick {
	totes := make([]picking.Tote, 0, len(r.Stops))
	shelves, seen := []picking.Shelf{}, make(map[protocol.SKU]bool)
	for _, stop := range r.Stops {
		tote := picking.Tote{Cabinet: stop.Cabinet, Units: make(map[protocol.SKU]int)}
		for _, l := range r.LinesOf(stop.Cabinet) {
			if tote.Units[l.SKU] += l.Planned; !seen[l.SKU] {
				seen[l.SKU] = true
				shelves = append(shelves, picking.Shelf{SKU: l.SKU, Case: articles[l.SKU].CaseSize})
			}
		}
		totes = append(totes, tote)
	}
	return picking.List(totes, shelves, r.Day)
}

// changes is what would be different if the round were planned now. What it was to be brought is on the shelf for it.
func (s *Service) changes(tx cloud.Tx, l cloud.PickList, ids []protocol.CabinetID) ([]picking.Change, error) {
	store, err := findStore(tx, l.Round.Store)
	if err != nil {
		return nil, err
	}
	now := cloud.Round{Store: l.Round.Store, Day: l.Round.Day}
	if err := s.addStops(without{l.Round.ID}.of(tx), &now, store, ids); err != nil {
		return nil, err
	}
	return picking.Changes(l.Picks, listed(now, l.Names)), nil
}

// without sees all rounds but one.
type without struct{ round protocol.UUID }

func (w without) of(tx cloud.Tx) cloud.Tx {
	tx.Rounds = others{tx.Rounds, w.round}
	return tx
}

type others struct {
	cloud.RoundTable
	round protocol.UUID
}

// List implements cloud.RoundTable.
func (o others) List(q cloud.RoundQuery) (all []cloud.Round, err error) {
	found, err := o.RoundTable.List(q)
	for _, r := range found {
		if r.ID != o.round {
			all = append(all, r)
		}
	}
	return all, err
}

// Variances implements cloud.RoundPlanning.
func (s *Service) Variances(ctx context.Context, store cloud.StoreID, from, to ledger.Day) (all []cloud.RoundVariance, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if _, err := findStore(tx, store); err != nil {
			return err
		}
		all, err = tx.Figures.Variances(store, from, to)
		return err
	})
	return all, err
}
