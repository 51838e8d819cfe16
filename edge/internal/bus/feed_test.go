package bus_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

// ear keeps what it hears; every loss is a "|".
type ear struct {
	mu    sync.Mutex
	heard string
}

func (e *ear) Hear(p []byte, _ time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard += string(p)
}

func (e *ear) Lost() { e.Hear([]byte("|"), time.Time{}) }

func (e *ear) all() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard
}

func TestADeviceThatSpeaksUnaskedIsHeardThroughEveryPlugAndUnplug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(nil)
		e := &ear{}
		feed := bus.NewFeed(bus.Config{Name: "feed", Baud: 9600}, b.Open, e)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { feed.Run(ctx) })

		b.Say("one")
		<-time.After(time.Second)
		b.Say("tw")
		<-time.After(time.Second)
		b.Plug(false)
		<-time.After(time.Minute)
		if s := feed.Stats(); s.Up || s.Fault == "" {
			t.Errorf("unplugged: %+v", s)
		}
		b.Plug(true)
		<-time.After(10 * time.Second) // the longest pause and then some
		b.Say("three")
		<-time.After(time.Second)
		if got := e.all(); got != "onetw|three" {
			t.Errorf("heard %q", got)
		}
		if s := feed.Stats(); !s.Up || s.Openings != 2 || s.ReceivedBytes != 10 || s.Requests != 0 {
			t.Errorf("counted %+v", s)
		}
		cancel()
		running.Wait()
		if len(b.Heard()) != 0 {
			t.Errorf("something was sent: %q", b.Heard())
		}
	})
}

func TestAPortThatCannotBeOpenedIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		feed := bus.NewFeed(bus.Config{Name: "feed", Baud: 9600}, func(context.Context) (edge.Port, error) {
			tries++
			return nil, bustest.ErrUnplugged
		}, &ear{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		feed.Run(ctx)
		if tries < 10 || tries > 20 {
			t.Errorf("tried %d times in a minute, want every 5 s and quicker at first", tries)
		}
		if s := feed.Stats(); s.Up || s.Fault != bustest.ErrUnplugged.Error() {
			t.Errorf("counted %+v", s)
		}
	})
}
