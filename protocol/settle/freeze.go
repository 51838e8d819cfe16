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
	answered := v.memory.answeredOf(half)
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
	if c.fault == "" && half[cut-1].at > v.opened() && c.silentFrom(cut) > maxGap {
		c.fault = reasonGap // what is kept begins with it, and nobody would see it any more
	}
	c.readings = slices.Delete(c.readings, 0, cut)
}

// silentFrom is how long the channel gave no answer around the reading given, in milliseconds.
func (c *channel) silentFrom(cut int) int64 {
	from, to := cut-1, cut
	for from > 0 && !c.readings[from].ok() {
		from--
	}
	for to < len(c.readings)-1 && !c.readings[to].ok() {
		to++
	}
	return c.readings[to].at - c.readings[from].at
}

// observe turns answered readings of a platform into observations, which hold until the next look.
func (v *Visit) observe(platform int, answered []reading) []observation {
	division := v.model.shelves[platform].division
	noise := v.memory.noiseOf(answered, division)
	return v.memory.observe(platform, answered, v.doors, noise, division, min(5, v.model.minUnit/3))
}

// answeredOf leaves out the readings that gave no answer; what it gives holds until it is asked again.
func (m *memory) answeredOf(readings []reading) []reading {
	m.answered = m.answered[:0]
	for _, r := range readings {
		if r.ok() {
			m.answered = append(m.answered, r)
		}
	}
	return m.answered
}
