package health_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"allhours/edge/health"
	"allhours/protocol"
)

// span is some minutes in which nothing changes.
type span struct {
	minutes int
	open    bool
	probes  []health.Reading
}

func shows(dc ...protocol.DeciCelsius) []health.Reading {
	var all []health.Reading
	for _, c := range dc {
		all = append(all, health.Reading{Celsius: c, Known: true})
	}
	return all
}

var silent = health.Reading{}

// stopsAfter is how many minutes the food is sold, and why no longer; it goes on in steps of ten seconds.
func stopsAfter(s health.State, l health.Limits, story []span) (float64, protocol.Code) {
	minutes := 0.0
	for _, now := range story {
		for range now.minutes * 6 {
			s = s.After(10*time.Second, now.open, now.probes, l)
			if code := s.Stop(l); code != protocol.CodeOK {
				return minutes, code
			}
			minutes += 1. / 6
		}
	}
	return minutes, protocol.CodeOK
}

func TestFoodIsSoldNoMore(t *testing.T) {
	freezer := health.Defaults()
	freezer.Above = -150
	milk, warm, cold := health.Defaults(), shows(51), shows(50)
	for _, c := range []struct {
		name  string
		l     health.Limits
		story []span
		at    float64 // minutes
		code  protocol.Code
	}{
		{"never at the limit itself", milk, []span{{600, false, cold}}, 600, protocol.CodeOK},
		{"half an hour after a boot that finds it warm", milk, []span{{60, false, warm}}, 30, protocol.CodeTooWarm},
		{"after a quarter of an hour where nobody opened", milk, []span{{60, false, cold}, {60, false, warm}}, 75, protocol.CodeTooWarm},
		{"half an hour after the door was shut, where it was not cold since", milk, []span{{60, false, cold}, {10, true, warm}, {60, false, warm}}, 100, protocol.CodeTooWarm},
		{"half an hour after the door was shut, where the probe was slow to notice", milk, []span{{60, false, cold}, {1, true, cold}, {5, false, cold}, {60, false, warm}}, 91, protocol.CodeTooWarm},
		{"a quarter of an hour after it was warm again, long after the door was shut", milk, []span{{60, false, cold}, {1, true, warm}, {29, false, cold}, {60, false, warm}}, 105, protocol.CodeTooWarm},
		{"not where it is cold in time", milk, []span{{60, false, cold}, {10, true, warm}, {29, false, warm}, {60, false, cold}}, 159, protocol.CodeOK},
		{"after two hours, though somebody opens every ten minutes", milk, slices.Repeat([]span{{1, true, warm}, {9, false, warm}}, 20), 120, protocol.CodeTooWarm},
		{"after two hours, though the door was never shut", milk, []span{{200, true, warm}}, 120, protocol.CodeTooWarm},
		{"of a freezer at its own limit", freezer, []span{{60, false, shows(-150)}, {60, false, shows(-149)}}, 75, protocol.CodeTooWarm},
		{"where one of two probes is above", milk, []span{{60, false, shows(20, 50)}, {60, false, shows(20, 51)}}, 75, protocol.CodeTooWarm},
		{"where nobody knows how warm it is", milk, []span{{60, false, cold}, {60, false, []health.Reading{silent}}}, 75, protocol.CodeColdUnknown},
		{"where one of two probes says nothing", milk, []span{{60, false, shows(20, 20)}, {60, false, append(shows(20), silent)}}, 75, protocol.CodeColdUnknown},
		{"as too warm where it was seen to be, before nobody knew", milk, []span{{60, false, cold}, {1, false, warm}, {60, false, []health.Reading{silent}}}, 75, protocol.CodeTooWarm},
		{"by warmth and silence together", milk, []span{{60, false, cold}, {8, false, []health.Reading{silent}}, {60, false, warm}}, 75, protocol.CodeTooWarm},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, code := stopsAfter(health.State{}, c.l, c.story)
			if code != c.code || at < c.at-0.4 || at > c.at+0.4 {
				t.Errorf("%q after %.1f minutes: want %q after %.0f", code, at, c.code, c.at)
			}
		})
	}
}

func TestTheHighestIsTheHighestSinceItWasCold(t *testing.T) {
	l := health.Defaults()
	s := health.State{}.After(time.Second, false, shows(90), l).After(time.Second, false, shows(40), l)
	if s.Above || s.Warm != 0 {
		t.Errorf("cold again: %+v", s)
	}
	s = s.After(time.Second, false, shows(60), l).After(time.Second, false, shows(80), l).After(time.Second, false, shows(70), l)
	if s.Highest != 80 || s.Warm != 3*time.Second {
		t.Errorf("%+v: want 8.0 in three seconds", s)
	}
}

// random tells a story of some hours, mostly warm.
func random(r *rand.Rand) []span {
	var story []span
	for range 2 + r.IntN(12) {
		probes := shows(protocol.DeciCelsius(r.IntN(100)))
		if r.IntN(4) == 0 {
			probes = append(probes, silent)
		}
		story = append(story, span{1 + r.IntN(25), r.IntN(4) == 0, probes})
	}
	return story
}

func isCold(probes []health.Reading, l health.Limits) bool {
	return !slices.ContainsFunc(probes, func(p health.Reading) bool { return !p.Known || p.Celsius > l.Above })
}

func TestNoStoryIsSoldOnBeyondItsLimitsAndNoBootHelps(t *testing.T) {
	l := health.Defaults()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 4))
		s, booted := health.State{}, health.State{}
		var now, cold, shut time.Duration // moments: of the last cold air, of the last open door
		for _, p := range random(r) {
			for range p.minutes * 6 {
				now += 10 * time.Second
				s, booted = s.After(10*time.Second, p.open, p.probes, l), booted.After(10*time.Second, p.open, p.probes, l)
				if p.open {
					shut = now
				}
				if isCold(p.probes, l) {
					cold = now
				}
				if booted.Warm > 0 && r.IntN(50) == 0 {
					booted = booted.Lost(time.Minute)
				}
				due := now-cold > l.Warm && now-shut >= l.Shut || now-cold >= l.InAll
				stopped := booted.Stop(l) != protocol.CodeOK
				if stops := s.Stop(l) != protocol.CodeOK; stops != due || stops && !stopped {
					t.Fatalf("seed %d after %s: stops %v, due %v, after boots %v: %+v", seed, now, stops, due, stopped, s)
				}
			}
		}
	}
}
