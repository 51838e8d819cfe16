package settle

import (
	"math"
	"slices"
)

const (
	minCalmMS     = 250  // a calm stretch lasts at least so long,
	minCalm       = 3    // and has at least so many readings,
	minCalmSlowMS = 400  // or two that are so far apart: a slow channel.
	strayRun      = 3    // so many readings off the level end a stretch; fewer are wild ones.
	noiseFloor    = 0.15 // grams; no scale is quieter
	noiseReadings = 2000 // so many readings tell a scale's noise well enough
)

// noiseOf estimates the noise of a channel in grams from the differences of neighbours: most of them are calm. It is
// bounded, so that a channel that never is calm does not look calm by its own measure.
func (m *memory) noiseOf(answered []reading, division float64) float64 {
	diffs, answered := m.steps[:0], answered[:min(len(answered), noiseReadings)]
	for i := 1; i < len(answered); i++ {
		diffs = append(diffs, math.Abs(answered[i].grams-answered[i-1].grams))
	}
	m.steps = diffs
	floor, most := max(0.3*division, noiseFloor), max(5, 5*division)
	if len(diffs) < 4 {
		return max(1, floor)
	}
	slices.Sort(diffs)
	limit := 4 * max(diffs[len(diffs)/2], division, noiseFloor)
	var sum float64
	var n int
	for _, d := range diffs {
		if d <= limit {
			sum += d * d
			n++
		}
	}
	return min(max(math.Sqrt(sum/float64(n)/2), floor), most)
}

// stretch is a run of readings, from the first to before the end, in which the scale is calm.
type stretch struct{ first, end int }

// stretchesOf adds the calm stretches among the answered readings of a channel whose noise is given in grams.
func stretchesOf(found []stretch, answered []reading, noise, division float64) []stretch {
	for i := 0; i < len(answered); {
		n := calmStart(answered[i:], noise, division)
		if n == 0 {
			i++
			continue
		}
		end := calmEnd(answered, i, i+n, noise, division)
		found = appendSplit(found, answered, stretch{i, end}, noise)
		i = end
	}
	return found
}

const (
	splitWidth = 5   // readings on each side of a step that is looked for in a calm stretch
	splitSD    = 5.0 // standard deviations of their means' difference that make it one
	splitLeast = 2.5 // grams
)

// appendSplit adds the stretch, cut where it holds a small step: one that is hidden in the noise of single readings, but
// not in the means of several.
func appendSplit(found []stretch, answered []reading, s stretch, noise float64) []stretch {
	limit := splitSD*noise*math.Sqrt(2.0/splitWidth) + splitLeast
	for {
		at, most := 0, limit
		for k := s.first + splitWidth; k+splitWidth <= s.end; k++ {
			var d float64
			for j := range splitWidth {
				d += answered[k+j].grams - answered[k-1-j].grams
			}
			if d = math.Abs(d) / splitWidth; d > most && stepped(answered[k-splitWidth:k+splitWidth], limit) {
				at, most = k, d
			} else if at > 0 && k > at+splitWidth {
				break
			}
		}
		if at == 0 {
			return append(found, s)
		}
		found = append(found, stretch{s.first, at})
		s.first = at
	}
}

// stepped reports whether the two halves differ by more than so many grams whatever few wild readings they hold.
func stepped(r []reading, limit float64) bool {
	return math.Abs(median(r[splitWidth:])-median(r[:splitWidth])) > limit
}

// calmStart says how many readings at the front agree well enough to begin a stretch; 0 where they do not.
func calmStart(r []reading, noise, division float64) int {
	low, high := math.Inf(1), math.Inf(-1)
	for k, x := range r {
		low, high = min(low, x.grams), max(high, x.grams)
		if high-low > 4.5*noise+division {
			return 0
		}
		long := x.at - r[0].at
		if k+1 >= minCalm && long >= minCalmMS || k+1 == 2 && long >= minCalmSlowMS {
			return k + 1
		}
	}
	return 0
}

// calmEnd follows the stretch that begins at from and has its first readings up to next.
func calmEnd(r []reading, from, next int, noise, division float64) int {
	tolerance := 4.5*noise + division
	level, off := median(r[from:next]), 0
	for k := next; k < len(r); k++ {
		if math.Abs(r[k].grams-level) > tolerance {
			off++
			if off == strayRun {
				return k + 1 - off
			}
			continue
		}
		off = 0
		level += (r[k].grams - level) / 8
	}
	return len(r) - off
}

// median of the readings' weights; it has its own small memory so that it costs no allocation.
func median(r []reading) float64 {
	var few [64]float64
	values := few[:0]
	for _, x := range r {
		values = append(values, x.grams)
	}
	slices.Sort(values)
	mid := len(values) / 2
	if len(values)%2 == 1 {
		return values[mid]
	}
	return (values[mid-1] + values[mid]) / 2
}
