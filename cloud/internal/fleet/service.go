// Package fleet shows the cabinets: as they are planned, as they were last heard of, and what the book says is in them. It
// changes nothing.
package fleet

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/watch"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Presence *presence.Book
	Catalog  *catalog.Book
	Hub      *watch.Hub
	Now      func() time.Time
	Logger   *slog.Logger
}

// Service implements cloud.Fleet and cloud.Planograms.
type Service struct {
	Options
	proposals proposals
	planned   planned
}

// New makes a service.
func New(o Options) *Service {
	return &Service{Options: o, proposals: proposals{kept: make(map[protocol.CabinetID]proposed)}}
}

// readEvery is how often it is looked whether the fleet is planned otherwise than it is remembered.
const readEvery = 10 * time.Second

// Run keeps in memory how the fleet is planned until ctx ends, so that the first who asks after a start or a change need not wait
// for ten thousand cabinets to be read.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	for {
		if err := s.DB.View(ctx, s.read); err != nil && ctx.Err() == nil {
			s.Logger.Error("read how the fleet is planned", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Service) read(tx cloud.Tx) error {
	if _, err := s.planned.names(tx); err != nil {
		return err
	}
	_, err := s.planned.list(tx)
	return err
}

// Chain implements cloud.Fleet.
func (s *Service) Chain(ctx context.Context) (cloud.Chain, error) {
	var chain cloud.Chain
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		chain, err = tx.Plans.Chain()
		return err
	})
	return chain, err
}

// Stores implements cloud.Fleet.
func (s *Service) Stores(ctx context.Context) ([]cloud.Store, error) {
	var stores []cloud.Store
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		stores, err = tx.Plans.Stores()
		return err
	})
	return stores, err
}

// Cabinets implements cloud.Fleet.
func (s *Service) Cabinets(ctx context.Context) ([]cloud.CabinetView, error) {
	views := []cloud.CabinetView{}
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		cabinets, err := s.planned.list(tx)
		if err != nil {
			return err
		}
		v, err := s.viewer(tx, "")
		views = make([]cloud.CabinetView, 0, len(cabinets))
		for _, c := range cabinets {
			views = append(views, v.view(c))
		}
		return err
	})
	return views, err
}

// Cabinet implements cloud.Fleet.
func (s *Service) Cabinet(ctx context.Context, id protocol.CabinetID) (cloud.CabinetView, error) {
	var view cloud.CabinetView
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		c, err := tx.Cabinets.Find(id)
		if err != nil {
			return err
		}
		v, err := s.viewer(tx, id)
		if err != nil {
			return err
		}
		view = v.view(c)
		view.Incidents, err = tx.Incidents.Unclosed(id)
		return err
	})
	return view, err
}

// viewer knows what is common to many cabinets.
type viewer struct {
	service *Service
	stores  map[cloud.StoreID]cloud.Text
	busy    map[protocol.CabinetID]bool
	shows   bool // grants are given out to be shown
	apart   map[protocol.CabinetID]cloud.IncidentKind
	halts   map[protocol.CabinetID][]cloud.Halt
}

func (s *Service) viewer(tx cloud.Tx, only protocol.CabinetID) (viewer, error) {
	v := viewer{service: s, busy: make(map[protocol.CabinetID]bool)}
	var err error
	if v.stores, err = s.planned.names(tx); err != nil {
		return v, err
	}
	switch chain, err := tx.Plans.Chain(); {
	case protocol.CodeOf(err) == cloud.CodeNotFound: // There is none yet.
	case err != nil:
		return v, err
	default:
		v.shows = chain.Offline.Valid > 0
	}
	if v.apart, err = tx.Cards.Apart(); err != nil {
		return v, err
	}
	if err := v.halted(tx, only); err != nil {
		return v, err
	}
	underWay, err := tx.Visits.List(cloud.VisitQuery{Cabinet: only, UnderWay: true})
	for _, visit := range underWay {
		v.busy[visit.Cabinet] = v.busy[visit.Cabinet] || !visit.Foreign && visit.KeepsDoor()
	}
	return v, err
}

// halted reads which cabinets are halted.
func (v *viewer) halted(tx cloud.Tx, only protocol.CabinetID) error {
	halts, err := tx.Halts.InForce(only)
	v.halts = make(map[protocol.CabinetID][]cloud.Halt, len(halts))
	for _, h := range halts {
		if !h.Over(v.service.Now()) {
			v.halts[h.Cabinet] = append(v.halts[h.Cabinet], h)
		}
	}
	return err
}

func (v viewer) view(c cloud.Cabinet) cloud.CabinetView {
	p := v.service.Presence.Of(c.ID)
	view := cloud.CabinetView{
		Cabinet: c, StoreName: v.stores[c.Store], Presence: p, State: p.State(v.service.Now(), v.busy[c.ID]), Apart: v.apart[c.ID],
		Halts: v.halts[c.ID],
	}
	if view.Apart != "" || len(view.Halts) > 0 && view.State == cloud.CabinetReady {
		view.State = cloud.CabinetStopped
	}
	view.Shows = v.shows && p.Reader && view.State == cloud.CabinetAway && len(view.Halts) == 0
	return view
}

// Goods implements cloud.Fleet.
func (s *Service) Goods(ctx context.Context, id protocol.CabinetID) ([]cloud.ShelfGood, error) {
	goods := []cloud.ShelfGood{}
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		c, err := tx.Cabinets.Find(id)
		if err != nil {
			return err
		}
		articles, err := s.Catalog.Articles(tx)
		if err != nil {
			return err
		}
		prices, err := s.prices(tx, id)
		if err != nil {
			return err
		}
		stock, err := tx.Ledger.Balances(ledger.StockPrefix(id))
		if err != nil {
			return err
		}
		units := make(map[ledger.Account]map[ledger.Unit]int64)
		for _, b := range stock {
			if units[b.Account] == nil {
				units[b.Account] = make(map[ledger.Unit]int64)
			}
			units[b.Account][b.Unit] = b.Amount
		}
		draft, err := tx.WaitingDraft(id)
		if err != nil {
			return err
		}
		for _, p := range c.Platforms {
			lies := func(sku protocol.SKU) bool { return units[ledger.Stock(id, p.ID)][ledger.Article(sku)] > 0 }
			for _, sku := range append(slices.Clone(p.SKUs), draft.Put(p, lies)...) {
				left := units[ledger.Stock(id, p.ID)][ledger.Article(sku)]
				goods = append(goods, cloud.ShelfGood{Platform: p.ID, Article: articles[sku], Units: int(left), Price: prices[sku]})
			}
		}
		return nil
	})
	return goods, err
}

// prices are those by which a cabinet sells; none before the first.
func (s *Service) prices(tx cloud.Tx, id protocol.CabinetID) (map[protocol.SKU]protocol.Fen, error) {
	version, err := tx.Prices.In(id)
	if err != nil || version == 0 {
		return nil, err
	}
	return s.Catalog.Prices(tx, version)
}

// WatchFleet implements cloud.Fleet.
func (s *Service) WatchFleet() (<-chan struct{}, func()) { return s.Hub.Fleet() }
