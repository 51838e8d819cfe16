package bus

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"allhours/edge"
)

// Listener hears a device that speaks unasked.
type Listener interface {
	// Hear takes what has arrived by a moment; p is the listener's during the call only. It must not block.
	Hear(p []byte, at time.Time)
	// Lost says that bytes are missing between what was heard and what will be.
	Lost()
}

// Feed is a serial line on which one device speaks unasked: a scale with continuous output, a reader of codes. Nothing is
// ever sent on it.
type Feed struct {
	cfg   Config
	open  edge.OpenPort
	to    Listener
	stats counters

	sessions atomic.Int32 // that have not ended: the one that is heard and those that are stuck
	rounds   rounds
}

// Times of a feed.
const (
	hearFor    = 250 * time.Millisecond // bounds one read, and so how long the end of Run waits for it
	lookAtFeed = time.Second
	feedStuck  = openWithin + time.Second // no opening and no read takes so long
)

// NewFeed makes a line that is heard by one listener once Run is called.
func NewFeed(cfg Config, open edge.OpenPort, to Listener) *Feed {
	return &Feed{cfg: cfg.withDefaults(), open: open, to: to, rounds: begin()}
}

// Stats is what the line went through until now.
func (f *Feed) Stats() Stats { return f.stats.snapshot() }

// Stalled is for how long the line has not come round, as for a [Line].
func (f *Feed) Stalled() time.Duration { return f.rounds.stalled() }

// Run listens until ctx ends, and opens the port again when it was lost or is stuck. It is called once.
func (f *Feed) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		if f.sessions.Load() <= maxAbandoned && f.attend(ctx) {
			pause = firstPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, longestPause)
	}
}

// attend has one opening of the port heard, and leaves it behind when it does not come back. It reports whether anything
// was heard.
func (f *Feed) attend(ctx context.Context) (heard bool) {
	f.rounds.cameRound()
	h := &hearing{Feed: f}
	ended := make(chan bool, 1)
	f.sessions.Add(1)
	go func() {
		defer f.sessions.Add(-1)
		ended <- h.hearOut(ctx)
	}()
	look := time.NewTicker(lookAtFeed)
	defer look.Stop()
	for {
		select {
		case heard := <-ended:
			return heard
		case <-look.C:
			if f.rounds.stalled() > feedStuck {
				h.leave()
				return false
			}
		}
	}
}

// hearing is one opening of the port. The goroutine that is in it may hang; once it is left, nobody listens to it.
type hearing struct {
	*Feed

	mu   sync.Mutex
	left bool
	port edge.Port // nil until it is open
}

// here does something unless the hearing was left, and reports that.
func (h *hearing) here(do func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.left {
		do()
	}
	return !h.left
}

// leave gives the opening up. Close runs aside: it may hang as well.
func (h *hearing) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left = true
	h.stats.update(func(st *Stats) { st.Up = false; st.Fault = ErrStuck.Error(); st.Abandoned++ })
	if h.port != nil {
		h.to.Lost()
		go h.port.Close()
	}
}

// hearOut listens until the port is lost, ctx ends or the hearing was left, and reports whether anything was heard.
func (h *hearing) hearOut(ctx context.Context) (heard bool) {
	port, err := h.open(ctx)
	if err != nil {
		h.here(func() { h.stats.update(func(st *Stats) { st.Fault = err.Error() }) })
		return false
	}
	defer port.Close() // what it was opened for is lost by then
	h.here(func() {
		h.port = port
		h.stats.update(func(st *Stats) { st.Up = true; st.Fault = ""; st.Openings++ })
	})
	why := port.SetReadTimeout(hearFor)
	buf := make([]byte, receiveBuffer)
	for why == nil && ctx.Err() == nil {
		var n int
		n, why = port.Read(buf)
		if !h.here(func() { h.take(buf[:n]) }) {
			return false
		}
		heard = heard || n > 0
	}
	if why == nil {
		why = ctx.Err()
	}
	h.here(func() {
		h.stats.update(func(st *Stats) { st.Up = false; st.Fault = why.Error() })
		h.to.Lost()
	})
	return heard
}

// take hands on what one read gave.
func (h *hearing) take(p []byte) {
	h.rounds.cameRound()
	if len(p) > 0 {
		h.stats.update(func(st *Stats) { st.ReceivedBytes += uint64(len(p)) })
		h.to.Hear(p, time.Now())
	}
}
