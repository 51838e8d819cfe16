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
	end    context.CancelFunc
	all    sync.WaitGroup
	done   atomic.Int64
	failed atomic.Int64

	mu    sync.Mutex
	err   error // of one who could not even begin
	first error // visit that was not billed
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
	if pause(ctx, time.Duration(number)*time.Second/fleetVisits) != nil { // One comes after the other.
		return nil
	}
	pace := time.NewTicker(people * time.Second / fleetVisits)
	defer pace.Stop()
	for at := number; ; at = (at + people) % len(cabinets) {
		select {
		case <-ctx.Done():
			return nil
		case <-pace.C:
		}
		switch err := bought(ctx, r, cabinets[at]); {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			c.fail(fmt.Errorf("cabinet %s: %w", cabinets[at], err))
		default:
			c.done.Add(1)
		}
	}
}

// bought is one visit from the scan to the bill.
func bought(ctx context.Context, r *phone.Resident, cabinet string) error {
	v, err := r.Open(ctx, cabinet)
	if err != nil {
		return err
	}
	if v, err = r.Receipt(ctx, v.ID); err != nil {
		return err
	}
	if v.State != "charged" {
		return fmt.Errorf("visit %s ended as %s", v.ID, v.State)
	}
	return nil
}

// fail remembers the first.
func (c *crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed.Add(1) == 1 {
		c.first = err
	}
}

// notBilled is how many of its visits ended otherwise, and why the first of them did.
func (c *crowd) notBilled() figure {
	c.mu.Lock()
	defer c.mu.Unlock()
	failed, of := c.failed.Load(), fmt.Sprintf("of %d visits to the swarm", c.done.Load()+c.failed.Load())
	if failed > 0 {
		of += fmt.Sprintf(", the first: %.300v", c.first)
	}
	return atMost("not_billed_crowd", float64(failed), "", 0, of)
}

func (c *crowd) visits() int64 { return c.done.Load() }

func (c *crowd) stop() error {
	c.end()
	c.all.Wait()
	return c.err
}
