package round

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const (
	choresBack  = 60 * 24 * time.Hour // that the last refill is looked for
	choresMoved = 50                  // movements of a cabinet that are looked at for something that leaked
)

// Chores implements cloud.RoundChores.
func (s *Service) Chores(ctx context.Context, id protocol.UUID, cabinet protocol.CabinetID) (c cloud.StopChores, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		round, err := tx.Rounds.Find(id)
		if err != nil {
			return err
		}
		stop := round.Stop(cabinet)
		if stop == nil {
			return protocol.Errorf(cloud.CodeNotAStop, "cabinet %s is no stop of round %s", cabinet, id)
		}
		if c.Strays, err = strays(tx, cabinet); err != nil {
			return err
		}
		came := s.Now()
		if !stop.Came.IsZero() {
			came = stop.Came
		}
		before, err := tx.Visits.List(cloud.VisitQuery{Cabinet: cabinet, Purpose: protocol.PurposeRefill, From: came.Add(-choresBack), To: came, Limit: 1})
		if err != nil || len(before) == 0 {
			return err
		}
		if c.Tags, err = s.tags(tx, cabinet, before[0].PriceVersion); err != nil {
			return err
		}
		c.Dirty, err = dirty(tx, cabinet, before[0].Created)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("chores at %s: %w", cabinet, err)
	}
	return c, nil
}

func strays(tx cloud.Tx, cabinet protocol.CabinetID) (all []cloud.Astray, err error) {
	prefix := ledger.Stray(cabinet, "")
	piles, err := tx.Ledger.Balances(prefix)
	for _, p := range piles {
		if p.Amount > 0 {
			all = append(all, cloud.Astray{Platform: protocol.PlatformID(strings.TrimPrefix(string(p.Account), string(prefix))), SKU: p.Unit.SKU(), Units: int(p.Amount)})
		}
	}
	return all, err
}

// tags are the prices that differ from those of another version. An article that is not sold now has none.
func (s *Service) tags(tx cloud.Tx, cabinet protocol.CabinetID, version uint32) (all []cloud.PriceTag, err error) {
	now, found, err := tx.Desired.Latest(cabinet)
	if err != nil || !found || version == 0 || now.PriceVersion == version {
		return nil, err
	}
	was, err := s.Catalog.Prices(tx, version)
	if err != nil {
		return nil, err
	}
	for sku, good := range now.Goods {
		if old, known := was[sku]; known && old != good.Price && good.Price > 0 {
			all = append(all, cloud.PriceTag{SKU: sku, Was: old, Is: good.Price})
		}
	}
	slices.SortFunc(all, func(a, b cloud.PriceTag) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return all, nil
}

// dirty are the platforms on which something has leaked since.
func dirty(tx cloud.Tx, cabinet protocol.CabinetID, since time.Time) (all []protocol.PlatformID, err error) {
	moved, err := tx.Movements.Latest(cabinet, choresMoved)
	for _, m := range moved {
		_, _, platform, place := m.From.Place()
		id := protocol.PlatformID(platform)
		if m.Kind == cloud.MoveWriteOff && m.Reason == ledger.Leaked && place && platform != "" && m.At.After(since) && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all, err
}
