// Package air keeps how warm it was in the cabinets over a restart of the cloud: one trace of a day for each probe, written
// again every quarter of an hour. It refuses to judge what is too warm, which the cabinets do.
package air

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
)

const (
	keepEvery = 10 * time.Second
	// grown is by how many steps a trace grows before it is written again: a quarter of an hour is lost at most.
	grown = int64(15 * time.Minute / cloud.AirStep)
	// atOnce bounds how long one writing holds others up; 10,000 probes are through within nine minutes.
	atOnce = 200
)

// Options are what a keeper stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Presence *presence.Book
	Now      func() time.Time
	Logger   *slog.Logger
}

// Keeper writes traces down and takes them up.
type Keeper struct{ Options }

// New makes a keeper.
func New(o Options) *Keeper { return &Keeper{o} }

// Recall takes up what was kept, for the cabinets that the presence knows by then, and forgets what is older than a day.
func (k *Keeper) Recall(ctx context.Context) error {
	oldest := k.Now().Add(-24*time.Hour).UnixMilli() / cloud.AirStep.Milliseconds()
	err := k.DB.Update(ctx, func(tx cloud.Tx) error {
		if err := tx.Air.Forget(oldest); err != nil {
			return err
		}
		traces, err := tx.Air.List()
		k.Presence.KeepAir(traces)
		return err
	})
	if err != nil {
		return fmt.Errorf("recall how warm it was: %w", err)
	}
	return nil
}

// Run writes down what has grown until ctx ends, and then the rest.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			k.keepRest(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			if _, err := k.keep(ctx, grown); err != nil && ctx.Err() == nil {
				k.Logger.Error("keep how warm it was", "error", err)
			}
		}
	}
}

// keepRest writes down everything that has grown at all.
func (k *Keeper) keepRest(ctx context.Context) {
	for n := atOnce; n == atOnce; {
		var err error
		if n, err = k.keep(ctx, 1); err != nil {
			k.Logger.Error("keep how warm it was at the end", "error", err)
			return
		}
	}
}

// keep writes down what has grown by some steps, and how many traces that were.
func (k *Keeper) keep(ctx context.Context, steps int64) (int, error) {
	traces := k.Presence.TakeAir(steps, atOnce)
	if len(traces) == 0 {
		return 0, nil
	}
	return len(traces), k.DB.Update(ctx, func(tx cloud.Tx) error { return tx.Air.Save(traces) })
}
