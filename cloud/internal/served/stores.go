package served

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// heads are the lines of the list of stores, as they were made last.
type heads struct {
	mu     sync.Mutex
	known  map[cloud.StoreID]cloud.ServedHead
	wanted []cloud.StoreID
	wake   chan struct{}
}

// get gives a line as far as it is known, and has it made anew where it is old.
func (h *heads) get(store cloud.Store, now time.Time) cloud.ServedHead {
	h.mu.Lock()
	defer h.mu.Unlock()
	head := h.known[store.ID]
	head.Store = store
	if !head.Known || now.Sub(head.Made) > headsLast {
		if !slices.Contains(h.wanted, store.ID) {
			h.wanted = append(h.wanted, store.ID)
		}
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
	return head
}

func (h *heads) take() []cloud.StoreID {
	h.mu.Lock()
	defer h.mu.Unlock()
	wanted := h.wanted
	h.wanted = nil
	return wanted
}

func (h *heads) put(head cloud.ServedHead) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known[head.Store.ID] = head
}

// Stores implements cloud.Coverage.
func (s *Service) Stores(ctx context.Context) ([]cloud.ServedHead, error) {
	var stores []cloud.Store
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		stores, err = tx.Plans.Stores()
		return err
	}); err != nil {
		return nil, fmt.Errorf("coverage of all stores: %w", err)
	}
	all := make([]cloud.ServedHead, 0, len(stores))
	for _, store := range stores {
		all = append(all, s.heads.get(store, s.Now()))
	}
	slices.SortStableFunc(all, func(a, b cloud.ServedHead) int {
		return cmp.Or(cmp.Compare(b.LostTonight, a.LostTonight), cmp.Compare(b.Night.Uncovered, a.Night.Uncovered), cmp.Compare(b.Lost, a.Lost),
			cmp.Compare(b.Week.Uncovered, a.Week.Uncovered), cmp.Compare(a.Store.ID, b.Store.ID))
	})
	return all, nil
}

// look makes the lines that somebody asked for.
func (s *Service) look(ctx context.Context) error {
	for _, id := range s.heads.take() {
		var head cloud.ServedHead
		err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
			head, err = s.head(tx, id)
			return err
		})
		if protocol.CodeOf(err) == cloud.CodeNotFound { // It is gone meanwhile.
			continue
		}
		if err != nil {
			return fmt.Errorf("coverage of %s: %w", id, err)
		}
		s.heads.put(head)
	}
	return nil
}

// head makes one line. It looks at what was, and leaves what comes to the page of the store.
func (s *Service) head(tx cloud.Tx, id cloud.StoreID) (cloud.ServedHead, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return cloud.ServedHead{}, err
	}
	r, err := s.record(tx, id, ledger.DayOf(s.Now(), zone).Add(1-weekDays), weekDays)
	if err != nil {
		return cloud.ServedHead{}, err
	}
	if err := s.hear(tx, r); err != nil {
		return cloud.ServedHead{}, err
	}
	h := headOf(r, s.Now())
	if h.Gap == nil {
		return h, nil
	}
	articles, err := s.Catalog.Articles(tx)
	h.Names = make(map[protocol.SKU]cloud.Text)
	for _, c := range h.Gap.Causes {
		if c.SKU != "" {
			h.Names[c.SKU] = articles[c.SKU].Name
		}
	}
	return h, err
}

// dayLong is how far back tonight is shown, in milliseconds.
const dayLong = 24 * 60 * 60 * 1000

func headOf(r *record, at time.Time) cloud.ServedHead {
	now, days := at.UnixMilli(), r.of.Days()
	h := cloud.ServedHead{Store: r.store, Known: true, Costs: r.age.Days > 0, From: time.UnixMilli(now - dayLong), To: at, Made: at}
	for _, d := range days {
		h.Week = h.Week.Plus(d.Sum())
		for _, p := range d.Pieces {
			if h.Now = p.State; p.To > now-dayLong {
				p.From = max(p.From, now-dayLong)
				h.Tonight = append(h.Tonight, p)
				h.Night.Add(p.State, p.Length())
			}
		}
	}
	gaps, lost := coverage.Gaps(days, r.rates), 0.0
	for _, g := range gaps {
		lost += g.Lost
		if g.To > now-dayLong {
			h.LostTonight += protocol.Fen(g.Lost)
		}
	}
	h.Lost = protocol.Fen(lost)
	if n := len(gaps); n > 0 && h.Now == coverage.Uncovered {
		h.Gap, h.Hour = &gaps[n-1], r.anHour(&gaps[n-1], at)
	}
	return h
}

// anHour is what is expected in the hour that it is, and does not come while a gap lasts.
func (r *record) anHour(g *coverage.Gap, at time.Time) protocol.Fen {
	hour := at.In(r.zone).Truncate(time.Hour)
	from, to := hour.UnixMilli(), hour.Add(time.Hour).UnixMilli()
	if g.All {
		return protocol.Fen(r.rates("", from, to))
	}
	fen := 0.0
	for _, category := range g.Categories {
		fen += r.rates(category, from, to)
	}
	return protocol.Fen(fen)
}

// SetNeeds implements cloud.Coverage.
func (s *Service) SetNeeds(ctx context.Context, store cloud.StoreID, categories []string, by string) error {
	return s.rule(ctx, store, func(tx cloud.Tx, l law) (cloud.CoverageRule, error) {
		for _, c := range categories {
			if len(l.marked[c]) == 0 {
				return cloud.CoverageRule{}, protocol.Errorf(protocol.CodeMalformed, "category %q has no article that is marked essential", c)
			}
		}
		body, err := json.Marshal(categories)
		return cloud.CoverageRule{Store: store, Kind: cloud.RuleNeeds, From: s.Now(), Body: body, By: by, Made: s.Now()}, err
	})
}

func (s *Service) rule(ctx context.Context, store cloud.StoreID, say func(cloud.Tx, law) (cloud.CoverageRule, error)) error {
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		found, err := findStore(tx, store)
		if err != nil {
			return err
		}
		zone, err := s.Book.Zone(tx)
		if err != nil {
			return err
		}
		l, err := readLaw(tx, found, zone)
		if err != nil {
			return err
		}
		r, err := say(tx, l)
		if err != nil {
			return err
		}
		return tx.CoverageRules.AddRule(r)
	})
	if err != nil {
		return fmt.Errorf("rule of %s: %w", store, err)
	}
	return nil
}

var _ cloud.Coverage = (*Service)(nil)
