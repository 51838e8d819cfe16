package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"allhours/firmware-sim/phone"
	"allhours/firmware-sim/street"
)

// crowd is residents who shop at the swarm, a given number of visits a second in all.
type crowd struct {
	end  context.CancelFunc
	all  sync.WaitGroup
	done atomic.Int64

	mu  sync.Mutex
	err error
}

// people is how many there are: a visit takes some seconds.
const people = 8 * fleetVisits

func startCrowd(ctx context.Context, n *street.Neighbourhood, cabinets []string) *crowd {
	ctx, end := context.WithCancel(ctx)
	c := &crowd{end: end}
	for i := range people {
		c.all.Go(func() {
			if err := c.shop(ctx, n, i, cabinets); err != nil && ctx.Err() == nil {
				c.mu.Lock()
				c.err = errors.Join(c.err, fmt.Errorf("resident %d of the crowd: %w", i, err))
				c.mu.Unlock()
			}
		})
	}
	return c
}

// shop goes from one cabinet to another that nobody else of the crowd goes to.
func (c *crowd) shop(ctx context.Context, n *street.Neighbourhood, number int, cabinets []string) error {
	r, err := phone.SignIn(ctx, n.Service, n.Sim, fmt.Sprintf("+86138%08d", number))
	if err != nil {
		return err
	}
	pace := time.NewTicker(people * time.Second / fleetVisits)
	defer pace.Stop()
	for at := number; ; at = (at + people) % len(cabinets) {
		select {
		case <-ctx.Done():
			return nil
		case <-pace.C:
		}
		v, err := r.Open(ctx, cabinets[at])
		if err != nil {
			return err
		}
		if v, err = r.Receipt(ctx, v.ID); err != nil {
			return err
		}
		if v.State != "charged" {
			return fmt.Errorf("visit %s to %s ended as %s", v.ID, cabinets[at], v.State)
		}
		c.done.Add(1)
	}
}

func (c *crowd) visits() int64 { return c.done.Load() }

func (c *crowd) stop() error {
	c.end()
	c.all.Wait()
	return c.err
}
