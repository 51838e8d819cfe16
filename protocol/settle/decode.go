package settle

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// beamWidth bounds how many stories of a visit are followed at once.
const beamWidth = 96

// Prior log-probabilities of what a change of weight may be, and the range over which a foreign object's weight is spread.
const (
	logTake    = -0.05
	logPut     = -2.5
	logObject  = -6.0
	logGone    = -1.0
	logNothing = -5.0
	logUnknown = -14.0
	objectSpan = 3000.0 // grams
	nothingSD  = 2.5    // grams
)

// kind is what a change of weight is taken for.
type kind uint8

const (
	take    kind = iota // units of the platform's goods left it
	put                 // units taken before came back
	object              // a foreign object was put down
	gone                // it was taken away again
	nothing             // the scale moved, the goods did not
	unknown             // nothing known explains it
)

// act is one event with its meaning.
type act struct {
	event int
	kind  kind
	combo *combo
}

// story is one reading of the visit so far.
type story struct {
	logp    float64
	net     []int8 // units per slot, negative: taken
	objects []lying
	doubt   bool // holds something unknown
	acts    []act
}

// lying is a foreign object on a platform.
type lying struct {
	platform int
	grams    float64
}

// decode follows the likeliest stories through all events; the answer is sorted, best first, and never empty.
func (m *model) decode(events []event) []story {
	beam := []story{{net: make([]int8, len(m.slots))}}
	for i, e := range events {
		var next []story
		for k := range beam {
			next = m.extend(next, &beam[k], i, e)
		}
		slices.SortStableFunc(next, func(a, b story) int { return cmp.Compare(b.logp, a.logp) })
		beam = next[:min(len(next), beamWidth)]
	}
	return beam
}

// extend adds to next every story that continues s with the event.
func (m *model) extend(next []story, s *story, i int, e event) []story {
	next = m.extendGoods(next, s, i, e)
	if e.grams > 0 {
		n := s.then(act{event: i, kind: object}, logObject-math.Log(objectSpan))
		n.objects = append(slices.Clip(n.objects), lying{e.platform, e.grams})
		next = append(next, n)
	}
	for k, o := range s.objects {
		if o.platform != e.platform || e.grams > 0 {
			continue
		}
		n := s.then(act{event: i, kind: gone}, logGone+logNormal(e.grams+o.grams, 2*e.variance))
		n.objects = slices.Delete(slices.Clone(n.objects), k, k+1)
		next = append(next, n)
	}
	if math.Abs(e.grams) < 4*nothingSD {
		next = append(next, s.then(act{event: i, kind: nothing}, logNothing+logNormal(e.grams, e.variance+nothingSD*nothingSD)))
	}
	n := s.then(act{event: i, kind: unknown}, logUnknown-math.Log(objectSpan))
	n.doubt = true
	return append(next, n)
}

// extendGoods adds the stories in which the event is goods taken or put back.
func (m *model) extendGoods(next []story, s *story, i int, e event) []story {
	combos := m.shelves[e.platform].combos
	weight := math.Abs(e.grams)
	reach := 6*math.Sqrt(e.variance) + 0.1*weight + 2
	from := sort.Search(len(combos), func(k int) bool { return combos[k].grams >= weight-reach })
	for k := from; k < len(combos) && combos[k].grams <= weight+reach; k++ {
		c := &combos[k]
		variance := e.variance + c.variance
		off := weight - c.grams
		if off*off > 36*variance {
			continue
		}
		what, prior, sign := take, logTake+c.logPrior, int8(-1)
		if e.grams > 0 {
			what, prior, sign = put, logPut, 1
		}
		if !m.possible(s, c, what) {
			continue
		}
		n := s.then(act{event: i, kind: what, combo: c}, prior+logNormal(off, variance))
		n.net = slices.Clone(n.net)
		for _, p := range c.used() {
			n.net[p.slot] += sign * int8(p.qty)
		}
		next = append(next, n)
	}
	return next
}

// possible reports whether the platform holds what is taken, or the shopper what is put back.
func (m *model) possible(s *story, c *combo, what kind) bool {
	for _, p := range c.used() {
		if what == take && m.slots[p.slot].book+int(s.net[p.slot]) < p.qty || what == put && -int(s.net[p.slot]) < p.qty {
			return false
		}
	}
	return true
}

// then copies the story with one act more; what the act changes besides must be cloned by the caller.
func (s *story) then(a act, logp float64) story {
	n := *s
	n.logp += logp
	n.acts = append(slices.Clip(n.acts), a)
	return n
}

func logNormal(x, variance float64) float64 {
	return -0.5*x*x/variance - 0.5*math.Log(2*math.Pi*variance)
}
