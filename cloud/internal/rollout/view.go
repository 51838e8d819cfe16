package rollout

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
)

// pricesBack is how many changes of prices are looked through for that of a roll-out.
const pricesBack = 1000

// Rollouts implements cloud.Rollouts.
func (s *Service) Rollouts(ctx context.Context, limit int) (views []cloud.RolloutView, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err := tx.Rollouts.List(limit)
		if err != nil {
			return err
		}
		views, err = s.views(tx, list)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("roll-outs: %w", err)
	}
	return views, nil
}

// Rollout implements cloud.Rollouts.
func (s *Service) Rollout(ctx context.Context, number uint32) (v cloud.RolloutView, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		r, err := tx.Rollouts.Find(number)
		if err != nil {
			return err
		}
		views, err := s.views(tx, []cloud.Rollout{r})
		if err != nil {
			return err
		}
		v = views[0]
		v.Drafts, err = tx.Drafts.List(cloud.DraftQuery{Rollout: number})
		slices.SortFunc(v.Drafts, func(a, b cloud.Draft) int { return strings.Compare(string(a.Cabinet), string(b.Cabinet)) })
		return err
	})
	if err != nil {
		return v, fmt.Errorf("roll-out %d: %w", number, err)
	}
	return v, nil
}

// views say how far roll-outs are.
func (s *Service) views(tx cloud.Tx, list []cloud.Rollout) ([]cloud.RolloutView, error) {
	names, err := s.Catalog.Articles(tx)
	if err != nil {
		return nil, err
	}
	var cabinets []cloud.Cabinet
	if slices.ContainsFunc(list, func(r cloud.Rollout) bool { return r.What.Change != 0 }) {
		if cabinets, err = tx.Cabinets.List(); err != nil {
			return nil, err
		}
	}
	views := make([]cloud.RolloutView, 0, len(list))
	for _, r := range list {
		v := cloud.RolloutView{Rollout: r, Names: names}
		if r.What.Change != 0 {
			err = s.shown(tx, &v, cabinets)
		} else {
			v.DraftCount, err = tx.Drafts.Count(r.Number)
		}
		if err != nil {
			return nil, fmt.Errorf("roll-out %d: %w", r.Number, err)
		}
		views = append(views, v)
	}
	return views, nil
}

// shown counts the cabinets that sell an article whose price changes: those that have applied what they shall be show it.
func (s *Service) shown(tx cloud.Tx, v *cloud.RolloutView, cabinets []cloud.Cabinet) (err error) {
	if v.Prices, err = changeOf(tx, v.What.Change); err != nil {
		return err
	}
	sells := func(p cloud.Platform) bool {
		return slices.ContainsFunc(p.SKUs, func(sku protocol.SKU) bool { _, named := v.What.Prices[sku]; return named })
	}
	for _, c := range cabinets {
		switch {
		case !slices.ContainsFunc(c.Platforms, sells):
		case !v.Withdrawn.IsZero():
			v.Ended++
		case v.Prices != nil && v.Prices.End.Version != 0 && s.Presence.Of(c.ID).Applied.Version == c.Config:
			v.Taken++
		default:
			v.Waiting++
		}
	}
	return nil
}

// changeOf finds a change of prices; nil where it is older than those that are looked through.
func changeOf(tx cloud.Tx, number uint32) (*cloud.PriceChange, error) {
	coming, err := tx.Changes.Coming()
	if err != nil {
		return nil, err
	}
	ended, err := tx.Changes.Latest(pricesBack)
	if err != nil {
		return nil, err
	}
	for _, c := range slices.Concat(coming, ended) {
		if c.Number == number {
			return &c, nil
		}
	}
	return nil, nil
}
