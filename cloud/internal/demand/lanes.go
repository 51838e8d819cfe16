package demand

import (
	"cmp"
	"math"
	"slices"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// reach is how many hours ahead is looked.
const reach = 14 * 24

func findStore(tx cloud.Tx, id cloud.StoreID) (cloud.Store, error) {
	stores, err := tx.Plans.Stores()
	if err != nil {
		return cloud.Store{}, err
	}
	i := slices.IndexFunc(stores, func(s cloud.Store) bool { return s.ID == id })
	if i < 0 {
		return cloud.Store{}, protocol.Errorf(cloud.CodeNotFound, "there is no store %q", id)
	}
	return stores[i], nil
}

// lanes are what will be wanted of each lane of a store.
func (s *Service) lanes(tx cloud.Tx, store cloud.StoreID, model *forecast.Model) ([]cloud.LaneDemand, error) {
	cabinets, err := tx.Cabinets.List()
	if err != nil {
		return nil, err
	}
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return nil, err
	}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	from := forecast.HourOf(s.Now().In(zone))
	var all []cloud.LaneDemand
	for _, c := range cabinets {
		if c.Store != store {
			continue
		}
		piles, err := tx.Ledger.Balances(ledger.StockPrefix(c.ID))
		if err != nil {
			return nil, err
		}
		for _, p := range c.Platforms {
			for _, sku := range p.SKUs {
				o := model.Outlook(c.ID, sku, from, reach)
				lane := cloud.LaneDemand{Place: picking.Place{Cabinet: c.ID, Platform: p.ID, SKU: sku}, Number: c.Number, Article: articles[sku]}
				for _, pile := range piles {
					if pile.Account == ledger.Stock(c.ID, p.ID) && pile.Unit.SKU() == sku {
						lane.Book = int(pile.Amount)
					}
				}
				lane.Day, lane.Week, lane.P90, lane.Empty = round(o.Expected(24)), round(o.Expected(7*24)), o.Quantile(0.9, 24), o.Empty(lane.Book)
				all = append(all, lane)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b cloud.LaneDemand) int { return cmp.Or(a.Number-b.Number, cmp.Compare(a.Cabinet, b.Cabinet)) })
	return all, nil
}

func round(x float64) float64 { return math.Round(x*100) / 100 }
