package weigh

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Times of polling.
const (
	pollEvery    = 90 * time.Millisecond // a little more than 10 Hz
	prepareAgain = time.Second           // after a board that could not be prepared
	restartAfter = 5                     // so many failed reads may have been a restart: the board is prepared again
)

// Board is one weighing board and the platforms on its channels.
type Board struct {
	Scale     edge.Scale
	Platforms []protocol.PlatformID // by channel; an empty id is a channel without a platform
}

// Watch follows all scales of a cabinet. Safe for concurrent use.
type Watch struct {
	boards []Board
	log    *slog.Logger

	mu       sync.Mutex
	channels map[protocol.PlatformID]*channel
	visits   map[*Visit]bool
}

// New follows the boards once Run is called. troubled are the platforms that were in trouble before the boot; each stays
// so until it gives weights again.
func New(boards []Board, troubled map[protocol.PlatformID]edge.Trouble, log *slog.Logger) *Watch {
	w := &Watch{boards: boards, log: log, channels: map[protocol.PlatformID]*channel{}, visits: map[*Visit]bool{}}
	for _, b := range boards {
		for _, id := range b.Platforms {
			if id != "" {
				w.channels[id] = &channel{fault: troubled[id].Reason}
			}
		}
	}
	return w
}

// Run polls until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	var boards sync.WaitGroup
	for _, b := range w.boards {
		boards.Go(func() { w.poll(ctx, b) })
	}
	boards.Wait()
}

// poll reads one board for ever. A board that keeps its own tracking on, or is silent, gives no weights.
func (w *Watch) poll(ctx context.Context, b Board) {
	samples := make([]edge.Sample, b.Scale.Channels())
	pace := time.NewTicker(pollEvery)
	defer pace.Stop()
	failures := restartAfter
	for ctx.Err() == nil {
		if failures >= restartAfter && !w.prepare(ctx, b, samples) {
			continue
		}
		if failures >= restartAfter {
			failures = 0
		}
		if err := b.Scale.Read(ctx, samples); err != nil {
			failures++
		} else {
			failures = 0
		}
		w.take(b, samples)
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
}

func (w *Watch) prepare(ctx context.Context, b Board, samples []edge.Sample) bool {
	err := b.Scale.Prepare(ctx)
	if err == nil {
		return true
	}
	w.log.Debug("scale cannot be prepared", "platforms", b.Platforms, "error", err)
	for i := range samples {
		samples[i] = edge.Sample{At: time.Now(), Fault: edge.ScaleSilent}
	}
	w.take(b, samples)
	select {
	case <-time.After(prepareAgain):
	case <-ctx.Done():
	}
	return false
}

func (w *Watch) take(b Board, samples []edge.Sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, id := range b.Platforms {
		c, s := w.channels[id], samples[i]
		if c == nil {
			continue
		}
		if s.At.IsZero() {
			s.At = time.Now()
		}
		c.add(s)
		for v := range w.visits {
			v.read(id, c.latest())
		}
	}
}

// Correct gives platforms their corrections from now on. What was weighed before is forgotten: it was weighed otherwise.
func (w *Watch) Correct(corrections map[protocol.PlatformID]edge.Correction) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, correction := range corrections {
		if c := w.channels[id]; c != nil {
			c.correct, c.recent = correction, c.recent[:0]
		}
	}
}

// ShownBy is what the platform's board gave lately, oldest first, without its correction.
func (w *Watch) ShownBy(id protocol.PlatformID) []edge.Sample {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channels[id]
	if c == nil {
		return nil
	}
	return slices.Clone(c.shown)
}

// Full reports whether so many readings are all that is remembered.
func Full(shown []edge.Sample) bool { return len(shown) == keep }

// Faults names the platforms that cannot be weighed now, and why: silent, stuck or overload.
func (w *Watch) Faults() map[protocol.PlatformID]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	faults := map[protocol.PlatformID]string{}
	for id, c := range w.channels {
		if c.fault != "" {
			faults[id] = c.fault
		}
	}
	return faults
}

// Weights gives the calm weight of each platform as far as its last second tells; not OK where it cannot be trusted.
func (w *Watch) Weights(platforms []protocol.PlatformID) []wire.Weight {
	w.mu.Lock()
	defer w.mu.Unlock()
	weights := make([]wire.Weight, len(platforms))
	for i, id := range platforms {
		weights[i] = wire.Weight{Platform: id}
		if c := w.channels[id]; c != nil {
			weights[i].Weight, weights[i].OK = c.level(time.Now())
		}
	}
	return weights
}

// Has reports whether a scale weighs the platform.
func (w *Watch) Has(platform protocol.PlatformID) bool { return w.channels[platform] != nil }

// shownAfter is how many readings tell what lies on a platform: one alone may be a hand's, or the noise's.
const shownAfter = 5

// Shown reports whether each platform has shown what lies on it since the start.
func (w *Watch) Shown(platforms []protocol.PlatformID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range platforms {
		c := w.channels[id]
		if c == nil || c.tries < shownAfter {
			return false
		}
		if _, ok := c.level(time.Now()); !ok {
			return false
		}
	}
	return true
}

// PollHz is how often the slowest channel gave a weight, in hertz.
func (w *Watch) PollHz() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	slowest, first := 0.0, true
	for _, c := range w.channels {
		if hz := c.rate.hz(time.Now()); first || hz < slowest {
			slowest, first = hz, false
		}
	}
	return slowest
}

// Condition is how one platform's scale does.
type Condition struct {
	Platform protocol.PlatformID
	Fault    string  // silent, stuck or overload; "" for none
	Hz       float64 // readings a second
	Weight   protocol.Milligrams
	OK       bool                // Weight is what lies there
	Noise    protocol.Milligrams // standard deviation of its last seconds
}

// Conditions tells how each scale does, in the order of the boards and their channels.
func (w *Watch) Conditions() []Condition {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	var all []Condition
	for _, b := range w.boards {
		for _, id := range b.Platforms {
			if c := w.channels[id]; c != nil {
				n := Condition{Platform: id, Fault: c.fault, Hz: c.rate.hz(now), Noise: c.noise()}
				n.Weight, n.OK = c.level(now)
				all = append(all, n)
			}
		}
	}
	return all
}
