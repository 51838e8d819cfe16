// Package waste adds up what did not come to be sold: written off, lost and found, beside what was brought. It changes nothing.
package waste

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// Options are what the service stands on; all are needed.
type Options struct {
	DB      cloud.DB
	Book    *book.Book
	Catalog *catalog.Book
}

// Service implements cloud.Wastes.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// Wasted implements cloud.Wastes.
func (s *Service) Wasted(ctx context.Context, q cloud.WasteQuery) (all []cloud.Wasted, err error) {
	err = s.each(ctx, q, func(tx cloud.Tx, store cloud.StoreID) error {
		one, err := s.of(tx, store, q)
		all = append(all, one...)
		return err
	})
	return all, err
}

// Entries implements cloud.Wastes.
func (s *Service) Entries(ctx context.Context, q cloud.WasteQuery) (all []cloud.WasteEntry, err error) {
	err = s.each(ctx, q, func(tx cloud.Tx, store cloud.StoreID) error {
		one := q
		one.Store = store
		if err := s.inCategory(tx, &one); err != nil {
			return err
		}
		if q.Category != "" && len(one.SKUs) == 0 {
			return nil
		}
		entries, err := tx.Wasted.Entries(one)
		if err != nil {
			return err
		}
		for _, e := range entries {
			w := cloud.WasteEntry{Entry: e}
			if id, of := e.Ref.Movement(); of {
				m, err := tx.Movements.Find(id)
				if err != nil {
					return err
				}
				w.Movement = &m
			}
			all = append(all, w)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b cloud.WasteEntry) int { return b.At.Compare(a.At) })
	if q.Limit > 0 && len(all) > q.Limit {
		all = all[:q.Limit]
	}
	return all, err
}

// inCategory names the articles of the category that is asked for.
func (s *Service) inCategory(tx cloud.Tx, q *cloud.WasteQuery) error {
	if q.Category == "" {
		return nil
	}
	articles, err := s.Catalog.Articles(tx)
	for sku, a := range articles {
		if a.Category == q.Category {
			q.SKUs = append(q.SKUs, sku)
		}
	}
	slices.Sort(q.SKUs)
	return err
}

// each looks at the store that is asked for, or at all of them.
func (s *Service) each(ctx context.Context, q cloud.WasteQuery, look func(tx cloud.Tx, store cloud.StoreID) error) error {
	if !q.From.Valid() || !q.To.Valid() || q.To < q.From || q.From.Until(q.To) >= cloud.MaxWasteDays {
		return protocol.Errorf(protocol.CodeMalformed, "days: want two as 2006-01-02, %d at most", cloud.MaxWasteDays)
	}
	return s.DB.View(ctx, func(tx cloud.Tx) error {
		stores, err := tx.Plans.Stores()
		if err != nil {
			return err
		}
		found := false
		for _, store := range stores {
			if q.Store != "" && store.ID != q.Store {
				continue
			}
			found = true
			if err := look(tx, store.ID); err != nil {
				return fmt.Errorf("waste of %s: %w", store.ID, err)
			}
		}
		if !found && q.Store != "" {
			return protocol.Errorf(cloud.CodeNotFound, "there is no store %q", q.Store)
		}
		return nil
	})
}

// place is one article in one cabinet; the empty one is the store itself.
type place struct {
	cabinet protocol.CabinetID
	sku     protocol.SKU
}

// sums is what adds up of one store.
type sums struct {
	lines map[place]*cloud.Wasted
	costs map[protocol.SKU]protocol.Fen // of the day that is added
	known map[protocol.SKU]cloud.Article
}

func (s *Service) of(tx cloud.Tx, store cloud.StoreID, q cloud.WasteQuery) ([]cloud.Wasted, error) {
	piles, err := tx.Wasted.Piles(store, q.From, q.To)
	if err != nil {
		return nil, err
	}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	w := sums{lines: make(map[place]*cloud.Wasted)}
	if w.known, err = s.Catalog.Articles(tx); err != nil {
		return nil, err
	}
	if err := w.begin(tx, store, q, zone); err != nil {
		return nil, err
	}
	days := make(map[ledger.Day][]reconcile.Pile)
	for _, p := range piles {
		days[p.Day] = append(days[p.Day], p.Pile)
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		_, end := day.Span(zone)
		if w.costs, err = tx.Costs.At(end); err != nil {
			return nil, err
		}
		w.add(days[day])
	}
	return w.told(tx, store, q)
}

// begin takes in what lay in the store, on its way, and in its cabinets before the first day.
func (w *sums) begin(tx cloud.Tx, store cloud.StoreID, q cloud.WasteQuery, zone *time.Location) error {
	begin, _ := q.From.Span(zone)
	_, end := q.To.Span(zone)
	costs, err := tx.Costs.At(begin)
	if err != nil {
		return err
	}
	w.costs = costs
	cabinets, err := tx.Facts.Cabinets(store, begin, end)
	if err != nil {
		return err
	}
	for _, own := range []ledger.Account{ledger.Shop(string(store)), ledger.Van(string(store))} {
		piles, err := tx.Ledger.Closing(own, q.From.Add(-1))
		if err != nil {
			return err
		}
		for _, p := range piles {
			if p.Account == own { // The name of another store may begin as this one's does.
				w.there("", p)
			}
		}
	}
	for _, c := range cabinets {
		if q.Cabinet != "" && c.ID != q.Cabinet {
			continue
		}
		piles, err := tx.Ledger.Closing(ledger.StockPrefix(c.ID), q.From.Add(-1))
		if err != nil {
			return err
		}
		for _, p := range piles {
			w.there(c.ID, p)
		}
	}
	return nil
}

func (w *sums) there(cabinet protocol.CabinetID, pile ledger.Posting) {
	sku := pile.Unit.SKU()
	if sku == "" || pile.Amount <= 0 {
		return
	}
	line := w.line(place{cabinet, sku})
	line.There += int(pile.Amount)
	line.ThereCost += w.cost(line.Article) * protocol.Fen(pile.Amount)
}

// add takes in one day.
func (w *sums) add(piles []reconcile.Pile) {
	for _, g := range reconcile.Book(reconcile.Changed(piles), piles) {
		brought := g.Brought()
		if g.Cabinet == "" {
			brought = 0 // What a store passes on to its cabinets is theirs.
		}
		w.count(g, brought)
	}
	for sku, units := range reconcile.Supplied(piles) {
		w.count(reconcile.Goods{SKU: sku}, units)
	}
}

func (w *sums) count(g reconcile.Goods, brought int64) {
	line := w.line(place{g.Cabinet, g.SKU})
	cost := w.cost(line.Article)
	for flow, units := range g.Flows {
		if flow.Way == reconcile.WrittenOff {
			line.Off[ledger.Reason(flow.Reason)] -= int(units)
			line.OffCost -= cost * protocol.Fen(units)
		}
	}
	lost, found := -g.Total(reconcile.Lost), g.Total(reconcile.Found)
	line.Brought += int(brought)
	line.Sold -= int(g.Total(reconcile.Sold))
	line.Lost += int(lost)
	line.Found += int(found)
	line.BroughtCost += cost * protocol.Fen(brought)
	line.GapCost += cost * protocol.Fen(lost-found)
}

// line is the one of a place.
func (w *sums) line(at place) *cloud.Wasted {
	line := w.lines[at]
	if line == nil {
		line = &cloud.Wasted{Article: w.known[at.sku], Off: make(map[ledger.Reason]int)}
		line.Article.SKU = at.sku
		w.lines[at] = line
	}
	return line
}

// cost is what a unit costs on the day that is added.
func (w *sums) cost(a cloud.Article) protocol.Fen {
	if cost, told := w.costs[a.SKU]; told {
		return cost
	}
	return a.Cost
}

// told lists what was asked for, by article and place.
func (w *sums) told(tx cloud.Tx, store cloud.StoreID, q cloud.WasteQuery) (all []cloud.Wasted, err error) {
	places := slices.SortedFunc(maps.Keys(w.lines), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.sku, b.sku), cmp.Compare(a.cabinet, b.cabinet))
	})
	cabinets := make(map[protocol.CabinetID]cloud.Cabinet)
	for _, at := range places {
		if q.Cabinet != "" && at.cabinet != q.Cabinet || q.SKU != "" && at.sku != q.SKU || q.Category != "" && w.lines[at].Article.Category != q.Category {
			continue
		}
		line := *w.lines[at]
		line.Store = store
		if at.cabinet != "" {
			c, known := cabinets[at.cabinet]
			if !known {
				if c, err = tx.Cabinets.Find(at.cabinet); err != nil {
					return nil, err
				}
				cabinets[at.cabinet] = c
			}
			line.Cabinet = c
		}
		all = append(all, line)
	}
	return all, nil
}
