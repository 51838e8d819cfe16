package bus_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

func TestALineSurvivesUnplugging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(polite)
		line := start(t, b, bus.Config{})
		do := func() error {
			_, err := line.Do(t.Context(), bus.Poll, ask("ab01", 3))
			return err
		}
		if err := do(); err != nil {
			t.Fatal(err)
		}
		b.Plug(false)
		if err := do(); !errors.Is(err, bus.ErrNotSent) {
			t.Errorf("on a line just pulled: %v", err)
		}
		begun := time.Now()
		if err := do(); !errors.Is(err, bus.ErrDown) || time.Since(begun) > time.Millisecond {
			t.Errorf("on a line without a port: %v after %v", err, time.Since(begun))
		}
		if s := line.Stats(); s.Up || s.Fault == "" {
			t.Errorf("counted %+v, want it down with a reason", s)
		}
		<-time.After(time.Minute)
		b.Plug(true)
		<-time.After(6 * time.Second)
		if err := do(); err != nil {
			t.Errorf("on a line plugged in again: %v", err)
		}
		if s := line.Stats(); !s.Up || s.Fault != "" || s.Openings != 2 {
			t.Errorf("counted %+v, want it up for the second time", s)
		}
		b.Plug(false)
		if err := do(); err == nil {
			t.Error("a pulled line answered")
		}
		b.Plug(true)
		<-time.After(150 * time.Millisecond)
		if err := do(); err != nil {
			t.Errorf("after a short pull of a line that had worked: %v", err)
		}
	})
}

func TestOnlyAWriteThatTookNothingIsSureToHaveSentNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name    string
			accepts int
			notSent bool
		}{
			{"a write that takes nothing", 0, true},
			{"a write that takes half of the frame", 2, false},
		} {
			b := bustest.NewBoard(polite)
			b.Take(c.accepts)
			line := start(t, b, bus.Config{})
			_, err := line.Do(t.Context(), bus.Urgent, ask("lo01", 1))
			if err == nil || errors.Is(err, bus.ErrNotSent) != c.notSent {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

func TestAPullWhileTheBoardAnswersIsNoProofOfAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(polite)
		line := start(t, b, bus.Config{})
		time.AfterFunc(8*time.Millisecond, func() { b.Plug(false) })
		_, err := line.Do(t.Context(), bus.Urgent, ask("lo01", 1))
		if err == nil || errors.Is(err, bus.ErrNotSent) {
			t.Errorf("pulled between request and reply: %v, want an error that does not claim that nothing left", err)
		}
	})
}

func TestAPollThatWaitsToBeRepeatedIsAnsweredWhenTheLineIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(func(string) []part { return nil })
		line := start(t, b, bus.Config{})
		done := make(chan error, 1)
		go func() {
			_, err := line.Do(t.Context(), bus.Poll, ask("ab01", 5))
			done <- err
		}()
		synctest.Wait()
		time.AfterFunc(70*time.Millisecond, func() { b.Plug(false) })
		if _, err := line.Do(t.Context(), bus.Urgent, ask("lo01", 1)); err == nil {
			t.Error("a lock on a lost line succeeded")
		}
		if err := <-done; err == nil {
			t.Error("a poll on a lost line succeeded")
		}
	})
}

func TestAPeerThatNeverReadsCostsNoMoreThanItsPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(polite)
		stuck := make(chan struct{})
		b.Stick(stuck)
		line := start(t, b, bus.Config{})
		begun := time.Now()
		_, err := line.Do(t.Context(), bus.Urgent, ask("lo01", 1))
		if !errors.Is(err, bus.ErrStuck) || errors.Is(err, bus.ErrNotSent) {
			t.Errorf("a stuck write: %v, want one that may still leave", err)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("a stuck write held the line for %v", took)
		}
		for range 100 {
			<-time.After(6 * time.Second)
			if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); err == nil {
				t.Fatal("a poll on a stuck port succeeded")
			}
		}
		if s := line.Stats(); s.Abandoned < 2 || s.Abandoned > 5 {
			t.Errorf("%d ports were abandoned, want a few", s.Abandoned)
		}
		if stalled := line.Stalled(); stalled < time.Minute {
			t.Errorf("a line that may not open its port again has stalled for %v only", stalled)
		}
		b.Stick(nil)
		close(stuck)
		<-time.After(6 * time.Second)
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); err != nil {
			t.Errorf("after the peer read again: %v", err)
		}
		if stalled := line.Stalled(); stalled > time.Second {
			t.Errorf("after the peer read again the line has stalled for %v", stalled)
		}
	})
}
