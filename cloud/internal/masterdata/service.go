package masterdata

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

// Desired writes master data down, and states anew what cabinets shall be.
type Desired interface {
	Apply(ctx context.Context, m cloud.MasterData) error
	Withdraw(ctx context.Context, number uint32, by string) error
	EndMarkdown(ctx context.Context, category, by string) error
	// Turn lets the prices hold whose time has come.
	Turn(ctx context.Context) (next time.Duration, err error)
}

// Options are what the service stands on.
type Options struct {
	DB      cloud.DB
	Desired Desired
	Ages    bool // somebody knows how old those are who open cabinets
	Now     func() time.Time
}

// Service implements cloud.Planning, cloud.Assortment and cloud.MarkdownRules. Whatever is taken in, from a document, a table or a form, goes
// through its one check and one way down.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// Bounds of a preview.
const (
	mostProposals = 3   // cabinets for which a better planogram is looked for: that takes its time
	warnFrom      = 1.0 // of 1,000 visits
	mostRetries   = 5   // of an intake that shall count whatever others do meanwhile
)

// Known is what the fleet has.
func (s *Service) Known(ctx context.Context) (k Known, err error) {
	k.Ages = s.Ages
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		chain, err := tx.Plans.Chain()
		switch {
		case err == nil:
			k.Chain = &chain
		case protocol.CodeOf(err) != cloud.CodeNotFound:
			return err
		}
		if k.Stores, err = tx.Plans.Stores(); err != nil {
			return err
		}
		if k.Articles, err = tx.Plans.Articles(); err != nil {
			return err
		}
		if k.Cabinets, err = tx.Cabinets.List(); err != nil {
			return err
		}
		if k.Coming, err = tx.Changes.Coming(); err != nil {
			return err
		}
		if k.Rules, err = tx.Plans.Markdowns(); err != nil {
			return err
		}
		if k.Shelves, err = tx.Shelves.Of(""); err != nil {
			return err
		}
		if k.Drafts, err = tx.WaitingDrafts(); err != nil {
			return err
		}
		k.Revision, err = tx.Plans.Revision()
		return err
	})
	return k, err
}

// Preview implements cloud.Planning.
func (s *Service) Preview(ctx context.Context, in cloud.Intake) (cloud.Preview, error) {
	p, _, err := s.take(ctx, in)
	return p, err
}

// Apply implements cloud.Planning.
func (s *Service) Apply(ctx context.Context, in cloud.Intake, revision uint64) (cloud.Preview, error) {
	// What was due while nobody served holds first, so that what is said now comes after it.
	if _, err := s.Desired.Turn(ctx); err != nil {
		return cloud.Preview{}, err
	}
	for try := 1; ; try++ {
		p, m, err := s.take(ctx, in)
		if err != nil || len(p.Changes) == 0 {
			return p, err
		}
		if revision != 0 && p.Revision != revision {
			return p, protocol.Errorf(cloud.CodeChanged, "the master data are at revision %d, not at %d", p.Revision, revision)
		}
		m.Revision, m.By = p.Revision, in.By
		err = s.Desired.Apply(ctx, m)
		if protocol.CodeOf(err) != cloud.CodeChanged || revision != 0 || try == mostRetries {
			return p, err
		}
	}
}

// take reads and checks an intake, and finds what it changes.
func (s *Service) take(ctx context.Context, in cloud.Intake) (cloud.Preview, cloud.MasterData, error) {
	known, err := s.Known(ctx)
	if err != nil {
		return cloud.Preview{}, cloud.MasterData{}, err
	}
	d, reports, err := s.read(ctx, in, &known)
	if err != nil {
		return cloud.Preview{}, cloud.MasterData{}, err
	}
	if !in.From.IsZero() {
		known.Articles = priced(known.Articles, known.Coming, in.From)
	}
	p := cloud.Preview{Revision: known.Revision, From: in.From, Converted: d.converted}
	m, changes, unchanged := Changes(d.MasterData, known)
	if err := within(in, m, known); err != nil {
		return cloud.Preview{}, cloud.MasterData{}, err
	}
	p.Changes, p.Unchanged, p.Markdowns = changes, unchanged, m.Markdowns
	if m.Draft = in.Draft; in.Draft != "" {
		if err := draftable(d, m, in, known); err != nil {
			return cloud.Preview{}, cloud.MasterData{}, err
		}
	}
	if in.Kind == cloud.MasterPlanograms {
		p.Plans = proposals(d, m, reports, known)
	}
	p.Warnings = repriced(m, known, in.From)
	if in.Kind != cloud.MasterCabinets { // Where one stands changes nothing of what lies in it.
		p.Warnings = slices.Concat(alike(d, m, reports), left(m, known), p.Warnings)
	}
	if !in.From.IsZero() {
		m = coming(m, in)
	}
	return p, m, nil
}

// within refuses what whoever is limited to stores would change of others.
func within(in cloud.Intake, m cloud.MasterData, known Known) error {
	if in.Of == "" {
		return nil
	}
	if !in.Kind.OfStores() {
		return protocol.Errorf(cloud.CodeForbidden, "%s are the whole chain's, and not for those who are limited to stores", in.Kind)
	}
	for _, c := range m.Cabinets {
		if was, there := known.cabinet(c.ID); !there || !in.Of.Holds(was.Store) || !in.Of.Holds(c.Store) {
			return protocol.Errorf(cloud.CodeForbidden, "cabinet %s does not stand with the stores %s", c.ID, in.Of)
		}
	}
	for _, s := range m.Shelves {
		if !in.Of.Holds(s.Store) {
			return protocol.Errorf(cloud.CodeForbidden, "store %s is none of %s", s.Store, in.Of)
		}
	}
	return nil
}

// draftable finds what cannot be a draft: anything but places, and those of a cabinet that has one.
func draftable(d Document, m cloud.MasterData, in cloud.Intake, known Known) error {
	if in.Kind != cloud.MasterPlanograms || len(in.Draft) > cloud.MaxNote {
		return protocol.Errorf(protocol.CodeMalformed, "draft: want why in %d bytes at most, and planograms", cloud.MaxNote)
	}
	for _, c := range m.Cabinets {
		if _, waits := known.Drafts[c.ID]; !waits {
			continue
		}
		for _, p := range c.Platforms {
			if at, named := d.places[goodsKey(c.ID, p.ID)]; named {
				d.faults.add(at, "cabinet %s has a draft that waits: withdraw it first", c.ID)
				break
			}
		}
	}
	return d.faults.err()
}

// read parses an intake and checks it against the fleet.
func (s *Service) read(ctx context.Context, in cloud.Intake, known *Known) (d Document, reports []planogram.Report, err error) {
	if in.Kind == cloud.MasterAll {
		d, err = Parse(in.Text, *known)
	} else {
		d, err = ParseCSV(in.Kind, in.Text, *known)
	}
	if err != nil {
		return d, nil, err
	}
	switch {
	case in.From.IsZero():
	case in.Kind != cloud.MasterPrices:
		d.faults.add(place{}, "want prices to hold at once, or from a time on: from is for prices")
	case in.From.Before(s.Now()):
		d.faults.add(place{}, "prices cannot hold from %s: that is past", in.From.Format(time.RFC3339))
	}
	if err := s.count(ctx, &d, known); err != nil {
		return d, nil, err
	}
	reports, err = Check(d, *known)
	return d, reports, err
}

// count looks what lies, by book, in the cabinets of a table of places.
func (s *Service) count(ctx context.Context, d *Document, known *Known) error {
	known.Stock = map[protocol.CabinetID]map[protocol.PlatformID]map[protocol.SKU]int{}
	return s.DB.View(ctx, func(tx cloud.Tx) error {
		for i, c := range d.Cabinets {
			was, there := known.cabinet(c.ID)
			if !there {
				continue
			}
			balances, err := tx.Ledger.Balances(ledger.StockPrefix(c.ID))
			if err != nil {
				return err
			}
			stock := map[protocol.PlatformID]map[protocol.SKU]int{}
			for _, p := range was.Platforms {
				stock[p.ID] = map[protocol.SKU]int{}
				for _, b := range balances {
					sku, is := strings.CutPrefix(string(b.Unit), string(ledger.Article("")))
					if is && b.Account == ledger.Stock(c.ID, p.ID) && b.Amount > 0 {
						stock[p.ID][protocol.SKU(sku)] = int(b.Amount)
					}
				}
			}
			known.Stock[c.ID] = stock
			if c.Stock == nil {
				d.Cabinets[i].Stock = stock
			}
		}
		return nil
	})
}

// priced are the articles with the prices that will hold at a time.
func priced(articles []cloud.Article, changes []cloud.PriceChange, at time.Time) []cloud.Article {
	articles = slices.Clone(articles)
	for _, c := range changes {
		if c.From.After(at) {
			continue
		}
		for i, a := range articles {
			if price, named := c.Prices[a.SKU]; named {
				articles[i].Price = price
			}
		}
	}
	return articles
}

// coming turns changed articles into a change of prices that holds later.
func coming(m cloud.MasterData, in cloud.Intake) cloud.MasterData {
	c := cloud.PriceChange{From: in.From, By: in.By, Prices: make(map[protocol.SKU]protocol.Fen, len(m.Articles))}
	for _, a := range m.Articles {
		c.Prices[a.SKU] = a.Price
	}
	m.Coming, m.Articles = &c, nil
	return m
}

// changed reports a cabinet that stays in what changes.
func changed(m cloud.MasterData, id protocol.CabinetID) bool {
	return slices.ContainsFunc(m.Cabinets, func(c cloud.PlannedCabinet) bool { return c.ID == id })
}

// proposals say of each cabinet whose places change how they would be, and of a few how they would be better.
func proposals(d Document, m cloud.MasterData, reports []planogram.Report, known Known) (plans []cloud.PlanChange) {
	for i, plan := range Planograms(d, known) {
		if !changed(m, d.Cabinets[i].ID) {
			continue
		}
		proposal := planogram.Proposal{Before: reports[i]}
		if len(m.Cabinets) <= mostProposals {
			if better, err := planogram.Propose(plan); err == nil {
				proposal = better
			}
		}
		plans = append(plans, cloud.PlanChange{Cabinet: d.Cabinets[i].ID, Proposal: proposal})
	}
	return plans
}

// alike warns of cabinets whose scales will not tell goods apart.
func alike(d Document, m cloud.MasterData, reports []planogram.Report) (warned []cloud.Warning) {
	for i, r := range reports {
		id := d.Cabinets[i].ID
		if r.Reviews+r.Wrong < warnFrom || len(r.Conflicts) == 0 || !changed(m, id) {
			continue
		}
		warned = append(warned, cloud.Warning{Kind: cloud.WarnAlike, Cabinet: id, Platform: r.Conflicts[0].Platform, Units: int(r.Reviews + 0.5)})
	}
	return warned
}

// left warns of goods that lie, by book, where they have no place any more.
func left(m cloud.MasterData, known Known) (warned []cloud.Warning) {
	for _, c := range m.Cabinets {
		for _, platform := range slices.Sorted(maps.Keys(known.Stock[c.ID])) {
			i := slices.IndexFunc(c.Platforms, func(p cloud.Platform) bool { return p.ID == platform })
			for _, sku := range slices.Sorted(maps.Keys(known.Stock[c.ID][platform])) {
				if i < 0 || !slices.Contains(c.Platforms[i].SKUs, sku) {
					warned = append(warned, cloud.Warning{
						Kind: cloud.WarnLeft, Cabinet: c.ID, Platform: platform, SKU: sku, Units: known.Stock[c.ID][platform][sku],
					})
				}
			}
		}
	}
	return warned
}

// repriced warns of prices that other changes name as well: the ones from the same time come before, later ones after.
func repriced(m cloud.MasterData, known Known, from time.Time) (warned []cloud.Warning) {
	for _, a := range m.Articles {
		for _, c := range known.Coming {
			_, named := c.Prices[a.SKU]
			switch {
			case !named:
			case c.From.Equal(from):
				warned = append(warned, cloud.Warning{Kind: cloud.WarnSameTime, SKU: a.SKU, At: c.From})
			case c.From.After(from):
				warned = append(warned, cloud.Warning{Kind: cloud.WarnChanges, SKU: a.SKU, At: c.From})
			}
		}
	}
	return warned
}

// Withdraw implements cloud.Planning.
func (s *Service) Withdraw(ctx context.Context, number uint32, by string) error {
	return s.Desired.Withdraw(ctx, number, by)
}

// Export implements cloud.Planning.
func (s *Service) Export(ctx context.Context, kind cloud.MasterKind, of cloud.Bound) ([]byte, error) {
	known, err := s.Known(ctx)
	if err != nil {
		return nil, fmt.Errorf("export %s: %w", kind, err)
	}
	known.Stores = slices.DeleteFunc(known.Stores, func(s cloud.Store) bool { return !of.Holds(s.ID) })
	known.Cabinets = slices.DeleteFunc(known.Cabinets, func(c cloud.Cabinet) bool { return !of.Holds(c.Store) })
	known.Shelves = slices.DeleteFunc(known.Shelves, func(s cloud.ShelfPlace) bool { return !of.Holds(s.Store) })
	return Export(kind, known)
}

// Articles implements cloud.Assortment.
func (s *Service) Articles(ctx context.Context) (list []cloud.Article, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err = tx.Plans.Articles()
		return err
	})
	return list, err
}

// Aisles implements cloud.Assortment.
func (s *Service) Aisles(ctx context.Context, store cloud.StoreID) (list []cloud.ShelfPlace, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err = tx.Shelves.Of(store)
		return err
	})
	return list, err
}

// Prices implements cloud.Assortment.
func (s *Service) Prices(ctx context.Context, ended int) (b cloud.PriceBook, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if b.Version, err = tx.Prices.Current(); err != nil {
			return err
		}
		b.Prices = map[protocol.SKU]protocol.Fen{}
		if b.Version > 0 {
			if b.Prices, err = tx.Prices.Of(b.Version); err != nil {
				return err
			}
		}
		if b.Coming, err = tx.Changes.Coming(); err != nil {
			return err
		}
		b.Ended, err = tx.Changes.Latest(ended)
		return err
	})
	return b, err
}

// Costs implements cloud.Assortment.
func (s *Service) Costs(ctx context.Context, sku protocol.SKU) (list []cloud.CostChange, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err = tx.Costs.Of(sku)
		return err
	})
	return list, err
}
