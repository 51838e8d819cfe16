package weigh

import (
	"testing"
	"time"

	"allhours/edge"
	"allhours/protocol"
)

func TestASampleIsCorrectedWithoutNewMemory(t *testing.T) {
	c := &channel{correct: edge.Correction{Offset: 12_400, PPM: 980_392}}
	at := time.Unix(1000, 0)
	add := func() {
		at = at.Add(pollEvery)
		c.add(edge.Sample{At: at, Weight: protocol.Milligrams(5_000_000 + at.UnixNano()%3)})
	}
	for range 2 * keep {
		add()
	}
	if n := testing.AllocsPerRun(1000, add); n != 0 {
		t.Errorf("%v allocations for a sample", n)
	}
	if got, want := c.latest().weight, c.correct.Of(c.shown[keep-1].Weight); got != want {
		t.Errorf("believes %d, want %d", got, want)
	}
}
