package bus_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

func TestAnExchangeGivesTheBoardsReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := start(t, bustest.NewBoard(polite), bus.Config{})
		got, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1))
		if err != nil || string(got) != "ABok" {
			t.Errorf("%q, %v", got, err)
		}
		if s := line.Stats(); !s.Up || s.Requests != 1 || s.Replies != 1 || s.StaleBytes != 0 || s.Openings != 1 {
			t.Errorf("counted %+v", s)
		}
	})
}

func TestALockGoesBeforeWaitingPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(polite)
		line := start(t, b, bus.Config{})
		var all sync.WaitGroup
		do := func(p bus.Priority, frame string) {
			all.Go(func() {
				if _, err := line.Do(t.Context(), p, ask(frame, 1)); err != nil {
					t.Errorf("%s: %v", frame, err)
				}
			})
			synctest.Wait()
		}
		do(bus.Poll, "pa01")
		do(bus.Poll, "pb02")
		do(bus.Poll, "pc03")
		do(bus.Urgent, "lo04")
		do(bus.Urgent, "lo05")
		all.Wait()
		heard := frames(b)
		if len(heard) != 5 || heard[0] != "pa01" || heard[1][:2] != "lo" || heard[2][:2] != "lo" {
			t.Errorf("the board heard %q; want the locks right after the poll under way", heard)
		}
	})
}

func TestALockWaitsForOneAttemptOfADeadBoardAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(func(frame string) []part {
			if frame[:2] == "de" {
				return nil
			}
			return polite(frame)
		})
		line := start(t, b, bus.Config{})
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := line.Do(t.Context(), bus.Poll, ask("de01", 3)); !errors.Is(err, bus.ErrTimeout) {
				t.Errorf("dead board: %v", err)
			}
		})
		synctest.Wait()
		begun := time.Now()
		if _, err := line.Do(t.Context(), bus.Urgent, ask("lo01", 1)); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > 80*time.Millisecond {
			t.Errorf("the lock took %v", took)
		}
		all.Wait()
		if want := []string{"de01", "lo01", "de01", "de01"}; !slices.Equal(frames(b), want) {
			t.Errorf("the board heard %q, want %q", frames(b), want)
		}
	})
}

func TestALockIsNeverSentTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name  string
			reply []part
			want  error
		}{
			{"silence", nil, bus.ErrTimeout},
			{"damage", []part{{After: 10 * time.Millisecond, Bytes: "LO##"}}, bus.ErrSpoilt},
			{"half a reply", []part{{After: 10 * time.Millisecond, Bytes: "LO"}}, bus.ErrSpoilt},
		} {
			b := bustest.NewBoard(func(string) []part { return c.reply })
			line := start(t, b, bus.Config{})
			_, err := line.Do(t.Context(), bus.Urgent, ask("lo01", 5))
			if !errors.Is(err, c.want) || errors.Is(err, bus.ErrNotSent) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
			synctest.Wait()
			if n := len(frames(b)); n != 1 {
				t.Errorf("%s: sent %d times", c.name, n)
			}
		}
	})
}

func TestAPollIsRepeatedAsOftenAsItAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		b := bustest.NewBoard(func(frame string) []part {
			if tries++; tries < 3 {
				return []part{{After: 10 * time.Millisecond, Bytes: "AB##"}}
			}
			return polite(frame)
		})
		line := start(t, b, bus.Config{})
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 2)); !errors.Is(err, bus.ErrSpoilt) {
			t.Errorf("after two damaged replies: %v", err)
		}
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 2)); err != nil {
			t.Errorf("after the damage: %v", err)
		}
		if s := line.Stats(); s.Requests != 3 || s.Spoilt != 2 || s.Replies != 1 || s.StaleBytes != 8 {
			t.Errorf("counted %+v", s)
		}
	})
}

func TestWhatWasGivenUpInTimeIsNeverSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(polite)
		line := start(t, b, bus.Config{})
		var busy sync.WaitGroup
		busy.Go(func() { _, _ = line.Do(t.Context(), bus.Poll, ask("ab01", 1)) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := line.Do(ctx, bus.Urgent, ask("lo01", 1))
		if !errors.Is(err, bus.ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("given up: %v", err)
		}
		busy.Wait()
		synctest.Wait()
		if want := []string{"ab01"}; !slices.Equal(frames(b), want) {
			t.Errorf("the board heard %q, want %q", frames(b), want)
		}
	})
}

func TestAPollThatNobodyWaitsForIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(func(string) []part { return nil })
		line := start(t, b, bus.Config{})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := line.Do(ctx, bus.Poll, ask("ab01", 5)); !errors.Is(err, bus.ErrTimeout) {
			t.Errorf("given up while under way: %v", err)
		}
		if n := len(frames(b)); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestTheLineIsSilentBetweenFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(polite)
		opened := time.Now()
		line := start(t, b, bus.Config{})
		for range 3 {
			if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); err != nil {
				t.Fatal(err)
			}
		}
		const silence = 3645833 * time.Nanosecond
		ended := opened
		for i, frame := range b.Heard() {
			if gap := frame.At.Sub(ended); gap != silence {
				t.Errorf("%v of silence before frame %d, want %v", gap, i, silence)
			}
			ended = frame.At.Add(10 * time.Millisecond)
		}
		if b.Resets() != len(b.Heard()) {
			t.Errorf("the input was emptied %d times for %d frames", b.Resets(), len(b.Heard()))
		}
	})
}

func TestALineAnswersNobodyAfterItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := bus.New(bus.Config{Baud: baud}, bustest.NewBoard(polite).Open)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		line.Run(ctx)
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); !errors.Is(err, bus.ErrDown) || !errors.Is(err, bus.ErrNotSent) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// heldUp is a port in a program that does not run for a while just before it writes.
type heldUp struct {
	edge.Port
	by time.Duration
}

func (p heldUp) Write(frame []byte) (int, error) {
	<-time.After(p.by)
	return p.Port.Write(frame)
}

func TestABoardHasItsWholeTimeHoweverLateItWasAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(polite)
		line := bustest.Start(t, bus.Config{Baud: 9600}, func(ctx context.Context) (edge.Port, error) {
			port, err := b.Open(ctx)
			return heldUp{port, 300 * time.Millisecond}, err
		})
		if got, err := line.Do(t.Context(), bus.Urgent, ask("ab01", 0)); err != nil || string(got) != "ABok" {
			t.Errorf("%q, %v", got, err)
		}
	})
}
