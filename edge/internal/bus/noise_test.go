package bus_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

func TestALateReplyIsNotTakenForTheNextOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tooLate = 65 * time.Millisecond // an attempt is over after 62 ms
		first := true
		b := bustest.NewBoard(func(frame string) []part {
			if first {
				first = false
				return []part{{After: tooLate, Bytes: "ABxx"}}
			}
			return polite(frame)
		})
		line := start(t, b, bus.Config{})
		lenient := ask("ab01", 1)
		lenient.Check = func([]byte) error { return nil }
		if _, err := line.Do(t.Context(), bus.Poll, lenient); !errors.Is(err, bus.ErrTimeout) {
			t.Fatalf("a reply after %v: %v", tooLate, err)
		}
		<-time.After(5 * time.Millisecond)
		for range 3 {
			if got, err := line.Do(t.Context(), bus.Poll, lenient); err != nil || string(got) != "ABok" {
				t.Fatalf("after the late reply: %q, %v", got, err)
			}
		}
		if s := line.Stats(); s.StaleBytes != 4 {
			t.Errorf("counted %+v, want 4 stale bytes", s)
		}
	})
}

func TestALateReplyThatIsStillArrivingIsHeardOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		b := bustest.NewBoard(func(frame string) []part {
			if first {
				first = false
				return []part{
					{After: 63 * time.Millisecond, Bytes: "A"},
					{After: 65 * time.Millisecond, Bytes: "B"},
					{After: 67 * time.Millisecond, Bytes: "ok"},
				}
			}
			return polite(frame)
		})
		line := start(t, b, bus.Config{})
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); !errors.Is(err, bus.ErrTimeout) {
			t.Fatal(err)
		}
		<-time.After(2 * time.Millisecond)
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab02", 1)); err != nil {
			t.Fatal(err)
		}
		if gap := b.Heard()[1].At.Sub(b.Heard()[0].At); gap < 70*time.Millisecond {
			t.Errorf("spoke %v after the first frame, in the middle of the late reply", gap)
		}
	})
}

func TestForeignBytesAroundAReplyAreThrownAway(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name  string
		parts []part
	}{
		{"another board's reply before it", []part{{After: 5 * ms, Bytes: "XYok"}, {After: 20 * ms, Bytes: "ABok"}}},
		{"noise that begins like it", []part{{After: 5 * ms, Bytes: "A"}, {After: 9 * ms, Bytes: "AABABok"}}},
		{"a damaged one before it", []part{{After: 5 * ms, Bytes: "AB##ABok"}}},
		{"one byte at a time", []part{{After: 5 * ms, Bytes: "A"}, {After: 7 * ms, Bytes: "B"}, {After: 11 * ms, Bytes: "o"}, {After: 15 * ms, Bytes: "k"}}},
		{"a tail that belongs to nothing", []part{{After: 5 * ms, Bytes: "ABok??"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				line := start(t, bustest.NewBoard(func(string) []part { return c.parts }), bus.Config{})
				got, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1))
				if err != nil || string(got) != "ABok" {
					t.Errorf("%q, %v", got, err)
				}
				total := 0
				for _, p := range c.parts {
					total += len(p.Bytes)
				}
				if s := line.Stats(); s.StaleBytes != uint64(total-4) {
					t.Errorf("%d stale bytes, want %d", s.StaleBytes, total-4)
				}
			})
		})
	}
}

func TestAFloodOfNoiseEndsWithTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(func(string) []part {
			var flood []part
			for i := range 300 {
				flood = append(flood, part{After: time.Duration(i) * 200 * time.Microsecond, Bytes: "A?A?A?A?A?"})
			}
			return flood
		})
		line := start(t, b, bus.Config{})
		begun := time.Now()
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); err == nil {
			t.Error("noise was taken for a reply")
		}
		if took := time.Since(begun); took > 100*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

func TestAReplyThatFitsNoBufferIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(func(string) []part {
			return []part{{After: 5 * time.Millisecond, Bytes: strings.Repeat("AB", 2000)}}
		})
		line := start(t, b, bus.Config{})
		endless := ask("ab01", 1)
		endless.Need = func([]byte) (int, error) { return 10_000, nil }
		if _, err := line.Do(t.Context(), bus.Poll, endless); err == nil {
			t.Error("a reply of 10,000 bytes was accepted")
		}
	})
}

func TestNothingIsSentWhileSomeoneBabbles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bustest.NewBoard(func(frame string) []part {
			babble := polite(frame)
			for i := range 1000 {
				babble = append(babble, part{After: time.Duration(20+2*i) * time.Millisecond, Bytes: "?"})
			}
			return babble
		})
		line := start(t, b, bus.Config{})
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); err != nil {
			t.Fatal(err)
		}
		<-time.After(50 * time.Millisecond)
		_, err := line.Do(t.Context(), bus.Urgent, ask("lo01", 1))
		if !errors.Is(err, bus.ErrBabble) || !errors.Is(err, bus.ErrNotSent) {
			t.Errorf("into the babble: %v", err)
		}
		<-time.After(3 * time.Second)
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab02", 1)); err != nil {
			t.Errorf("after the babble: %v", err)
		}
	})
}

func TestAnAdapterThatHearsItselfIsNotTakenForTheBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := true
		b := bustest.NewBoard(func(frame string) []part {
			parts := []part{{After: 4 * time.Millisecond, Bytes: frame}}
			if answers {
				parts = append(parts, part{After: 20 * time.Millisecond, Bytes: frame})
			}
			return parts
		})
		line := start(t, b, bus.Config{Echo: true})
		echoed := ask("ab01", 1) // its reply is the frame itself, as with Modbus writes
		echoed.Need = func([]byte) (int, error) { return 4, nil }
		echoed.Check = func([]byte) error { return nil }
		if _, err := line.Do(t.Context(), bus.Urgent, echoed); err != nil {
			t.Errorf("board's answer after the echo: %v", err)
		}
		answers = false
		if _, err := line.Do(t.Context(), bus.Urgent, echoed); !errors.Is(err, bus.ErrTimeout) {
			t.Errorf("the echo alone: %v, want no reply", err)
		}
	})
}

func TestAnAdapterThatHearsItselfIsFoundOutByPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		echoes, answers := true, false
		b := bustest.NewBoard(func(frame string) []part {
			var parts []part
			if echoes {
				parts = append(parts, part{After: 4 * time.Millisecond, Bytes: frame})
			}
			if answers && frame == "lo01" {
				return append(parts, part{After: 20 * time.Millisecond, Bytes: frame})
			} else if answers {
				return append(parts, part{After: 20 * time.Millisecond, Bytes: polite(frame)[0].Bytes})
			}
			return parts
		})
		line := start(t, b, bus.Config{})
		pulse := ask("lo01", 1) // its reply is the frame itself, as with Modbus writes
		pulse.Need = func([]byte) (int, error) { return 4, nil }
		pulse.Check = func(frame []byte) error {
			if string(frame) != "lo01" {
				return errors.New("foreign")
			}
			return nil
		}
		do := func(p bus.Priority, e bus.Exchange) error {
			_, err := line.Do(t.Context(), p, e)
			return err
		}
		if err := do(bus.Poll, ask("ab01", 1)); err == nil {
			t.Error("an echo answered a poll")
		}
		if err := do(bus.Urgent, pulse); !errors.Is(err, bus.ErrTimeout) {
			t.Errorf("the echo alone: %v, want no reply", err)
		}
		answers = true
		if err := do(bus.Urgent, pulse); err != nil {
			t.Errorf("the board's answer after the echo: %v", err)
		}
		echoes = false
		if err := errors.Join(do(bus.Poll, ask("ab01", 1)), do(bus.Urgent, pulse)); err != nil {
			t.Errorf("after another adapter was put in: %v", err)
		}
	})
}
