package bus_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

// hung is a board whose port hangs in a call until it is let go; closing it does not help.
type hung struct {
	*bustest.Board
	mu      sync.Mutex
	reading chan struct{} // not nil: reads hang
	opening chan struct{} // not nil: the opening hangs
	mute    atomic.Bool
}

func (h *hung) answer(frame string) []part {
	if h.mute.Load() {
		return nil
	}
	return polite(frame)
}

func (h *hung) hang(reading, opening chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reading, h.opening = reading, opening
}

func (h *hung) Open(ctx context.Context) (edge.Port, error) {
	h.mu.Lock()
	hangs := h.opening
	h.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	if _, err := h.Board.Open(ctx); err != nil {
		return nil, err
	}
	return h, nil
}

func (h *hung) Read(p []byte) (int, error) {
	h.mu.Lock()
	hangs := h.reading
	h.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	return h.Board.Read(p)
}

func TestALineStallsWhenItHangsAndNotWhenNobodyAnswers(t *testing.T) {
	cases := []struct {
		name  string
		make  func(h *hung, free chan struct{})
		stuck bool
	}{
		{"a board that answers", func(*hung, chan struct{}) {}, false},
		{"a board that is silent", func(h *hung, _ chan struct{}) { h.mute.Store(true) }, false},
		{"an adapter that is not there", func(h *hung, _ chan struct{}) { h.Plug(false) }, false},
		{"an opening that hangs", func(h *hung, free chan struct{}) { h.hang(nil, free) }, true},
		{"reads that hang", func(h *hung, free chan struct{}) { h.hang(free, nil) }, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, free := &hung{}, make(chan struct{})
				h.Board = bustest.NewBoard(h.answer)
				c.make(h, free)
				line := bustest.Start(t, bus.Config{Name: "test", Baud: 9600}, h.Open)
				worst := time.Duration(0)
				for range 600 {
					<-time.After(100 * time.Millisecond)
					_, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1))
					if err == nil && c.stuck {
						t.Fatal("a poll on a line that hangs succeeded")
					}
					worst = max(worst, line.Stalled())
				}
				if stalled := worst > 15*time.Second; stalled != c.stuck {
					t.Errorf("the longest stall of a minute was %v", worst)
				}
				if s := line.Stats(); s.Abandoned > 5 || (s.Abandoned > 1) != c.stuck {
					t.Errorf("%d openings were left behind", s.Abandoned)
				}
				h.hang(nil, nil)
				h.Plug(true)
				h.mute.Store(false)
				close(free)
				<-time.After(10 * time.Second)
				if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); err != nil {
					t.Errorf("after it was let go: %v", err)
				}
			})
		})
	}
}

func TestAFeedThatHangsIsOpenedAgainAndHeardOnceOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, free := &hung{Board: bustest.NewBoard(nil)}, make(chan struct{})
		e := &ear{}
		feed := bus.NewFeed(bus.Config{Name: "feed", Baud: 9600}, h.Open, e)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { feed.Run(ctx) })
		defer func() { cancel(); running.Wait() }()

		h.Say("one")
		<-time.After(time.Second)
		h.hang(free, nil)
		<-time.After(time.Second)
		h.hang(nil, nil) // the next opening works
		<-time.After(10 * time.Second)
		h.Say("two")
		<-time.After(time.Second)
		if got := e.all(); got != "one|two" {
			t.Errorf("heard %q", got)
		}
		h.Say("three")
		close(free) // the opening that was left behind wakes up, and what it reads is nobody's
		<-time.After(time.Second)
		if s := feed.Stats(); s.Abandoned != 1 || s.Openings != 2 || feed.Stalled() > time.Second {
			t.Errorf("%+v, stalled for %v", s, feed.Stalled())
		}

		free = make(chan struct{})
		h.hang(free, nil)
		<-time.After(5 * time.Minute)
		if s := feed.Stats(); s.Abandoned > 6 || feed.Stalled() < time.Minute {
			t.Errorf("a feed that hangs for good: %+v, stalled for %v", s, feed.Stalled())
		}
		h.hang(nil, nil)
		close(free)
		<-time.After(10 * time.Second)
	})
}
