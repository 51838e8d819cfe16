// Package storeday adds the days of stores up from the books, closes them at a person's word, and takes in what the payment
// provider states. The rules are package reconcile's; here is what they are fed with. It refuses to change the ledger.
package storeday

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// Options are what the service stands on; all but Merchant are needed.
type Options struct {
	DB       cloud.DB
	Book     *book.Book
	Catalog  *catalog.Book
	Merchant string // ours, as the provider's statement names it; empty: any is taken for ours
	Now      func() time.Time
	Logger   *slog.Logger
}

// Service implements cloud.StoreDays and cloud.Statements.
type Service struct {
	Options
	heads   heads
	booking sync.Mutex // held while the fees of a statement are booked
}

// New makes a service; Run keeps the lines of its list up to date.
func New(o Options) *Service {
	return &Service{Options: o, heads: heads{known: make(map[dayOf]cloud.DayHead), wake: make(chan struct{}, 1)}}
}

// dayOf is one day of one store.
type dayOf struct {
	store cloud.StoreID
	day   ledger.Day
}

// Today implements cloud.StoreDays.
func (s *Service) Today(ctx context.Context) (today ledger.Day, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		zone, err := s.Book.Zone(tx)
		today = ledger.DayOf(s.Now(), zone)
		return err
	})
	return today, err
}

// Day implements cloud.StoreDays.
func (s *Service) Day(ctx context.Context, store cloud.StoreID, day ledger.Day) (cloud.StoreDay, error) {
	var d cloud.StoreDay
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		var err error
		d, err = s.day(tx, store, day)
		return err
	})
	if err != nil {
		return d, fmt.Errorf("%s of %s: %w", day, store, err)
	}
	s.heads.put(d.Head(s.Now()))
	return d, nil
}

// day is what was signed, where it was, else what it adds up to now.
func (s *Service) day(tx cloud.Tx, store cloud.StoreID, day ledger.Day) (cloud.StoreDay, error) {
	a, err := s.open(tx, store, day)
	if err != nil {
		return cloud.StoreDay{}, err
	}
	closed, found, err := tx.Closed.Find(a.store, day)
	if err != nil {
		return cloud.StoreDay{}, err
	}
	here, belonging, err := a.late()
	if err != nil {
		return cloud.StoreDay{}, err
	}
	if a.doubted, err = a.doubts(); err != nil {
		return cloud.StoreDay{}, err
	}
	var d cloud.StoreDay
	if found {
		closed.Store = store
		d, err = unpack(closed)
	} else if d, err = a.up(); err == nil {
		d.LateHere = here
		_, d.Sum, err = figures(d)
	}
	if err != nil {
		return d, err
	}
	if err := errors.Join(a.named(d), a.statedNow(&d)); err != nil {
		return d, err
	}
	d.LateFor, d.Doubts, d.StoreName, d.Cabinets = belonging, a.doubted, a.name, a.cabinets
	if d.Next, err = next(tx, a.store); err != nil {
		return d, err
	}
	return d, a.names(&d)
}

// names are what the goods of the day are called.
func (a *adding) names(d *cloud.StoreDay) error {
	known, err := a.s.Catalog.Articles(a.tx)
	d.Names = make(map[protocol.SKU]cloud.Text, len(d.Goods))
	for _, g := range d.Goods {
		d.Names[g.SKU] = known[g.SKU].Name
	}
	return err
}

// next is the day that is to be closed next; empty where none was closed yet.
func next(tx cloud.Tx, store cloud.StoreID) (ledger.Day, error) {
	last, err := tx.Closed.Last(store)
	if err != nil || last == "" {
		return "", err
	}
	return last.Add(1), nil
}

// Entries implements cloud.StoreDays.
func (s *Service) Entries(ctx context.Context, store cloud.StoreID, day ledger.Day) (entries []ledger.Entry, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if _, err := s.open(tx, store, day); err != nil {
			return err
		}
		entries, err = tx.Days.Entries(booksOf(store), day)
		return err
	})
	return entries, err
}

// Pairs implements cloud.StoreDays.
func (s *Service) Pairs(ctx context.Context, store cloud.StoreID, day ledger.Day) (pairs []reconcile.Pair, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		a, err := s.open(tx, store, day)
		if err != nil {
			return err
		}
		pairs, _, err = a.pairs()
		return err
	})
	return pairs, err
}

// heads are the lines of the list that were added up already. A closed day's never changes but for what came late.
type heads struct {
	mu     sync.Mutex
	known  map[dayOf]cloud.DayHead
	wanted []dayOf
	wake   chan struct{}
}

// mostHeads bounds what is kept.
const mostHeads = 20000

// headsLast is how long the line of an open day stays as it is.
const headsLast = time.Minute

func (h *heads) put(head cloud.DayHead) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.known) >= mostHeads {
		clear(h.known)
	}
	h.known[dayOf{head.Store, head.Day}] = head
}

// get gives a line as far as it is known, and has it made anew where it is old.
func (h *heads) get(at dayOf, now time.Time) cloud.DayHead {
	h.mu.Lock()
	defer h.mu.Unlock()
	head, known := h.known[at]
	if !known {
		head = cloud.DayHead{Store: at.store, Day: at.day}
	}
	if !known || now.Sub(head.Made) > headsLast {
		h.wanted = append(h.wanted, at)
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
	return head
}

func (h *heads) take() []dayOf {
	h.mu.Lock()
	defer h.mu.Unlock()
	wanted := h.wanted
	h.wanted = nil
	slices.SortFunc(wanted, func(a, b dayOf) int { return -compare(a, b) })
	return slices.Compact(wanted)
}

func compare(a, b dayOf) int {
	switch {
	case a.day != b.day && a.day < b.day, a.day == b.day && a.store < b.store:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// forget has every line made anew, as after a statement came.
func (h *heads) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for at, head := range h.known {
		head.Made = time.Time{}
		h.known[at] = head
	}
}

// Run makes the lines that somebody asked for, until ctx ends. While nobody asks nothing is done.
func (s *Service) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.heads.wake:
		}
		for _, at := range s.heads.take() {
			if _, err := s.Day(ctx, at.store, at.day); err != nil && ctx.Err() == nil {
				s.Logger.Error("add a day up", "store", at.store, "day", at.day, "error", err)
			}
		}
	}
}

// Heads implements cloud.StoreDays.
func (s *Service) Heads(ctx context.Context, last ledger.Day, days int, of ...cloud.StoreID) ([]cloud.DayHead, error) {
	var stores []cloud.Store
	closed := make(map[dayOf]cloud.ClosedDay)
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		if stores, err = tx.Plans.Stores(); err != nil {
			return err
		}
		if len(of) > 0 {
			stores = slices.DeleteFunc(stores, func(s cloud.Store) bool { return !slices.Contains(of, s.ID) })
		}
		list, err := tx.Closed.List(last.Add(1-days), last)
		for _, c := range list {
			if c.Store == booksOf(cloud.Chainwide) {
				c.Store = cloud.Chainwide
			}
			closed[dayOf{c.Store, c.Day}] = c
		}
		stores = append(stores, chainwide())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("days before %s: %w", last, err)
	}
	all := make([]cloud.DayHead, 0, days*len(stores))
	for n := range days {
		for _, store := range stores {
			at := dayOf{store.ID, last.Add(-n)}
			head := s.heads.get(at, s.Now())
			if c, is := closed[at]; is {
				head.Closed = &c
			}
			all = append(all, head)
		}
	}
	return all, nil
}

// booksOf is the store in whose name the ledger has the entries: the chain's own are of none.
func booksOf(store cloud.StoreID) cloud.StoreID {
	if store == cloud.Chainwide {
		return ""
	}
	return store
}

// chainwide stands beside the stores.
func chainwide() cloud.Store {
	return cloud.Store{ID: cloud.Chainwide, Name: cloud.Text{Zh: "连锁本部", En: "The chain itself"}}
}

// open looks the store and the day up; CodeNotFound where there is none, or where it has not begun.
func (s *Service) open(tx cloud.Tx, store cloud.StoreID, day ledger.Day) (*adding, error) {
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	stores, err := tx.Plans.Stores()
	if err != nil {
		return nil, err
	}
	now := s.Now()
	stores = append(stores, chainwide())
	n := slices.IndexFunc(stores, func(c cloud.Store) bool { return c.ID == store })
	if n < 0 || !day.Valid() || day > ledger.DayOf(now, zone) {
		return nil, protocol.Errorf(cloud.CodeNotFound, "store %q has no day %q yet", store, day)
	}
	a := &adding{s: s, tx: tx, shown: store, store: booksOf(store), name: stores[n].Name, day: day, zone: zone}
	a.from, a.to = day.Span(zone)
	a.over = !a.to.After(now)
	if a.until = a.to; !a.over {
		a.until = now
	}
	return a, a.standing()
}
