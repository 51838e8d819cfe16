package settle

import (
	"slices"
	"sort"
)

// freeze reduces the older half of a channel's readings to what they show, so that a door that stays open for hours costs
// no more memory.
func (v *Visit) freeze(platform int) {
	c, shelf := &v.channels[platform], &v.model.shelves[platform]
	half := c.readings[:maxReadings/2]
	answered := answeredOf(half, nil)
	found := v.observe(platform, answered)
	for len(found) > 0 && found[len(found)-1].soft {
		found = found[:len(found)-1]
	}
	cut := len(half)
	if n := len(found); n > 0 {
		// What came after the last calm stretch is not understood yet, so its readings stay.
		cut = sort.Search(len(half), func(i int) bool { return half[i].at > found[n-1].to })
	}
	if cut < len(half)/2 {
		cut, c.fault = len(half), reasonWild
	}
	c.frozen = append(c.frozen, found...)
	check := inspection{answered: answered, found: c.frozen, opened: v.opened(), shut: half[cut-1].at, division: shelf.division}
	switch {
	case c.fault != "" || len(c.frozen) == 0:
	case overloaded(answered, shelf.capacity) && check.touched():
		c.fault = reasonOverload
	case check.gap():
		c.fault = reasonGap
	}
	c.readings = slices.Delete(c.readings, 0, cut)
}

// observe turns answered readings of a platform into observations.
func (v *Visit) observe(platform int, answered []reading) []observation {
	division := v.model.shelves[platform].division
	return observe(platform, answered, v.doors, noiseOf(answered, division, nil), division, min(5, v.model.minUnit/3))
}

// answeredOf leaves out the readings that gave no answer; the memory of into is used again.
func answeredOf(readings, into []reading) []reading {
	into = into[:0]
	for _, r := range readings {
		if r.ok() {
			into = append(into, r)
		}
	}
	return into
}
