package weigh_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
)

const feedEvery = 5 * time.Second

// resting is a platform behind a shut door whose weight is a function of time.
type resting struct {
	*weigh.Zero
	now    time.Duration
	chance *rand.Rand
	noise  float64 // grams
	told   protocol.Milligrams
	events []weigh.Moved
}

func newResting(b weigh.Bounds, seed uint64) *resting {
	return &resting{Zero: weigh.NewZero(b, edge.Drift{}), now: time.Minute, chance: rand.New(rand.NewPCG(seed, 7)), noise: 0.3}
}

func (r *resting) hear(m weigh.Moved, moved bool) {
	if moved {
		r.told += m.By
		r.events = append(r.events, m)
	}
}

// rest lets time pass with a level in grams that is a function of the time since now.
func (r *resting) rest(d time.Duration, grams func(passed time.Duration) float64) {
	for passed := time.Duration(0); passed < d; passed += feedEvery {
		r.now += feedEvery
		r.hear(r.Rest(r.now, protocol.FromGrams(grams(passed)+r.noise*r.chance.NormFloat64())))
	}
}

func (r *resting) stir() { r.hear(r.Stir(r.now)) }

func always(grams float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return grams }
}

func TestASlowWanderIsFollowedAndNotTold(t *testing.T) {
	b := weigh.BoundsOf(40_000_000, 1000, 120_000)
	cases := []struct {
		name  string
		drift func(passed time.Duration) float64
	}{
		{"a scale that stands still", always(0)},
		{"a warm day", func(p time.Duration) float64 { return 6 * math.Sin(2*math.Pi*p.Hours()/24) }},
		{"a compressor every half hour", func(p time.Duration) float64 { return 0.5 * math.Sin(2*math.Pi*p.Hours()*2) }},
		{"a zero that creeps for days", func(p time.Duration) float64 { return min(p.Hours()/8, 20) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newResting(b, 1)
			r.rest(3*24*time.Hour, func(p time.Duration) float64 { return 12_000 + c.drift(p) })
			if len(r.events) > 0 {
				t.Errorf("told %+v", r.events)
			}
			if off := math.Abs(r.Zero.Zero.Grams() - c.drift(3*24*time.Hour) + c.drift(0)); off > 2 {
				t.Errorf("zero %v g: %.1f g off what it wandered", r.Zero.Zero.Grams(), off)
			}
		})
	}
}

func TestWhatLeavesBehindAShutDoorIsTold(t *testing.T) {
	const unit = 120.0
	b := weigh.BoundsOf(40_000_000, 1000, 120_000)
	cases := []struct {
		name  string
		after func(r *resting)
		over  time.Duration // at most
	}{
		{"at once", func(r *resting) { r.rest(2*time.Minute, always(12_000-unit)) }, 2 * time.Minute},
		{"in an hour", func(r *resting) {
			r.rest(2*time.Hour, func(p time.Duration) float64 { return 12_000 - unit*min(p.Hours(), 1) })
		}, time.Hour},
		{"just before somebody comes", func(r *resting) {
			r.rest(15*time.Second, always(12_000-unit))
			r.stir()
		}, time.Minute},
		{"while the scale is silent", func(r *resting) {
			r.now += 3 * time.Hour
			r.rest(2*time.Minute, always(12_000-unit))
		}, 2 * time.Minute},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newResting(b, 2)
			r.rest(time.Hour, always(12_000))
			c.after(r)
			if len(r.events) == 0 {
				t.Fatal("not told")
			}
			if m := r.events[0]; m.By >= 0 || m.Over > c.over {
				t.Errorf("told %+v: want a loss within %s", m, c.over)
			}
		})
	}
}

// However slowly a unit leaves, whatever the zero did before, and whoever shops in between.
func TestATakenUnitIsNeverSwallowed(t *testing.T) {
	for seed := range uint64(40) {
		chance := rand.New(rand.NewPCG(seed, 11))
		unit := 20 + 600*chance.Float64()
		b := weigh.BoundsOf(protocol.FromGrams(5000+40_000*chance.Float64()), 1000, protocol.FromGrams(unit))
		r := newResting(b, seed)
		r.noise = 0.2
		wander := (2*chance.Float64() - 1) * b.InAll.Grams()
		r.rest(time.Hour, always(12_000))
		r.rest(12*time.Hour, func(p time.Duration) float64 { return 12_000 + wander*p.Hours()/12 })
		before := r.told
		hours := math.Exp(4.5 * chance.Float64()) // one hour to 90
		legs, load := 1+chance.IntN(4), 12_000+wander
		for leg := range legs {
			share := func(p time.Duration) float64 { return (float64(leg) + p.Hours()/hours*float64(legs)) / float64(legs) }
			whole := time.Duration(hours / float64(legs) * float64(time.Hour))
			r.rest(whole, func(p time.Duration) float64 { return load - unit*min(share(p), 1) })
			r.stir()
			bought := float64(chance.IntN(3)) * unit
			load -= bought
			r.now += 30 * time.Second
		}
		r.rest(2*time.Hour, always(load-unit))
		if r.told >= before {
			t.Fatalf("seed %d: a unit of %.0f g left within %.0f h and nothing was told; bounds %+v", seed, unit, hours, b)
		}
		if max(r.Zero.Zero, -r.Zero.Zero) > b.InAll {
			t.Fatalf("seed %d: the zero wandered %v beyond %v", seed, r.Zero.Zero, b.InAll)
		}
	}
}

func TestAVisitChangesNothingOfTheZero(t *testing.T) {
	r := newResting(weigh.BoundsOf(40_000_000, 1000, 571_000), 3)
	r.rest(time.Hour, always(12_000))
	zero := r.Zero.Zero
	r.stir()
	r.now += time.Minute
	r.rest(10*time.Second, always(10_858))
	if r.Zero.Zero != zero {
		t.Errorf("the zero went from %v to %v across a visit", zero, r.Zero.Zero)
	}
	r.rest(2*time.Hour, always(10_858))
	if len(r.events) > 0 {
		t.Errorf("what was bought is told as %+v", r.events)
	}
}

func TestWhatWasTwoNoticesIsToldOnceAnHour(t *testing.T) {
	r := newResting(weigh.BoundsOf(40_000_000, 1000, 571_000), 4)
	r.rest(time.Hour, always(12_000))
	for i := range 10 {
		r.rest(5*time.Minute, always(12_000-100*float64(i+1)))
	}
	if len(r.events) != 1 {
		t.Errorf("told %d times within the hour", len(r.events))
	}
	r.rest(time.Hour, always(11_000))
	if sum := r.told.Grams(); len(r.events) != 2 || math.Abs(sum+1000) > 20 {
		t.Errorf("told %.0f g in %d times: want the kilogram in two", sum, len(r.events))
	}
}
