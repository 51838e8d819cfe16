package tonight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// mostCame are listed at once, whatever is asked for.
const mostCame = 500

// Came implements cloud.Tonight.
func (s *Service) Came(ctx context.Context, q cloud.CameQuery) (came []cloud.Came, err error) {
	q.Limit = min(max(q.Limit, 1), mostCame)
	if q.To.IsZero() {
		q.To = s.Now().Add(time.Minute)
	}
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if q.Store == "" || q.Cabinet != "" {
			came, err = tx.Sold.Came(q)
			return err
		}
		came, err = atStore(tx, q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("who came: %w", err)
	}
	return came, nil
}

// atStore looks at each cabinet by itself: together they would be found by time, among those of all stores.
func atStore(tx cloud.Tx, q cloud.CameQuery) (came []cloud.Came, err error) {
	stores, err := tx.Plans.Stores()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(stores, func(s cloud.Store) bool { return s.ID == q.Store }) {
		return nil, protocol.Errorf(cloud.CodeNotFound, "there is no store %q", q.Store)
	}
	stays, err := tx.Stays.Around(q.Store, q.From, q.To)
	if err != nil {
		return nil, err
	}
	for _, stay := range stays {
		if stay.Store != q.Store {
			continue
		}
		of := q
		of.Cabinet = stay.Cabinet
		if stay.From.After(of.From) {
			of.From = stay.From
		}
		if !stay.Until.IsZero() && stay.Until.Before(of.To) {
			of.To = stay.Until
		}
		found, err := tx.Sold.Came(of)
		if err != nil {
			return nil, err
		}
		came = append(came, found...)
	}
	slices.SortStableFunc(came, func(a, b cloud.Came) int { return b.At.Compare(a.At) })
	return came[:min(len(came), q.Limit)], nil
}
