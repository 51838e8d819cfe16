package settle

import (
	"cmp"
	"math"
	"slices"
)

// level is a weight with its uncertainty.
type level struct {
	grams    float64
	variance float64
}

// drift is how fast a scale moves by itself, in grams per millisecond.
type drift struct{ slope, variance float64 }

// after is how far it moves in so many milliseconds.
func (d drift) after(ms int64) level {
	t := float64(ms)
	return level{d.slope * t, d.variance * t * t}
}

// observation is a calm stretch of one platform as the decoder sees it.
type observation struct {
	at, to   int64 // milliseconds
	platform int
	entry    level // the weight at its beginning
	exit     level // the weight at its end; drift may have moved it
	drift    drift
	bogus    float64 // probability that a hand held this weight and not the goods alone
	soft     bool    // too short to fix the level
	odds     float64 // soft: log-likelihood of the level against none
	dark     bool    // what led to it was not seen: the power failed
}

// honest is the log-probability that the goods alone made the level; of a level seen for a moment, against there being
// none.
func (o *observation) honest() float64 {
	if o.soft {
		return o.odds
	}
	return math.Log(1 - o.bogus)
}

// Tuning of levels.
const (
	levelWindowMS = 2000   // a level is taken from so much of the stretch next to the step
	shortMS       = 800    // a stretch shorter than this may still move
	levelLeast    = 5      // and from at least so many readings, so that two wild ones do not move it
	settleMS      = 150    // the first readings of a stretch may still ring
	slopeSD       = 0.1e-3 // drift expected of a scale, grams per millisecond
	levelSD       = 0.15   // what no averaging takes away, grams
	slamLead      = 100    // milliseconds that a door may have been seen before the scales feel it
	softReach     = 2.5    // standard deviations within which two levels may be the same
)

// observe turns the answered readings of one channel into what the decoder is told, in order of time; slams are the door's,
// least is a change of weight in grams that no article is as light as. The answer is the memory's and holds until the next
// look.
func (m *memory) observe(platform int, answered []reading, slams []doorChange, noise, division, least float64) []observation {
	calm := stretchesOf(m.calm[:0], answered, noise, division)
	d := driftOf(answered, calm, noise)
	out := m.found[:0]
	for i, s := range calm {
		o := calmObservation(platform, answered[s.first:s.end], noise, d)
		if i > 0 && !slammed(slams, out[len(out)-1].to, o.at) {
			out = appendSoft(out, answered[calm[i-1].end:s.first], noise, &o)
		}
		out = append(out, o)
	}
	m.calm, m.found = calm, out
	return settled(out, least)
}

// slammed reports whether the door moved between two moments, or just before: then what a scale shows is the door's doing.
func slammed(slams []doorChange, from, to int64) bool {
	return slices.ContainsFunc(slams, func(d doorChange) bool { return d.at >= from-slamLead && d.at <= to })
}

// driftOf estimates the drift of a channel from all of its calm stretches.
func driftOf(answered []reading, calm []stretch, noise float64) drift {
	var above, below float64
	for _, s := range calm {
		r := answered[s.first:s.end]
		if len(r) < 8 {
			continue
		}
		var meanT, meanG float64
		for _, x := range r {
			meanT += float64(x.at) / float64(len(r))
			meanG += x.grams / float64(len(r))
		}
		for _, x := range r {
			if d := x.grams - meanG; math.Abs(d) < 5*noise {
				t := float64(x.at) - meanT
				above += t * d
				below += t * t
			}
		}
	}
	precision := below/(noise*noise) + 1/(slopeSD*slopeSD)
	return drift{above / (noise * noise) / precision, 1 / precision}
}

func calmObservation(platform int, r []reading, noise float64, d drift) observation {
	for centre := median(r[max(0, len(r)-levelLeast):]); len(r) > minCalm && math.Abs(r[len(r)-1].grams-centre) > 4.5*noise; {
		r = r[:len(r)-1] // the next step begins here
	}
	from, to := r[0].at, r[len(r)-1].at
	o := observation{at: from, to: to, platform: platform, drift: d, bogus: bogusOf(to - from)}
	if to-from > 4*settleMS {
		for len(r) > 3 && r[0].at < from+settleMS {
			r = r[1:]
		}
	}
	head, tail := len(r), 0
	for head > levelLeast && r[head-1].at > r[0].at+levelWindowMS {
		head--
	}
	for len(r)-tail > levelLeast && r[tail].at < to-levelWindowMS {
		tail++
	}
	o.entry = levelAt(r[:head], from, noise, d)
	o.exit = levelAt(r[tail:], to, noise, d)
	if to-from < shortMS {
		ring := 1.2 * math.Exp(-float64(to-from)/400)
		o.entry.variance += ring * ring
		o.exit.variance += ring * ring
	}
	return o
}

// levelAt fits the level of the readings and carries it along the drift to the moment given.
func levelAt(r []reading, at int64, noise float64, d drift) level {
	centre := median(r)
	var sum, when float64
	var n int
	for _, x := range r {
		if math.Abs(x.grams-centre) <= 3.5*noise {
			sum += x.grams
			when += float64(x.at - at)
			n++
		}
	}
	if n == 0 { // two clusters around the median
		return level{grams: centre, variance: 4 * noise * noise}
	}
	away := d.after(int64(when / float64(n)))
	return level{
		grams:    sum/float64(n) - away.grams,
		variance: noise*noise/float64(n) + levelSD*levelSD + away.variance,
	}
}

// settled drops each short stretch that the next one continues with nearly the same weight: the scale was still settling.
func settled(found []observation, least float64) []observation {
	out := found[:0]
	for i := range found {
		for len(out) > 0 && !found[i].soft {
			last := out[len(out)-1]
			off := math.Abs(found[i].entry.grams - last.exit.grams)
			if last.to-last.at >= shortMS || found[i].at-last.to > shortMS || off > least {
				break
			}
			found[i].at = last.at
			out = out[:len(out)-1]
		}
		out = append(out, found[i])
	}
	return out
}

// bogusOf is how likely a stretch of so many milliseconds shows a resting hand, or the swing after a slam.
func bogusOf(ms int64) float64 {
	switch {
	case ms < 350:
		return 0.2
	case ms < 600:
		return 0.06
	case ms < 1000:
		return 0.008
	case ms < 2000:
		return 5e-4
	case ms < 4000:
		return 5e-5
	}
	return 1e-5
}

// appendSoft adds a level at which the scale may have lingered between two calm stretches, too short to be sure of it.
// What may as well be the next calm level or the last one says nothing new.
func appendSoft(out []observation, between []reading, noise float64, next *observation) []observation {
	left := &out[len(out)-1]
	t, ok := newTransient(between, left, next, noise)
	if !ok {
		return out
	}
	p, ok := t.pair()
	if !ok {
		return out
	}
	l := level{next.entry.grams + p.level.grams, p.level.variance}
	reach := softReach * math.Sqrt(l.variance+noise*noise)
	if math.Abs(l.grams-next.entry.grams) < reach || math.Abs(l.grams-left.exit.grams) < reach {
		return out
	}
	from := len(between) - t.n
	return append(out, observation{
		at: between[from].at, to: between[from+p.end-1].at, platform: left.platform, drift: left.drift, entry: l, exit: l, odds: p.odds, soft: true,
	})
}

// sortObservations puts those of all platforms in order of time.
func sortObservations(all []observation) {
	slices.SortFunc(all, func(a, b observation) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.platform, b.platform))
	})
}
