// Package guard keeps lock boards honest whose frames end in eight bits of checksum. Such a checksum does not notice when
// the same bit of two bytes was turned over, so that a damaged answer may look whole, and a damaged order may reach
// another lock.
//
// A state is believed when two answers agree on it. A pulse is sent only to a board that has just been heard, on a line
// that brings most answers back whole, and is told as done only where the board or its locks say so.
package guard

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"sync"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
)

// ErrNoisy says that the line spoils too many answers for an order to be risked; nothing was sent.
var ErrNoisy = errors.New("the line spoils too many answers")

// errDisagree says that no two answers agreed.
var errDisagree = errors.New("no two answers agree")

// Line is the part of a bus line that drivers use.
type Line interface {
	// Do makes one exchange and returns the frame that answered it, as [bus.Line.Do] does.
	Do(ctx context.Context, p bus.Priority, e bus.Exchange) ([]byte, error)
}

// Request is one request of a protocol and how to recognise its reply.
type Request interface {
	// AppendFrame adds the request's frame to dst.
	AppendFrame(dst []byte) ([]byte, error)
	// ReplyLen is the length of the usual reply.
	ReplyLen() int
	// ReplyNeed tells from the first bytes of a reply how long it is; an error means that they cannot begin it.
	ReplyNeed(received []byte) (int, error)
	// Check refuses a whole frame that is not the reply.
	Check(frame []byte) error
}

// Ask makes one attempt at a request and gives the frame that answered it.
func Ask(ctx context.Context, line Line, p bus.Priority, r Request) ([]byte, error) {
	frame, err := r.AppendFrame(nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", bus.ErrNotSent, err)
	}
	return line.Do(ctx, p, bus.Exchange{Frame: frame, ReplyLen: r.ReplyLen(), Need: r.ReplyNeed, Check: r.Check})
}

// Limits of a pulse where a board times it itself: what is asked for is only checked.
const maxPulse = 3 * time.Second

// remembered is how many answers decide whether a line is too noisy, and enough how many of them must be whole.
const (
	remembered = 8
	enough     = 4
)

// A state is asked for until two answers agree, and given up sooner where there is no whole answer: a board that is silent
// must not cost its line's other boards their time.
const (
	attempts   = 4
	giveUpWith = 2 // answers that were not whole
)

// lookAfter is when a lock is looked at after an order: a bolt takes some 30 ms, boards are deaf while a solenoid fires.
func lookAfter() []time.Duration {
	return []time.Duration{40 * time.Millisecond, 80 * time.Millisecond, 160 * time.Millisecond}
}

// Guard is the memory of one board. Each bit of a state is one contact.
type Guard struct {
	read func(context.Context, bus.Priority) (uint64, error)

	mu       sync.Mutex // never held while the line is asked, or a lock would wait for a poll
	known    bool
	state    uint64
	outcomes uint8 // of the last answers, 1 for a whole one
	counted  int
}

// New makes a guard over what reads the board once.
func New(read func(context.Context, bus.Priority) (uint64, error)) *Guard { return &Guard{read: read} }

// Read gives a state on which two answers agree: this one and the one that was believed last, or two of now.
func (g *Guard) Read(ctx context.Context, p bus.Priority) (uint64, error) {
	believed, known := g.last()
	var before *uint64
	err, lost := errDisagree, 0
	for range attempts {
		state, failed := g.ask(ctx, p)
		switch {
		case errors.Is(failed, bus.ErrNotSent):
			return 0, failed
		case failed != nil:
			if err, lost = failed, lost+1; lost == giveUpWith {
				return 0, err
			}
		case known && state == believed, before != nil && state == *before:
			g.believe(state)
			return state, nil
		default:
			before, err = &state, errDisagree
		}
	}
	return 0, err
}

func (g *Guard) last() (uint64, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state, g.known
}

func (g *Guard) believe(state uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state, g.known = state, true
}

// ask reads once and remembers whether the answer was whole. What never left says nothing of the line, and neither does
// silence: it may be the board's, or a busy machine's, and it is noticed when a pulse begins.
func (g *Guard) ask(ctx context.Context, p bus.Priority) (uint64, error) {
	state, err := g.read(ctx, p)
	if errors.Is(err, bus.ErrNotSent) || errors.Is(err, bus.ErrTimeout) {
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.outcomes <<= 1
	if err == nil {
		g.outcomes |= 1
	}
	g.counted = min(g.counted+1, remembered)
	return state, err
}

func (g *Guard) noisy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.counted == remembered && bits.OnesCount8(g.outcomes) < enough
}

// Order is one pulse.
type Order struct {
	// Send sends the order once, before all polls. heard says that the board itself confirmed it beyond doubt; an error
	// that is bus.ErrNotSent says that nothing left, any other one only that there was no such answer.
	Send func(ctx context.Context) (heard bool, err error)
	// Free tells whether a state shows the latch released; nil where no contact tells.
	Free func(state uint64) bool
}

// Pulse sends an order at most once and finds out whether it was heard. With an error that is edge.ErrPulseUnknown it may
// have been; with any other error nothing left.
func (g *Guard) Pulse(ctx context.Context, o Order) error {
	if g.noisy() {
		return ErrNoisy
	}
	before, err := g.Read(ctx, bus.Urgent)
	if err != nil {
		return fmt.Errorf("the board is not heard, so nothing was sent: %w", err)
	}
	heard, err := o.Send(ctx)
	switch {
	case errors.Is(err, bus.ErrNotSent):
		return err
	case heard:
		return nil
	case o.Free == nil || o.Free(before):
		return errors.Join(edge.ErrPulseUnknown, err)
	}
	for _, wait := range lookAfter() {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return errors.Join(edge.ErrPulseUnknown, ctx.Err())
		}
		if state, err := g.Read(ctx, bus.Urgent); err == nil && o.Free(state) {
			return nil
		}
	}
	return errors.Join(edge.ErrPulseUnknown, err)
}

// CheckPulse refuses a channel that is not wired and a duration that makes no sense.
func CheckPulse(channel, channels int, d time.Duration) error {
	switch {
	case channel < 0 || channel >= channels:
		return fmt.Errorf("pulse channel %d: the board has %d", channel, channels)
	case d <= 0 || d > maxPulse:
		return fmt.Errorf("pulse channel %d for %v: want more than 0 and at most %v", channel, d, maxPulse)
	}
	return nil
}
