package settle

import (
	"cmp"
	"math"
	"slices"
)

// event is one lasting change of weight on one platform.
type event struct {
	at       int64
	platform int
	grams    float64 // negative: lighter
	variance float64 // of the change, grams squared
}

// joined merges neighbouring plateaus between which nothing lasting happened: a hand, a slam, a wild reading.
func joined(found []plateau, least, division float64) []plateau {
	var out []plateau
	for _, p := range found {
		if len(out) == 0 {
			out = append(out, p)
			continue
		}
		last := &out[len(out)-1]
		if math.Abs(p.grams-last.grams) > least+5*math.Sqrt(p.variance+last.variance)+division {
			out = append(out, p)
			continue
		}
		share := float64(p.n) / float64(p.n+last.n)
		last.grams += share * (p.grams - last.grams)
		last.variance = max(min(p.variance, last.variance), levelFloor*levelFloor)
		last.to, last.n = p.to, last.n+p.n
	}
	return out
}

// eventsOf turns one channel's plateaus into changes; what came before the door opened is its base.
func eventsOf(platform int, found []plateau, opened int64) []event {
	base := 0
	for base+1 < len(found) && found[base+1].from <= opened {
		base++
	}
	var out []event
	for i := base + 1; i < len(found); i++ {
		a, b := found[i-1], found[i]
		out = append(out, event{at: b.from, platform: platform, grams: b.grams - a.grams, variance: a.variance + b.variance})
	}
	return out
}

// sortEvents puts the changes of all platforms in order of time.
func sortEvents(all []event) {
	slices.SortFunc(all, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.platform, b.platform))
	})
}
