package settle

// kind is what a change of weight is taken for.
type kind uint8

const (
	take    kind = iota // units of the platform's goods left it
	put                 // what the shopper held came back where it came from
	stray               // what the shopper held was put where it does not belong
	retake              // a stray was taken up again
	changed             // something like what was taken came back, but not the same
	object              // a foreign object was put down
	gone                // it was taken away again
	fetched             // something foreign that lay there before the visit was taken away
	nothing             // the goods did not move
	shift               // the scale moved a little, the goods did not
	disturb             // a hand rested on it
	unknown             // nothing known explains it
)

// act is what a story makes of one observation.
type act struct {
	kind  kind
	combo *combo // take: what; nil else
	held  int    // put, stray: index of what the shopper held
	qty   int    // put, stray: how many of it
	short int    // take: how many units more than the book has
	lying int    // retake, gone: index of what lay there
	state level  // weight of the goods on the platform afterwards
	moved level  // change of weight, positive: heavier
}

// story is one way to tell the visit so far. net, held and lying are never changed in place; levels belongs to it alone.
type story struct {
	logp   float64 // of the whole story: fit and style together
	fit    float64
	style  style
	first  int     // slot of the first article taken, -1 before
	acted  int64   // when the shopper last took something
	net    []int16 // units per slot that left (negative) or came back
	levels []pace  // per platform
	held   []grip  // what the shopper holds
	lying  []lying // what lies where it does not belong
	trust  float64 // probability that the bill is right if the story is: below 1 it holds something unexplained
	last   *page

	stirred bool // a scale moved by itself, or a hand on it
}

// pace is where a platform stands in a story.
type pace struct {
	level
	at    int64 // when it was last seen calm
	drift drift
	soft  bool  // and that for a moment only
	hand  bool  // its last observation was taken for a resting hand
	goods level // what should lie there by book and story, with the spread of its units
}

// grip is goods that the shopper took together, or what is left of them in the hand.
type grip struct {
	slot, qty int
	level     // their weight as the scale saw it leave
}

// lying is something on a platform where it does not belong: a foreign object, or goods of another platform.
type lying struct {
	platform int
	grip     // slot is -1 for a foreign object
}

// page is one act of a story; stories share their beginnings.
type page struct {
	before      *page
	observation int
	act         act
	what        grip // put, stray, retake: the goods
}

// pages gives the story's acts in order.
func (s *story) pages() []*page {
	n := 0
	for p := s.last; p != nil; p = p.before {
		n++
	}
	out := make([]*page, n)
	for p := s.last; p != nil; p = p.before {
		n--
		out[n] = p
	}
	return out
}
