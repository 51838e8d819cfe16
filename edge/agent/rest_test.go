package agent

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// sellMilk fills the shelf with milk, and lets so many residents, from number n on, take one each of a weight in grams.
func (tn *town) sellMilk(n byte, residents int, grams float64) {
	tn.Helper()
	tn.key()
	wait(time.Second)
	tn.set(func(c *cabinet) { c.weights[1] = 20_600_000 })
	wait(time.Second)
	tn.shut()
	c := desired(uint64(n) + 1)
	c.Stock.Book["S2"][milk] = 20
	tn.cloud.Configure(c)
	wait(5 * time.Second)
	for i := range residents {
		number := n + byte(i)
		if r := tn.openDoor(number); r.Code != protocol.CodeOK {
			tn.Fatalf("open: %+v", r)
		}
		wait(time.Second)
		tn.pull()
		wait(2 * time.Second)
		tn.put(1, -grams)
		wait(2 * time.Second)
		tn.shut()
		wants(tn.T, tn.settled(number), settle.Bill, settle.Line{SKU: milk, Qty: 1})
		wait(time.Second)
	}
}

func (tn *town) told(types ...wire.EventType) []wire.Body {
	tn.Helper()
	var bodies []wire.Body
	for _, e := range tn.cloud.Events(types...) {
		bodies = append(bodies, tn.body(e))
	}
	return bodies
}

func TestGoodsThatLeaveBehindAShutDoorAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		wait(time.Minute)
		tn.put(0, -571)
		wait(2 * time.Minute)
		told := tn.told(wire.ScaleMoved)
		if len(told) != 1 {
			t.Fatalf("told %+v: want one bottle missing", told)
		}
		if m := told[0].(wire.MovedBody); m.Platform != "S1" || math.Abs(m.Delta.Grams()+571) > 3 || math.Abs(m.Weight.Grams()-9429) > 3 || m.OverMS > 60_000 {
			t.Errorf("told %+v: want 571 g off S1 within a minute", m)
		}
	})
}

func TestWhatVisitsAndTheKeyMoveIsNotToldAsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		wait(time.Minute)
		tn.shop(1)
		tn.settled(1)
		wait(5 * time.Minute)
		tn.key()
		wait(time.Second)
		tn.put(1, 4*1030)
		wait(time.Second)
		tn.shut()
		wait(10 * time.Minute)
		if told := tn.told(wire.ScaleMoved); len(told) > 0 {
			t.Errorf("told %+v", told)
		}
	})
}

func TestTheScalesCountWhatTheBookSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		tn.weights = [2]protocol.Milligrams{8*571_000 + 12*120_000, 8 * 1_030_000} // A bottle less than booked.
		tn.boot()
		tn.cloud.Until("the cabinet is born", time.Minute, func() bool { return tn.cloud.Births() > 0 })
		tn.cloud.Configure(desired(1))
		tn.untilSelling()
		tn.agent.post(tn.agent.reportStock)
		wait(35 * time.Second) // Nobody waits for it: it may wait for company.
		told := tn.told(wire.StockLevel)
		s := told[len(told)-1].(wire.StockBody)
		if len(s.Counts) != 2 {
			t.Fatalf("stock %+v: want both platforms counted", s)
		}
		c := s.Counts[0]
		if c.Platform != "S1" || c.Confidence < 0.95 || c.Units[0] != (wire.Counted{SKU: water, Qty: 8, Low: 8, High: 8}) || c.Units[1].Qty != 12 {
			t.Errorf("counted %+v: want 8 bottles and 12 packs", c)
		}
		if book := s.Levels[0].Units[0]; book != (settle.Line{SKU: water, Qty: 9}) {
			t.Errorf("book %+v: the scales do not correct it", book)
		}
	})
}

func TestUnitWeightsAreLearntToldAndRememberedAcrossBoots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.sellMilk(1, 11, 1042)
		if unit := tn.learnt(); unit != 1_030_000 {
			t.Errorf("%v is in use after eleven units", unit)
		}
		tn.sellMilk(12, 1, 1042)
		told := tn.told(wire.GoodsWeight)
		if len(told) != 1 {
			t.Fatalf("told %+v: want the new packaging", told)
		}
		if u := told[0].(wire.UnitBody); u.SKU != milk || u.Was != 1_030_000 || math.Abs(u.Unit.Grams()-1042) > 1 || u.Units != 12 || u.Visits != 12 {
			t.Errorf("told %+v: want milk of 1042 g", u)
		}
		tn.stop()
		tn.boot()
		tn.untilSelling()
		if unit := tn.learnt(); math.Abs(unit.Grams()-1042) > 1 {
			t.Errorf("%v is in use after a boot: want 1042 g", unit)
		}
	})
}

// learnt is the weight of milk that the next visit is settled with.
func (tn *town) learnt() protocol.Milligrams {
	unit := make(chan protocol.Milligrams, 1)
	tn.agent.post(func() {
		layout, _ := tn.agent.layout(1, protocol.PurposePurchase)
		unit <- layout.Goods[milk].Unit
	})
	return <-unit
}

func TestACountByAPersonBeginsTheZeroAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		for range 4 { // 8 g in more than an hour, which is drift.
			wait(20 * time.Minute)
			tn.put(1, 2)
		}
		wait(20 * time.Minute)
		zero := func() protocol.Milligrams {
			zero := make(chan protocol.Milligrams, 1)
			tn.agent.post(func() { zero <- tn.agent.drifts()["S2"].Zero })
			return <-zero
		}
		if z := zero(); math.Abs(z.Grams()-8) > 1.5 {
			t.Errorf("zero %v: want it to have followed 8 g", z)
		}
		tn.cloud.Configure(desired(2))
		wait(3 * time.Minute)
		if z := zero(); math.Abs(z.Grams()) > 1.5 {
			t.Errorf("zero %v after a count", z)
		}
		if told := tn.told(wire.ScaleMoved); len(told) > 0 {
			t.Errorf("told %+v of a drift", told)
		}
	})
}
