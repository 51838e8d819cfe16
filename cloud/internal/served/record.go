package served

import (
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// record is one store's coverage for some days, which goes on with each fact.
type record struct {
	store    cloud.Store
	zone     *time.Location
	law      law
	cabinets []cloud.Cabinet
	of       *coverage.Store
	first    ledger.Day
	days     int
	revision uint64 // of the master data that it knows
	heard    map[protocol.CabinetID]time.Time
	age      cloud.DemandAge
	hour     forecast.Hour        // from which on sales are expected
	expected map[string][]float64 // of each category, fen an hour
}

// record is the one that there is, with the newest facts, or a new one.
func (s *Service) record(tx cloud.Tx, id cloud.StoreID, first ledger.Day, days int) (*record, error) {
	if err := s.read(tx); err != nil {
		return nil, err
	}
	store, err := findStore(tx, id)
	if err != nil {
		return nil, err
	}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	revision, err := tx.Plans.Revision()
	if err != nil {
		return nil, err
	}
	l, err := readLaw(tx, store, zone)
	if err != nil {
		return nil, err
	}
	if r := s.books[id]; r != nil && r.first == first && r.days == days && r.revision == revision && r.law.many == l.many {
		return r, nil
	}
	r := &record{store: store, zone: zone, law: l, first: first, days: days, revision: revision}
	if err := s.fill(tx, r); err != nil {
		return nil, err
	}
	if days == weekDays && first.Add(days-1) == ledger.DayOf(s.Now(), zone) {
		s.keep(id, r)
	}
	return r, nil
}

// keep makes room for a record by giving up any other one: where there are more stores than room, and all are asked for in turn, the oldest
// would always be the one that is asked for next.
func (s *Service) keep(id cloud.StoreID, r *record) {
	for other := range s.books {
		if _, known := s.books[id]; known || len(s.books) < mostBooks {
			break
		}
		delete(s.books, other)
	}
	s.books[id] = r
}

// fill makes a record from all its facts.
func (s *Service) fill(tx cloud.Tx, r *record) error {
	begin, _ := r.first.Span(r.zone)
	bounds := r.law.calendar.Bounds(begin, r.days)
	from, to := time.UnixMilli(bounds[0]), time.UnixMilli(bounds[r.days])
	var err error
	if r.cabinets, err = tx.Facts.Cabinets(r.store.ID, from, to); err != nil {
		return err
	}
	stays, err := tx.Stays.Around(r.store.ID, from, to)
	if err != nil {
		return err
	}
	plan := coverage.Plan{Days: bounds, Open: r.law.calendar.Open(bounds[0], bounds[r.days]), Needs: r.law.needs, Codes: r.law.codes}
	for _, c := range r.cabinets {
		plan.Cabinets = append(plan.Cabinets, planned(c, r.store.ID, stays))
	}
	r.of = coverage.New(plan)
	for _, of := range append([]cloud.Cabinet{{}}, r.cabinets...) {
		facts, err := tx.CoverageFacts.Of(of.ID, from)
		if err != nil {
			return err
		}
		r.of.AddAll(facts)
	}
	return s.expect(tx, r, from)
}

func planned(c cloud.Cabinet, store cloud.StoreID, stays []cloud.Stay) coverage.Cabinet {
	of := coverage.Cabinet{ID: c.ID, Doors: make(map[protocol.PlatformID]protocol.Compartment)}
	for _, stay := range stays {
		if stay.Cabinet != c.ID || stay.Store != store {
			continue
		}
		var span coverage.Span
		if !stay.From.IsZero() {
			span.From = stay.From.UnixMilli()
		}
		if !stay.Until.IsZero() {
			span.To = stay.Until.UnixMilli()
		}
		of.Stays = append(of.Stays, span)
	}
	for _, p := range c.Platforms {
		of.Doors[p.ID] = p.Compartment
	}
	return of
}

// read gives all records the facts that are new.
func (s *Service) read(tx cloud.Tx) error {
	for {
		facts, last, err := tx.CoverageFacts.After(s.number, mostFacts)
		if err != nil {
			return err
		}
		for _, f := range facts {
			for _, r := range s.books {
				r.of.Add(f)
			}
		}
		if s.number = last; len(facts) < mostFacts {
			return nil
		}
	}
}

// hear moves a record on to now. A cabinet is known of until its journal's newest event, and further where it has said since that
// nothing is behind that one.
func (s *Service) hear(tx cloud.Tx, r *record) error {
	now := s.Now()
	begin, _ := r.first.Span(r.zone)
	heard, err := tx.CoverageFacts.Heard(r.store.ID, begin, now)
	if err != nil {
		return err
	}
	for id, at := range heard {
		if word, known := s.Presence.Heard(id); known && word.At.After(at) {
			position, err := tx.Inbox.Position(id)
			if err != nil {
				return err
			}
			if position.Journal == word.Journal && position.Applied >= word.Last {
				heard[id] = word.At
				if now.Sub(word.At) <= cloud.AwayAfter { // As long it counts as there.
					heard[id] = now
				}
			}
		}
		if !heard[id].IsZero() {
			r.of.Heard(id, heard[id].UnixMilli())
		}
	}
	r.heard = heard
	r.of.Until(now.UnixMilli())
	return nil
}

// expect works out what would be sold of each category, hour by hour.
func (s *Service) expect(tx cloud.Tx, r *record, from time.Time) error {
	outlooks, err := s.Demand.Outlooks(tx)
	if err != nil {
		return err
	}
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return err
	}
	r.age, r.hour, r.expected = outlooks.Age, forecast.HourOf(from.In(r.zone)), make(map[string][]float64)
	hours := r.days * 24
	all := make([]float64, hours)
	for _, c := range r.cabinets {
		var seen []protocol.SKU
		for _, p := range c.Platforms {
			for _, sku := range p.SKUs {
				if slices.Contains(seen, sku) || outlooks.Age.Days == 0 {
					continue
				}
				seen = append(seen, sku)
				a := articles[sku]
				of := r.expected[a.Category]
				if of == nil {
					of = make([]float64, hours)
					r.expected[a.Category] = of
				}
				o := outlooks.Model.Outlook(c.ID, sku, r.hour, hours)
				for h := range of {
					fen := o.Hour(h) * float64(a.Price)
					of[h] += fen
					all[h] += fen
				}
			}
		}
	}
	r.expected[""] = all
	return nil
}

// rates implements coverage.Rates.
func (r *record) rates(category string, from, to int64) (fen float64) {
	of := r.expected[category]
	for at := from; at < to; {
		clock := time.UnixMilli(at).In(r.zone)
		next := min(clock.Truncate(time.Hour).Add(time.Hour).UnixMilli(), to)
		if n := int(forecast.HourOf(clock) - r.hour); n >= 0 && n < len(of) {
			fen += of[n] * float64(next-at) / float64(time.Hour.Milliseconds())
		}
		at = next
	}
	return fen
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
