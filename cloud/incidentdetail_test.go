package cloud

import (
	"slices"
	"testing"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

func TestADetailIsReadAsItWasWritten(t *testing.T) {
	for _, c := range []struct {
		form  DetailForm
		parts []any
		want  []string
	}{
		{DetailAway, []any{"2026-11-21T10:14:00Z"}, []string{"2026-11-21T10:14:00Z"}},
		{DetailNoSale, []any{6, 14.4}, []string{"6", "14"}},
		{DetailLot, []any{"Milk: 2 units", "S2", 3, "2026-11-28"}, []string{"Milk: 2 units", "S2", "3", "2026-11-28"}},
		{DetailKey, nil, nil},
		{DetailForeign, []any{OpPay, "n1", "", protocol.Fen(350)}, []string{"pay", "n1", "", "¥3.50"}},
		{DetailTookLess, []any{protocol.Fen(350), "n1", protocol.Fen(400)}, []string{"¥3.50", "n1", "¥4.00"}},
		{DetailSays, []any{OpPay, "7", SaidAmount.Fill(protocol.Fen(350), protocol.Fen(400))}, []string{"pay", "7", "an amount of ¥3.50 instead of ¥4.00"}},
		{DetailMoved, []any{-120.4, 3}, []string{"-120", "3"}},
		{DetailUnit, []any{251.25, 240.0, 12, 9}, []string{"251.2", "240.0", "12", "9"}},
		{DetailConfig, []any{1, 7, "malformed", "scale S1: what is it?"}, []string{"1", "7", "malformed", "scale S1: what is it?"}},
		{DetailWarm, []any{"too_warm", "8.0 °C", 3600, "10.2 °C"}, []string{"too_warm", "8.0 °C", "3600", "10.2 °C"}},
	} {
		got, is := c.form.Read(c.form.Fill(c.parts...))
		if !is || !slices.Equal(got, c.want) {
			t.Errorf("%q is read as %q, %t; want %q", c.form, got, is, c.want)
		}
	}
	for form, other := range map[DetailForm]string{DetailAway: "nothing was heard", DetailLot: "S2 3001 2026-11-28", DetailKey: "opened without a visit, twice", DetailTookMore: DetailTookLess.Fill("¥3.50", "n1", "¥4.00")} {
		if parts, is := form.Read(other); is {
			t.Errorf("%q is read as %q of %q", other, parts, form)
		}
	}
}

func TestAnIncidentOfALotNamesItsArticleAndItsDay(t *testing.T) {
	i := Incident{Kind: IncidentExpired, Subject: Lot{Place: ledger.Stock("xs-01", "S2"), SKU: "3001", Until: "2026-11-28"}.Subject()}
	if platform, sku, until, is := i.Lot(); !is || platform != "S2" || sku != "3001" || until != "2026-11-28" || i.Article() != "3001" {
		t.Errorf("%q is read as %s, %s, %s, %t", i.Subject, platform, sku, until, is)
	}
	if i.Kind = IncidentScale; i.Article() != "" {
		t.Errorf("a scale is about the article %s", i.Article())
	}
	if refill := (Incident{Kind: IncidentRefillDiffers, Detail: DetailUnweighed.Fill("1001", 4)}); refill.Article() != "1001" {
		t.Errorf("a refill is about the article %q", refill.Article())
	}
}
