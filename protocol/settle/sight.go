package settle

import (
	"cmp"
	"slices"
)

// sight is everything that the readings say about a visit, before goods are thought of.
type sight struct {
	all    []observation // calm stretches of all platforms since the door was opened, in order of time
	bases  []pace        // the platforms' levels before
	ends   []float64     // and at the end, grams
	faults []Fault
}

// baseMS is how long a calm stretch before the door opens must last to be the base; where none does, the longest is.
const baseMS = 600

// beforeSD is how well a few readings tell a level, in grams.
const beforeSD = 2.0

// With the door shut no hand rests on a platform: what it shows for so many milliseconds then is what lies on it.
const (
	restMS    = 600
	restBogus = 1e-8
)

// look studies all channels.
func (v *Visit) look() sight {
	seen := sight{bases: make([]pace, len(v.channels)), ends: make([]float64, len(v.channels))}
	opened, shut := v.opened(), v.lastShut()
	all := v.liveliness(opened, shut)
	for i := range v.channels {
		c, shelf := &v.channels[i], &v.model.shelves[i]
		answered := v.memory.answeredOf(c.readings)
		found := append(slices.Clone(c.frozen), v.observe(i, answered)...)
		if len(c.frozen) == 0 {
			found = withBefore(found, i, answered, opened)
		}
		base := baseOf(found, opened)
		if n := len(found); n > 0 {
			if last := &found[n-1]; shut > 0 && last.to-max(last.at, shut) >= restMS {
				last.bogus = restBogus
			}
			seen.bases[i] = pace{level: found[base].exit, at: found[base].to, drift: found[base].drift}
			seen.ends[i] = found[len(found)-1].exit.grams
			seen.all = append(seen.all, found[base+1:]...)
		}
		check := inspection{
			answered: answered, found: found, opened: opened, shut: shut, division: shelf.division,
			over: overloaded(answered, shelf.capacity), old: len(c.frozen) > 0, peers: peersOf(all, i),
		}
		if reason := cmp.Or(c.fault, check.fault()); reason != "" {
			seen.faults = append(seen.faults, Fault{Platform: shelf.id, Reason: reason})
		}
	}
	sortObservations(seen.all)
	return seen
}

// withBefore puts what a slow scale showed before the door was opened in front, where that was too little for a calm
// stretch: without it, what was taken first would never have been there.
func withBefore(found []observation, platform int, answered []reading, opened int64) []observation {
	n := 0
	for n < len(answered) && answered[n].at <= opened {
		n++
	}
	if n == 0 || len(found) == 0 || found[0].at <= opened {
		return found
	}
	l := level{median(answered[:n]), beforeSD * beforeSD}
	at := answered[n-1].at
	return slices.Insert(found, 0, observation{at: at, to: at, platform: platform, entry: l, exit: l, drift: found[0].drift, bogus: bogusOf(0)})
}

// baseOf picks the observation that shows the platform as it was before anything happened: the first that lasted. What
// moved between it and the moment when the door was seen open counts, because a door's switch may be slow.
func baseOf(found []observation, opened int64) int {
	base := 0
	for i, o := range found {
		if o.at > opened {
			break
		}
		if !o.soft && o.to-o.at > found[base].to-found[base].at {
			base = i
		}
		if found[base].to-found[base].at >= baseMS {
			break
		}
	}
	return base
}
