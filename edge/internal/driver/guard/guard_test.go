package guard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
)

var errLost = errors.New("lost")

// board answers queries with its script, whose last word goes on for ever.
type board struct {
	script []any // a state or an error
	asked  int
	orders int
}

func (b *board) read(context.Context, bus.Priority) (uint64, error) {
	word := b.script[min(b.asked, len(b.script)-1)]
	b.asked++
	if err, failed := word.(error); failed {
		return 0, err
	}
	return uint64(word.(int)), nil
}

func TestAStateIsBelievedWhenTwoAnswersAgree(t *testing.T) {
	for _, c := range []struct {
		name   string
		script []any
		reads  int // the last of which is looked at
		want   int // -1: not known
		asked  int
	}{
		{"two answers", []any{7, 7}, 1, 7, 2},
		{"the same again costs one", []any{7, 7, 7}, 2, 7, 3},
		{"a new one costs two", []any{7, 7, 6, 6}, 2, 6, 4},
		{"a damaged one between", []any{7, 7, 3, 7}, 2, 7, 4},
		{"none agree", []any{7, 7, 1, 2, 3, 4}, 2, -1, 6},
		{"one is lost", []any{7, errLost, 7}, 1, 7, 3},
		{"two are lost", []any{7, errLost, errLost}, 1, -1, 3},
		{"a board that is silent costs two", []any{errLost}, 1, -1, 2},
		{"a line that is down costs one", []any{bus.ErrNotSent}, 1, -1, 1},
	} {
		b := &board{script: c.script}
		g := guard.New(b.read)
		var state uint64
		var err error
		for range c.reads {
			state, err = g.Read(t.Context(), bus.Poll)
		}
		if (err != nil) != (c.want < 0) || err == nil && state != uint64(c.want) || b.asked != c.asked {
			t.Errorf("%s: %d, %v after %d answers; want %d after %d", c.name, state, err, b.asked, c.want, c.asked)
		}
	}
}

// pulse orders lock 0, whose bit is 0 while it is free.
func (b *board) pulse(t *testing.T, g *guard.Guard, heard bool, sent error) error {
	t.Helper()
	return g.Pulse(t.Context(), guard.Order{
		Send: func(context.Context) (bool, error) { b.orders++; return heard, sent },
		Free: guard.Latch.Free(0),
	})
}

func TestAPulseIsToldAsDoneOnlyWhereTheBoardOrTheLockSaysSo(t *testing.T) {
	for _, c := range []struct {
		name    string
		script  []any
		heard   bool
		sent    error
		orders  int
		unknown bool
		refused bool
	}{
		{name: "the board confirms it", script: []any{1}, heard: true, orders: 1},
		{name: "the lock lets go", script: []any{1, 1, 0}, sent: errLost, orders: 1},
		{name: "the lock lets go later", script: []any{1, 1, 1, 1, 0}, sent: errLost, orders: 1},
		{name: "the lock stays", script: []any{1}, sent: errLost, orders: 1, unknown: true},
		{name: "the lock was free before", script: []any{0}, sent: errLost, orders: 1, unknown: true},
		{name: "nothing is heard after it", script: []any{1, 1, errLost}, sent: errLost, orders: 1, unknown: true},
		{name: "nothing left", script: []any{1}, sent: bus.ErrNotSent, orders: 1, refused: true},
		{name: "nothing is heard before it", script: []any{errLost}, orders: 0, refused: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &board{script: c.script}
				err := b.pulse(t, guard.New(b.read), c.heard, c.sent)
				unknown := errors.Is(err, edge.ErrPulseUnknown)
				if unknown != c.unknown || (err != nil && !unknown) != c.refused || b.orders != c.orders {
					t.Errorf("%v after %d orders", err, b.orders)
				}
			})
		})
	}
}

func TestNoOrderIsRiskedOnALineThatSpoilsMostAnswers(t *testing.T) {
	b := &board{script: []any{1, 1, errLost, errLost, errLost, errLost, errLost, errLost, 1}}
	g := guard.New(b.read)
	for range 4 {
		_, _ = g.Read(t.Context(), bus.Poll) // the first is right, the others are lost
	}
	if err := b.pulse(t, g, true, nil); !errors.Is(err, guard.ErrNoisy) || errors.Is(err, edge.ErrPulseUnknown) || b.orders != 0 {
		t.Fatalf("%v after %d orders", err, b.orders)
	}
	for range 4 {
		if _, err := g.Read(t.Context(), bus.Poll); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.pulse(t, g, true, nil); err != nil || b.orders != 1 {
		t.Fatalf("after the noise: %v after %d orders", err, b.orders)
	}
}

func TestAContactTellsOnlyWhatItIsWiredTo(t *testing.T) {
	for feedback, want := range map[guard.Feedback]edge.LockState{
		guard.Latch: {LatchLocked: edge.Yes},
		guard.Door:  {DoorClosed: edge.Yes},
		guard.Hook:  {DoorClosed: edge.Yes, LatchLocked: edge.Yes},
	} {
		if got := feedback.State(true); got != want {
			t.Errorf("%s tells %+v", feedback, got)
		}
		if (feedback.Free(3) == nil) != (feedback == guard.Door) {
			t.Errorf("%s: a door's contact tells nothing of a latch, the others do", feedback)
		}
	}
}
