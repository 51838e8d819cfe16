package weigh

import (
	"cmp"
	"math"
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
)

// Bounds are how far a shut platform may wander before somebody is told.
type Bounds struct {
	PerHour protocol.Milligrams // what drift explains in an hour
	InAll   protocol.Milligrams // and in all, until a person counts the goods
	Noticed protocol.Milligrams // a change beyond that which is told
}

// ordinaryCapacity stands for one that is not known.
const ordinaryCapacity protocol.Milligrams = 20_000_000

// BoundsOf fits the bounds to a platform and to the lightest unit that lies there, 0 where nothing does. A unit that is
// taken can never hide in the drift: when the zero had wandered all the way up before, and follows all the way down since,
// two fifths of the unit stay unexplained, which is more than twice Noticed.
func BoundsOf(capacity, division, lightest protocol.Milligrams) Bounds {
	capacity = cmp.Or(capacity, ordinaryCapacity)
	b := Bounds{
		PerHour: capacity / 5000,
		InAll:   capacity / 1000,
		Noticed: max(3000, 3*division, capacity/10_000),
	}
	if lightest > 0 {
		b.InAll = min(b.InAll, lightest*3/10)
		b.Noticed = min(b.Noticed, lightest*3/20)
	}
	b.Noticed = max(b.Noticed, division)
	return b
}

// Moved is a weight that changed behind a shut door.
type Moved struct {
	By     protocol.Milligrams // negative: it became lighter
	Weight protocol.Milligrams // what is shown now
	Over   time.Duration       // since the change began to show
}

// Zero follows how one platform's zero drifts while its door is shut and nobody shops. A slow wander is followed; what is
// more than drift explains stays unexplained, also across visits, until it is told. It is pure: time is passed in.
type Zero struct {
	bounds Bounds
	edge.Drift

	resting bool                // goods is known
	goods   protocol.Milligrams // what lies there, without drift
	moved   protocol.Milligrams // how much the last visit changed that
	rest    time.Duration       // when the platform came to rest
	fed     time.Duration       // when it was last fed
	since   time.Duration       // since when something is unexplained; 0: nothing is
	told    time.Duration       // when something was told last
	hasTold bool
	recent  []protocol.Milligrams
}

// Figures of rest.
const (
	glance     = 3  // levels that tell at once
	look       = 12 // levels that tell for sure: a minute of them
	tellAgain  = time.Hour
	creepShare = 3e-4 // of a changed load, which shows only after
	creepTime  = 10 * time.Minute
)

// NewZero goes on from what was remembered.
func NewZero(b Bounds, d edge.Drift) *Zero {
	d.Zero = min(max(d.Zero, -b.InAll), b.InAll)
	return &Zero{bounds: b, Drift: d}
}

// Rest takes the level of a platform behind a shut door, some seconds after the one before. It tells what has moved.
func (z *Zero) Rest(now time.Duration, level protocol.Milligrams) (Moved, bool) {
	if len(z.recent) == look {
		z.recent = slices.Delete(z.recent, 0, 1)
	}
	z.recent = append(z.recent, level)
	if !z.resting {
		z.settle(now)
		return Moved{}, false
	}
	open := middle(z.recent) - z.Zero - z.goods
	followed := z.follow(open, z.allowed(now))
	z.Open, z.fed = open-followed, now
	return z.tell(now, len(z.recent) == look)
}

// settle takes the first levels that agree for what lies there now, less what was unexplained before.
func (z *Zero) settle(now time.Duration) {
	last, calm := z.glance()
	if !calm {
		return
	}
	goods := last - z.Zero - z.Open
	if z.goods != 0 { // At a boot the load has long been there.
		z.moved = goods - z.goods
	}
	z.goods, z.resting, z.rest, z.fed = goods, true, now, now
}

// Stir says that the door is opened or a visit begins: nothing is followed until the platform is fed again. What moved just
// before is told.
func (z *Zero) Stir(now time.Duration) (Moved, bool) {
	defer func() { z.resting, z.recent, z.since = false, z.recent[:0], 0 }()
	last, calm := z.glance()
	if !z.resting || !calm {
		return Moved{}, false
	}
	z.Open = last - z.Zero - z.goods
	return z.tell(now, true)
}

// glance is the middle of the last few levels, and whether they agree.
func (z *Zero) glance() (protocol.Milligrams, bool) {
	if len(z.recent) < glance {
		return 0, false
	}
	last := z.recent[len(z.recent)-glance:]
	return middle(last), slices.Max(last)-slices.Min(last) <= z.bounds.Noticed
}

func middle(levels []protocol.Milligrams) protocol.Milligrams {
	var room [look]protocol.Milligrams
	sorted := room[:copy(room[:], levels)]
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// allowed is how far drift, and the creep after a change of load, may have carried the zero since it was last followed.
func (z *Zero) allowed(now time.Duration) protocol.Milligrams {
	hours := (now - z.fed).Hours()
	faded := func(at time.Duration) float64 { return math.Exp(-float64(at-z.rest) / float64(creepTime)) }
	creep := creepShare * math.Abs(float64(z.moved)) * (faded(z.fed) - faded(now))
	return protocol.Milligrams(float64(z.bounds.PerHour)*hours + creep)
}

// follow moves the zero towards what is unexplained, as far as it may, and gives how far.
func (z *Zero) follow(open, allowed protocol.Milligrams) protocol.Milligrams {
	before := z.Zero
	z.Zero += min(max(open, -allowed), allowed)
	z.Zero = min(max(z.Zero, -z.bounds.InAll), z.bounds.InAll)
	return z.Zero - before
}

// tell gives what is unexplained once it is sure and large enough, and then takes it for what lies there.
func (z *Zero) tell(now time.Duration, sure bool) (Moved, bool) {
	size := max(z.Open, -z.Open)
	switch {
	case size <= z.bounds.Noticed/2:
		z.since = 0
	case z.since == 0:
		z.since = now
	}
	if !sure || size <= z.bounds.Noticed || z.hasTold && now-z.told < tellAgain {
		return Moved{}, false
	}
	m := Moved{By: z.Open, Weight: z.recent[len(z.recent)-1], Over: now - z.since}
	z.goods, z.Open, z.since, z.told, z.hasTold = z.goods+z.Open, 0, 0, now, true
	return m, true
}
