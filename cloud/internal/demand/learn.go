package demand

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// learned is a state of the forecast. It is never changed: what is learned then is learned by a copy.
type learned struct {
	model    *forecast.Model
	age      cloud.DemandAge
	revision uint64 // of the master data that it knows
}

// ground is what learning stands on.
type ground struct {
	zone     *time.Location
	revision uint64
	stores   []cloud.Store
	cabinets map[protocol.CabinetID]cloud.Cabinet
	chain    forecast.Chain
	first    ledger.Day // of all sales; empty: there are none
	spans    []cloud.PastSpan
	halts    map[protocol.CabinetID][]span // when a person let nobody buy there, in order
}

func (s *Service) ground(ctx context.Context) (g ground, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if g.revision, err = tx.Plans.Revision(); err != nil || g.revision == 0 {
			return err
		}
		if g.zone, err = s.Book.Zone(tx); protocol.CodeOf(err) == cloud.CodeNotFound {
			return nil // There is no chain yet.
		}
		if err != nil {
			return err
		}
		if g.stores, err = tx.Plans.Stores(); err != nil {
			return err
		}
		if err := g.know(s, tx); err != nil {
			return err
		}
		if g.first, err = tx.Demand.First(); err != nil {
			return err
		}
		g.spans, err = tx.Demand.PastSpans()
		return err
	})
	return g, err
}

// know gathers what is sold, and where.
func (g *ground) know(s *Service, tx cloud.Tx) error {
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return err
	}
	for _, sku := range slices.Sorted(maps.Keys(articles)) {
		a := articles[sku]
		g.chain.Articles = append(g.chain.Articles, forecast.Article{SKU: sku, Category: a.Category, Price: a.Price, Essential: a.Essential})
	}
	halts, err := tx.Halts.Since(time.Time{})
	if err != nil {
		return err
	}
	g.halts = make(map[protocol.CabinetID][]span)
	for _, h := range halts {
		g.halts[h.Cabinet] = append(g.halts[h.Cabinet], span{h.From, h.To})
	}
	list, err := tx.Cabinets.List()
	g.cabinets = make(map[protocol.CabinetID]cloud.Cabinet, len(list))
	for _, c := range list {
		g.cabinets[c.ID] = c
		g.chain.Cabinets = append(g.chain.Cabinets, forecast.Cabinet{ID: c.ID, Store: string(c.Store)})
	}
	return err
}

// catchUp learns the days that are over and not learned yet, and tells when there is something to be learned again.
func (s *Service) catchUp(ctx context.Context) (next time.Time, err error) {
	g, err := s.ground(ctx)
	if err != nil || g.zone == nil {
		return s.Now().Add(retryAfter), err
	}
	today := ledger.DayOf(s.Now().Add(-settles), g.zone)
	_, ends := today.Span(g.zone)
	known, last := s.known.Load(), today.Add(-1)
	if s.afresh() {
		known = &learned{model: forecast.New(s.calendar, g.chain)}
	}
	from := known.age.Through.Add(1)
	if known.age.Through == "" {
		from = max(g.first, last.Add(1-mostDays))
	}
	if g.first == "" || from > last {
		return ends.Add(settles), s.rename(known, g)
	}
	s.learning.Store(true)
	defer s.learning.Store(false)
	now, err := s.learn(ctx, known, g, from, last)
	if err != nil {
		s.relearn(known.age.Through == "")
		return time.Time{}, err
	}
	s.known.Store(now)
	return ends.Add(settles), s.remember(ctx, now)
}

// rename has the forecast know master data that have changed.
func (s *Service) rename(known *learned, g ground) error {
	if known.revision == g.revision && s.known.Load() == known {
		return nil
	}
	model, err := s.copied(known.model, g.chain)
	if err == nil {
		s.known.Store(&learned{model: model, age: known.age, revision: g.revision})
	}
	return err
}

// learn takes in day after day, with a copy of what is known.
func (s *Service) learn(ctx context.Context, known *learned, g ground, from, last ledger.Day) (*learned, error) {
	model, err := s.copied(known.model, g.chain)
	if err != nil {
		return nil, err
	}
	now := &learned{model: model, age: known.age, revision: g.revision}
	for day := from; day <= last; day = day.Add(1) {
		var sales []forecast.Sales
		for _, store := range g.stores {
			sold, err := s.storeSales(ctx, g, store.ID, day)
			if err != nil {
				return nil, err
			}
			sales = append(sales, sold...)
		}
		if sales, err = s.withPast(ctx, g, day, sales); err != nil {
			return nil, err
		}
		if len(sales) > 0 {
			if err := model.Learn(dayOf(day), sales); err != nil {
				return nil, err
			}
			if now.age.Days++; now.age.From == "" {
				now.age.From = day
			}
		}
		now.age.Through, now.age.Learned = day, s.Now()
	}
	return now, nil
}

// storeSales is what a store's cabinets sold on a day, of those that stood there all day and have told all of it.
func (s *Service) storeSales(ctx context.Context, g ground, store cloud.StoreID, day ledger.Day) (sales []forecast.Sales, err error) {
	of := shelves{zone: g.zone, opening: map[picking.Place]int64{}}
	of.from, of.to = day.Span(g.zone)
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		told, err := tx.Facts.Heard(store, of.from, of.to)
		if err != nil {
			return err
		}
		stays, err := tx.Stays.Around(store, of.from, of.to)
		if err != nil {
			return err
		}
		for _, stay := range stays {
			all := stay.Store == store && !stay.From.After(of.from) && (stay.Until.IsZero() || !stay.Until.Before(of.to))
			if !all || told[stay.Cabinet].Before(of.to.Add(-heardWithin)) {
				delete(told, stay.Cabinet)
			}
		}
		for cabinet := range told {
			if err := of.open(tx, cabinet, day); err != nil {
				return err
			}
		}
		if of.flows, err = tx.Demand.Flows(store, day); err != nil {
			return err
		}
		of.flows = slices.DeleteFunc(of.flows, func(f cloud.GoodsFlow) bool { _, known := told[f.Cabinet]; return !known })
		incidents, err := tx.Facts.Incidents(store, of.from, of.to)
		of.stopped = g.stopped(incidents, of.span)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sales of %s on %s: %w", store, day, err)
	}
	return of.sales(), nil
}

// heardWithin is how long a cabinet that has nothing to tell is silent at most, four times over.
const heardWithin = time.Hour

// open reads what lay in a cabinet when the day began.
func (s *shelves) open(tx cloud.Tx, cabinet protocol.CabinetID, day ledger.Day) error {
	prefix := ledger.StockPrefix(cabinet)
	piles, err := tx.Ledger.Closing(prefix, day.Add(-1))
	for _, p := range piles {
		platform := protocol.PlatformID(p.Account[len(prefix):])
		s.opening[picking.Place{Cabinet: cabinet, Platform: platform, SKU: p.Unit.SKU()}] = p.Amount
	}
	return err
}

// stopped tells when the compartment of a place did not sell on a day: it had stopped, or a person let nobody buy there.
func (g *ground) stopped(incidents []cloud.Incident, day span) func(picking.Place) []span {
	type door struct {
		cabinet protocol.CabinetID
		subject string
	}
	times := make(map[door][]span)
	for _, i := range incidents {
		if i.Kind != cloud.IncidentStopped && i.Kind != cloud.IncidentTemperature {
			continue
		}
		end := i.Closed
		if end.IsZero() {
			end = day.to
		}
		at := door{i.Cabinet, i.Subject}
		times[at] = append(times[at], span{i.First, end})
	}
	return func(at picking.Place) []span {
		list := g.halted(at.Cabinet, day)
		for _, p := range g.cabinets[at.Cabinet].Platforms {
			if p.ID == at.Platform {
				list = append(list, times[door{at.Cabinet, strconv.Itoa(int(p.Compartment))}]...)
			}
		}
		slices.SortFunc(list, func(a, b span) int { return a.from.Compare(b.from) })
		return list
	}
}

// halted are the times of a day in which a person let nobody buy at a cabinet.
func (g *ground) halted(cabinet protocol.CabinetID, day span) (list []span) {
	for _, h := range g.halts[cabinet] {
		if h.to.IsZero() || h.to.After(day.to) {
			h.to = day.to
		}
		if h.from.Before(day.to) && h.to.After(day.from) {
			list = append(list, h)
		}
	}
	return list
}

// withPast adds what another system sold on a day, in cabinets of which the books have nothing of it. Nobody knows when such a
// cabinet was sold out: an article that is named at all is taken to have been there from the first to the last day that is told.
func (s *Service) withPast(ctx context.Context, g ground, day ledger.Day, sales []forecast.Sales) ([]forecast.Sales, error) {
	booked := make(map[protocol.CabinetID]bool)
	for _, x := range sales {
		booked[x.Cabinet] = true
	}
	told := make(map[protocol.CabinetID]days)
	for _, p := range g.spans {
		told[p.Cabinet] = told[p.Cabinet].with(p)
	}
	type pair struct {
		cabinet protocol.CabinetID
		sku     protocol.SKU
	}
	at := make(map[pair]int)
	for _, p := range g.spans {
		if booked[p.Cabinet] || !told[p.Cabinet].has(day) {
			continue
		}
		x := forecast.Sales{Cabinet: p.Cabinet, SKU: p.SKU}
		for h := range x.Able {
			x.Able[h] = 1
		}
		at[pair{p.Cabinet, p.SKU}] = len(sales)
		sales = append(sales, x)
	}
	if len(at) == 0 {
		return sales, nil
	}
	return sales, s.DB.View(ctx, func(tx cloud.Tx) error {
		past, err := tx.Demand.Past(day)
		for _, p := range past {
			if n, is := at[pair{p.Cabinet, p.SKU}]; is {
				sales[n].Sold[p.Hour] += p.Units
			}
		}
		return err
	})
}

// days is from which day to which a cabinet's past is told.
type days struct{ from, to ledger.Day }

func (d days) with(p cloud.PastSpan) days {
	if d.from == "" || p.From < d.from {
		d.from = p.From
	}
	d.to = max(d.to, p.To)
	return d
}

func (d days) has(day ledger.Day) bool { return d.from <= day && day <= d.to }

// afresh takes the wish to learn the past again.
func (s *Service) afresh() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	anew := s.anew
	s.anew = false
	return anew
}

func (s *Service) relearn(anew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.anew = s.anew || anew
}
