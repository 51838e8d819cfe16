package desired

import (
	"context"
	"fmt"
	"hash/fnv"
	"reflect"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/served"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Apply takes master data in, all or nothing; the same again changes nothing. Opening stock counts only for cabinets that
// are new. Changed prices make a new price version, changed plans a new desired state. What was checked against a revision
// has CodeChanged where the master data are at another one.
func (s *Service) Apply(ctx context.Context, m cloud.MasterData) error {
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		if err := still(tx, m.Revision); err != nil {
			return err
		}
		if err := s.costs(tx, m); err != nil {
			return err
		}
		if err := tx.Plans.Save(m); err != nil {
			return err
		}
		if err := tx.Shelves.Put(m.Shelves); err != nil {
			return err
		}
		if err := served.Follow(tx, s.Now()); err != nil {
			return err
		}
		if err := s.reprice(tx, m); err != nil {
			return err
		}
		life, err := lives(tx, m)
		if err != nil {
			return err
		}
		for _, c := range m.Cabinets {
			if m.Draft != "" {
				err = s.draft(tx, c.Cabinet, m)
			} else {
				err = s.cabinet(tx, c, life)
			}
			if err != nil {
				return fmt.Errorf("cabinet %s: %w", c.ID, err)
			}
		}
		return s.restate(tx)
	})
	if err != nil {
		return fmt.Errorf("apply master data: %w", err)
	}
	return nil
}

// still reports master data that are not at a revision any more; 0 is any.
func still(tx cloud.Tx, revision uint64) error {
	now, err := tx.Plans.Revision()
	if err == nil && revision != 0 && revision != now {
		err = protocol.Errorf(cloud.CodeChanged, "the master data are at revision %d, not at %d", now, revision)
	}
	return err
}

// lives is how many days each article keeps, where there are cabinets to be filled.
func lives(tx cloud.Tx, m cloud.MasterData) (map[protocol.SKU]int, error) {
	life := make(map[protocol.SKU]int)
	if len(m.Cabinets) == 0 {
		return life, nil
	}
	list, err := tx.Plans.Articles()
	for _, a := range list {
		life[a.SKU] = a.ShelfLifeDays
	}
	return life, err
}

// cabinet saves one cabinet. A new one gets its shard for life, and its opening stock is booked.
func (s *Service) cabinet(tx cloud.Tx, c cloud.PlannedCabinet, life map[protocol.SKU]int) error {
	if err := c.ID.Validate(); err != nil {
		return err
	}
	c.Shard = shardOf(c.ID)
	added, err := tx.Cabinets.Save(c.Cabinet, s.Now())
	if err != nil || !added {
		return err
	}
	stock := wire.StockCount{Version: ledger.OpeningCount, Book: opened(c)}
	if err := s.Book.Post(tx, book.Fact{Ref: ledger.CountRef(c.ID, stock.Version), Cabinet: c.Cabinet, Life: life, New: true}, ledger.Opened(c.ID, stock.Book)); err != nil {
		return err
	}
	return tx.Desired.Add(wire.Config{V: wire.Version, Cabinet: c.ID, Stock: stock}, s.Now())
}

func opened(c cloud.PlannedCabinet) map[protocol.PlatformID]map[protocol.SKU]int {
	all := make(map[protocol.PlatformID]map[protocol.SKU]int, len(c.Platforms))
	for _, p := range c.Platforms {
		all[p.ID] = make(map[protocol.SKU]int, len(p.SKUs))
		for _, sku := range p.SKUs {
			all[p.ID][sku] = c.Stock[p.ID][sku]
		}
	}
	return all
}

func shardOf(id protocol.CabinetID) uint8 {
	sum := fnv.New32a()
	sum.Write([]byte(id))
	return uint8(sum.Sum32() % topic.Shards)
}

// Restate makes a new desired state of a cabinet where what is said of it has changed.
func (s *Service) Restate(tx cloud.Tx, cabinet protocol.CabinetID) error {
	return s.restate(tx, cabinet)
}

// restate makes a new desired state for each cabinet whose own differs from what the master data say now; of some cabinets,
// or of all where none is named.
func (s *Service) restate(tx cloud.Tx, some ...protocol.CabinetID) error {
	list, err := tx.Plans.Articles()
	if err != nil {
		return err
	}
	articles := make(map[protocol.SKU]cloud.Article, len(list))
	for _, a := range list {
		articles[a.SKU] = a
	}
	chainPrices, own, err := pricesOf(tx)
	if err != nil {
		return err
	}
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	cabinets, err := named(tx, some)
	if err != nil {
		return err
	}
	halts, err := haltsOf(tx)
	if err != nil {
		return err
	}
	drafts, err := tx.WaitingDrafts()
	if err != nil {
		return err
	}
	for _, c := range cabinets {
		before, _, err := tx.Desired.Latest(c.ID)
		if err != nil {
			return err
		}
		next, err := state(c, drafts[c.ID], articles, chainPrices, before)
		if o := own[c.ID]; o.Version > chainPrices {
			retag(&next, o)
		}
		if err != nil {
			return err
		}
		next.Limits.Offline, next.Limits.Health = risked(chain.Offline), healthOf(c, chain.Health)
		next.Halts = cloud.HaltsOf(halts[c.ID])
		if reflect.DeepEqual(before, next) {
			continue
		}
		next.Config.Version++
		if err := tx.Desired.Add(next, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// named are some cabinets, or all where none is named: a fleet is long to read.
func named(tx cloud.Tx, some []protocol.CabinetID) ([]cloud.Cabinet, error) {
	if len(some) == 0 {
		return tx.Cabinets.List()
	}
	all := make([]cloud.Cabinet, 0, len(some))
	for _, id := range some {
		c, err := tx.Cabinets.Find(id)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// haltsOf are the halts in force of each cabinet that has any.
func haltsOf(tx cloud.Tx) (map[protocol.CabinetID][]cloud.Halt, error) {
	list, err := tx.Halts.InForce("")
	of := make(map[protocol.CabinetID][]cloud.Halt)
	for _, h := range list {
		of[h.Cabinet] = append(of[h.Cabinet], h)
	}
	return of, err
}

// pricesOf are the chain's version of prices, and the newest of each cabinet that ever had one of its own.
func pricesOf(tx cloud.Tx) (chain uint32, own map[protocol.CabinetID]cloud.OwnPrices, err error) {
	if chain, err = tx.Prices.Current(); err != nil {
		return 0, nil, err
	}
	list, err := tx.Prices.Own()
	own = make(map[protocol.CabinetID]cloud.OwnPrices, len(list))
	for _, o := range list {
		own[o.Cabinet] = o
	}
	return chain, own, err
}

// retag puts a cabinet's own prices over the chain's.
func retag(c *wire.Config, own cloud.OwnPrices) {
	c.PriceVersion = own.Version
	for sku, price := range own.Prices {
		if good, here := c.Goods[sku]; here {
			good.Price = price
			c.Goods[sku] = good
		}
	}
}

// risked is what a cabinet must know of the chain's risks; nil where there are none.
func risked(o cloud.Offline) *wire.Offline {
	if o.Valid <= 0 {
		return nil
	}
	return &wire.Offline{
		ValidMS: o.Valid.Milliseconds(), Openings: o.Openings, Fen: o.Fen, PerMS: o.Per.Milliseconds(), Cabinet: o.Cabinet, Service: o.Service,
	}
}

// healthOf is what a cabinet is told of how warm its food may be; nil where the chain leaves that to it.
func healthOf(c cloud.Cabinet, chain wire.Health) map[protocol.Compartment]wire.Health {
	all := map[protocol.Compartment]wire.Health{}
	for _, p := range c.Platforms {
		if h := c.HealthOf(chain, p.Compartment); h != (wire.Health{}) {
			all[p.Compartment] = h
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// state is what the master data make of a cabinet, under the version, limits and stock count that it has. What its draft brings
// is told before, so that a refill can be weighed by both planograms.
func state(c cloud.Cabinet, draft cloud.Draft, articles map[protocol.SKU]cloud.Article, prices uint32, before wire.Config) (wire.Config, error) {
	next := wire.Config{
		V: wire.Version, Cabinet: c.ID, Config: before.Config, PriceVersion: prices,
		Goods: make(map[protocol.SKU]wire.Good), Limits: before.Limits, Stock: before.Stock,
	}
	for _, p := range c.Platforms {
		platform := wire.Platform{
			ID: p.ID, Compartment: p.Compartment, Capacity: p.Capacity, Division: p.Division, SKUs: p.SKUs, Coming: draft.Coming(p),
		}
		next.Platforms = append(next.Platforms, platform)
		for _, sku := range platform.Known() {
			a, known := articles[sku]
			if !known {
				return next, protocol.Errorf(cloud.CodeUnknownArticle, "cabinet %s: platform %s: article %q is not in the assortment", c.ID, p.ID, sku)
			}
			next.Goods[sku] = wire.Good{Unit: a.Unit, SD: a.SD, Price: a.Price}
		}
	}
	return next, nil
}
