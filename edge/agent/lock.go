package agent

import (
	"context"
	"time"

	"allhours/edge"
	"allhours/edge/session"
)

// Times of the door switches.
const (
	lookAtDoors  = 30 * time.Millisecond
	bounce       = 50 * time.Millisecond // a door switch chatters for 5 to 50 ms
	silentAfter  = time.Second           // without an answer nothing is known of a door
	pulseExpires = 2 * time.Second
)

// debounced is one input that counts only once it has held for the time of a bounce.
type debounced struct {
	held  edge.Tri  // as it was told last
	seen  edge.Tri  // as it was read last
	since time.Time // when it was first read so
}

// read gives the moment of a change once it is sure.
func (d *debounced) read(v edge.Tri, at time.Time) (time.Time, bool) {
	if v != d.seen {
		d.seen, d.since = v, at
	}
	if d.seen == d.held || at.Sub(d.since) < bounce {
		return time.Time{}, false
	}
	d.held = d.seen
	return d.since, true
}

// pollLock reads one board's inputs for ever and hands each sure change to the loop.
func (a *Agent) pollLock(ctx context.Context, l lockUnit) {
	pace := time.NewTicker(lookAtDoors)
	defer pace.Stop()
	doors := make([]debounced, len(l.compartments))
	latches := make([]debounced, len(l.compartments))
	answered := time.Now()
	for ctx.Err() == nil {
		in, err := l.board.Inputs(ctx)
		now := time.Now()
		if err == nil {
			answered = now
		}
		for i := range l.compartments {
			if err != nil && now.Sub(answered) < silentAfter {
				continue
			}
			state := in.Channel(i)
			if at, sure := doors[i].read(opposite(state.DoorClosed), now); sure {
				a.tell(ctx, i, l, session.Door{Open: doors[i].held}, at)
			}
			if at, sure := latches[i].read(state.LatchLocked, now); sure {
				a.tell(ctx, i, l, session.Latch{Locked: latches[i].held}, at)
			}
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
}

func opposite(t edge.Tri) edge.Tri {
	switch t {
	case edge.Yes:
		return edge.No
	case edge.No:
		return edge.Yes
	}
	return edge.Unknown
}

// tell hands an input to the door on a channel; unlike a command it is never dropped.
func (a *Agent) tell(ctx context.Context, channel int, l lockUnit, in session.Input, at time.Time) {
	d := a.doorOf(l.compartments[channel])
	select {
	case a.work <- func() { d.sensed(in, at) }:
	case <-ctx.Done():
	}
}
