package line_test

import (
	"bytes"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"allhours/firmware-sim/line"
)

// hears is what a master hears after it sent frames, each after a read of a second that found nothing more.
func hears(t *testing.T, n line.Noise, frames ...string) []string {
	t.Helper()
	m := line.NewMemory(speed(), echo{})
	defer m.Close()
	port := open(t, m)
	m.Disturb(n)
	var all []string
	for _, frame := range frames {
		send(t, port, []byte(frame))
		for got := receive(t, port); len(got) > 0; got = receive(t, port) {
			all = append(all, string(got))
		}
	}
	return all
}

func TestALineDoesToFramesWhatItIsTold(t *testing.T) {
	foreign := []byte("xyz")
	for _, c := range []struct {
		name  string
		noise line.Noise
		want  []string // to "abcd" and "efgh", from boards that answer with what they hear
	}{
		{"a sound line", line.Noise{}, []string{"abcd", "efgh"}},
		{"frames are lost", line.Noise{Lost: 1}, nil},
		{"frames come twice, the doubled request and its answer", line.Noise{Doubled: 1}, []string{"abcdabcdabcdabcd", "efghefghefghefgh"}},
		{"the first frame waits for the second", line.Noise{Merged: 1}, nil},
		{"nobody is heard", line.Noise{Silent: true}, nil},
		{"the master hears itself", line.Noise{Echo: true, Silent: true}, []string{"abcd", "efgh"}},
		{"a bit is always turned over, twice", line.Noise{Flips: 1}, []string{"abcd", "efgh"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := hears(t, c.noise, "abcd", "efgh"); !slices.Equal(got, c.want) {
					t.Fatalf("heard %q, want %q", got, c.want)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		for _, got := range hears(t, line.Noise{Foreign: 1, Frame: foreign}, "abcd", "efgh") {
			if !bytes.HasPrefix([]byte(got), foreign) {
				t.Errorf("heard %q without another board's frame before it", got)
			}
		}
	})
}

func TestASplitReplyComesInTwoPiecesWithAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Both halves of a split request are answered, each in two pieces.
		if got := hears(t, line.Noise{Split: 1}, "abcd"); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
			t.Fatalf("heard %q", got)
		}
	})
}

func TestALateReplyIsLateByAsMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), echo{})
		defer m.Close()
		port := open(t, m)
		m.Disturb(line.Noise{Late: 70 * time.Millisecond})
		begin := time.Now()
		send(t, port, make([]byte, 8))
		receive(t, port)
		if want := byteTimes(8+3.5+8) + response + 70*time.Millisecond; !near(time.Since(begin), want) {
			t.Fatalf("the reply took %v, want %v", time.Since(begin), want)
		}
	})
}

func TestTheSameSeedGivesTheSameNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := line.Noise{Seed: 17, Flips: 0.05, Lost: 0.2, Doubled: 0.2, Split: 0.2}
		frames := []string{"abcdefgh", "ijklmnop", "qrstuvwx", "abcdefgh", "ijklmnop"}
		first := hears(t, n, frames...)
		if again := hears(t, n, frames...); !slices.Equal(first, again) {
			t.Fatalf("%q, then %q", first, again)
		}
		n.Seed++
		if other := hears(t, n, frames...); slices.Equal(first, other) {
			t.Fatalf("another seed gave the same: %q", other)
		}
	})
}

func TestABabblingNodeIsHeardWithoutEndAndNobodyElseIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), echo{})
		defer m.Close()
		port := open(t, m)
		m.Disturb(line.Noise{Babble: true})
		send(t, port, []byte("abcd"))
		for range 100 {
			if got := receive(t, port); len(got) == 0 || bytes.Contains(got, []byte("abcd")) {
				t.Fatalf("heard %q", got)
			}
		}
	})
}

// clerk answers nothing and says something twice a second.
type clerk struct{ said int }

func (*clerk) Answer([]byte, time.Time) []byte { return nil }

func (c *clerk) Speak(time.Time) ([]byte, time.Duration) {
	c.said++
	return []byte{byte(c.said)}, time.Second / 2
}

func TestABoardThatSpeaksUnaskedIsHeardWheneverItDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), &clerk{})
		defer m.Close()
		port := open(t, m)
		for i := range 5 {
			if got := receive(t, port); len(got) != 1 || int(got[0]) != i+1 {
				t.Fatalf("heard % X, want %d", got, i+1)
			}
		}
	})
}
