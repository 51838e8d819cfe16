package shopper_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"allhours/firmware-sim/physics"
	"allhours/firmware-sim/shopper"
)

var (
	pull = shopper.Action{Do: shopper.Pull}
	shut = shopper.Action{Do: shopper.Shut}
)

func take(qty int) shopper.Action {
	return shopper.Action{Do: shopper.Take, Platform: "S1", SKU: "1001", Qty: qty}
}

func put(qty int) shopper.Action {
	return shopper.Action{Do: shopper.Put, Platform: "S2", SKU: "1001", Qty: qty}
}

func bring(qty int) shopper.Action {
	return shopper.Action{Do: shopper.Bring, SKU: "1001", Qty: qty}
}

// threeBottles is a shut cabinet with three bottles on S1 and nothing on S2.
func threeBottles() physics.State {
	bottle := physics.Unit{SKU: "1001", Grams: 571}
	return physics.State{Heaps: []physics.Heap{
		{Platform: "S1", Units: []physics.Unit{bottle, bottle, bottle}}, {Platform: "S2"},
	}}
}

func TestARehearsalFindsWhatCannotBeDoneBeforeItIsBegun(t *testing.T) {
	cases := []struct {
		name   string
		script []shopper.Action
		index  int // of the impossible action, -1 for none
		want   error
	}{
		{"a plain visit", []shopper.Action{pull, take(2), put(1), shut}, -1, nil},
		{"two visits in one script", []shopper.Action{pull, take(1), shut, pull, take(2), shut}, -1, nil},
		{"a take before the pull", []shopper.Action{take(1)}, 0, physics.ErrDoorShut},
		{"a take after the shut", []shopper.Action{pull, shut, take(1)}, 2, physics.ErrDoorShut},
		{"more than there is, in two takes", []shopper.Action{pull, take(2), take(2), shut}, 2, physics.ErrNotThere},
		{"a put of more than was taken", []shopper.Action{pull, take(1), put(2)}, 2, physics.ErrNotHeld},
		{"a put of what left with the last shut", []shopper.Action{pull, take(1), shut, pull, put(1)}, 4, physics.ErrNotHeld},
		{"new goods are brought and put", []shopper.Action{pull, bring(2), put(2), shut}, -1, nil},
		{"new goods before the pull", []shopper.Action{bring(2)}, 0, physics.ErrDoorShut},
		{"a put of more than was brought", []shopper.Action{pull, bring(2), put(3)}, 2, physics.ErrNotHeld},
		{"a pull of an open door", []shopper.Action{pull, pull}, 1, shopper.ErrAlreadyOpen},
		{"a shut of a shut door", []shopper.Action{shut}, 0, physics.ErrDoorShut},
		{
			"a platform that is not there",
			[]shopper.Action{pull, {Do: shopper.Take, Platform: "S9", SKU: "1001", Qty: 1}},
			1, physics.ErrNoPlatform,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := shopper.Rehearse(c.script, threeBottles())
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if where, ok := errors.AsType[*shopper.ActionError](err); c.index >= 0 && (!ok || where.Index != c.index) {
				t.Fatalf("%v, want action %d named", err, c.index)
			}
		})
	}
}

func TestAScriptThatMakesNoSenseIsRefusedByName(t *testing.T) {
	cases := []struct {
		name   string
		script []shopper.Action
		want   string
	}{
		{"nothing", nil, "want 1 to 200"},
		{"too much", make([]shopper.Action, 201), "got 201"},
		{"an unknown verb", []shopper.Action{pull, {Do: "steal"}}, `action 1 (steal): do: want pull, take, bring, put or shut`},
		{"a take of nothing", []shopper.Action{take(0)}, "qty of 1 to 100"},
		{"a take from nowhere", []shopper.Action{{Do: shopper.Take, SKU: "1001", Qty: 1}}, "wants a platform"},
		{"a bringing of nothing", []shopper.Action{bring(0)}, "qty of 1 to 100"},
		{"a pull of goods", []shopper.Action{{Do: shopper.Pull, Qty: 1}}, "takes no platform"},
		{"a pause backwards", []shopper.Action{{Do: shopper.Pull, AfterMS: -1}}, "after_ms: want 0 to 300000, got -1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := shopper.Validate(c.script); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %q in it", err, c.want)
			}
		})
	}
}

func TestResidentsDoOnlyWhatCanBeDone(t *testing.T) {
	const seed = 7
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	looked, regretted, took := 0, 0, 0
	for range 2000 {
		script := shopper.Visit(rng, []shopper.Offer{{Platform: "S1", SKU: "1001", Qty: 3}})
		if err := shopper.Validate(script); err != nil {
			t.Fatal(err)
		}
		if err := shopper.Rehearse(script, threeBottles()); err != nil {
			t.Fatalf("%+v: %v", script, err)
		}
		for _, a := range script[1:] {
			if a.AfterMS < 800 {
				t.Fatalf("%d ms before %s: residents take their time", a.AfterMS, a.Do)
			}
			switch a.Do {
			case shopper.Take:
				took++
			case shopper.Put:
				regretted++
			}
		}
		if len(script) == 2 {
			looked++
		}
	}
	if looked == 0 || regretted == 0 || took < 2000 {
		t.Fatalf("of 2000 residents %d only looked, %d put something back, and %d things were taken", looked, regretted, took)
	}
}

func TestResidentsOfAnEmptyCabinetOnlyLook(t *testing.T) {
	script := shopper.Visit(rand.New(rand.NewPCG(1, 1)), nil)
	if len(script) != 2 || script[0].Do != shopper.Pull || script[1].Do != shopper.Shut {
		t.Fatalf("%+v", script)
	}
}

func TestNightsAreQuieterThanEvenings(t *testing.T) {
	mean := func(hour int) time.Duration {
		rng, sum := rand.New(rand.NewPCG(3, 3)), time.Duration(0)
		for range 1000 {
			sum += shopper.NextAfter(rng, time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC))
		}
		return sum / 1000
	}
	if at3, at22 := mean(3), mean(22); at3 < 2*at22 {
		t.Fatalf("a resident each %v at 3 and each %v at 22", at3, at22)
	}
}
