package desired

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// markEvery is how often dates are looked at. What a resident bought may have been the last unit of a lot.
const markEvery = time.Minute

// marking is what one look at the dates knows of the fleet.
type marking struct {
	*Service
	tx       cloud.Tx
	today    ledger.Day
	rules    cloud.Markdowns
	articles map[protocol.SKU]cloud.Article
	chain    uint32 // the chain's version of prices
	prices   map[protocol.SKU]protocol.Fen
	own      map[protocol.CabinetID]cloud.OwnPrices
	due      map[protocol.CabinetID][]cloud.Lot
}

// Mark looks which goods are near their dates: it lets what the rules say for their prices hold, in each cabinet for itself,
// and tells of each lot once. It reports whether any price changed.
func (s *Service) Mark(ctx context.Context) (changed bool, err error) {
	var some []protocol.CabinetID
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		m, err := s.marking(tx)
		if err != nil {
			return err
		}
		for _, id := range m.concerned() {
			differs, err := m.differs(id)
			if err != nil {
				return fmt.Errorf("cabinet %s: %w", id, err)
			}
			if differs {
				some = append(some, id)
			}
		}
		return nil
	}); err != nil || len(some) == 0 {
		return false, err
	}
	err = s.DB.Update(ctx, func(tx cloud.Tx) error {
		m, err := s.marking(tx)
		if err != nil {
			return err
		}
		var marked []protocol.CabinetID
		for _, id := range some {
			repriced, err := m.mark(id)
			if err != nil {
				return fmt.Errorf("cabinet %s: %w", id, err)
			}
			if repriced {
				marked = append(marked, id)
			}
		}
		if changed = len(marked) > 0; !changed {
			return nil
		}
		return s.restate(tx, marked...)
	})
	return changed && err == nil, err
}

// remark makes each cabinet's own prices anew after the chain's have changed: they were based on those.
func (s *Service) remark(tx cloud.Tx) error {
	m, err := s.marking(tx)
	if err != nil {
		return err
	}
	for _, id := range m.concerned() {
		if _, err := m.mark(id); err != nil {
			return fmt.Errorf("prices of cabinet %s: %w", id, err)
		}
	}
	return nil
}

func (s *Service) marking(tx cloud.Tx) (m *marking, err error) {
	m = &marking{
		Service: s, tx: tx, articles: map[protocol.SKU]cloud.Article{}, own: map[protocol.CabinetID]cloud.OwnPrices{},
		due: map[protocol.CabinetID][]cloud.Lot{}, prices: map[protocol.SKU]protocol.Fen{},
	}
	zone, err := s.Book.Zone(tx)
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return m, nil // There are no master data yet.
	}
	if err != nil {
		return m, err
	}
	m.today = ledger.DayOf(s.Now(), zone)
	if m.rules, err = tx.Plans.Markdowns(); err != nil {
		return m, err
	}
	if m.chain, err = tx.Prices.Current(); err != nil {
		return m, err
	}
	due, err := tx.Lots.Due(m.today.Add(m.rules.Reach()))
	if err != nil {
		return m, err
	}
	for _, l := range due {
		_, cabinet, _, _ := l.Place.Place()
		m.due[protocol.CabinetID(cabinet)] = append(m.due[protocol.CabinetID(cabinet)], l)
	}
	own, err := tx.Prices.Own()
	if err != nil {
		return m, err
	}
	for _, o := range own {
		m.own[o.Cabinet] = o
	}
	if len(m.due) == 0 && len(m.own) == 0 {
		return m, nil
	}
	return m, m.assortment()
}

func (m *marking) assortment() error {
	list, err := m.tx.Plans.Articles()
	if err != nil {
		return err
	}
	for _, a := range list {
		m.articles[a.SKU] = a
	}
	if m.chain > 0 {
		m.prices, err = m.tx.Prices.Of(m.chain)
	}
	return err
}

// concerned are the cabinets that have a lot near its date, or prices of their own.
func (m *marking) concerned() []protocol.CabinetID {
	all := slices.Collect(maps.Keys(m.due))
	for id, o := range m.own {
		if len(o.Prices) > 0 {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// holds are the cabinet's own prices as they are now; nil where the chain's hold.
func (m *marking) holds(id protocol.CabinetID) map[protocol.SKU]protocol.Fen {
	if o := m.own[id]; o.Version > m.chain {
		return o.Prices
	}
	return nil
}

func (m *marking) differs(id protocol.CabinetID) (bool, error) {
	lots, err := m.lots(id)
	if err != nil {
		return false, err
	}
	for _, news := range m.news(lots) {
		if news != nil {
			return true, nil
		}
	}
	wanted := m.wanted(lots)
	if !maps.Equal(m.holds(id), wanted) {
		return true, nil
	}
	barred, err := m.barred(id, wanted)
	return len(barred) > 0, err
}

// barred are the facts by which coverage is told which goods of a cabinet are not sold any more, and which are again.
func (m *marking) barred(id protocol.CabinetID, wanted map[protocol.SKU]protocol.Fen) (facts []coverage.Fact, err error) {
	none := make(map[protocol.SKU]bool)
	for _, prices := range []map[protocol.SKU]protocol.Fen{m.own[id].Prices, wanted} {
		for sku, price := range prices {
			none[sku] = none[sku] || price == 0
		}
	}
	now := m.Now().UnixMilli()
	for _, sku := range slices.Sorted(maps.Keys(none)) {
		price, priced := wanted[sku]
		f := coverage.Fact{Ref: fmt.Sprintf("price:%s/%d", id, now), Cabinet: id, Kind: coverage.Barred, Subject: string(sku), At: now, Made: now}
		if priced && price == 0 {
			f.Value = 1
		}
		if !none[sku] {
			continue
		}
		before, _, err := m.tx.CoverageFacts.Newest(id, coverage.Barred, f.Subject)
		if err != nil {
			return nil, err
		}
		if before.Value != f.Value {
			facts = append(facts, f)
		}
	}
	return facts, nil
}

// mark makes the cabinet's next version where its prices shall be others, and tells of its lots.
func (m *marking) mark(id protocol.CabinetID) (bool, error) {
	lots, err := m.lots(id)
	if err != nil {
		return false, err
	}
	for _, tell := range m.news(lots) {
		if tell == nil {
			continue
		}
		if err := tell(); err != nil {
			return false, err
		}
	}
	wanted := m.wanted(lots)
	barred, err := m.barred(id, wanted)
	if err != nil {
		return false, err
	}
	if err := m.tx.CoverageFacts.Add(barred); err != nil {
		return false, err
	}
	if maps.Equal(m.holds(id), wanted) {
		return false, nil
	}
	_, err = m.tx.Prices.Set(cloud.OwnPrices{Cabinet: id, Base: m.chain, Prices: wanted}, m.Now())
	return true, err
}

// laneLot is a lot as it was written down, and what the books say is left of it.
type laneLot struct {
	cloud.Lot
	lane picking.Place
	left int
}

// goodsLeft are the goods of one article in a cabinet.
type goodsLeft struct {
	book int
	lots []laneLot
}

// lots are what lies in the cabinet of each article that has a lot near its date, in all its lanes.
func (m *marking) lots(id protocol.CabinetID) (map[protocol.SKU]*goodsLeft, error) {
	all := map[protocol.SKU]*goodsLeft{}
	for _, l := range m.due[id] {
		all[l.SKU] = &goodsLeft{}
	}
	if len(all) == 0 {
		return all, nil
	}
	lots, err := m.tx.Lots.In(ledger.StockPrefix(id))
	if err != nil {
		return nil, err
	}
	stock, err := m.tx.Ledger.Balances(ledger.StockPrefix(id))
	if err != nil {
		return nil, err
	}
	for _, b := range stock {
		g := all[b.Unit.SKU()]
		if g == nil {
			continue
		}
		g.book += int(max(b.Amount, 0))
	}
	for len(lots) > 0 {
		n := slices.IndexFunc(lots, func(l cloud.Lot) bool { return l.Place != lots[0].Place || l.SKU != lots[0].SKU })
		if n < 0 {
			n = len(lots)
		}
		if g := all[lots[0].SKU]; g != nil {
			g.add(lots[:n], stock)
		}
		lots = lots[n:]
	}
	return all, nil
}

// add takes in the lots of one lane.
func (g *goodsLeft) add(lots []cloud.Lot, stock []ledger.Posting) {
	_, cabinet, platform, _ := lots[0].Place.Place()
	lane := picking.Place{Cabinet: protocol.CabinetID(cabinet), Platform: protocol.PlatformID(platform), SKU: lots[0].SKU}
	book := 0
	for _, b := range stock {
		if b.Account == lots[0].Place && b.Unit == ledger.Article(lane.SKU) {
			book = int(b.Amount)
		}
	}
	lying := cloud.LyingLots(lots, book)
	for _, l := range lots {
		one := laneLot{Lot: l, lane: lane}
		if i := slices.IndexFunc(lying, func(x cloud.Lot) bool { return x.Until == l.Until }); i >= 0 {
			one.left = lying[i].Units
		}
		g.lots = append(g.lots, one)
	}
}

// wanted are the prices that differ in a cabinet from the chain's. Bills are by article, not by lane, so that the first lot of
// an article in any of its lanes says its price; it is not sold where the date that somebody read is over for all that lies
// there. A date that was worked out stops no sale: a person is told, and looks.
func (m *marking) wanted(goods map[protocol.SKU]*goodsLeft) map[protocol.SKU]protocol.Fen {
	prices := map[protocol.SKU]protocol.Fen{}
	for sku, g := range goods {
		price, sold := m.prices[sku]
		if !sold || g.book <= 0 {
			continue
		}
		over, first := 0, ledger.Day("")
		for _, l := range g.lots {
			switch {
			case l.left == 0, l.Until < m.today && !l.Said:
			case l.Until < m.today:
				over += l.left
			case first == "" || l.Until < first:
				first = l.Until
			}
		}
		rule := m.rules.Of(m.articles[sku].Category)
		switch reduced := rule.Price(price, m.articles[sku].Cost, m.today.Until(first)); {
		case over >= g.book:
			prices[sku] = 0
		case first != "" && reduced < price:
			prices[sku] = reduced
		}
	}
	if len(prices) == 0 {
		return nil
	}
	return prices
}

// news are what is to be told of lots: that a date comes near, once, and that it is over, once. What is gone is told of no more.
func (m *marking) news(goods map[protocol.SKU]*goodsLeft) (all []func() error) {
	for _, sku := range slices.Sorted(maps.Keys(goods)) {
		lots := slices.Clone(goods[sku].lots)
		slices.SortFunc(lots, func(a, b laneLot) int { return cmp.Or(a.lane.Compare(b.lane), cmp.Compare(a.Until, b.Until)) })
		rule := m.rules.Of(m.articles[sku].Category)
		for _, l := range lots {
			stage := rule.Stage(m.today.Until(l.Until))
			if l.left == 0 {
				stage = picking.Gone
			}
			if stage.Rank() > l.Told.Rank() && (stage != picking.Gone || l.Told != "") {
				all = append(all, func() error { return m.tell(l, stage) })
			}
		}
	}
	return all
}

// tell opens the incident of a lot's stage, and closes that of the one before.
func (m *marking) tell(l laneLot, stage picking.Stage) error {
	if err := m.tx.Untell(l.Lot, m.Now()); err != nil {
		return err
	}
	if stage != picking.Gone {
		kind := cloud.IncidentExpires
		if stage == picking.Over {
			kind = cloud.IncidentExpired
		}
		if err := m.tx.Incidents.Open(cloud.Incident{
			Cabinet: l.lane.Cabinet, Kind: kind, Subject: l.Subject(), Last: m.Now(),
			Detail: cloud.DetailLot.Fill(m.articles[l.SKU].Name.En, l.lane.Platform, l.left, l.Until),
		}); err != nil {
			return err
		}
	}
	return m.tx.Lots.Tell(l.Lot, stage)
}
