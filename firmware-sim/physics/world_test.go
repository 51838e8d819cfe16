package physics_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

func specs() []physics.PlatformSpec {
	return []physics.PlatformSpec{
		{ID: "S1", CapacityG: 40000, Lots: []physics.Lot{{SKU: "1001", UnitG: 571, SDG: 2.6, Qty: 8}, {SKU: "1101", UnitG: 352.5, SDG: 1.6, Qty: 6}}},
		{ID: "S2", CapacityG: 40000, Lots: []physics.Lot{{SKU: "8003", UnitG: 404.5, SDG: 1.4, Qty: 5}}},
	}
}

// opened is a world whose door has just been pulled.
func opened(t *testing.T, seed uint64) (*physics.World, time.Time) {
	t.Helper()
	w := physics.NewWorld(specs(), seed)
	w.Door().Energise(night(), true)
	at := night().Add(500 * time.Millisecond)
	w.Door().Energise(at, false)
	if err := w.Pull(at); err != nil {
		t.Fatal(err)
	}
	return w, at
}

func total(units ...[]physics.Unit) (sum float64) {
	for _, heap := range units {
		for _, u := range heap {
			sum += u.Grams
		}
	}
	return sum
}

func TestWhateverIsMovedNoWeightAndNoUnitIsLost(t *testing.T) {
	const seed = 42
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	w, at := opened(t, seed)
	before := w.State()
	weight := total(before.Heaps[0].Units, before.Heaps[1].Units)
	for range 500 {
		at = at.Add(time.Second)
		platform := []protocol.PlatformID{"S1", "S2"}[rng.IntN(2)]
		sku := []protocol.SKU{"1001", "1101", "8003"}[rng.IntN(3)]
		move := w.Take
		if rng.IntN(2) == 0 {
			move = w.Put
		}
		_ = move(at, platform, sku, 1+rng.IntN(2)) // many are impossible, and must then change nothing
		now := w.State()
		if got := total(now.Heaps[0].Units, now.Heaps[1].Units, now.Hands); math.Abs(got-weight) > 1e-6 {
			t.Fatalf("%v g, there were %v", got, weight)
		}
		for i, id := range []protocol.PlatformID{"S1", "S2"} {
			felt := w.Cell(id).LoadG(at.Add(physics.MoveTime))
			if lies := total(now.Heaps[i].Units); math.Abs(felt-lies) > 1e-6 {
				t.Fatalf("%s carries %v g, its scale feels %v", id, lies, felt)
			}
		}
	}
}

func TestUnitsOfOneArticleDifferFromEachOther(t *testing.T) {
	units := physics.NewWorld(specs(), 9).State().Heaps[0].Units
	if units[0].Grams == units[1].Grams {
		t.Fatalf("two bottles of %v g each", units[0].Grams)
	}
	for _, u := range units[:8] {
		if math.Abs(u.Grams-571) > 4*2.6 {
			t.Fatalf("a bottle of %v g", u.Grams)
		}
	}
}

func TestWhatIsImpossibleChangesNothing(t *testing.T) {
	shut := physics.NewWorld(specs(), 1)
	open, at := opened(t, 1)
	cases := []struct {
		name string
		do   func(w *physics.World) error
		in   *physics.World
		want error
	}{
		{"taking through a shut door", func(w *physics.World) error { return w.Take(at, "S1", "1001", 1) }, shut, physics.ErrDoorShut},
		{"putting through a shut door", func(w *physics.World) error { return w.Put(at, "S1", "1001", 1) }, shut, physics.ErrDoorShut},
		{"shutting a shut door", func(w *physics.World) error { return w.Shut(at) }, shut, physics.ErrDoorShut},
		{"pulling a locked door", func(w *physics.World) error { return w.Pull(at) }, shut, physics.ErrLatched},
		{"taking more than there is", func(w *physics.World) error { return w.Take(at, "S1", "1001", 9) }, open, physics.ErrNotThere},
		{"taking what lies elsewhere", func(w *physics.World) error { return w.Take(at, "S2", "1001", 1) }, open, physics.ErrNotThere},
		{"taking from nowhere", func(w *physics.World) error { return w.Take(at, "S9", "1001", 1) }, open, physics.ErrNoPlatform},
		{"putting what nobody holds", func(w *physics.World) error { return w.Put(at, "S1", "1001", 1) }, open, physics.ErrNotHeld},
		{"taking fewer than one", func(w *physics.World) error { return w.Take(at, "S1", "1001", 0) }, open, physics.ErrNotThere},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := c.in.State()
			if err := c.do(c.in); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if after := c.in.State(); !reflect.DeepEqual(before, after) {
				t.Fatalf("from %+v to %+v", before, after)
			}
		})
	}
}

func TestAnOpeningTellsWhatWasTakenNet(t *testing.T) {
	w, at := opened(t, 5)
	for _, err := range []error{
		w.Take(at, "S1", "1001", 2), w.Take(at, "S1", "1101", 1), w.Put(at, "S2", "1001", 1), w.Put(at, "S1", "1101", 1), w.Shut(at),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	openings := w.State().Openings
	if len(openings) != 1 || len(openings[0].Taken) != 1 || openings[0].Taken[0].SKU != "1001" || openings[0].Taken[0].Qty != 1 {
		t.Fatalf("openings %+v, want one bottle of 1001", openings)
	}
	if openings[0].PulsedAt != night().UnixMicro() {
		t.Fatalf("pulsed at %d, want %d", openings[0].PulsedAt, night().UnixMicro())
	}
}

func TestASlammedDoorShakesEveryPlatform(t *testing.T) {
	w, at := opened(t, 5)
	at = at.Add(5 * time.Second)
	before := map[protocol.PlatformID]float64{}
	for _, id := range []protocol.PlatformID{"S1", "S2"} {
		before[id] = shown(w.Cell(id), at)
	}
	if err := w.Shut(at); err != nil {
		t.Fatal(err)
	}
	for id, calm := range before {
		most := 0.0
		for ms := range 200 {
			k := physics.ConversionAt(at.Add(time.Duration(ms) * time.Millisecond))
			most = max(most, math.Abs(w.Cell(id).Conversion(k)-calm))
		}
		if most < 5 {
			t.Fatalf("%s moved %.1f g", id, most)
		}
		if late := shown(w.Cell(id), at.Add(time.Second)); math.Abs(late-calm) > 3 {
			t.Fatalf("%s is %.1f g off a second later", id, late-calm)
		}
	}
}

func TestAWorldGoesOnFromWhatWasKept(t *testing.T) {
	w, at := opened(t, 5)
	if err := w.Take(at, "S1", "1001", 2); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(w.State())
	if err != nil {
		t.Fatal(err)
	}
	var kept physics.State
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	again, err := physics.Resume(specs(), 5, kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Put(at, "S1", "1001", 1); err != nil {
		t.Fatalf("the shopper before the open door has lost their bottle: %v", err)
	}
	if got := again.State().Openings[0].Taken[0].Qty; got != 1 {
		t.Fatalf("%d taken, want 1", got)
	}
}

func TestAStateOfOtherPlatformsIsRefused(t *testing.T) {
	kept := physics.NewWorld(specs(), 5).State()
	other := specs()
	other[1].ID = "S7"
	for _, planned := range [][]physics.PlatformSpec{specs()[:1], other} {
		if _, err := physics.Resume(planned, 5, kept); err == nil {
			t.Fatal("resumed a state of other platforms")
		}
	}
}

func TestWhoBringsGoodsPutsThemIntoAnOpenCabinetAndLeavesNone(t *testing.T) {
	w := physics.NewWorld([]physics.PlatformSpec{{ID: "S1", CapacityG: 40000}}, 1)
	at := time.Unix(1_700_000_000, 0)
	lot := physics.Lot{SKU: "1001", UnitG: 571, SDG: 2.6, Qty: 3}
	if err := w.Bring(lot); !errors.Is(err, physics.ErrDoorShut) {
		t.Fatalf("before a shut door: %v", err)
	}
	w.Door().Energise(at, true)
	w.Door().Energise(at.Add(500*time.Millisecond), false)
	if err := errors.Join(w.Pull(at.Add(time.Second)), w.Bring(lot), w.Put(at.Add(2*time.Second), "S1", "1001", 3), w.Shut(at.Add(4*time.Second))); err != nil {
		t.Fatal(err)
	}
	if s := w.State(); len(s.Heaps[0].Units) != 3 || len(s.Hands) != 0 || len(s.Openings[0].Taken) != 0 {
		t.Fatalf("it ended as %+v", s)
	}
}
