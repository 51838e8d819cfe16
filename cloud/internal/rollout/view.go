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
func (s *Service) Rollouts(ctx context.Context, of cloud.Bound, limit int) (views []cloud.RolloutView, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err := tx.Rollouts.List(of, limit)
		if err != nil {
			return err
		}
		views, err = s.views(tx, of, list)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("roll-outs: %w", err)
	}
	return views, nil
}

// Rollout implements cloud.Rollouts.
func (s *Service) Rollout(ctx context.Context, of cloud.Bound, number uint32) (v cloud.RolloutView, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		r, err := tx.Rollouts.Find(number)
		if err != nil {
			return err
		}
		views, err := s.views(tx, of, []cloud.Rollout{r})
		if err != nil {
			return err
		}
		if v = views[0]; v.Others > 0 && v.All() == 0 {
			return elsewhere(number)
		}
		v.Drafts, err = tx.Drafts.List(cloud.DraftQuery{Rollout: number, Of: of})
		slices.SortFunc(v.Drafts, func(a, b cloud.Draft) int { return strings.Compare(string(a.Cabinet), string(b.Cabinet)) })
		return err
	})
	if err != nil {
		return v, fmt.Errorf("roll-out %d: %w", number, err)
	}
	return v, nil
}

// elsewhere refuses a roll-out that is not of the stores of whoever asks.
func elsewhere(number uint32) error {
	return protocol.Errorf(cloud.CodeOtherStores, "roll-out %d is about stores of others", number)
}

// views say how far roll-outs are in the cabinets of some stores.
func (s *Service) views(tx cloud.Tx, of cloud.Bound, list []cloud.Rollout) ([]cloud.RolloutView, error) {
	names, err := s.Catalog.Articles(tx)
	if err != nil {
		return nil, err
	}
	var cabinets []cloud.Cabinet
	if of != "" || slices.ContainsFunc(list, func(r cloud.Rollout) bool { return r.What.Change != 0 }) {
		if cabinets, err = tx.Cabinets.List(); err != nil {
			return nil, err
		}
		cabinets = slices.DeleteFunc(cabinets, func(c cloud.Cabinet) bool { return !of.Holds(c.Store) })
	}
	views := make([]cloud.RolloutView, 0, len(list))
	for _, r := range list {
		v := cloud.RolloutView{Rollout: r, Names: names}
		narrow(&v.What, of, cabinets)
		if r.What.Change != 0 {
			err = s.shown(tx, &v, cabinets)
		} else {
			err = drafted(tx, &v, of)
		}
		if err != nil {
			return nil, fmt.Errorf("roll-out %d: %w", r.Number, err)
		}
		views = append(views, v)
	}
	return views, nil
}

// narrow leaves of what was chosen what is of some stores; their cabinets are given.
func narrow(what *cloud.RolloutWhat, of cloud.Bound, cabinets []cloud.Cabinet) {
	if of == "" {
		return
	}
	what.Stores = slices.DeleteFunc(slices.Clone(what.Stores), func(s cloud.StoreID) bool { return !of.Holds(s) })
	what.Cabinets = slices.DeleteFunc(slices.Clone(what.Cabinets), func(id protocol.CabinetID) bool {
		return !slices.ContainsFunc(cabinets, func(c cloud.Cabinet) bool { return c.ID == id })
	})
}

// drafted counts the drafts in the cabinets of some stores, and those in all others.
func drafted(tx cloud.Tx, v *cloud.RolloutView, of cloud.Bound) (err error) {
	if v.DraftCount, err = tx.Drafts.Count(of, v.Number); err != nil || of == "" {
		return err
	}
	all, err := tx.Drafts.Count("", v.Number)
	v.Others = all.All() - v.All()
	return err
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
