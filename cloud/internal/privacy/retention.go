package privacy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

const (
	every = 24 * time.Hour
	again = time.Hour // after a run that failed
	batch = 500       // rows of one unit of work: others wait for it
	crowd = 50        // residents of one: each is looked at from several sides
)

// counts are of this process.
type counts struct {
	erased  atomic.Int64 // residents, by themselves or by their age
	lasted  atomic.Int64 // when a run came to its end, in UTC milliseconds; 0: none did
	mu      sync.Mutex
	removed map[cloud.KeptKind]int64
}

func (c *counts) add(kind cloud.KeptKind, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.removed == nil {
		c.removed = map[cloud.KeptKind]int64{}
	}
	c.removed[kind] += int64(n)
}

// Stats are counts since the process began.
type Stats struct {
	Removed map[cloud.KeptKind]int64 // by age
	Erased  int64                    // residents in all
	Last    time.Time                // when a run came to its end; zero: none did
}

// Stats counts.
func (s *Service) Stats() Stats {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	stats := Stats{Removed: maps.Clone(s.counts.removed), Erased: s.counts.erased.Load()}
	if at := s.counts.lasted.Load(); at != 0 {
		stats.Last = time.UnixMilli(at).UTC()
	}
	return stats
}

// Due is what a run would remove of a kind.
type Due struct {
	cloud.KeptPeriod
	Before time.Time // older than this
	Count  int
}

// Run removes what is older than its period, once at the start and then every day, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		pause := every
		if err := s.Remove(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Error("retention", "error", err)
			pause = again
		}
		next.Reset(pause)
	}
}

// aged lists the kinds that go by their age, and before when; what is kept without end is not among them.
func (s *Service) aged(ctx context.Context) ([]Due, error) {
	var says cloud.Retention
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		says, err = retention(tx)
		return err
	}); err != nil {
		return nil, wrapped("periods of what is kept", err)
	}
	now := s.Now()
	var all []Due
	for _, k := range cloud.PeriodsOf(says) {
		if k.Period == 0 {
			continue
		}
		due := Due{KeptPeriod: k, Before: now.Add(-k.Period)}
		if k.Life > 0 {
			due.Before = now // Their rows say themselves when they end.
		}
		all = append(all, due)
	}
	return all, nil
}

// Look tells what Remove would remove now.
func (s *Service) Look(ctx context.Context) ([]Due, error) {
	all, err := s.aged(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		d := &all[i]
		switch d.Kind {
		case cloud.KeptResident:
			err = s.idle(ctx, d.Before, func(cloud.Tx, protocol.UUID) error { d.Count++; return nil }, s.DB.View)
		case cloud.KeptTrace:
			d.Count, err = s.Recordings.Older(d.Before)
		default:
			err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
				d.Count, err = tx.Old.Count(d.Kind, d.Before)
				return err
			})
		}
		if err != nil {
			return nil, fmt.Errorf("look for old %s: %w", d.Kind, err)
		}
	}
	return all, nil
}

// Remove removes what is older than its period, in small units of work. One kind that fails keeps no other.
func (s *Service) Remove(ctx context.Context) error {
	all, err := s.aged(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range all {
		if err := s.remove(ctx, d); err != nil {
			errs = append(errs, fmt.Errorf("remove old %s: %w", d.Kind, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	s.counts.lasted.Store(s.Now().UnixMilli())
	return nil
}

func (s *Service) remove(ctx context.Context, d Due) error {
	if d.Kind == cloud.KeptResident {
		return s.forgetIdle(ctx, d.Before)
	}
	for {
		var n int
		var err error
		if d.Kind == cloud.KeptTrace {
			n, err = s.Recordings.RemoveOlder(d.Before, batch)
		} else {
			err = s.DB.Update(ctx, func(tx cloud.Tx) (err error) {
				n, err = tx.Old.Remove(d.Kind, d.Before, batch)
				return err
			})
		}
		if err != nil {
			return err
		}
		s.counts.add(d.Kind, n)
		if n < batch {
			return nil
		}
	}
}

// forgetIdle erases residents who have not been here for long, and to whom nobody owes anything, nor they to anybody.
func (s *Service) forgetIdle(ctx context.Context, before time.Time) error {
	gone := 0
	err := s.idle(ctx, before, func(tx cloud.Tx, resident protocol.UUID) error {
		_, err := tx.Erasures.Erase(resident, s.Now())
		gone++
		return err
	}, s.DB.Update)
	s.counts.add(cloud.KeptResident, gone)
	s.counts.erased.Add(int64(gone))
	if gone == 0 {
		return err
	}
	return errors.Join(err, s.Erased(context.WithoutCancel(ctx)))
}

// idle finds residents who are idle and settled, and does something with each: a batch in a unit of work.
func (s *Service) idle(ctx context.Context, before time.Time, do func(cloud.Tx, protocol.UUID) error, in func(context.Context, func(cloud.Tx) error) error) error {
	var last protocol.UUID
	for {
		var some []protocol.UUID
		err := in(ctx, func(tx cloud.Tx) (err error) {
			if some, err = tx.Old.Idle(before, last, crowd); err != nil {
				return err
			}
			for _, resident := range some {
				u, err := unsettled(tx, resident)
				if err == nil && !u.Any() {
					err = do(tx, resident)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(some) < crowd {
			return err
		}
		last = some[len(some)-1]
	}
}

// Kinds are those that go by their age.
func Kinds() []cloud.KeptKind {
	kinds := []cloud.KeptKind{}
	for _, k := range cloud.KeptKinds() {
		if k.Days > 0 || k.Life > 0 {
			kinds = append(kinds, k.Kind)
		}
	}
	return kinds
}
