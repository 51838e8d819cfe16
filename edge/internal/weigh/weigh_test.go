package weigh_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// board weighs two platforms; a reading takes a few milliseconds, as on a line.
type board struct {
	mu       sync.Mutex
	chance   *rand.Rand
	weights  [2]protocol.Milligrams
	faults   [2]edge.ScaleFault
	dead     bool
	stubborn bool // keeps its own tracking on
	frozen   bool // gives the same numbers for ever
	prepared int
}

func (b *board) Channels() int { return 2 }

func (b *board) Prepare(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead || b.stubborn {
		return errors.New("not prepared")
	}
	b.prepared++
	return nil
}

func (b *board) Read(_ context.Context, dst []edge.Sample) error {
	<-time.After(5 * time.Millisecond)
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range dst {
		w := b.weights[i]
		if !b.frozen {
			w += protocol.Milligrams(b.chance.IntN(5)-2) * 1000
		}
		dst[i] = edge.Sample{Weight: w, At: time.Now(), Fault: b.faults[i]}
		if b.dead {
			dst[i] = edge.Sample{At: time.Now(), Fault: edge.ScaleSilent}
		}
	}
	if b.dead {
		return errors.New("silent")
	}
	return nil
}

func (b *board) set(f func(*board)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b)
}

func watch(t *testing.T, b *board, troubled map[protocol.PlatformID]edge.Trouble) *weigh.Watch {
	t.Helper()
	boards := []weigh.Board{{Scale: b, Platforms: []protocol.PlatformID{"S1", "S2"}}}
	w := weigh.New(boards, troubled, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return w
}

func newBoard() *board {
	return &board{chance: rand.New(rand.NewPCG(3, 4)), weights: [2]protocol.Milligrams{5_000_000, 8_000_000}}
}

func wait(d time.Duration) { <-time.After(d) }

func TestEveryChannelIsReadTenTimesASecondAndMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, newBoard(), nil)
		wait(20 * time.Second)
		if hz := w.PollHz(); hz < 10 || hz > 15 {
			t.Errorf("%.1f Hz: want 10 and a little more", hz)
		}
		weights := w.Weights([]protocol.PlatformID{"S2", "S9"})
		if d := weights[0].Weight - 8_000_000; !weights[0].OK || d > 1000 || d < -1000 || weights[1].OK {
			t.Errorf("weights %+v: want 8 kg within a gram, and nothing of an unknown platform", weights)
		}
	})
}

func TestAFaultIsOneOnlyWhenItLastsAndEndsOnlyWhenTheScaleIsSoundForAWhile(t *testing.T) {
	cases := []struct {
		name   string
		broken func(*board)
		after  time.Duration
		want   string
	}{
		{"a reading lost now and then is none", func(b *board) { b.faults[0] = edge.ScaleSilent }, time.Second, ""},
		{"a silent channel", func(b *board) { b.faults[0] = edge.ScaleSilent }, 4 * time.Second, "silent"},
		{"an overloaded channel", func(b *board) { b.faults[0] = edge.ScaleOverload }, 4 * time.Second, "overload"},
		{"a board that is gone", func(b *board) { b.dead = true }, 5 * time.Second, "silent"},
		{"a channel that danced and stands still", func(b *board) { b.frozen = true }, 4 * time.Minute, "stuck"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBoard()
				w := watch(t, b, nil)
				wait(2 * time.Minute)
				if len(w.Faults()) != 0 {
					t.Fatalf("faults of a sound board: %v", w.Faults())
				}
				b.set(c.broken)
				wait(c.after)
				if got := w.Faults()["S1"]; got != c.want {
					t.Errorf("fault %q: want %q", got, c.want)
				}
				if got := w.Weights([]protocol.PlatformID{"S1"})[0].OK; got && c.want != "" {
					t.Error("its weight is trusted")
				}
				b.set(func(b *board) { b.faults[0], b.dead, b.frozen = "", false, false })
				wait(6 * time.Second)
				if len(w.Faults()) != 0 {
					t.Errorf("faults after it is mended: %v", w.Faults())
				}
			})
		})
	}
}

func TestAScaleThatNeverDancesIsNotCalledStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard()
		b.frozen = true
		w := watch(t, b, nil)
		wait(time.Hour)
		if len(w.Faults()) != 0 {
			t.Errorf("faults %v: a calm scale with coarse divisions shows the same for hours", w.Faults())
		}
	})
}

func TestABoardThatKeepsItsTrackingOnGivesNoWeights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard()
		b.stubborn = true
		w := watch(t, b, nil)
		wait(10 * time.Second)
		if w.Faults()["S1"] != "silent" {
			t.Errorf("faults %v", w.Faults())
		}
	})
}

func TestABoardThatWasSilentIsPreparedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard()
		watch(t, b, nil)
		wait(time.Second)
		b.set(func(b *board) { b.dead = true })
		wait(5 * time.Second)
		b.set(func(b *board) { b.dead = false })
		wait(3 * time.Second)
		if b.prepared != 2 {
			t.Errorf("prepared %d times: want at the start and after the silence", b.prepared)
		}
	})
}

func TestATroubleOfBeforeTheBootHoldsUntilTheScaleIsSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, newBoard(), map[protocol.PlatformID]edge.Trouble{"S1": {Reason: "overload"}})
		wait(time.Second)
		if w.Faults()["S1"] != "overload" {
			t.Error("forgotten by the boot")
		}
		wait(5 * time.Second)
		if len(w.Faults()) != 0 {
			t.Errorf("faults %v: an absolute weight clears them", w.Faults())
		}
	})
}

func layout() settle.Layout {
	return settle.Layout{
		Platforms: []settle.Platform{
			{ID: "S1", Capacity: 40_000_000, Division: 1000, Book: map[protocol.SKU]int{"1001": 5}},
			{ID: "S2", Capacity: 40_000_000, Division: 1000, Book: map[protocol.SKU]int{"2001": 5}},
		},
		Goods: map[protocol.SKU]settle.Good{"1001": {Unit: 571_000, SD: 2000}, "2001": {Unit: 300_000, SD: 2000}},
	}
}

func TestAVisitIsFollowedFromSomeTimeBeforeItUntilItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard()
		w := watch(t, b, nil)
		wait(5 * time.Second)
		v, err := w.Begin(layout(), settle.Config{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		v.Door(time.Now(), true) // Pulled in the same moment: what lay there before is known all the same.
		wait(2 * time.Second)
		b.set(func(b *board) { b.weights[0] -= 571_000 })
		wait(2 * time.Second)
		basket, looked := v.Look(time.Now())
		if !looked || len(basket) != 1 || basket[0] != (settle.Line{SKU: "1001", Qty: 1}) {
			t.Errorf("basket %+v %v", basket, looked)
		}
		if _, again := v.Look(time.Now().Add(300 * time.Millisecond)); again {
			t.Error("looked again although nothing moved")
		}
		if steps := v.NewSteps(time.Now()); len(steps) != 1 || len(v.NewSteps(time.Now().Add(time.Minute))) != 0 {
			t.Errorf("steps %+v: want one, and told once", steps)
		}
		v.Door(time.Now(), false)
		if v.Calm(time.Now()) {
			t.Error("calm in the moment of the slam")
		}
		wait(2 * time.Second)
		if !v.Calm(time.Now()) {
			t.Error("not calm after 2 s")
		}
		a := v.Decide()
		if a.Decision != settle.Bill || len(a.Lines) != 1 {
			t.Errorf("decided %+v", a)
		}
		v.End()
		b.set(func(b *board) { b.weights[0] -= 571_000 })
		wait(2 * time.Second)
		if after := v.Decide(); len(after.Lines) != 1 || after.Lines[0].Qty != 1 {
			t.Errorf("readings after the end changed it: %+v", after)
		}
	})
}

func TestWhatWasTakenBeforeADoorWasShutIsNotTheNextVisits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard()
		w := watch(t, b, nil)
		wait(5 * time.Second)
		b.set(func(b *board) { b.weights[0] -= 571_000 })
		wait(400 * time.Millisecond)
		shut := time.Now()
		wait(700 * time.Millisecond)
		v, err := w.Begin(layout(), settle.Config{}, shut)
		if err != nil {
			t.Fatal(err)
		}
		v.Door(time.Now(), true)
		wait(time.Second)
		v.Door(time.Now(), false)
		wait(2 * time.Second)
		if a := v.Decide(); a.Decision != settle.Bill || len(a.Lines) != 0 {
			t.Errorf("%s %+v: want a bill of nothing", a.Decision, a.Lines)
		}
	})
}

func TestALayoutThatCannotBeSettledIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, newBoard(), nil)
		broken := layout()
		broken.Platforms[0].Book["9999"] = 1
		if _, err := w.Begin(broken, settle.Config{}, time.Time{}); err == nil {
			t.Error("an article without weight was taken")
		}
	})
}
