package settle_test

import (
	"math/rand/v2"
	"testing"

	"allhours/protocol/settle"
)

// played feeds what the scales said as it comes, and decides at the first moment at which the visit is calm.
func (c *cabinet) played(t *testing.T, samples []sample) (settle.Answer, int64) {
	t.Helper()
	v, err := settle.New(c.layout, settle.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v.Door(0, false)
	next, opened, shut := 0, false, false
	for at := int64(0); at < c.shut+10_000; at += 100 {
		if at >= c.opened && !opened {
			v.Door(c.opened, true)
			opened = true
		}
		if at >= c.shut && !shut {
			v.Door(c.shut, false)
			shut = true
		}
		for ; next < len(samples) && samples[next].at <= at; next++ {
			v.Read(samples[next].at, samples[next].platform, samples[next].Sample)
		}
		if opened && shut && v.Calm(at) {
			return v.Decide(), at - c.shut
		}
	}
	t.Fatal("never calm")
	return settle.Answer{}, 0
}

// stalled makes one platform's readings between two moments errors, or leaves them out.
func stalled(samples []sample, platform int, from, to int64, told bool) []sample {
	var out []sample
	for _, s := range samples {
		if s.platform == platform && s.at >= from && s.at < to {
			if !told {
				continue
			}
			s.Sample = settle.Sample{}
		}
		out = append(out, s)
	}
	return out
}

// A machine that is busy, or a board that is prepared again, must not turn a visit into a question: the scale gave
// weights while the door was open, so it will again.
func TestAScaleThatIsLateAtTheEndIsWaitedFor(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 11))
		c := newCabinet(seed, shelves())
		c.end = c.shut + 8000
		c.take(8000, 1, "cola", 1)
		from := c.shut - 1000 + random.Int64N(1500)
		to := c.shut + random.Int64N(3500)
		samples := stalled(c.samples(), int(random.Int64N(3)), from, to, seed%2 == 0)
		a, waited := c.played(t, samples)
		if a.Decision != settle.Bill {
			t.Errorf("seed %d: silent from %d to %d ms after the door was shut, decided after %d", seed, from-c.shut, to-c.shut, waited)
		}
		wantBill(t, a, lines("cola", 1))
	}
}
