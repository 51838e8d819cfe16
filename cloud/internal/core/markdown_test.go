package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// dated gives water three days, and lets it cost less in its last two: a tenth two days before, half on the last one. It
// stands for three days, in a lane of eight, which were counted in before anybody had said how long it keeps.
func (r *rig) dated() cloud.MasterData {
	r.t.Helper()
	plan := storetest.Plan()
	plan.Articles[0].ShelfLifeDays, plan.Articles[0].Category, plan.Articles[0].Cost = 3, "drinks", 60
	plan.Markdowns = cloud.Markdowns{{Category: "drinks", Markdown: picking.Markdown{
		Steps: []picking.Step{{DaysLeft: 1, Percent: 10}, {DaysLeft: 0, Percent: 50}}, AlertAt: 2, AtCost: true,
	}}}
	r.must(r.core.Apply(r.t.Context(), plan))
	return plan
}

// brought receives water at the store and puts some into the lane; empty: nobody read its date.
func (r *rig) brought(units int, until ledger.Day) {
	r.t.Helper()
	lines := []cloud.MovedLine{{SKU: "1001", Qty: units, Until: until}}
	_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: store, Lines: lines})
	r.must(err)
	_, err = r.moves(cloud.MoveGoods{Kind: cloud.MoveTransfer, From: store, To: lane, Lines: water(units)})
	r.must(err)
	r.cabinet.applied.Version++
}

func (r *rig) today() ledger.Day {
	return ledger.DayOf(time.Now(), time.FixedZone("Asia/Shanghai", 8*3600))
}

// sleeps lets time pass while nobody runs: dates are looked at as soon as somebody does.
func (r *rig) sleeps(d time.Duration) {
	r.t.Helper()
	r.stop()
	time.Sleep(d)
	r.start()
	r.cabinet.birth()
	r.cabinet.telemetry()
	later(time.Second)
}

func (r *rig) tomorrow() { r.sleeps(24 * time.Hour) }

// tag is what the page says that water costs.
func (r *rig) tag() protocol.Fen {
	r.t.Helper()
	goods, err := r.core.Fleet.Goods(r.t.Context(), "xs-01")
	r.must(err)
	return goods[0].Price
}

// bought opens the door, takes water, and holds page, grant, cabinet and receipt to one price.
func (r *rig) bought(key string, units int, price protocol.Fen) cloud.Visit {
	r.t.Helper()
	r.cabinet.telemetry()
	if got := r.tag(); got != price {
		r.t.Errorf("%s: the page shows %d, want %d", key, got, price)
	}
	v, err := r.begin(key)
	r.must(err)
	_, g := r.cabinet.command()
	r.view(func(tx cloud.Tx) error {
		list, err := tx.Prices.Of(g.PriceVersion)
		if list["1001"] != price || list["1002"] != 350 {
			r.t.Errorf("%s: by the grant's list %d it costs %d, want %d", key, g.PriceVersion, list["1001"], price)
		}
		config, _, err2 := tx.Desired.Latest("xs-01")
		if config.PriceVersion != g.PriceVersion || config.Goods["1001"].Price != price {
			r.t.Errorf("%s: the cabinet has list %d and %d, the grant list %d and %d", key, config.PriceVersion, config.Goods["1001"].Price, g.PriceVersion, price)
		}
		if err == nil {
			err = err2
		}
		return err
	})
	r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: units})
	later(time.Second)
	return r.visit(v.ID)
}

func TestAPriceStepsDownAsTheFirstLotNearsItsDate(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated()
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: water(8)})
		r.must(err)
		r.brought(4, r.today().Add(2))
		r.brought(4, r.today().Add(6))
		later(time.Minute)
		if v := r.bought("fresh", 1, 200); v.Total != 200 {
			t.Errorf("fresh goods cost %d", v.Total)
		}
		if got := r.incidents()[cloud.IncidentExpires]; got != 1 {
			t.Errorf("two days before, somebody was told %d times", got)
		}
		r.tomorrow()
		open, err := r.begin("over midnight")
		r.must(err)
		if v := r.bought2(open, 1); v.Total != 180 || v.PriceVersion != 2 {
			t.Errorf("a day before its date it costs %d by list %d", v.Total, v.PriceVersion)
		}
		r.tomorrow()
		if v := r.bought("last day", 1, 100); v.Total != 100 {
			t.Errorf("on its last day it costs %d", v.Total)
		}
		if v := r.bought("the last of the lot", 1, 100); v.Total != 100 {
			t.Errorf("the last of its lot costs %d", v.Total)
		}
		later(time.Minute)
		if v := r.bought("the next lot", 1, 200); v.Total != 200 {
			t.Errorf("of the next lot one costs %d", v.Total)
		}
		if got := r.incidents(); got[cloud.IncidentExpires]+got[cloud.IncidentExpired] != 0 {
			t.Errorf("of what is sold somebody is told: %v", got)
		}
		r.check()
	})
}

// bought2 settles a visit that is open.
func (r *rig) bought2(v cloud.Visit, units int) cloud.Visit {
	r.t.Helper()
	r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: units})
	later(time.Second)
	return r.visit(v.ID)
}

func TestAVisitKeepsThePriceThatItOpenedWith(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated()
		r.brought(4, r.today().Add(1))
		r.sleeps(time.Until(time.Date(2000, 1, 2, 0, 0, 0, 0, time.FixedZone("Asia/Shanghai", 8*3600))) - 30*time.Second)
		if r.tag() != 180 {
			t.Errorf("it is shown for %d", r.tag())
		}
		r.cabinet.telemetry()
		v, err := r.begin("before midnight")
		r.must(err)
		r.cabinet.reply(protocol.CodeOK)
		r.cabinet.does(begun(v.ID))
		later(90 * time.Second)
		if r.tag() != 100 {
			t.Errorf("after midnight it is shown for %d", r.tag())
		}
		r.cabinet.does(r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 1}))
		later(time.Second)
		if got := r.visit(v.ID); got.Total != 180 {
			t.Errorf("who opened before pays %d", got.Total)
		}
		r.mustBeSound()
	})
}

func TestTheChainsNextPriceIsReducedToo(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated()
		r.brought(4, r.today())
		later(time.Minute)
		r.entered("1001,3.00", 0)
		later(time.Second)
		r.bought("half of three", 1, 150)
		r.mustBeSound()
	})
}

func TestWhatIsAllExpiredIsNotSoldAndNobodyPaysForIt(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated()
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: water(8)})
		r.must(err)
		r.brought(4, r.today())
		r.tomorrow()
		if got := r.incidents(); r.tag() != 0 || got[cloud.IncidentExpired] != 1 || got[cloud.IncidentExpires] != 0 {
			t.Errorf("it is shown for %d, told of %v", r.tag(), got)
		}
		v, err := r.begin("one was taken all the same")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 1}, settle.Line{SKU: "1002", Qty: 1})
		later(time.Second)
		r.is(v.ID, cloud.StateReview)
		_, err = r.core.Visits.Decide(t.Context(), cloud.DecideReview{Visit: v.ID, By: "li", Lines: []settle.Line{{SKU: "1001", Qty: 1}}, Note: "x", Story: cloud.NoStory})
		if protocol.CodeOf(err) != cloud.CodeNotForSale {
			t.Errorf("it was billed by a person: %v", err)
		}
		_, err = r.core.Visits.Decide(t.Context(), cloud.DecideReview{Visit: v.ID, By: "li", Lines: []settle.Line{{SKU: "1002", Qty: 1}}, Note: "x", Story: cloud.NoStory})
		r.must(err)
		later(time.Second)
		if got := r.visit(v.ID); got.Total != 350 {
			t.Errorf("the rest costs %d", got.Total)
		}
		r.cabinet.telemetry()
		_, err = r.moves(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Expired, Lines: water(int(r.balance(lane, ledger.Article("1001"))))})
		r.must(err)
		r.brought(2, "")
		later(time.Minute)
		if got := r.incidents(); r.tag() != 200 || got[cloud.IncidentExpired] != 0 {
			t.Errorf("fresh goods are shown for %d, told of %v", r.tag(), got)
		}
		r.view(func(tx cloud.Tx) error {
			lots, err := tx.Lots.Of(lane, "1001")
			if len(lots) != 1 || lots[0].Until != r.today().Add(3) || lots[0].Said || lots[0].Units != 2 {
				t.Errorf("what nobody read a date off has lots %+v", lots)
			}
			return err
		})
		r.mustBeSound()
	})
}

func TestADateThatNobodyReadStopsNoSale(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.dated()
		_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: water(8)})
		r.must(err)
		r.brought(4, "")
		for range 5 { // It keeps for three days.
			r.tomorrow()
		}
		if got := r.incidents(); r.tag() == 0 || got[cloud.IncidentExpired] != 1 {
			t.Errorf("it is shown for %d, told of %v: want it on sale, and a person told", r.tag(), got)
		}
		r.mustBeSound()
	})
}
