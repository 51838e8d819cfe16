package weigh

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Times of looking at the basket: it costs more the longer a visit lasts.
const (
	lookWhile = 1500 * time.Millisecond // after a weight changed, until it has come to rest
	lookAgain = 10 * time.Second        // otherwise
)

// lookShare is how many times as long as a look takes nothing is looked at: however long a visit lasts, the scales are read
// on time.
const lookShare = 20

// noticed is a change of weight that is worth working the basket out again, in milligrams.
const noticed protocol.Milligrams = 5000

// Visit follows the scales for one visit. Safe for concurrent use.
type Visit struct {
	watch  *Watch
	zero   time.Time
	index  map[protocol.PlatformID]int
	layout settle.Layout
	config settle.Config

	mu      sync.Mutex
	engine  *settle.Visit
	moments []moment              // everything that the engine was fed
	decided int                   // so many of them before the last Decide
	weights []protocol.Milligrams // from which a change is noticed
	movedAt time.Time             // when one was noticed last
	lookAt  time.Time             // when Look and NewSteps last worked
	stepsAt time.Time
	cost    time.Duration // of looking, the last time
	told    int           // steps that NewSteps has given
}

// Begin follows the scales from some seconds ago, as far as they are remembered, but not from before shut, when the door was
// shut last: what went through it until then is no part of this visit. The error names what is wrong in the layout or the
// configuration.
func (w *Watch) Begin(l settle.Layout, cfg settle.Config, shut time.Time) (*Visit, error) {
	engine, err := settle.New(l, cfg)
	if err != nil {
		return nil, err
	}
	zero := time.Now().Add(-keep * pollEvery)
	if shut.After(zero) {
		zero = shut
	}
	v := &Visit{
		watch: w, zero: zero, index: map[protocol.PlatformID]int{}, engine: engine,
		weights: make([]protocol.Milligrams, len(l.Platforms)), layout: l, config: cfg,
	}
	v.feed(moment{channel: theDoor})
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, p := range l.Platforms {
		v.index[p.ID] = i
		c := w.channels[p.ID]
		if c == nil {
			continue
		}
		for _, s := range c.recent {
			if s.At.Before(shut) {
				continue
			}
			v.read(p.ID, reading{at: s.At, weight: s.Weight, ok: s.Fault == "" && c.fault == ""})
		}
	}
	w.visits[v] = true
	return v, nil
}

// Zero is the moment that the visit's times count from.
func (v *Visit) Zero() time.Time { return v.zero }

// End stops following.
func (v *Visit) End() {
	v.watch.mu.Lock()
	defer v.watch.mu.Unlock()
	delete(v.watch.visits, v)
}

func (v *Visit) ms(at time.Time) int32 {
	return int32(min(max(at.Sub(v.zero).Milliseconds(), 0), math.MaxInt32))
}

func (v *Visit) read(id protocol.PlatformID, r reading) {
	i, mine := v.index[id]
	if !mine {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	m := moment{at: v.ms(r.at), channel: int16(i), yes: r.ok}
	if r.ok {
		m.weight = r.weight
	}
	v.feed(m)
	if d := r.weight - v.weights[i]; r.ok && max(d, -d) > noticed {
		v.weights[i], v.movedAt = r.weight, r.at
	}
}

// Door says that the door moved.
func (v *Visit) Door(at time.Time, open bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.feed(moment{at: v.ms(at), channel: theDoor, yes: open})
}

// Calm reports whether the scales are calm after the door was shut.
func (v *Visit) Calm(now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.engine.Calm(int64(v.ms(now)))
}

// Decide settles the visit.
func (v *Visit) Decide() settle.Answer {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.decided = len(v.moments)
	return v.engine.Decide()
}

// Filled settles a refill.
func (v *Visit) Filled() settle.Answer {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.decided = len(v.moments)
	return v.engine.Filled()
}

// LookFilled works out again what was put where, sorted by platform and article; false where that is not worth it, because no
// weight has changed.
func (v *Visit) LookFilled(now time.Time) ([]wire.Put, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.due(now, &v.lookAt) {
		return nil, false
	}
	defer v.weighCost(time.Now())
	return puts(v.engine.Filled().Why[0].Steps), true
}

// puts adds up what was put, lane by lane; what came to nothing is left out.
func puts(steps []settle.Step) (all []wire.Put) {
	for _, s := range steps {
		if s.SKU == "" {
			continue
		}
		place := wire.Put{Platform: s.Platform, SKU: s.SKU}
		i, known := slices.BinarySearchFunc(all, place, func(a, b wire.Put) int {
			return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.SKU, b.SKU))
		})
		if !known {
			all = slices.Insert(all, i, place)
		}
		all[i].Units += s.Qty
	}
	return slices.DeleteFunc(all, func(p wire.Put) bool { return p.Units == 0 })
}

// Look works the basket out again; false where that is not worth it, because no weight has changed.
func (v *Visit) Look(now time.Time) ([]settle.Line, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.due(now, &v.lookAt) {
		return nil, false
	}
	defer v.weighCost(time.Now())
	return v.engine.Basket(), true
}

// weighCost notes how long a look took that began at the moment given.
func (v *Visit) weighCost(began time.Time) { v.cost = time.Since(began) }

// due reports whether it is worth working again, and notes that.
func (v *Visit) due(now time.Time, last *time.Time) bool {
	since := now.Sub(*last)
	if since < lookShare*v.cost || now.Sub(v.movedAt) > lookWhile && since < lookAgain {
		return false
	}
	*last = now
	return true
}

// NewSteps gives the steps that were found since the last call. What they are taken for may still change; the settlement
// has the last word.
func (v *Visit) NewSteps(now time.Time) []settle.Step {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.due(now, &v.stepsAt) {
		return nil
	}
	defer v.weighCost(time.Now())
	all := v.engine.Steps()
	if len(all) <= v.told {
		return nil
	}
	steps := slices.Clone(all[v.told:])
	v.told = len(all)
	return steps
}
