package round

import (
	"context"
	"fmt"
	"maps"
	"slices"

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
		if l.Stores, err = storesOf(tx, l.Round); err != nil {
			return err
		}
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
		if l.Later, err = later(tx, l.Round); err != nil {
			return err
		}
		if l.Picks, err = s.picks(tx, l.Round, articles); err != nil {
			return err
		}
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

// later are the drafts that wait for cabinets which a round is still to stop at, and that it does not bring.
func later(tx cloud.Tx, r cloud.Round) (map[protocol.CabinetID]cloud.Draft, error) {
	if r.State.Over() || r.Kind == cloud.RoundTally {
		return nil, nil
	}
	drafts, err := tx.WaitingDrafts()
	maps.DeleteFunc(drafts, func(id protocol.CabinetID, d cloud.Draft) bool {
		stop := r.Stop(id)
		return stop == nil || stop.Draft == d.Number || stop.State == cloud.StopDone || stop.State == cloud.StopSkipped
	})
	return drafts, err
}

// picks is what a round is to be brought, from where it lies in its store. Before the goods have left these are the dates of what
// the store has now, afterwards of what was taken.
func (s *Service) picks(tx cloud.Tx, r cloud.Round, articles map[protocol.SKU]cloud.Article) ([]picking.Pick, error) {
	places, err := tx.Shelves.Of(r.Store)
	if err != nil {
		return nil, err
	}
	lots, day := taken(r), r.Day
	if r.State == cloud.RoundPlanned || r.State == cloud.RoundPicking {
		if lots, err = shelfLots(tx, r.Store); err != nil {
			return nil, err
		}
		if day, err = s.walked(tx, &r); err != nil {
			return nil, err
		}
	}
	shelves := make(map[protocol.SKU]picking.Shelf)
	for _, t := range totes(r) {
		for sku := range t.Units {
			shelves[sku] = picking.Shelf{SKU: sku, Case: articles[sku].CaseSize, Lots: lots[sku]}
		}
	}
	for _, p := range places {
		if shelf, wanted := shelves[p.SKU]; wanted {
			shelf.Aisle, shelf.Turn = p.Aisle, p.Turn
			shelves[p.SKU] = shelf
		}
	}
	return picking.List(totes(r), slices.Collect(maps.Values(shelves)), day), nil
}

// totes is what each cabinet of a round is to be brought, and each other store.
func totes(r cloud.Round) []picking.Tote {
	all := make([]picking.Tote, 0, len(r.Stops))
	for _, stop := range r.Stops {
		tote := picking.Tote{Cabinet: stop.Cabinet, Units: make(map[protocol.SKU]int), Lots: make(map[protocol.SKU][]picking.Lot)}
		for _, l := range r.LinesOf(stop.Cabinet) {
			tote.Units[l.SKU] += l.Planned
			tote.Lots[l.SKU] = append(tote.Lots[l.SKU], l.Lots...)
		}
		all = append(all, tote)
	}
	for _, h := range r.Handovers() {
		tote := picking.Tote{Store: string(h.Store), Units: make(map[protocol.SKU]int), Lots: make(map[protocol.SKU][]picking.Lot)}
		for _, l := range h.Legs {
			if l.Way == cloud.LegTake {
				tote.Units[l.SKU], tote.Lots[l.SKU] = l.Units, l.Lots
			}
		}
		all = append(all, tote)
	}
	return all
}

// taken is what the lines and legs of a round bring.
func taken(r cloud.Round) map[protocol.SKU][]picking.Lot {
	lots := make(map[protocol.SKU][]picking.Lot)
	for _, l := range r.Lines {
		lots[l.SKU] = append(lots[l.SKU], l.Lots...)
	}
	for _, l := range r.Legs {
		lots[l.SKU] = append(lots[l.SKU], l.Lots...)
	}
	return lots
}

// shelfLots are the dates of what lies in a store by its books.
func shelfLots(tx cloud.Tx, store cloud.StoreID) (map[protocol.SKU][]picking.Lot, error) {
	books, err := tx.Figures.Shelf(store)
	if err != nil {
		return nil, err
	}
	shop := ledger.Shop(string(store))
	all, err := tx.Lots.In(shop)
	if err != nil {
		return nil, err
	}
	lots := make(map[protocol.SKU][]picking.Lot)
	for _, l := range all {
		if l.Place == shop { // Another store's name may begin alike.
			lots[l.SKU] = append(lots[l.SKU], picking.Lot{Units: l.Units, Until: l.Until})
		}
	}
	for sku := range lots {
		lots[sku] = picking.Lying(lots[sku], books[sku])
	}
	return lots, nil
}

// changes is what would be different if the round were planned now. What it was to be brought is on the shelf for it.
func (s *Service) changes(tx cloud.Tx, l cloud.PickList, ids []protocol.CabinetID) ([]picking.Change, error) {
	store, err := findStore(tx, l.Round.Store)
	if err != nil {
		return nil, err
	}
	now := cloud.Round{Store: l.Round.Store, Day: l.Round.Day}
	ask := cloud.PlanRound{Cabinets: ids, Transfers: l.Round.Transfers}
	for _, leg := range l.Round.Legs {
		ask.Legs = append(ask.Legs, leg.PlannedLeg)
	}
	if err := s.addStops(without{l.Round.ID}.of(tx), &now, store, ask); err != nil {
		return nil, err
	}
	now.Legs = l.Round.Legs
	return picking.Changes(l.Picks, picking.List(totes(now), aisles(l.Picks), now.Day)), nil
}

// aisles are where picks lie: those of the changes lie there too.
func aisles(picks []picking.Pick) []picking.Shelf {
	shelves := make([]picking.Shelf, len(picks))
	for i, p := range picks {
		shelves[i] = picking.Shelf{SKU: p.SKU, Aisle: p.Aisle}
	}
	return shelves
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
