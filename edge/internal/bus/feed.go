package bus

import (
	"context"
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
}

// hearFor bounds one read, and so how long the end of Run waits for it.
const hearFor = 250 * time.Millisecond

// NewFeed makes a line that is heard by one listener once Run is called.
func NewFeed(cfg Config, open edge.OpenPort, to Listener) *Feed {
	return &Feed{cfg: cfg.withDefaults(), open: open, to: to}
}

// Stats is what the line went through until now.
func (f *Feed) Stats() Stats { return f.stats.snapshot() }

// Run listens until ctx ends, and opens the port again when it was lost. It is called once.
func (f *Feed) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		if f.hearOut(ctx) {
			pause = firstPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, longestPause)
	}
}

// hearOut listens to one opening of the port, and reports whether anything was heard.
func (f *Feed) hearOut(ctx context.Context) (heard bool) {
	port, err := f.open(ctx)
	if err != nil {
		f.stats.update(func(st *Stats) { st.Fault = err.Error() })
		return false
	}
	f.stats.update(func(st *Stats) { st.Up = true; st.Fault = ""; st.Openings++ })
	why := port.SetReadTimeout(hearFor)
	buf := make([]byte, receiveBuffer)
	for why == nil && ctx.Err() == nil {
		var n int
		n, why = port.Read(buf)
		if n > 0 {
			heard = true
			f.stats.update(func(st *Stats) { st.ReceivedBytes += uint64(n) })
			f.to.Hear(buf[:n], time.Now())
		}
	}
	if why == nil {
		why = ctx.Err()
	}
	f.stats.update(func(st *Stats) { st.Up = false; st.Fault = why.Error() })
	f.to.Lost()
	_ = port.Close() // what it was opened for is lost already
	return heard
}
