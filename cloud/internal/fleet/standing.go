package fleet

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Air implements cloud.Standing.
func (s *Service) Air(id protocol.CabinetID) []cloud.AirCurve { return s.Presence.Air(id, s.Now()) }

// Counts implements cloud.Standing.
func (s *Service) Counts(ctx context.Context, id protocol.CabinetID) (all []cloud.ScaleCount, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if _, err := tx.Cabinets.Find(id); err != nil {
			return err
		}
		chain, err := tx.Plans.Chain()
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(chain.TimeZone)
		if err != nil {
			return fmt.Errorf("time zone of the chain: %w", err)
		}
		today := ledger.DayOf(s.Now(), zone)
		for _, day := range []ledger.Day{today, today.Add(-1)} {
			levels, err := tx.Scales.Of(id, day)
			if err != nil {
				return err
			}
			all = append(all, counts(all, levels)...)
		}
		return nil
	})
	return all, err
}

// counts are the lanes of some levels that are not counted yet.
func counts(known []cloud.ScaleCount, levels []cloud.DayLevel) (all []cloud.ScaleCount) {
	for _, l := range levels {
		if slices.ContainsFunc(known, func(c cloud.ScaleCount) bool { return c.Platform == l.Platform }) {
			continue
		}
		for sku, n := range l.Counts {
			all = append(all, cloud.ScaleCount{Platform: l.Platform, SKU: sku, Qty: n.Qty, Low: n.Low, High: n.High, At: l.At})
		}
	}
	return all
}

// Versions implements cloud.Standing.
func (s *Service) Versions(ctx context.Context, id protocol.CabinetID) (v cloud.CabinetVersions, err error) {
	applied := s.Presence.Of(id).Applied.Version
	v = cloud.CabinetVersions{Applied: applied, AppliedDiff: -1}
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if _, err := tx.Cabinets.Find(id); err != nil {
			return err
		}
		wanted, found, err := tx.Desired.Latest(id)
		if err != nil || !found {
			return err
		}
		v.Config, v.Prices, v.Platforms = wanted.Config.Version, wanted.PriceVersion, len(wanted.Platforms)
		if applied == 0 {
			return nil
		}
		has, found, err := tx.Desired.At(id, applied)
		if err != nil || !found {
			return err
		}
		v.AppliedPrices, v.AppliedDiff = has.PriceVersion, differing(wanted, has)
		return nil
	})
	return v, err
}

// differing is how many platforms one desired state has otherwise than another.
func differing(wanted, has wire.Config) (n int) {
	for _, p := range wanted.Platforms {
		if !slices.ContainsFunc(has.Platforms, func(o wire.Platform) bool { return reflect.DeepEqual(o, p) }) {
			n++
		}
	}
	return n
}
