// Package expiry tells until when goods may be sold, lane by lane. It changes nothing: dates go where the book moves goods, and
// what they do to prices is done where prices are made.
package expiry

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// Options are what the service stands on; all are needed.
type Options struct {
	DB      cloud.DB
	Book    *book.Book
	Catalog *catalog.Book
	Now     func() time.Time
}

// Service implements cloud.Expiry.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// look is what one question knows.
type look struct {
	tx       cloud.Tx
	today    ledger.Day
	rules    cloud.Markdowns
	articles map[protocol.SKU]cloud.Article
	catalog  *catalog.Book
}

func (s *Service) look(tx cloud.Tx) (l look, err error) {
	l = look{tx: tx, catalog: s.Catalog}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return l, err
	}
	l.today = ledger.DayOf(s.Now(), zone)
	if l.rules, err = tx.Plans.Markdowns(); err != nil {
		return l, err
	}
	l.articles, err = s.Catalog.Articles(tx)
	return l, err
}

func (l look) prices(cabinet protocol.CabinetID) (map[protocol.SKU]protocol.Fen, error) {
	version, err := l.tx.Prices.In(cabinet)
	if err != nil || version == 0 {
		return nil, err
	}
	return l.catalog.Prices(l.tx, version)
}

func (l look) left(lot cloud.Lot) cloud.LotLeft {
	days := l.today.Until(lot.Until)
	return cloud.LotLeft{Lot: lot, DaysLeft: days, Stage: l.rules.Of(l.articles[lot.SKU].Category).Stage(days)}
}

// lane is what lies of an article in one place.
func (l look) lane(place ledger.Account, at picking.Place) (cloud.LaneLots, error) {
	lane := cloud.LaneLots{Place: at, Article: l.articles[at.SKU], Lots: []cloud.LotLeft{}}
	units, err := l.tx.Ledger.Balance(place, ledger.Article(at.SKU))
	if err != nil {
		return lane, err
	}
	lots, err := l.tx.Lots.Of(place, at.SKU)
	lane.Book = int(units)
	lane.Undated = max(lane.Book, 0)
	for _, lot := range cloud.LyingLots(lots, lane.Book) {
		lane.Undated -= lot.Units
		lane.Lots = append(lane.Lots, l.left(lot))
	}
	return lane, err
}

// Lanes implements cloud.Expiry.
func (s *Service) Lanes(ctx context.Context, id protocol.CabinetID) (all []cloud.LaneLots, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		c, err := tx.Cabinets.Find(id)
		if err != nil {
			return err
		}
		l, err := s.look(tx)
		if err != nil {
			return err
		}
		prices, err := l.prices(id)
		if err != nil {
			return err
		}
		for _, p := range c.Platforms {
			for _, sku := range p.SKUs {
				lane, err := l.lane(ledger.Stock(id, p.ID), picking.Place{Cabinet: id, Platform: p.ID, SKU: sku})
				if err != nil {
					return err
				}
				lane.Price = prices[sku]
				all = append(all, lane)
			}
		}
		return nil
	})
	return all, err
}

// Due implements cloud.Expiry.
func (s *Service) Due(ctx context.Context, store cloud.StoreID) (all []cloud.LotDue, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		l, err := s.look(tx)
		if err != nil {
			return err
		}
		lots, err := tx.Lots.Due(l.today.Add(l.rules.Reach()))
		if err != nil {
			return err
		}
		cabinets := map[protocol.CabinetID]cloud.Cabinet{}
		for i, lot := range lots {
			if i > 0 && lots[i-1].Place == lot.Place && lots[i-1].SKU == lot.SKU {
				continue
			}
			due, err := l.due(lot, store, cabinets)
			if err != nil {
				return err
			}
			all = append(all, due...)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b cloud.LotDue) int { return cmp.Compare(a.Until, b.Until) })
	return all, err
}

// due are the lots of a lane that somebody is to look at.
func (l look) due(one cloud.Lot, store cloud.StoreID, cabinets map[protocol.CabinetID]cloud.Cabinet) (all []cloud.LotDue, err error) {
	_, whose, platform, _ := one.Place.Place()
	at := picking.Place{Cabinet: protocol.CabinetID(whose), Platform: protocol.PlatformID(platform), SKU: one.SKU}
	cabinet, known := cabinets[at.Cabinet]
	if !known {
		if cabinet, err = l.tx.Cabinets.Find(at.Cabinet); err != nil {
			return nil, err
		}
		cabinets[at.Cabinet] = cabinet
	}
	if store != "" && cabinet.Store != store {
		return nil, nil
	}
	prices, err := l.prices(at.Cabinet)
	if err != nil {
		return nil, err
	}
	lane, err := l.lane(one.Place, at)
	for _, lot := range lane.Lots {
		if lot.Stage != picking.Fresh {
			all = append(all, cloud.LotDue{LotLeft: lot, Lane: at, Cabinet: cabinet, Article: lane.Article, Price: prices[at.SKU]})
		}
	}
	return all, err
}
