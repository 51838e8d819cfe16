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
		served, err := s.Store(ctx, id, weekDays)
		if err != nil {
			return err
		}
		s.heads.put(headOf(served))
	}
	return nil
}

// dayLong is how far back tonight is shown, in milliseconds.
const dayLong = 24 * 60 * 60 * 1000

func headOf(of cloud.Served) cloud.ServedHead {
	now := of.Now.UnixMilli()
	h := cloud.ServedHead{Store: of.Store, Known: true, Lost: of.Lost, From: time.UnixMilli(now - dayLong), To: of.Now, Made: of.Now}
	for _, d := range of.Days {
		h.Week = h.Week.Plus(d.Sum())
		for _, p := range d.Pieces {
			if h.Now = p.State; p.To > now-dayLong {
				p.From = max(p.From, now-dayLong)
				h.Tonight = append(h.Tonight, p)
				h.Night.Add(p.State, p.Length())
			}
		}
	}
	for _, g := range of.Gaps {
		if g.To > now-dayLong {
			h.LostTonight += protocol.Fen(g.Lost)
		}
	}
	return h
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
