package sim

import (
	"math/rand/v2"
	"slices"
	"time"

	"allhours/firmware-sim/fault"
)

// misfortune is one kind of fault: it begins, and what it gives back ends it. Both are called from the test's own
// goroutine.
type misfortune struct {
	name  string
	most  time.Duration // that it lasts
	begin func(v *town, chance *rand.Rand) (end func())
}

func nothingToMend() {}

// misfortunes are all that may happen to a town. Each seed has a few of them.
var misfortunes = []misfortune{
	{"the service crashes", 15 * time.Second, func(v *town, _ *rand.Rand) func() {
		v.service.crash()
		return v.service.startAgain
	}},
	{"the service is stopped", 15 * time.Second, func(v *town, _ *rand.Rand) func() {
		v.service.stop()
		return v.service.startAgain
	}},
	{"an agent crashes", 15 * time.Second, func(v *town, chance *rand.Rand) func() {
		b := v.anyBox(chance)
		b.crash()
		return b.startAgain
	}},
	{"an agent is stopped", 10 * time.Second, func(v *town, chance *rand.Rand) func() {
		b := v.anyBox(chance)
		b.stop()
		return b.startAgain
	}},
	{"all connections are cut", time.Second, func(v *town, _ *rand.Rand) func() {
		v.net.cutAll()
		return nothingToMend
	}},
	{"a cabinet is off the network", time.Minute, func(v *town, chance *rand.Rand) func() {
		b := v.anyBox(chance)
		b.unplugNet(true)
		return func() { b.unplugNet(false) }
	}},
	{"a connection hangs", time.Minute, func(v *town, chance *rand.Rand) func() {
		owner := string(v.anyBox(chance).id)
		v.net.hang(owner, direction(chance.IntN(3)))
		return func() { v.net.flow(owner) }
	}},
	{"the weather is bad", time.Minute, func(v *town, chance *rand.Rand) func() {
		v.net.turn(weather{
			lose: 0.2 * chance.Float64(), double: 0.2 * chance.Float64(), delay: 0.3 * chance.Float64(), cut: 0.03 * chance.Float64(),
			latest: between(chance, time.Second, 40*time.Second),
		})
		return func() { v.net.turn(weather{}) }
	}},
	{"a line is unplugged", 10 * time.Second, func(v *town, chance *rand.Rand) func() {
		b := v.anyBox(chance)
		b.plug(false)
		return func() { b.plug(true) }
	}},
	{"a line is noisy", 20 * time.Second, func(v *town, chance *rand.Rand) func() {
		b := v.anyBox(chance)
		b.tap.turn(noise{lose: 0.2 * chance.Float64(), damage: 0.2 * chance.Float64(), late: 0.1 * chance.Float64(), stale: 0.1 * chance.Float64()})
		return func() { b.tap.turn(noise{}) }
	}},
	{"a scale is silent", 30 * time.Second, breaks(fault.ScaleSilent)},
	{"a scale is overloaded", 30 * time.Second, breaks(fault.ScaleOverload)},
	{"a latch sticks", 30 * time.Second, breaks(fault.LatchStuck)},
	{"the payment provider is moody", time.Minute, func(v *town, chance *rand.Rand) func() {
		v.bank.turn(mood{
			refuse: 0.3 * chance.Float64(), deaf: 0.3 * chance.Float64(), mute: 0.4 * chance.Float64(),
			slowest: between(chance, time.Millisecond, 8*time.Second),
		})
		return func() { v.bank.turn(mood{}) }
	}},
	{"the payment provider is shut", 40 * time.Second, func(v *town, _ *rand.Rand) func() {
		v.bank.turn(mood{shutDown: true, slowest: 10 * time.Second})
		return func() { v.bank.turn(mood{}) }
	}},
}

// breaks something of a cabinet's boards or matter, and mends it.
func breaks(kind fault.Kind) func(*town, *rand.Rand) func() {
	return func(v *town, chance *rand.Rand) func() {
		b, f := v.anyBox(chance), fault.Fault{Kind: kind}
		if kind.OfScale() {
			ids := b.cabinet.Platforms()
			f.Platform = ids[chance.IntN(len(ids))]
		}
		b.breakIt(f, true)
		return func() { b.breakIt(f, false) }
	}
}

func (v *town) anyBox(chance *rand.Rand) *box { return v.boxes[chance.IntN(len(v.boxes))] }

// blow is a misfortune at its time.
type blow struct {
	at, until time.Duration // since the town began
	what      misfortune
}

// span is how long misfortunes befall a town.
const span = 40 * time.Second

// draw makes the story of a seed: a few kinds of misfortune, several blows of each.
func draw(chance *rand.Rand) []blow {
	var blows []blow
	for _, kind := range chance.Perm(len(misfortunes))[:chance.IntN(5)] {
		m := misfortunes[kind]
		for range 1 + chance.IntN(3) {
			at := between(chance, 0, span)
			blows = append(blows, blow{at: at, until: at + between(chance, 0, m.most), what: m})
		}
	}
	slices.SortFunc(blows, func(a, b blow) int { return int(a.at - b.at) })
	return blows
}

// befall lets every blow fall and mends everything at the end of its time. Nobody crashes twice at once: what is down is
// left alone.
func (v *town) befall(blows []blow, each func()) {
	type mending struct {
		at  time.Duration
		end func()
	}
	var open []mending
	begin := time.Now()
	for passed := time.Duration(0); passed < span || len(open) > 0; passed = time.Since(begin) {
		for len(blows) > 0 && blows[0].at <= passed {
			v.note("misfortune begins", "what", blows[0].what.name, "until", blows[0].until)
			open = append(open, mending{blows[0].until, blows[0].what.begin(v, v.chance)})
			blows = blows[1:]
		}
		open = slices.DeleteFunc(open, func(m mending) bool {
			if m.at <= passed {
				m.end()
			}
			return m.at <= passed
		})
		each()
		time.Sleep(between(v.chance, time.Millisecond, 100*time.Millisecond))
	}
}
