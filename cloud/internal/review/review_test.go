package review

import (
	"fmt"
	"math"
	"testing"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// visit is one of two platforms that was read each 100 ms for ten seconds; grams tells what each weighed.
func visit(grams func(at int64, platform int) float64) *trace.Visit {
	v := &trace.Visit{Header: trace.Header{Layout: settle.Layout{Platforms: []settle.Platform{{ID: "S1"}, {ID: "S2"}}}}}
	v.Rows = append(v.Rows, trace.Row{At: 0, Open: true})
	for at := int64(0); at < 10_000; at += 100 {
		row := trace.Row{At: at, Reading: true}
		for i := range 2 {
			g := grams(at, i)
			row.Samples = append(row.Samples, settle.Sample{OK: !math.IsNaN(g), Weight: protocol.FromGrams(g)})
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func TestCurvesKeepEveryPeak(t *testing.T) {
	c := draw(visit(func(at int64, platform int) float64 {
		if platform == 0 && at == 5300 {
			return 9000
		}
		return 1000
	}), 10)
	if len(c.Platforms) != 2 || len(c.Platforms[0].High) != 10 || len(c.Doors) != 1 {
		t.Fatalf("drawn %+v", c)
	}
	if c.Platforms[0].High[5] != 9000 || c.Platforms[0].Low[5] != 1000 || c.Platforms[0].High[4] != 1000 {
		t.Errorf("the peak is lost: %v", c.Platforms[0].High)
	}
}

func TestWhichPlatformsMoved(t *testing.T) {
	for _, c := range []struct {
		name  string
		grams func(at int64) float64
		want  bool
	}{
		{"a still one", func(int64) float64 { return 1000 }, false},
		{"noise", func(at int64) float64 { return 1000 + 3*math.Sin(float64(at)) }, false},
		{"something was taken", func(at int64) float64 { return 1000 - 571*float64(at/5000) }, true},
		{"something was taken and put back", func(at int64) float64 {
			if at > 3000 && at < 7000 {
				return 429
			}
			return 1000
		}, true},
		{"one that never answered", func(int64) float64 { return math.NaN() }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			drawn := draw(visit(func(at int64, platform int) float64 {
				if platform == 0 {
					return c.grams(at)
				}
				return 1000
			}), 100)
			if got := drawn.Platforms[0].Moved; got != c.want {
				t.Errorf("moved %t, want %t", got, c.want)
			}
		})
	}
}

func TestQuantiles(t *testing.T) {
	var waits []time.Duration
	for i := range 10 {
		waits = append(waits, time.Duration(i+1)*time.Minute)
	}
	for _, c := range []struct {
		of      []time.Duration
		percent int
		want    time.Duration
	}{{waits, 50, 5 * time.Minute}, {waits, 90, 9 * time.Minute}, {waits[:1], 90, time.Minute}, {nil, 50, 0}} {
		t.Run(fmt.Sprintf("%d percent of %d", c.percent, len(c.of)), func(t *testing.T) {
			if got := quantile(c.of, c.percent); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestWhatIsNoRecordingIsAnError(t *testing.T) {
	for _, raw := range [][]byte{nil, []byte("plain"), {0x1f, 0x8b}} {
		if _, err := trace.Unpack(raw); err == nil {
			t.Errorf("%q was read", raw)
		}
	}
}
