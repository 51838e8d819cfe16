package settle

import (
	"math"
	"slices"
)

// A plateau is a stretch in which a scale is calm.
type plateau struct {
	from, to int64   // milliseconds
	n        int     // readings in it
	grams    float64 // level, robust
	variance float64 // of the level, grams squared
}

const (
	minCalmMS     = 250 // a plateau lasts at least so long,
	minCalm       = 3   // and has at least so many readings,
	minCalmSlowMS = 400 // or two that are so far apart: a slow channel.
	strayRun      = 3   // so many readings off the level end a plateau; fewer are wild ones.
	levelFloor    = 0.15
)

// noiseOf estimates the noise of a channel in grams from the differences of neighbours: most of them are calm. It is
// bounded, so that a channel that never is calm does not look calm by its own measure.
func noiseOf(readings []reading, division float64) float64 {
	diffs := make([]float64, 0, len(readings))
	for i := 1; i < len(readings); i++ {
		if d := math.Abs(readings[i].grams - readings[i-1].grams); !math.IsNaN(d) {
			diffs = append(diffs, d)
		}
	}
	floor, most := max(0.3*division, levelFloor), max(5, 5*division)
	if len(diffs) < 4 {
		return max(1, floor)
	}
	slices.Sort(diffs)
	limit := 4 * max(diffs[len(diffs)/2], division, levelFloor)
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

// plateausOf finds the calm stretches of a channel whose noise is given in grams.
func plateausOf(readings []reading, noise, division float64) []plateau {
	var found []plateau
	answered := make([]reading, 0, len(readings))
	for _, r := range readings {
		if r.ok() {
			answered = append(answered, r)
		}
	}
	for i := 0; i < len(answered); {
		start := calmStart(answered[i:], noise, division)
		if start == 0 {
			i++
			continue
		}
		end := calmEnd(answered, i, i+start, noise, division)
		found = append(found, levelOf(answered[i:end], noise))
		i = end
	}
	return found
}

// calmStart says how many readings at the front agree well enough to begin a plateau; 0 where they do not.
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

// calmEnd follows the plateau that begins at from and has its first readings up to next.
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

// levelOf fits the level of a calm stretch; its first readings may still ring.
func levelOf(r []reading, noise float64) plateau {
	p := plateau{from: r[0].at, to: r[len(r)-1].at, n: len(r)}
	if len(r) > 6 {
		r = r[2:]
	}
	centre := median(r)
	var sum float64
	var n int
	for _, x := range r {
		if math.Abs(x.grams-centre) <= 4*noise {
			sum += x.grams
			n++
		}
	}
	p.grams = sum / float64(n)
	p.variance = noise*noise/float64(n) + levelFloor*levelFloor
	return p
}

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
