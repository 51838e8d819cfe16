package broker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"allhours/firmware-sim/phone"
	"allhours/firmware-sim/street"
)

// moment is how far a visit has come when the broker is lost.
type moment int

const (
	notBegun moment = iota // it is begun while there is no broker: the resident shows the code
	doorPulled
	goodsTaken
	doorShut
	moments
)

// visit is one resident's at one cabinet, and what it came to.
type visit struct {
	street   *street.Neighbourhood
	cabinet  string
	resident *phone.Resident
	before   street.Truth
	id       string
	shown    bool // the code of the phone was
	stuck    bool // the latch never gave
	end      phone.Visit
}

func newVisit(ctx context.Context, n *street.Neighbourhood, cabinet string) (*visit, error) {
	v := &visit{street: n, cabinet: cabinet}
	var err error
	if v.before, err = n.Truth(ctx, cabinet); err != nil {
		return nil, err
	}
	v.resident, err = phone.SignIn(ctx, n.Service, n.Sim, fmt.Sprintf("+86139%08d", rand.IntN(1e8)))
	return v, err
}

// open asks for the door and pulls it; where the cabinet is away it shows the code of the phone first. On a machine that is
// late a lock's answer may be lost, and then the latch does not give and the visit ends uncharged, as it should.
func (v *visit) open(ctx context.Context) error {
	begun, err := v.resident.Open(ctx, v.cabinet)
	if err != nil {
		return err
	}
	v.id = begun.ID
	seen, err := v.resident.Look(ctx, v.id)
	if err != nil {
		return err
	}
	if seen.Pass != "" {
		v.shown = true
		if err := v.resident.Show(ctx, v.cabinet, seen.Pass); err != nil {
			return err
		}
	}
	err = v.resident.Shop(ctx, v.cabinet, phone.Action{Do: "pull"})
	var problem *phone.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusConflict {
		v.stuck, err = true, nil
	}
	return err
}

func (v *visit) take(ctx context.Context) error {
	platform, sku := v.before.Fullest()
	return v.resident.Shop(ctx, v.cabinet, phone.Action{Do: "take", Platform: platform, SKU: sku, Qty: 1, AfterMS: 900})
}

func (v *visit) shut(ctx context.Context) error {
	return v.resident.Shop(ctx, v.cabinet, phone.Action{Do: "shut", AfterMS: 900})
}

// play goes from one moment to another.
func (v *visit) play(ctx context.Context, from, to moment) error {
	steps := []func(context.Context) error{v.open, v.take, v.shut}
	for _, step := range steps[from:to] {
		if v.stuck {
			return nil
		}
		if err := step(ctx); err != nil {
			return fmt.Errorf("%s: %w", v.cabinet, err)
		}
	}
	return nil
}

// judge waits for the one outcome and holds it to the truth.
func (v *visit) judge(ctx context.Context) (err error) {
	for { // The service may be asked at any time; it answers with or without a broker.
		if v.end, err = v.resident.Look(ctx, v.id); err != nil {
			return err
		}
		if v.end.Ended() {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: visit %s is still %s", v.cabinet, v.id, v.end.State)
		case <-time.After(50 * time.Millisecond):
		}
	}
	after, err := v.street.Truth(ctx, v.cabinet)
	if err != nil {
		return err
	}
	taken := street.Taken(v.before, after)
	switch {
	case v.end.State == "review": // A human decides; nothing is charged before.
	case v.stuck && len(taken) == 0 && v.end.State == "aborted":
	case v.end.State == "charged" && len(taken) == 1 && phone.SameLines(v.end.Lines, taken):
	default:
		return fmt.Errorf("%s: visit %s ended as %s with %v, really taken: %v", v.cabinet, v.id, v.end.State, v.end.Lines, taken)
	}
	return nil
}

// together does the same with all visits at once.
func together(t *testing.T, visits []*visit, do func(i int, v *visit) error) {
	t.Helper()
	var wg sync.WaitGroup
	for i, v := range visits {
		wg.Go(func() {
			if err := do(i, v); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}
