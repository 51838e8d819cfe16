package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/storetest"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
)

// entered takes prices in that hold after a time; 0: at once.
func (r *rig) entered(table string, after time.Duration) cloud.Preview {
	r.t.Helper()
	in := cloud.Intake{Kind: cloud.MasterPrices, Text: []byte("sku,price_yuan\n" + table), By: "manager"}
	if after > 0 {
		in.From = time.Now().Add(after)
	}
	p, err := r.core.Planning.Apply(r.t.Context(), in, 0)
	r.must(err)
	return p
}

func (r *rig) prices() cloud.PriceBook {
	r.t.Helper()
	b, err := r.core.Assortment.Prices(r.t.Context(), 10)
	r.must(err)
	return b
}

func TestPricesHoldFromTheirTimeOnAndNotAMomentEarlier(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.entered("1001,2.50", time.Hour)
		later(time.Hour - time.Second)
		r.cabinet.telemetry()
		before, err := r.begin("before")
		r.must(err)
		if b := r.prices(); b.Version != 1 || b.Prices["1001"] != 200 || len(b.Coming) != 1 || r.mail.count(topic.Config) != 0 {
			t.Errorf("a second before: %+v, %d states sent", b, r.mail.count(topic.Config))
		}
		later(time.Second)
		if b := r.prices(); b.Version != 2 || b.Prices["1001"] != 250 || b.Prices["1002"] != 350 || len(b.Coming) != 0 || !b.Ended[0].From.Equal(time.Now()) || b.Ended[0].By != "manager" {
			t.Errorf("at its time: %+v", b)
		}
		if got := r.cabinet.config(); got.PriceVersion != 2 || got.Goods["1001"].Price != 250 {
			t.Errorf("the cabinet was told %+v", got)
		}
		goods, err := r.core.Fleet.Goods(t.Context(), "xs-01")
		r.must(err)
		if goods[0].Article.Price != 250 {
			t.Errorf("the page shows %d", goods[0].Article.Price)
		}
		r.cabinet.buys(before.ID, settle.Line{SKU: "1001", Qty: 1})
		if v := r.visit(before.ID); v.PriceVersion != 1 || v.Total != 200 {
			t.Errorf("who came before pays %d by version %d", v.Total, v.PriceVersion)
		}
		later(time.Minute)
		r.cabinet.telemetry()
		after, err := r.begin("after")
		r.must(err)
		r.cabinet.buys(after.ID, settle.Line{SKU: "1001", Qty: 1})
		if v := r.visit(after.ID); v.PriceVersion != 2 || v.Total != 250 {
			t.Errorf("who came after pays %d by version %d", v.Total, v.PriceVersion)
		}
	})
}

func TestPricesThatCameDueWhileNobodyRanHoldWhenSomebodyDoes(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.entered("1001,2.50", time.Hour)
		r.entered("1001,2.20", 30*time.Minute)
		r.stop()
		later(2 * time.Hour)
		r.start()
		later(time.Second)
		b := r.prices()
		if b.Version != 3 || b.Prices["1001"] != 250 || len(b.Coming) != 0 || b.Ended[1].End.Version != 3 || b.Ended[0].End.Version != 2 {
			t.Errorf("after the start: %+v", b)
		}
		r.cabinet.birth()
		r.cabinet.telemetry()
		if got := r.cabinet.config(); got.PriceVersion != 3 || got.Goods["1001"].Price != 250 {
			t.Errorf("the cabinet was told %+v", got)
		}
	})
}

func TestOfTwoChangesFromOneTimeTheLaterEnteredStands(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.entered("1001,2.50\n1002,4.00", time.Hour)
		p := r.entered("1001,2.20", time.Hour)
		if len(p.Warnings) != 1 || p.Warnings[0].Kind != cloud.WarnSameTime || p.Warnings[0].SKU != "1001" {
			t.Errorf("warned of %v", p.Warnings)
		}
		if again := r.entered("1001,2.20", time.Hour); len(again.Changes) != 0 || again.Unchanged != 1 {
			t.Errorf("the same again: %+v", again)
		}
		later(time.Hour)
		if b := r.prices(); b.Prices["1001"] != 220 || b.Prices["1002"] != 400 || len(b.Ended) != 3 {
			t.Errorf("%+v", b)
		}
	})
}

func TestAChangeIsWithdrawnBeforeItHoldsAndNeverAfter(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.entered("1001,2.50", time.Hour)
		r.entered("1001,2.20", 2*time.Hour)
		coming := r.prices().Coming
		r.must(r.core.Planning.Withdraw(t.Context(), coming[0].Number, "owner"))
		for name, number := range map[string]uint32{"once more": coming[0].Number, "one that was never entered": 99, "the first prices": 1} {
			if err := r.core.Planning.Withdraw(t.Context(), number, "owner"); protocol.CodeOf(err) != cloud.CodeConflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		later(2 * time.Hour)
		if err := r.core.Planning.Withdraw(t.Context(), coming[1].Number, "owner"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("after it holds: %v", err)
		}
		b := r.prices()
		if b.Version != 2 || b.Prices["1001"] != 220 || b.Ended[1].End.By != "owner" || b.Ended[1].End.Version != 0 {
			t.Errorf("%+v", b)
		}
	})
}

func TestPricesDoNotHoldFromThePast(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		for name, in := range map[string]cloud.Intake{
			"prices from a second ago":  {Kind: cloud.MasterPrices, Text: []byte("sku,price_yuan\n1001,2.50"), From: time.Now().Add(-time.Second)},
			"stores from an hour on":    {Kind: cloud.MasterStores, Text: []byte("id,name_zh,name_en,hours\nwest,西,West,"), From: time.Now().Add(time.Hour)},
			"a price without a version": {Kind: cloud.MasterPrices, Text: []byte("sku,price_yuan\n1001,0")},
		} {
			if _, err := r.core.Planning.Apply(t.Context(), in, 0); protocol.CodeOf(err) != cloud.CodeBadData {
				t.Errorf("%s: %v", name, err)
			}
		}
		if b := r.prices(); b.Version != 1 || len(b.Coming) != 0 {
			t.Errorf("%+v", b)
		}
	})
}

func TestWhatTwoManagersDoAtOnceIsSeenBeforeItIsDone(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		mine := cloud.Intake{Kind: cloud.MasterPrices, Text: []byte("sku,price_yuan\n1001,2.50\n1002,3.50")}
		seen, err := r.core.Planning.Preview(t.Context(), mine)
		r.must(err)
		if len(seen.Changes) != 1 || seen.Unchanged != 1 || seen.Changes[0].Fields[0] != (cloud.FieldChange{Field: "price_fen", From: "200", To: "250"}) {
			t.Errorf("seen: %+v", seen)
		}
		r.entered("1002,4.00", 0)
		again, err := r.core.Planning.Apply(t.Context(), mine, seen.Revision)
		if protocol.CodeOf(err) != cloud.CodeChanged || len(again.Changes) != 2 || r.prices().Prices["1002"] != 400 {
			t.Errorf("over the other's change: %+v, %v", again, err)
		}
		for range 2 { // A form that is sent twice is done once.
			_, err = r.core.Planning.Apply(t.Context(), mine, again.Revision)
			r.must(err)
		}
		if b := r.prices(); b.Version != 3 || b.Prices["1001"] != 250 || b.Prices["1002"] != 350 {
			t.Errorf("%+v", b)
		}
	})
}

func TestWhatAnArticleCostIsKeptSinceWhen(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		began := time.Now()
		dearer := storetest.Plan()
		dearer.Articles[0].Cost, dearer.By = 130, "owner"
		later(time.Hour)
		r.must(r.core.Apply(t.Context(), dearer))
		r.must(r.core.Apply(t.Context(), dearer))
		costs, err := r.core.Assortment.Costs(t.Context(), "1001")
		r.must(err)
		if len(costs) != 2 || costs[0].Cost != 0 || costs[1].Cost != 130 || costs[1].By != "owner" || costs[1].From.Sub(began) < time.Hour {
			t.Errorf("costs %+v", costs)
		}
	})
}

func TestGoodsThatHaveNoPlaceAnyMoreAreSpokenOf(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		p, err := r.core.Planning.Apply(t.Context(), cloud.Intake{Kind: cloud.MasterPlanograms, Text: []byte("cabinet,platform,sku,par\nxs-01,S1,1001,12")}, 0)
		r.must(err)
		want := cloud.Warning{Kind: cloud.WarnLeft, Cabinet: "xs-01", Platform: "S1", SKU: "1002", Units: 6}
		if len(p.Warnings) != 1 || p.Warnings[0] != want || len(p.Plans) != 1 || p.Plans[0].Proposal.Before.Platforms[0].Weight != 12*571000 {
			t.Errorf("%+v", p)
		}
		later(3 * time.Second)
		if got := r.cabinet.config(); len(got.Platforms[0].SKUs) != 1 || len(got.Platforms[1].SKUs) != 1 {
			t.Errorf("the cabinet was told %+v", got.Platforms)
		}
	})
}

func TestWhoIsLimitedToStoresPlansForTheseAlone(t *testing.T) {
	const places, aisles = "cabinet,platform,sku,par\nxs-01,S1,1001,", "store,sku,aisle,turn\n"
	inRig(t, func(t *testing.T, r *rig) {
		own := storetest.Plan().Cabinets[0].Store
		stores := "id,name_zh,name_en,hours\n" + string(own) + ",店,Shop,07:00-22:00"
		for say, c := range map[string]struct {
			of   cloud.Bound
			kind cloud.MasterKind
			text string
			want protocol.Code
		}{
			"a cabinet of theirs":                 {cloud.BoundTo(own), cloud.MasterPlanograms, places + "12", protocol.CodeOK},
			"one of another store":                {cloud.BoundTo("moon"), cloud.MasterPlanograms, places + "11", cloud.CodeForbidden},
			"aisles of theirs":                    {cloud.BoundTo("moon", own), cloud.MasterAisles, aisles + string(own) + ",1001,9,9", protocol.CodeOK},
			"aisles of another store":             {cloud.BoundTo("moon"), cloud.MasterAisles, aisles + string(own) + ",1001,8,8", cloud.CodeForbidden},
			"what an article costs":               {cloud.BoundTo(own), cloud.MasterPrices, "sku,price_yuan\n1001,9.00", cloud.CodeForbidden},
			"when even a store of theirs is open": {cloud.BoundTo(own), cloud.MasterStores, stores, cloud.CodeForbidden},
		} {
			for _, take := range []func() error{
				func() error {
					_, err := r.core.Planning.Preview(t.Context(), cloud.Intake{Kind: c.kind, Text: []byte(c.text), Of: c.of})
					return err
				},
				func() error {
					_, err := r.core.Planning.Apply(t.Context(), cloud.Intake{Kind: c.kind, Text: []byte(c.text), Of: c.of}, 0)
					return err
				},
			} {
				if err := take(); protocol.CodeOf(err) != c.want {
					t.Errorf("%s: %v, want %q", say, err, c.want)
				}
			}
		}
		for of, want := range map[cloud.Bound]bool{cloud.BoundTo(own): true, cloud.BoundTo("moon"): false, "": true} {
			for _, kind := range []cloud.MasterKind{cloud.MasterStores, cloud.MasterPlanograms, cloud.MasterCabinets, cloud.MasterAisles} {
				table, err := r.core.Planning.Export(t.Context(), kind, of)
				r.must(err)
				if has := strings.Contains(string(table), "xs-01") || strings.Contains(string(table), string(own)); has != want {
					t.Errorf("the table of %s for %q:\n%s", kind, of, table)
				}
			}
		}
	})
}

// register knows how old people are.
type register struct {
	years map[protocol.UUID]int
	down  error
}

func (r *register) OldEnough(_ context.Context, person protocol.UUID, years int) (bool, error) {
	return r.years[person] >= years, r.down
}

func TestGoodsForPeopleOfAnAgeAreSoldToThoseWhoAreKnownToBeOldEnough(t *testing.T) {
	beer := "sku,name_zh,name_en,category,zone,gross_g,sd_g,price_yuan,shelf_life_days,essential,cost_yuan,vat_percent,min_age,case_size\n" +
		"9001,啤酒,Beer,alcohol,ambient,520,2,6.00,180,0,3.50,13,18,12"
	place := []byte("cabinet,platform,sku\nxs-01,S2,1003\nxs-01,S2,9001")
	inRig(t, func(t *testing.T, r *rig) {
		_, err := r.core.Planning.Apply(t.Context(), cloud.Intake{Kind: cloud.MasterArticles, Text: []byte(beer)}, 0)
		r.must(err)
		placed := cloud.Intake{Kind: cloud.MasterPlanograms, Text: place}
		if _, err := r.core.Planning.Apply(t.Context(), placed, 0); protocol.CodeOf(err) != cloud.CodeBadData {
			t.Fatalf("nobody looks, and it is placed: %v", err)
		}
		known := &register{years: map[protocol.UUID]int{resident: 17}}
		r.ages = known
		r.restart()
		_, err = r.core.Planning.Apply(t.Context(), placed, 0)
		r.must(err)
		if _, err := r.begin(""); protocol.CodeOf(err) != cloud.CodeAgeUnverified || r.provider.Held(resident) != 0 {
			t.Errorf("a person of 17 years: %v, %s held", err, r.provider.Held(resident))
		}
		known.down = errors.New("no answer")
		if _, err := r.begin(""); !errors.Is(err, known.down) {
			t.Errorf("nobody answers: %v", err)
		}
		known.years[resident], known.down = 18, nil
		v, err := r.begin("")
		r.must(err)
		r.cabinet.buys(v.ID)
		r.ages = nil
		r.restart()
		if _, err := r.begin(""); protocol.CodeOf(err) != cloud.CodeAgeUnverified {
			t.Errorf("nobody looks any more: %v", err)
		}
	})
}
