package doctor

import (
	"context"
	"slices"
	"sync"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
)

// readEach is a little more than ten times a second.
const readEach = 90 * time.Millisecond

// Watch reads the scales of a cabinet whose lines this program owns.
type Watch struct {
	boards []weigh.Board

	mu       sync.Mutex
	meters   map[protocol.PlatformID]*Meter
	order    []protocol.PlatformID
	tracking map[protocol.PlatformID]error // why a board's own corrections could not be switched off
}

// NewWatch follows the boards once Run is called.
func NewWatch(boards []weigh.Board) *Watch {
	w := &Watch{boards: boards, meters: map[protocol.PlatformID]*Meter{}, tracking: map[protocol.PlatformID]error{}}
	for _, b := range boards {
		for _, id := range b.Platforms {
			if id != "" {
				w.order, w.meters[id] = append(w.order, id), NewMeter()
			}
		}
	}
	return w
}

// Run reads until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, b := range w.boards {
		all.Go(func() { w.follow(ctx, b) })
	}
	all.Wait()
}

func (w *Watch) follow(ctx context.Context, b weigh.Board) {
	samples := make([]edge.Sample, b.Scale.Channels())
	w.prepare(ctx, b)
	pace := time.NewTicker(readEach)
	defer pace.Stop()
	for ctx.Err() == nil {
		_ = b.Scale.Read(ctx, samples) // its samples say so too
		if ctx.Err() == nil {
			w.take(b, samples)
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
}

// prepareTries is how often a board is asked to leave its weights alone: the first exchange of a line may be lost.
const prepareTries = 3

func (w *Watch) prepare(ctx context.Context, b weigh.Board) {
	var err error
	for range prepareTries {
		if err = b.Scale.Prepare(ctx); err == nil || ctx.Err() != nil {
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range b.Platforms {
		w.tracking[id] = err
	}
}

func (w *Watch) take(b weigh.Board, samples []edge.Sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, id := range b.Platforms {
		if m := w.meters[id]; m != nil {
			m.Add(samples[i])
		}
	}
}

// Scales is how all scales behave, in the file's order.
func (w *Watch) Scales() []Scale {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Scale, len(w.order))
	for i, id := range w.order {
		all[i] = w.meters[id].Scale(id)
	}
	return all
}

// Judge says what is wrong with scales that nobody touched.
func (w *Watch) Judge(l Limits, r *Report) {
	r.Scales = w.Scales()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range r.Scales {
		if err := w.tracking[s.Platform]; err != nil {
			r.Say(Wrong, string(s.Platform), "its board corrects weights on its own, or cannot be asked whether it does: %v", err)
		}
		l.Judge(s, r)
	}
}

// JudgeLine says what is wrong with a line by what it went through.
func JudgeLine(name string, s bus.Stats, r *Report) {
	bad := s.Timeouts + s.Spoilt
	switch {
	case !s.Up && s.Requests == 0 && s.ReceivedBytes == 0:
		r.Say(Wrong, name, "it is down: %s", s.Fault)
	case s.Openings > 1:
		r.Say(Wrong, name, "the adapter was lost %d times: look at its plug", s.Openings-1)
	case s.Requests >= enoughRequests && (s.Spoilt*100 > s.Requests || bad*20 > s.Requests):
		r.Say(Wrong, name, "%d of %d requests got no good answer (%d of them garbled): look at A and B, the ends' resistors and the shield", bad, s.Requests, s.Spoilt)
	case s.Requests > 0:
		r.Say(OK, name, "%d of %d requests got no good answer", bad, s.Requests)
	}
}

// enoughRequests are those without which nothing is said of a line's errors.
const enoughRequests = 50

// Pressed asks for a hand on each platform in turn and looks which scale feels it. within is how long each hand is waited
// for.
func (w *Watch) Pressed(ctx context.Context, least protocol.Milligrams, within time.Duration, say func(string, ...any), r *Report) error {
	for _, id := range w.order {
		rest := w.weights()
		say("press on %s and let go", id)
		felt, err := w.await(ctx, within, func() []protocol.PlatformID { return w.movedBy(rest, least) })
		if err != nil {
			return err
		}
		switch {
		case len(felt) == 0:
			r.Say(Look, string(id), "no hand was felt within %v", within)
			continue
		case slices.Contains(felt, id):
			r.Say(OK, string(id), "it feels a hand")
		default:
			r.Say(Wrong, string(id), "%s felt the hand on %s: their cells' wires, or their addresses in the file, are swapped", joined(felt), id)
		}
		if _, err := w.await(ctx, within, func() []protocol.PlatformID {
			if len(w.movedBy(rest, least)) == 0 {
				return []protocol.PlatformID{id}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (w *Watch) weights() map[protocol.PlatformID]protocol.Milligrams {
	all := map[protocol.PlatformID]protocol.Milligrams{}
	for _, s := range w.Scales() {
		all[s.Platform] = s.Weight
	}
	return all
}

// movedBy lists the platforms whose weight is another than at rest by so much.
func (w *Watch) movedBy(rest map[protocol.PlatformID]protocol.Milligrams, least protocol.Milligrams) (moved []protocol.PlatformID) {
	for _, s := range w.Scales() {
		if d := s.Weight - rest[s.Platform]; max(d, -d) >= least {
			moved = append(moved, s.Platform)
		}
	}
	return moved
}

func (w *Watch) await(ctx context.Context, within time.Duration, look func() []protocol.PlatformID) ([]protocol.PlatformID, error) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	end := time.NewTimer(within)
	defer end.Stop()
	for {
		if found := look(); len(found) > 0 {
			return found, nil
		}
		select {
		case <-tick.C:
		case <-end.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
