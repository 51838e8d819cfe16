// Package expiry tells until when goods may be sold, lane by lane. It changes nothing: dates go where the book moves goods, and
// what they do to prices is done where prices are made.
package expiry

import (
	"context"
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
	full     map[protocol.SKU]protocol.Fen // the chain's prices
	zone     *time.Location
}

func (s *Service) look(tx cloud.Tx) (l look, err error) {
	l = look{tx: tx, catalog: s.Catalog}
	if l.zone, err = s.Book.Zone(tx); err != nil {
		return l, err
	}
	l.today = ledger.DayOf(s.Now(), l.zone)
	if l.rules, err = tx.Plans.Markdowns(); err != nil {
		return l, err
	}
	if l.articles, err = s.Catalog.Articles(tx); err != nil {
		return l, err
	}
	version, err := tx.Prices.Current()
	if err != nil || version == 0 {
		return l, err
	}
	l.full, err = s.Catalog.Prices(tx, version)
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
