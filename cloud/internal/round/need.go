package round

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// What one stop takes, until somebody has walked it often enough to know better.
const (
	stopMinutes = 5 // to come, open and shut
	laneSeconds = 30
)

// reach is how many hours ahead is looked at least: longer than any way from one round to the one after the next.
const reach = 7 * 24

// Needs implements cloud.RoundPlanning.
func (s *Service) Needs(ctx context.Context, id cloud.StoreID) (n cloud.StoreNeeds, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		store, err := findStore(tx, id)
		if err != nil {
			return err
		}
		all, err := tx.Cabinets.List()
		if err != nil {
			return err
		}
		drafts, err := tx.WaitingDrafts()
		if err != nil {
			return err
		}
		own := over(drafts, slices.DeleteFunc(all, func(c cloud.Cabinet) bool { return c.Store != id }))
		under, err := underWay(tx, id)
		if err != nil {
			return err
		}
		free := slices.DeleteFunc(slices.Clone(own), func(c cloud.Cabinet) bool { return !under[c.ID].IsZero() })
		a, err := s.assess(tx, store, own)
		if err != nil {
			return err
		}
		a.propose(free)
		a.needs.Transfers = a.plan.Transfers(a.list(free, func(picking.Cabinet) bool { return false }), a.when, a.policy)
		for id := range under {
			if c, own := a.seen[id]; own {
				a.plan.Needs[id] = picking.Needs(&c, a.when, a.policy)
			}
		}
		if err := a.expect(tx, slices.Collect(maps.Keys(under))...); err != nil {
			return err
		}
		slices.SortStableFunc(own, func(a, b cloud.Cabinet) int { return a.Number - b.Number })
		stops := a.told(own)
		a.trip(stops)
		n = a.needs
		n.Stops = stops
		for i := range n.Stops {
			n.Stops[i].Round = under[n.Stops[i].Cabinet.ID]
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("needs of %s: %w", id, err)
	}
	return n, nil
}

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

// underWay says of each cabinet which round is on its way to it.
func underWay(tx cloud.Tx, store cloud.StoreID) (map[protocol.CabinetID]protocol.UUID, error) {
	open, err := tx.Rounds.List(cloud.RoundQuery{Store: store, Open: true})
	under := make(map[protocol.CabinetID]protocol.UUID)
	for _, r := range open {
		if r.Kind == cloud.RoundTally {
			continue // Nothing is brought there.
		}
		for _, stop := range r.Stops {
			if stop.State == cloud.StopAhead || stop.State == cloud.StopOpen {
				under[stop.Cabinet] = r.ID
			}
		}
	}
	return under, err
}

// assessment is a store's cabinets as the rules of picking see them, and what they say of them.
type assessment struct {
	needs    cloud.StoreNeeds // without its stops
	when     picking.When
	policy   picking.Policy
	articles map[protocol.SKU]cloud.Article
	outlooks cloud.Outlooks
	from     forecast.Hour
	stock    picking.Stock
	seen     map[protocol.CabinetID]picking.Cabinet
	pars     map[picking.Place]int
	plan     picking.Plan
}

// assess looks at cabinets of a store.
func (s *Service) assess(tx cloud.Tx, store cloud.Store, cabinets []cloud.Cabinet) (*assessment, error) {
	a := &assessment{needs: cloud.StoreNeeds{Store: store}, seen: make(map[protocol.CabinetID]picking.Cabinet), pars: make(map[picking.Place]int)}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(tx, store.ID, 1)
	if err != nil {
		return nil, err
	}
	a.policy = policy.Policy
	if a.articles, err = s.Catalog.Articles(tx); err != nil {
		return nil, err
	}
	if a.outlooks, err = s.Demand.Outlooks(tx); err != nil {
		return nil, err
	}
	a.needs.Age = a.outlooks.Age
	if err := a.time(tx, s.Now().In(zone)); err != nil {
		return nil, err
	}
	prices, err := s.prices(tx)
	if err != nil {
		return nil, err
	}
	today := ledger.DayOf(s.Now(), zone)
	for _, c := range cabinets {
		seen, err := a.look(tx, c, prices, today)
		if err != nil {
			return nil, fmt.Errorf("needs of %s: %w", c.ID, err)
		}
		a.seen[c.ID] = seen
	}
	return a, a.shelf(tx)
}

// visitAll plans a round that somebody has chosen the cabinets of.
func (a *assessment) visitAll(cabinets []cloud.Cabinet) {
	a.plan = picking.Make(a.list(cabinets, func(picking.Cabinet) bool { return true }), a.stock, picking.Limits{}, a.when, a.policy)
}

// propose chooses among cabinets. Where nothing is foreseen nobody can say what skipping costs: all that lack something are visited.
func (a *assessment) propose(cabinets []cloud.Cabinet) {
	limits := picking.Limits{Minutes: a.needs.Habit.Minutes, Totes: a.needs.Habit.Totes}
	blind := a.outlooks.Age.Days == 0
	a.plan = picking.Make(a.list(cabinets, func(c picking.Cabinet) bool { return blind && !c.Shut && lacks(c) }), a.stock, limits, a.when, a.policy)
}

// lacks reports a cabinet of which a lane holds less than its par.
func lacks(c picking.Cabinet) bool {
	return slices.ContainsFunc(c.Platforms, func(p picking.Platform) bool {
		return slices.ContainsFunc(p.Lanes, func(l picking.Lane) bool { return l.Book < l.Par && !l.Leaving })
	})
}

func (a *assessment) list(cabinets []cloud.Cabinet, must func(picking.Cabinet) bool) []picking.Cabinet {
	list := make([]picking.Cabinet, 0, len(cabinets))
	for _, c := range cabinets {
		seen := a.seen[c.ID]
		seen.Must = must(seen)
		list = append(list, seen)
	}
	return list
}

// time says when the next two rounds of the store are, and when it is shut until then.
func (a *assessment) time(tx cloud.Tx, now time.Time) error {
	times, err := tx.RoundTimes(a.needs.Store, now.Location())
	if err != nil {
		return err
	}
	a.needs.Habit, a.needs.Next = times.RoundHabit, times.After(now)
	a.needs.Then = times.After(a.needs.Next)
	a.from = forecast.HourOf(now)
	a.when = picking.When{
		Visit: hours(now, a.needs.Next), After: hours(now, a.needs.Then), Today: ledger.DayOf(now, now.Location()), Rest: 24 - now.Hour(),
	}
	a.when.Nights = nights(times.Calendar, a.needs.Store, now, a.when.After)
	return nil
}

// hours is how many whole hours a time is away, rounded up.
func hours(from, to time.Time) int { return int((to.Sub(from) + time.Hour - 1) / time.Hour) }

// nights are when a store is shut, in hours from now. One whose hours are not known is never shut.
func nights(calendar coverage.Calendar, store cloud.Store, now time.Time, until int) (shut []picking.Span) {
	if len(store.Hours) == 0 {
		return nil
	}
	open := calendar.Open(now.UnixMilli(), now.Add(time.Duration(until)*time.Hour).UnixMilli())
	for h := range until {
		at := now.Add(time.Duration(h) * time.Hour).UnixMilli()
		if slices.ContainsFunc(open, func(o coverage.Span) bool { return o.From <= at && at < o.To }) {
			continue
		}
		if n := len(shut); n > 0 && shut[n-1].To == h {
			shut[n-1].To++
			continue
		}
		shut = append(shut, picking.Span{From: h, To: h + 1})
	}
	return shut
}

func (s *Service) prices(tx cloud.Tx) (map[protocol.SKU]protocol.Fen, error) {
	version, err := tx.Prices.Current()
	if err != nil || version == 0 {
		return nil, err
	}
	return s.Catalog.Prices(tx, version)
}

// look makes of a cabinet what the rules look at.
func (a *assessment) look(tx cloud.Tx, c cloud.Cabinet, prices map[protocol.SKU]protocol.Fen, today ledger.Day) (picking.Cabinet, error) {
	seen := picking.Cabinet{ID: c.ID, Totes: 1, Shut: !reachable(c.Hours, a.needs.Next)}
	first, err := firstFilled(tx, c, today)
	if err != nil {
		return seen, err
	}
	piles, err := tx.Ledger.Balances(ledger.StockPrefix(c.ID))
	if err != nil {
		return seen, err
	}
	books := make(map[picking.Place]int, len(piles))
	for _, p := range piles {
		platform := protocol.PlatformID(p.Account[len(ledger.StockPrefix(c.ID)):])
		books[picking.Place{Cabinet: c.ID, Platform: platform, SKU: p.Unit.SKU()}] = int(p.Amount)
	}
	dates, err := tx.Lots.In(ledger.StockPrefix(c.ID))
	if err != nil {
		return seen, err
	}
	lots := make(map[picking.Place][]picking.Lot, len(dates))
	for _, l := range dates {
		// Until enough is known of the demand, what is not over by the round counts as sold in time.
		if !a.outlooks.Age.Enough() && l.Until >= ledger.DayOf(a.needs.Next, a.needs.Next.Location()) {
			continue
		}
		at := picking.Place{Cabinet: c.ID, Platform: protocol.PlatformID(l.Place[len(ledger.StockPrefix(c.ID)):]), SKU: l.SKU}
		lots[at] = append(lots[at], picking.Lot{Units: l.Units, Until: l.Until})
	}
	lacking := 0
	for _, p := range c.Platforms {
		surface := picking.Platform{ID: p.ID, Capacity: p.Capacity}
		for _, sku := range p.SKUs {
			at := picking.Place{Cabinet: c.ID, Platform: p.ID, SKU: sku}
			lane := a.lane(at, books[at], prices[sku])
			lane.Lots, lane.Holds = picking.Lying(lots[at], lane.Book), p.Room[sku]
			said := false
			if lane.Par, said = p.Par[sku]; !said {
				lane.Par = first[sku]
			}
			a.pars[at], lane.HasPar = lane.Par, said || !a.outlooks.Age.Enough()
			if lane.Book < lane.Par {
				lacking++
			}
			surface.Lanes = append(surface.Lanes, lane)
		}
		seen.Platforms = append(seen.Platforms, surface)
	}
	seen.Minutes = minutes(lacking)
	return seen, nil
}

func minutes(lanes int) int { return stopMinutes + (lanes*laneSeconds+59)/60 }

func (a *assessment) lane(at picking.Place, book int, price protocol.Fen) picking.Lane {
	article := a.articles[at.SKU]
	if price == 0 {
		price = article.Price
	}
	lane := picking.Lane{
		SKU: at.SKU, Category: article.Category, Essential: article.Essential, Leaving: article.Retired, Book: book, Case: article.CaseSize,
		Unit: article.Unit, Price: price * 100 / protocol.Fen(100+article.VATPercent), Cost: article.Cost,
		Demand: unforeseen{},
	}
	if a.outlooks.Age.Enough() { // Until then nobody can say how much would spoil, and what is lacking is brought.
		lane.Life = article.ShelfLifeDays * 24
	}
	if a.outlooks.Age.Days > 0 {
		lane.Demand = a.outlooks.Model.Outlook(at.Cabinet, at.SKU, a.from, max(reach, a.policy.Lasts(a.when)))
	}
	return lane
}

// unforeseen is the demand of a chain of which nothing is known yet: none, so that lanes are filled up to their par.
type unforeseen struct{}

func (unforeseen) Hours() int                { return reach }
func (unforeseen) Expected(int) float64      { return 0 }
func (unforeseen) Quantile(float64, int) int { return 0 }
func (unforeseen) Lost(int, int) float64     { return 0 }
func (unforeseen) SoldOut(stock, _ int) float64 {
	if stock <= 0 {
		return 1
	}
	return 0
}

// firstFilled is how many units of each article were counted in when the cabinet was new, for one platform.
func firstFilled(tx cloud.Tx, c cloud.Cabinet, today ledger.Day) (map[protocol.SKU]int, error) {
	own := ledger.Opening + ":" + ledger.Account(c.ID)
	piles, err := tx.Ledger.Closing(own, today)
	if err != nil {
		return nil, err
	}
	places := make(map[protocol.SKU]int)
	for _, p := range c.Platforms {
		for _, sku := range p.SKUs {
			places[sku]++
		}
	}
	first := make(map[protocol.SKU]int)
	for _, pile := range piles {
		if sku := pile.Unit.SKU(); pile.Account == own && places[sku] > 0 {
			first[sku] += int(-pile.Amount) / places[sku]
		}
	}
	return first, nil
}

// shelf is what the store has for the next round: what its books say, without what its date keeps there and what rounds that have not
// left are to be brought. Where more has left than the books knew, they do not say how much there is.
func (a *assessment) shelf(tx cloud.Tx) error {
	books, err := tx.Figures.Shelf(a.needs.Store.ID)
	if err != nil {
		return err
	}
	lots, err := shelfLots(tx, a.needs.Store.ID)
	if err != nil {
		return err
	}
	day := ledger.DayOf(a.needs.Next, a.needs.Next.Location())
	a.stock = make(picking.Stock, len(books))
	for sku, units := range books {
		if units >= 0 {
			a.stock[sku] = a.dated(picking.Sellable(picking.Lying(lots[sku], units), day))
		}
	}
	if err := a.bound(tx); err != nil {
		return err
	}
	placed := make(map[protocol.SKU]bool)
	for _, c := range a.seen {
		for _, p := range c.Platforms {
			for _, l := range p.Lanes {
				if _, kept := a.stock[l.SKU]; !kept {
					placed[l.SKU] = true
				}
			}
		}
	}
	a.needs.Unkept = slices.Sorted(maps.Keys(placed))
	return nil
}

// dated are lots without their dates, until enough is known of the demand to say what is sold before them.
func (a *assessment) dated(lots []picking.Lot) []picking.Lot {
	if a.outlooks.Age.Enough() {
		return lots
	}
	return []picking.Lot{{Units: picking.Count(lots)}}
}

// forgotten is after how many days a round that nobody has walked is not waited for.
const forgotten = 1

// expect leaves out of what cabinets are brought what rounds that are on their way to them bring.
func (a *assessment) expect(tx cloud.Tx, cabinets ...protocol.CabinetID) error {
	open, err := tx.Rounds.List(cloud.RoundQuery{Store: a.needs.Store.ID, Open: true})
	if err != nil {
		return err
	}
	for _, r := range open {
		for _, l := range r.Lines {
			if !slices.Contains(cabinets, l.Cabinet) || r.State != cloud.RoundUnderWay && r.Day < a.when.Today.Add(-forgotten) {
				continue
			}
			needs := a.plan.Needs[l.Cabinet]
			if i := slices.IndexFunc(needs, func(n picking.Need) bool { return n.Place == l.Place() }); i >= 0 {
				needs[i].Comes(r.Coming(l))
			}
		}
	}
	return nil
}

// told is what the plan says of cabinets, in their order.
func (a *assessment) told(cabinets []cloud.Cabinet) []cloud.StopNeed {
	choices := make(map[protocol.CabinetID]picking.Choice, len(a.plan.Choices))
	for _, c := range a.plan.Choices {
		choices[c.Cabinet] = c
	}
	stops := make([]cloud.StopNeed, 0, len(cabinets))
	for _, c := range cabinets {
		stop, filled, n := cloud.StopNeed{Cabinet: c, Choice: choices[c.ID]}, 0, 0
		for _, p := range a.seen[c.ID].Platforms {
			for i := range p.Lanes {
				lane, need := &p.Lanes[i], a.plan.Needs[c.ID][n]
				n++
				line := cloud.LaneNeed{Need: need, Article: a.articles[lane.SKU], Par: lane.Par, HasPar: lane.HasPar, Lasts: forecast.Range{Early: forecast.Beyond, Likely: forecast.Beyond, Late: forecast.Beyond}}
				if o, known := lane.Demand.(forecast.Outlook); known {
					line.Lasts = o.Empty(lane.Book)
				}
				if need.Bring > 0 || need.Expired > 0 {
					filled++
				}
				stop.Lines = append(stop.Lines, line)
			}
		}
		stop.Minutes = minutes(filled)
		stops = append(stops, stop)
	}
	return stops
}

// Keep implements cloud.RoundPlanning.
func (s *Service) Keep(ctx context.Context, h cloud.RoundHabit) error {
	if !h.Valid() || h.By == "" {
		return protocol.Errorf(protocol.CodeMalformed, "want a minute of the day, one day of the week or more, and limits that are not below nothing")
	}
	h.At = s.Now()
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		if _, err := findStore(tx, h.Store); err != nil {
			return err
		}
		return tx.Habits.Save(h)
	})
}
