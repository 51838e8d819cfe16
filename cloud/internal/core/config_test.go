package core_test

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// config is the last desired state that was sent; it must be signed.
func (c *cabinet) config() wire.Config {
	c.rig.t.Helper()
	var config wire.Config
	c.rig.must(wire.Unseal(wire.KindConfig, c.rig.keys, c.rig.mail.last(topic.Config), &config))
	return config
}

func TestADesiredStateIsSentUntilItIsApplied(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		later(time.Minute)
		if n := r.mail.count(topic.Config); n != 0 {
			t.Fatalf("%d configurations were sent to a cabinet that has the newest", n)
		}
		changed := storetest.Plan()
		changed.Articles[0].Price = 250
		r.must(r.core.Apply(t.Context(), changed))
		later(3 * time.Second)
		got := r.cabinet.config()
		if got.Config != (wire.ConfigVersion{FleetEpoch: 1, Version: 2}) || got.PriceVersion != 2 || got.Goods["1001"].Price != 250 ||
			len(got.Platforms) != 2 || got.Stock.Version != 1 || got.Stock.Book["S1"]["1001"] != 8 {
			t.Errorf("sent %+v", got)
		}
		later(time.Minute)
		if n := r.mail.count(topic.Config); n < 2 {
			t.Error("it was not sent again to a cabinet that is silent about it")
		}
		r.cabinet.does(wire.AppliedBody{Config: got.Config})
		before := r.mail.count(topic.Config)
		later(2 * time.Minute)
		if n := r.mail.count(topic.Config); n != before {
			t.Error("it was sent after it was applied")
		}
		r.cabinet.birth() // It says version 1 again.
		if n := r.mail.count(topic.Config); n != before+1 {
			t.Error("a birth with an older version was not answered")
		}
	})
}

func TestARefusedDesiredStateIsAnIncidentUntilOneIsApplied(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		at := func(n uint64) wire.ConfigVersion { return wire.ConfigVersion{FleetEpoch: 1, Version: n} }
		r.cabinet.does(wire.NotAppliedBody{Config: at(1), Code: protocol.CodeStale, Detail: "not newer than 1.2"})
		if found := r.incidents(); len(found) != 0 {
			t.Errorf("a message that was late: %v", found)
		}
		r.cabinet.does(wire.NotAppliedBody{Config: at(3), Code: protocol.CodeMalformed, Detail: "no platform"})
		if found := r.incidents(); len(found) != 1 || found[cloud.IncidentConfig] != 1 {
			t.Errorf("incidents %+v", found)
		}
		r.cabinet.does(wire.AppliedBody{Config: at(4)})
		if found := r.incidents(); len(found) != 0 {
			t.Errorf("after one was applied: %v", found)
		}
	})
}

func TestAPlanogramIsCheckedAgainWhereItChanged(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		before, err := r.core.Plans.Planogram(t.Context(), "xs-01")
		r.must(err)
		if len(before.Before.Conflicts) != 0 || len(before.Before.Platforms) != 2 || before.Before.Platforms[0].Weight == 0 {
			t.Errorf("the plan of the tests: %+v", before.Before)
		}
		changed := storetest.Plan()
		twin := changed.Articles[0]
		twin.SKU = "1009"
		changed.Articles = append(changed.Articles, twin)
		changed.Cabinets[0].Platforms[0].SKUs = append(changed.Cabinets[0].Platforms[0].SKUs, twin.SKU)
		r.must(r.core.Apply(t.Context(), changed))
		after, err := r.core.Plans.Planogram(t.Context(), "xs-01")
		r.must(err)
		if len(after.Before.Conflicts) == 0 || after.Before.Reviews < 100 {
			t.Errorf("with a twin: %+v", after.Before)
		}
		if _, err := r.core.Plans.Planogram(t.Context(), "xs-77"); protocol.CodeOf(err) != cloud.CodeUnknownCabinet {
			t.Errorf("of a cabinet that is not there: %v", err)
		}
	})
}

func TestTheSameMasterDataAgainChangesNothingAndOpeningStockCountsOnce(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		again := storetest.Plan()
		again.Cabinets[0].Stock["S1"]["1001"] = 99
		for range 2 {
			r.must(r.core.Apply(t.Context(), again))
		}
		later(time.Minute)
		if n := r.mail.count(topic.Config); n != 0 {
			t.Errorf("%d configurations were sent", n)
		}
		if got := r.balance(ledger.Stock("xs-01", "S1"), ledger.Article("1001")); got != 8 {
			t.Errorf("%d of 1001 by the book, want the 8 it began with", got)
		}
		r.view(func(tx cloud.Tx) error {
			version, err := tx.Prices.Current()
			latest, _, err2 := tx.Desired.Latest("xs-01")
			if version != 1 || latest.Config.Version != 1 {
				t.Errorf("price version %d, desired state %d", version, latest.Config.Version)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestMasterDataAreTakenWholeOrNotAtAll(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*cloud.MasterData)
		want  protocol.Code
	}{
		"an article that is not there":  {func(m *cloud.MasterData) { m.Cabinets[0].Platforms[1].SKUs = []protocol.SKU{"777"} }, cloud.CodeUnknownArticle},
		"a price of nothing":            {func(m *cloud.MasterData) { m.Articles[1].Price = 0 }, protocol.CodeMalformed},
		"a store that is not there":     {func(m *cloud.MasterData) { m.Cabinets[0].ID, m.Cabinets[0].Store = "xs-02", "west" }, ""},
		"a cabinet id no topic can use": {func(m *cloud.MasterData) { m.Cabinets[0].ID = "柜" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				m := storetest.Plan()
				m.Chain.Hold = 7000
				c.spoil(&m)
				if err := r.core.Apply(t.Context(), m); err == nil || protocol.CodeOf(err) != c.want {
					t.Errorf("got %v, want code %q", err, c.want)
				}
				chain, err := r.core.Fleet.Chain(t.Context())
				r.must(err)
				if chain.Hold != 5000 {
					t.Error("half of it was taken")
				}
			})
		})
	}
}

func TestTheFleetIsShownAsItIs(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		state := func(want cloud.CabinetState) {
			t.Helper()
			all, err := r.core.Fleet.Cabinets(t.Context())
			r.must(err)
			if len(all) != 1 || all[0].State != want || all[0].StoreName.En != "North" {
				t.Errorf("shown as %+v, want %s", all, want)
			}
		}
		state(cloud.CabinetReady)
		v, err := r.begin("")
		r.must(err)
		state(cloud.CabinetBusy)
		r.cabinet.buys(v.ID)
		state(cloud.CabinetReady)
		r.cabinet.selling = false
		r.cabinet.telemetry()
		state(cloud.CabinetStopped)
		later(2 * time.Minute)
		state(cloud.CabinetAway)
		stores, err := r.core.Fleet.Stores(t.Context())
		r.must(err)
		if len(stores) != 1 {
			t.Errorf("stores %+v", stores)
		}
		if _, err := r.core.Fleet.Cabinet(t.Context(), "xs-09"); protocol.CodeOf(err) != cloud.CodeUnknownCabinet {
			t.Errorf("unknown cabinet: %v", err)
		}
		latest, err := r.core.Visits.Latest(t.Context(), "xs-01", protocol.UUID{}, 5)
		r.must(err)
		if len(latest) != 1 || latest[0].ID != v.ID {
			t.Errorf("latest %+v", latest)
		}
	})
}
