package settle

// Reasons why a platform is not trusted.
const (
	reasonSilent   = "silent"   // it did not answer when it mattered
	reasonOverload = "overload" // it carried more than it can weigh
	reasonWild     = "wild"     // it never came to rest
	reasonGap      = "gap"      // its readings have a hole while the door was open
)

// maxGap is how long a channel may be without an answer while the door is open, in milliseconds.
const maxGap = 2500

// faults lists the platforms whose readings cannot be trusted, in the layout's order.
func (v *Visit) faults() []Fault {
	var out []Fault
	for i := range v.channels {
		if reason := v.faultOf(i); reason != "" {
			out = append(out, Fault{Platform: v.model.shelves[i].id, Reason: reason})
		}
	}
	return out
}

func (v *Visit) faultOf(platform int) string {
	c, shelf := &v.channels[platform], &v.model.shelves[platform]
	opened, shut := v.opened(), int64(0)
	if at, is := v.shut(); is {
		shut = at
	}
	var before, after, over int
	gap, last := int64(0), int64(-1)
	for _, r := range c.readings {
		if !r.ok() {
			continue
		}
		if r.at <= opened {
			before++
		} else {
			gap = max(gap, r.at-max(last, opened))
		}
		if r.at >= shut {
			after++
		}
		if shelf.capacity > 0 && r.grams > 1.05*shelf.capacity {
			over++
		}
		last = r.at
	}
	switch {
	case before == 0 || after == 0:
		return reasonSilent
	case over > strayRun:
		return reasonOverload
	case gap > maxGap:
		return reasonGap
	case !v.endsCalm(platform, shut):
		return reasonWild
	}
	return ""
}

// endsCalm reports whether the channel came to rest after the door was shut.
func (v *Visit) endsCalm(platform int, shut int64) bool {
	division := v.model.shelves[platform].division
	readings := v.channels[platform].readings
	found := plateausOf(readings, noiseOf(readings, division), division)
	return len(found) > 0 && found[len(found)-1].to >= shut
}
