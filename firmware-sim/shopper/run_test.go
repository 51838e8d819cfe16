package shopper_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"allhours/firmware-sim/physics"
	"allhours/firmware-sim/shopper"
	"allhours/protocol"
)

// matter is a cabinet's world, to which one can come with bottles.
type matter struct{ *physics.World }

func (m matter) Bring(_ protocol.SKU, qty int) error { return m.World.Bring(bottles(qty)) }

func bottles(qty int) physics.Lot { return physics.Lot{SKU: "1001", UnitG: 571, SDG: 2.6, Qty: qty} }

// world is a cabinet of three bottles that is touched by one person only.
func world() matter {
	return matter{physics.NewWorld([]physics.PlatformSpec{
		{ID: "S1", CapacityG: 40000, Lots: []physics.Lot{bottles(3)}}, {ID: "S2", CapacityG: 40000},
	}, 1)}
}

func pulse(w matter) {
	w.Door().Energise(time.Now(), true)
	w.Door().Energise(time.Now().Add(500*time.Millisecond), false)
}

// slow is a cabinet whose lock is pulsed late.
type slow struct {
	matter
	pulsed time.Time
}

func (s slow) Pull(at time.Time) error {
	if at.Before(s.pulsed) {
		return physics.ErrLatched
	}
	return s.matter.Pull(at)
}

func TestAShopperPullsUntilTheLatchGives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := slow{world(), begin.Add(4 * time.Second)}
		pulse(w.matter)
		if err := shopper.Run(t.Context(), w, []shopper.Action{pull, take(2), shut}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 4*time.Second || took > 5*time.Second {
			t.Fatalf("it took %v", took)
		}
		if taken := w.State().Openings[0].Taken; taken[0].Qty != 2 {
			t.Fatalf("taken %+v", taken)
		}
	})
}

func TestAPullIsGivenUpAfterTenSecondsAndNothingIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, begin := world(), time.Now()
		err := shopper.Run(t.Context(), w, []shopper.Action{pull, take(1), shut})
		if !errors.Is(err, shopper.ErrNotReleased) || time.Since(begin).Round(time.Second) != shopper.PullTime {
			t.Fatalf("%v after %v", err, time.Since(begin))
		}
		if s := w.State(); len(s.Openings) != 0 || len(s.Heaps[0].Units) != 3 {
			t.Fatalf("something was done: %+v", s)
		}
	})
}

func TestAnImpossibleEndIsFoundBeforeTheBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, begin := world(), time.Now()
		pulse(w)
		err := shopper.Run(t.Context(), w, []shopper.Action{pull, take(2), take(2), shut})
		if !errors.Is(err, physics.ErrNotThere) || !time.Now().Equal(begin) || w.Door().Open() {
			t.Fatalf("%v, door open: %v", err, w.Door().Open())
		}
	})
}

func TestPausesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, begin := world(), time.Now()
		pulse(w)
		script := []shopper.Action{{Do: shopper.Pull, AfterMS: 200}, take(1), {Do: shopper.Shut, AfterMS: 1500}}
		if err := shopper.Run(t.Context(), w, script); err != nil {
			t.Fatal(err)
		}
		if want := 1700*time.Millisecond + physics.MoveTime; time.Since(begin) != want {
			t.Fatalf("it took %v, want %v", time.Since(begin), want)
		}
	})
}

func TestAShopperWhoIsSentAwayLeavesAllAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world()
		pulse(w)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := shopper.Run(ctx, w, []shopper.Action{pull, take(1), {Do: shopper.Shut, AfterMS: 60_000}})
		if !errors.Is(err, context.Canceled) || !w.Door().Open() || len(w.State().Hands) != 1 {
			t.Fatalf("%v, open %v, holds %v", err, w.Door().Open(), w.State().Hands)
		}
	})
}

func TestARestockerComesWithNewGoods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world()
		pulse(w)
		if err := shopper.Run(t.Context(), w, []shopper.Action{pull, bring(2), put(2), shut}); err != nil {
			t.Fatal(err)
		}
		if s := w.State(); len(s.Heaps[0].Units) != 3 || len(s.Heaps[1].Units) != 2 {
			t.Fatalf("there lie %+v", s.Heaps)
		}
	})
}
