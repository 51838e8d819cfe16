package rollout

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
)

// Desired makes drafts and changes of prices, and takes them back, in the caller's transaction.
type Desired interface {
	AddDrafts(tx cloud.Tx, all []cloud.Draft) error
	WithdrawDrafts(tx cloud.Tx, all []cloud.Draft, by string) error
	AddPrices(tx cloud.Tx, c cloud.PriceChange) (number uint32, err error)
	WithdrawPrices(tx cloud.Tx, number uint32, by string) error
}

// Options are what the service stands on.
type Options struct {
	DB       cloud.DB
	Desired  Desired
	Catalog  *catalog.Book
	Presence *presence.Book
	Ages     bool // somebody knows how old those are who open cabinets
	Now      func() time.Time
}

// Service implements cloud.Rollouts.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// PreviewRollout implements cloud.Rollouts.
func (s *Service) PreviewRollout(ctx context.Context, a cloud.AskRollout) (p cloud.RolloutPreview, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		p, err = s.preview(tx, a)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("preview roll-out: %w", err)
	}
	return p, nil
}

// ApplyRollout implements cloud.Rollouts.
func (s *Service) ApplyRollout(ctx context.Context, a cloud.AskRollout, revision uint64) (r cloud.Rollout, err error) {
	err = s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		p, err := s.preview(tx, a)
		if err != nil {
			return err
		}
		switch {
		case p.Revision != revision:
			return protocol.Errorf(cloud.CodeChanged, "the master data are at revision %d, not at %d", p.Revision, revision)
		case p.Barred() > 0:
			return protocol.Errorf(cloud.CodeRolloutBarred, "%d cabinets cannot be changed", p.Barred())
		case p.Changed() == 0:
			return protocol.Errorf(protocol.CodeMalformed, "nothing would change")
		}
		r = cloud.Rollout{Kind: a.Kind, What: a.What, Why: a.Why, Made: s.Now(), By: a.By}
		if a.Kind == cloud.RolloutPrices {
			return s.reprice(tx, &r)
		}
		var drafts []cloud.Draft
		for _, c := range p.Cabinets {
			if c.Why == "" {
				drafts = append(drafts, cloud.Draft{Cabinet: c.Cabinet.ID, Plan: c.Plan})
			}
		}
		return s.add(tx, &r, drafts)
	})
	if err != nil {
		return r, fmt.Errorf("apply roll-out: %w", err)
	}
	return r, nil
}

// add keeps a roll-out with its drafts.
func (s *Service) add(tx cloud.Tx, r *cloud.Rollout, drafts []cloud.Draft) (err error) {
	if r.Number, err = tx.Rollouts.Add(*r); err != nil {
		return err
	}
	for i := range drafts {
		drafts[i].Why, drafts[i].By, drafts[i].Rollout = r.Why, r.By, r.Number
	}
	return s.Desired.AddDrafts(tx, drafts)
}

// reprice keeps a roll-out of prices with the change that makes them hold, and how they were.
func (s *Service) reprice(tx cloud.Tx, r *cloud.Rollout) error {
	now, err := current(tx)
	if err != nil {
		return err
	}
	what := &r.What
	prices := make(map[protocol.SKU]protocol.Fen)
	what.Before = make(map[protocol.SKU]protocol.Fen)
	for sku, price := range what.Prices {
		if was, sold := now[sku]; sold && was != price {
			prices[sku], what.Before[sku] = price, was
		}
	}
	if what.Prices = prices; len(prices) == 0 {
		return protocol.Errorf(cloud.CodeConflict, "the prices are so already")
	}
	if what.At.Before(s.Now()) {
		what.At = s.Now()
	}
	if what.Change, err = s.Desired.AddPrices(tx, cloud.PriceChange{From: what.At, By: r.By, Prices: prices}); err != nil {
		return err
	}
	r.Number, err = tx.Rollouts.Add(*r)
	return err
}

// current are the chain's prices.
func current(tx cloud.Tx) (map[protocol.SKU]protocol.Fen, error) {
	version, err := tx.Prices.Current()
	if err != nil || version == 0 {
		return nil, err
	}
	return tx.Prices.Of(version)
}

// WithdrawRollout implements cloud.Rollouts.
func (s *Service) WithdrawRollout(ctx context.Context, number uint32, who cloud.Principal) error {
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		r, err := touched(tx, number, who)
		if err != nil {
			return err
		}
		if r.What.Change != 0 {
			if err := s.Desired.WithdrawPrices(tx, r.What.Change, who.Name); err != nil {
				return err
			}
			return tx.Rollouts.Withdraw(number, s.Now(), who.Name)
		}
		waiting, err := tx.Drafts.List(cloud.DraftQuery{Rollout: number, Waiting: true})
		if err != nil {
			return err
		}
		if len(waiting) == 0 {
			return protocol.Errorf(cloud.CodeConflict, "nothing of it waits")
		}
		if err := s.Desired.WithdrawDrafts(tx, waiting, who.Name); err != nil {
			return err
		}
		return tx.Rollouts.Withdraw(number, s.Now(), who.Name)
	})
	if err != nil {
		return fmt.Errorf("withdraw roll-out %d: %w", number, err)
	}
	return nil
}

// BackRollout implements cloud.Rollouts.
func (s *Service) BackRollout(ctx context.Context, number uint32, who cloud.Principal) (back cloud.Rollout, err error) {
	err = s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		r, err := touched(tx, number, who)
		if err != nil {
			return err
		}
		back = cloud.Rollout{Kind: cloud.RolloutBack, Why: r.Why, Made: s.Now(), By: who.Name, Back: number}
		if r.What.Change != 0 {
			if change, err := changeOf(tx, r.What.Change); err != nil || change == nil || change.End.Version == 0 {
				return orConflict(err, "its prices do not hold")
			}
			back.What.Prices = r.What.Before
			return s.reprice(tx, &back)
		}
		drafts, err := reversed(tx, number)
		if err != nil || len(drafts) == 0 {
			return orConflict(err, "nothing of it is in force")
		}
		return s.add(tx, &back, drafts)
	})
	if err != nil {
		return back, fmt.Errorf("take roll-out %d back: %w", number, err)
	}
	return back, nil
}

// touched finds a roll-out that somebody would take back. Whoever is limited to stores takes back what is about these alone.
func touched(tx cloud.Tx, number uint32, who cloud.Principal) (cloud.Rollout, error) {
	v := cloud.RolloutView{}
	var err error
	if v.Rollout, err = tx.Rollouts.Find(number); err != nil || who.Bound == "" {
		return v.Rollout, err
	}
	if err := drafted(tx, &v, who.Bound); err != nil {
		return v.Rollout, err
	}
	if v.What.Change != 0 || v.Others > 0 {
		return v.Rollout, elsewhere(number)
	}
	return v.Rollout, nil
}

// orConflict is the error there is, else the conflict that is told.
func orConflict(err error, conflict string) error {
	if err != nil {
		return err
	}
	return protocol.Errorf(cloud.CodeConflict, "%s", conflict)
}

// reversed are the drafts by which what took effect of a roll-out is as it was before.
func reversed(tx cloud.Tx, number uint32) (drafts []cloud.Draft, err error) {
	list, err := tx.Drafts.List(cloud.DraftQuery{Rollout: number})
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if !d.End.Taken {
			continue
		}
		c, err := tx.Cabinets.Find(d.Cabinet)
		if err != nil {
			return nil, err
		}
		before := cloud.Draft{Plan: d.End.Before}.Over(c)
		if plan := cloud.PlanOf(before, c.Platforms); len(plan) > 0 {
			drafts = append(drafts, cloud.Draft{Cabinet: d.Cabinet, Plan: plan})
		}
	}
	slices.SortFunc(drafts, func(a, b cloud.Draft) int { return strings.Compare(string(a.Cabinet), string(b.Cabinet)) })
	return drafts, nil
}

var _ cloud.Rollouts = (*Service)(nil)
