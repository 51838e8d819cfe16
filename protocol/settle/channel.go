package settle

import (
	"math"
	"slices"
)

// maxReadings bounds the memory of one channel: ten minutes at 10 Hz. Beyond it the older half is frozen.
const maxReadings = 6000

// maxLate is how late a reading may come out of order, in milliseconds; an older one is dropped.
const maxLate = 5000

// reading is one answer of a channel; grams is NaN where it gave none.
type reading struct {
	at    int64
	grams float64
}

func (r reading) ok() bool { return !math.IsNaN(r.grams) }

// channel keeps one platform's readings in order of time.
type channel struct {
	readings []reading
	frozen   []observation // what older readings showed; they themselves are gone
	fault    string        // found while freezing
}

// add puts the reading in its place. Of two readings of one moment the first that answered stands.
func (c *channel) add(at int64, s Sample) {
	r := reading{at: at, grams: math.NaN()}
	if s.OK {
		r.grams = s.Weight.Grams()
	}
	i := len(c.readings)
	for i > 0 && c.readings[i-1].at > at {
		i--
	}
	if i > 0 && c.readings[i-1].at == at {
		if !c.readings[i-1].ok() {
			c.readings[i-1] = r
		}
		return
	}
	if n := len(c.readings); i < n && c.readings[n-1].at-at > maxLate {
		return
	}
	c.readings = slices.Insert(c.readings, i, r)
}

// paceReadings is from how many readings a channel's pace is taken.
const paceReadings = 8

// period is the time between two readings of late, in milliseconds; 0 where there are not two.
func (c *channel) period() int64 {
	r := c.readings[max(0, len(c.readings)-paceReadings):]
	if len(r) < 2 {
		return 0
	}
	return (r[len(r)-1].at - r[0].at) / int64(len(r)-1)
}

// tail gives the readings of the last ms milliseconds before and at the moment given.
func (c *channel) tail(at, ms int64) []reading {
	end := len(c.readings)
	for end > 0 && c.readings[end-1].at > at {
		end--
	}
	from := end
	for from > 0 && c.readings[from-1].at > at-ms {
		from--
	}
	return c.readings[from:end]
}
