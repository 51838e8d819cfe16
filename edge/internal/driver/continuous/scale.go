// Package continuous drives scales that send their weight on their own, again and again; what their frames look like is
// the family's part. It sends nothing, so it can set nothing: what such a scale corrects by itself must be switched off at
// the scale.
package continuous

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/agree"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
)

// Frames finds frames in a stream of bytes.
type Frames interface {
	// Push takes the next byte and gives the frame that it ends, valid until the next call; ended without a frame is one
	// that was spoilt.
	Push(b byte) (frame []byte, ended bool)
	// Reset forgets a frame that has begun.
	Reset()
}

// patience is how long a reading is waited for: slow scales send five a second.
const patience = 500 * time.Millisecond

// errSpoilt says that what came last was no weight of the scale's form.
var errSpoilt = errors.New("spoilt frame")

// Scale is one scale with one platform. Read is called from one goroutine at a time, Hear and Lost from another.
type Scale struct {
	name  string
	parse func(frame []byte) (fieldbus.Reading, error)

	mu     sync.Mutex // of what follows
	frames Frames
	window *agree.Window
	sample edge.Sample
	err    error
	fresh  chan struct{} // holds one while the sample was not read yet
}

// New makes a scale; name is used in errors, within is how far calm readings may differ.
func New(name string, frames Frames, within protocol.Milligrams, parse func([]byte) (fieldbus.Reading, error)) *Scale {
	return &Scale{
		name: name, frames: frames, parse: parse,
		window: agree.NewWindow(within), fresh: make(chan struct{}, 1),
	}
}

// Channels is 1.
func (s *Scale) Channels() int { return 1 }

// Prepare implements edge.Scale: nothing can be set.
func (s *Scale) Prepare(context.Context) error { return nil }

// Read implements edge.Scale. It waits for a reading that was not read before.
func (s *Scale) Read(ctx context.Context, dst []edge.Sample) error {
	if len(dst) < 1 {
		return errors.New("read scale: no room for a sample")
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-s.fresh:
			s.mu.Lock()
			sample, err := s.sample, s.err
			s.mu.Unlock()
			if time.Since(sample.At) > patience {
				continue // nobody has read for a while
			}
			dst[0] = sample
			if err != nil {
				return fmt.Errorf("read scale: %s: %w", s.name, err)
			}
			return nil
		case <-timer.C:
			dst[0] = edge.Sample{At: time.Now(), Fault: edge.ScaleSilent}
			return fmt.Errorf("read scale: %s: %w", s.name, bus.ErrTimeout)
		case <-ctx.Done():
			dst[0] = edge.Sample{At: time.Now(), Fault: edge.ScaleSilent}
			return fmt.Errorf("read scale: %s: %w", s.name, ctx.Err())
		}
	}
}

// Hear implements bus.Listener.
func (s *Scale) Hear(p []byte, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range p {
		if frame, ended := s.frames.Push(b); ended {
			s.take(frame, at)
		}
	}
}

// Lost implements bus.Listener: half a frame and another half of one make none.
func (s *Scale) Lost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames.Reset()
	s.window.Forget()
}

// take keeps what a frame says, in the place of what was not read.
func (s *Scale) take(frame []byte, at time.Time) {
	reading, err := fieldbus.Reading{}, errSpoilt
	if frame != nil {
		reading, err = s.parse(frame)
	}
	if err != nil {
		s.window.Refuse()
		s.sample, s.err = edge.Sample{At: at, Fault: edge.ScaleSilent}, err
	} else {
		s.sample, s.err = s.window.Add(reading, at)
	}
	select {
	case s.fresh <- struct{}{}:
	default:
	}
}
