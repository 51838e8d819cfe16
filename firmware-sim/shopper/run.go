package shopper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

// PullTime is how long a person tries the door, as long as a latch stays released.
const PullTime = 10 * time.Second

// tug is the pause between two tries.
const tug = 50 * time.Millisecond

// ErrAlreadyOpen is why nobody pulls an open door.
var ErrAlreadyOpen = errors.New("the door stands open already")

// ErrNotReleased is why a pull was given up.
var ErrNotReleased = fmt.Errorf("the latch did not give within %v", PullTime)

// Cabinet is what a person can lay hands on.
type Cabinet interface {
	// State is what the person sees.
	State() physics.State
	// Pull tries the door; it fails with physics.ErrLatched while the latch holds it.
	Pull(at time.Time) error
	Shut(at time.Time) error
	// Take and Put move goods over physics.MoveTime from at on, or fail and move nothing.
	Take(at time.Time, platform protocol.PlatformID, sku protocol.SKU, qty int) error
	Put(at time.Time, platform protocol.PlatformID, sku protocol.SKU, qty int) error
	// Bring gives new units of an article into the hands; it fails with physics.ErrNoArticle where the cabinet was planned without it.
	Bring(sku protocol.SKU, qty int) error
}

// Run does what the script says and returns when the last action is done. It begins nothing that it can see to be
// impossible; what fails is told by an ActionError. When ctx ends the person walks away and leaves all as it is.
func Run(ctx context.Context, c Cabinet, script []Action) error {
	if err := Validate(script); err != nil {
		return err
	}
	if err := Rehearse(script, c.State()); err != nil {
		return err
	}
	for i, a := range script {
		err := pause(ctx, a.After())
		if err == nil {
			err = act(ctx, c, a)
		}
		if err != nil {
			return &ActionError{i, a, err}
		}
	}
	return nil
}

func act(ctx context.Context, c Cabinet, a Action) error {
	switch a.Do {
	case Pull:
		return pull(ctx, c)
	case Shut:
		return c.Shut(time.Now())
	case Bring:
		return c.Bring(a.SKU, a.Qty)
	case Take:
		if err := c.Take(time.Now(), a.Platform, a.SKU, a.Qty); err != nil {
			return err
		}
	case Put:
		if err := c.Put(time.Now(), a.Platform, a.SKU, a.Qty); err != nil {
			return err
		}
	}
	return pause(ctx, physics.MoveTime)
}

func pull(ctx context.Context, c Cabinet) error {
	for end := time.Now().Add(PullTime); ; {
		err := c.Pull(time.Now())
		if !errors.Is(err, physics.ErrLatched) {
			return err
		}
		if time.Now().After(end) {
			return ErrNotReleased
		}
		if err := pause(ctx, tug); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
