package settle

import (
	"slices"
)

// Visit is one visit to one door: it is fed with the door and the readings, and answers at any time what it makes of
// them. It is not safe for concurrent use.
type Visit struct {
	model    *model
	channels []channel
	doors    []doorChange
	memory   memory
}

// memory is used again from one look to the next, so that looking costs little.
type memory struct {
	answered []reading
	steps    []float64
	calm     []stretch
	found    []observation
}

type doorChange struct {
	at   int64
	open bool
}

// Limits of waiting for calm scales, in milliseconds.
const (
	calmTail = 500  // a scale is calm that has been for so long since the door was shut,
	calmLong = 950  // or for so long where that makes the difference between a bill and a question;
	calmLook = 1000 // what it showed just before that is looked at too
	patience = 5000 // after the door was shut; then the visit is decided as it is
	lossTail = 1500 // a channel without an answer for so long, and since the door was opened, is not waited for
)

// maxDoors bounds the door changes kept; a switch that bounces for ever must not fill the memory.
const maxDoors = 256

// New begins a visit. The error names what is wrong in the layout or the configuration.
func New(l Layout, c Config) (*Visit, error) {
	m, err := newModel(l, c)
	if err != nil {
		return nil, err
	}
	return &Visit{model: m, channels: make([]channel, len(m.shelves))}, nil
}

// Door says that the door was opened or shut at so many milliseconds since the visit's zero.
func (v *Visit) Door(at int64, open bool) {
	if len(v.doors) == maxDoors {
		v.doors = slices.Delete(v.doors, 1, 3)
	}
	i := len(v.doors)
	for i > 0 && v.doors[i-1].at > at {
		i--
	}
	v.doors = slices.Insert(v.doors, i, doorChange{at, open})
}

// Read takes one reading of one channel, its index in Layout.Platforms, at so many milliseconds since the visit's zero.
// Channels have their own times, at 1 to 50 Hz; a reading may come late or twice. One of an unknown channel is ignored.
func (v *Visit) Read(at int64, platform int, s Sample) {
	if platform < 0 || platform >= len(v.channels) {
		return
	}
	shelf := v.model.places[platform]
	v.channels[shelf].add(at, s)
	if len(v.channels[shelf].readings) >= maxReadings {
		v.freeze(shelf)
	}
}

// opened is when the door was first opened; where it never was, everything counts as after it.
func (v *Visit) opened() int64 {
	for _, d := range v.doors {
		if d.open {
			return d.at
		}
	}
	return 0
}

// shut is when the door was shut for the last time, and false while it is open.
func (v *Visit) shut() (int64, bool) {
	if len(v.doors) == 0 {
		return 0, true
	}
	last := v.doors[len(v.doors)-1]
	return last.at, !last.open
}

// Calm reports whether the door is shut and every scale that can be trusted is calm, or has been waited for long
// enough: Decide may be called. Where it would ask a human, the scales are given some time more to be sure of.
func (v *Visit) Calm(at int64) bool {
	since, shut := v.shut()
	if !shut {
		return false
	}
	if at-since >= patience {
		return true
	}
	return v.calmFor(at, calmTail) && (v.calmFor(at, calmLong) || !v.long() && v.Decide().Decision == Bill)
}

// long reports whether the visit has lasted so long that deciding it more than once would take too much time.
func (v *Visit) long() bool {
	return slices.ContainsFunc(v.channels, func(c channel) bool { return len(c.frozen) > 0 })
}

// calmFor reports whether all scales have been calm for so many milliseconds since the door was shut.
func (v *Visit) calmFor(at, ms int64) bool {
	if since, _ := v.shut(); at-since < ms {
		return false
	}
	for i := range v.channels {
		if !v.calm(i, at, ms) {
			return false
		}
	}
	return true
}

// lastShut is when the door was shut for the last time, and 0 while it is open.
func (v *Visit) lastShut() int64 {
	if at, shut := v.shut(); shut {
		return at
	}
	return 0
}

// calm reports whether what a scale shows since the door was shut is a level that the decision will see too. One that
// answered while the door was open is waited for though it is silent now: a busy machine, or a board that is prepared
// again, is late, and without it a human would be asked.
func (v *Visit) calm(platform int, at, ms int64) bool {
	c, division := &v.channels[platform], v.model.shelves[platform].division
	if !slices.ContainsFunc(c.tail(at, max(lossTail, 2*c.period(), at-v.opened())), reading.ok) {
		return true
	}
	shut := v.lastShut()
	noise := v.memory.noiseOf(v.memory.answeredOf(c.readings), division)
	tail := v.memory.answeredOf(c.tail(at, at-shut+calmLook))
	if len(tail) < 2 || tail[len(tail)-1].at < shut+ms {
		return false
	}
	found := stretchesOf(v.memory.calm[:0], tail, noise, division)
	if len(found) == 0 {
		return false
	}
	last := found[len(found)-1]
	from, to := tail[last.first].at, tail[last.end-1].at
	return last.end >= len(tail)-1 && to-max(from, shut) >= ms
}

// Steps gives the changes of weight seen so far, each with what it is likeliest taken for.
func (v *Visit) Steps() []Step {
	seen := v.look()
	return v.model.stepsOf(&v.model.decode(seen.bases, seen.all)[0], seen.all, nil)
}

// Basket gives what the shopper likeliest holds, sorted by article.
func (v *Visit) Basket() []Line {
	seen := v.look()
	return v.model.linesOf(&v.model.decode(seen.bases, seen.all)[0])
}

// Decide answers what was taken. It does not change the visit: the same readings give the same answer.
func (v *Visit) Decide() Answer {
	seen := v.look()
	return v.model.answer(seen, v.model.decode(seen.bases, seen.all))
}
