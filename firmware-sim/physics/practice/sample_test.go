package practice_test

import (
	"slices"
	"testing"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

func tell(t *testing.T, family, layout string, seed uint64) *practice.Story {
	t.Helper()
	s, err := practice.Tell(family, layout, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// times of the rows that are readings, milliseconds.
func times(v trace.Visit) []int64 {
	var out []int64
	for _, r := range v.Rows {
		if r.Reading {
			out = append(out, r.At)
		}
	}
	return out
}

func TestAVisitCanBeReadAtAnyRate(t *testing.T) {
	story := tell(t, "everyday", practice.Planned, 1)
	for _, period := range []float64{20, 50, 100, 200, 500} {
		at := times(story.Trace(practice.Every(period)))
		got := float64(at[len(at)-1]-at[0]) / float64(len(at)-1)
		if got < 0.97*period || got > 1.03*period {
			t.Errorf("want a reading every %v ms, got %v", period, got)
		}
	}
	how := practice.Ordinary()
	how.Irregular = true
	at := times(story.Trace(how))
	least, most := int64(1000), int64(0)
	for i := 1; i < len(at); i++ {
		least, most = min(least, at[i]-at[i-1]), max(most, at[i]-at[i-1])
	}
	if least > 60 || most < 350 {
		t.Errorf("want irregular pauses, got %d to %d ms", least, most)
	}
}

func TestStaggeredChannelsHaveTheirOwnTimes(t *testing.T) {
	story := tell(t, "everyday", practice.Lanes, 2)
	how := practice.Ordinary()
	how.Staggered = true
	seen := map[int][]int64{}
	last := int64(0)
	for _, r := range story.Readings(how) {
		if r.At < last {
			t.Fatalf("a reading of %d ms comes after one of %d ms", r.At, last)
		}
		last = r.At
		seen[r.Platform] = append(seen[r.Platform], r.At)
	}
	if len(seen) != 24 || slices.Equal(seen[0], seen[1]) {
		t.Error("want 24 channels, each read at times of its own")
	}
	engine, err := settle.New(story.Header.Layout, settle.Config{})
	if err != nil {
		t.Fatal(err)
	}
	story.Feed(engine, how)
	if !slices.Equal(engine.Decide().Lines, story.Lines) {
		t.Errorf("want %v, got %v", story.Lines, engine.Decide().Lines)
	}
}

func TestEachFaultShowsInTheReadings(t *testing.T) {
	silentChannel := func(v trace.Visit) bool {
		for k := range v.Layout.Platforms {
			missing := 0
			for _, r := range v.Rows {
				if r.Reading && !r.Samples[k].OK {
					missing++
				}
			}
			if missing > 5 {
				return true
			}
		}
		return false
	}
	repeats := func(v trace.Visit) bool {
		rows := v.Rows[len(v.Rows)-20:]
		for k := range v.Layout.Platforms {
			same := true
			for _, r := range rows {
				same = same && (!r.Reading || r.Samples[k] == rows[len(rows)-1].Samples[k])
			}
			if same {
				return true
			}
		}
		return false
	}
	unordered := func(v trace.Visit) bool { at := times(v); return !slices.IsSorted(at) }
	hole := func(v trace.Visit) bool {
		at := times(v)
		for i := 1; i < len(at); i++ {
			if at[i]-at[i-1] > 800 {
				return true
			}
		}
		return false
	}
	over := func(v trace.Visit) bool {
		dumb := silentChannel(v)
		for _, r := range v.Rows {
			for k, s := range r.Samples {
				dumb = dumb || s.Weight > v.Layout.Platforms[k].Capacity
			}
		}
		return dumb
	}
	cases := []struct {
		family string
		shows  func(trace.Visit) bool
	}{{"silent", silentChannel}, {"stuck", repeats}, {"disorder", unordered}, {"power-gap", hole}, {"overload", over}}
	for _, c := range cases {
		for seed := range uint64(10) {
			if v, _ := mustMake(t, c.family, practice.Shelves, seed); !c.shows(v) {
				t.Errorf("%s: its fault does not show", v.ID)
			}
		}
		if v, _ := mustMake(t, "nothing", practice.Shelves, 1); c.shows(v) {
			t.Errorf("%s shows in a visit without faults", c.family)
		}
	}
}
