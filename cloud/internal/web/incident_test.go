package web

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

func TestEachKindOfIncidentHasItsWords(t *testing.T) {
	all, kinds := readAll(t), constants(t, "../../inbox.go", "IncidentKind")
	if len(kinds) < 23 {
		t.Fatalf("only %d kinds are found", len(kinds))
	}
	for _, kind := range kinds {
		for _, key := range []string{"incident." + kind, "incident." + kind + ".more", "incident." + kind + ".short"} {
			if _, known := all[key]; !known {
				t.Errorf("text %q is not in the table", key)
			}
		}
	}
}

// everyDetail is an incident of each kind whose detail has a form, with parts that could have been written.
func everyDetail() (all []cloud.Incident) {
	const id = "01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f"
	for kind, details := range map[cloud.IncidentKind][]string{
		cloud.IncidentAway:           {cloud.DetailAway.Fill("2026-11-21T10:14:00Z")},
		cloud.IncidentNoSale:         {cloud.DetailNoSale.Fill(6, 14.4)},
		cloud.IncidentExpires:        {cloud.DetailLot.Fill("Fresh milk", "S2", 3, "2026-11-28"), cloud.DetailLot.Fill("Fresh milk", "S2", 1, "2026-11-28")},
		cloud.IncidentExpired:        {cloud.DetailLot.Fill("Fresh milk", "S2", 3, "2026-11-28")},
		cloud.IncidentLeftOpen:       {cloud.DetailLeftOpen.Fill(90)},
		cloud.IncidentMoved:          {cloud.DetailMoved.Fill(-120.0, 3)},
		cloud.IncidentUnitWeight:     {cloud.DetailUnit.Fill(251.2, 240.0, 12, 9)},
		cloud.IncidentRefillDiffers:  {cloud.DetailRefill.Fill("3001", 4, 3), cloud.DetailUnweighed.Fill("3001", 4)},
		cloud.IncidentScale:          {"silent", "stuck", "wild", "overload", "gap", "object"},
		cloud.IncidentStopped:        {cloud.DetailStopped.Fill("scale_fault", "x"), cloud.DetailStopped.Fill("too_warm", "x"), cloud.DetailStopped.Fill("cold_unknown", "x"), cloud.DetailStopped.Fill("disk_full", "x")},
		cloud.IncidentConfig:         {cloud.DetailConfig.Fill(1, 7, "malformed", "lane S9")},
		cloud.IncidentUnknownCabinet: {cloud.DetailNotEnrolled.Fill("xs-9"), cloud.DetailOtherShard.Fill(3, 7)},
		cloud.IncidentOtherJournal:   {cloud.DetailInForce.Fill("01931d3c"), cloud.DetailRetired.Fill("card_retired: journal 01931d3c")},
		cloud.IncidentClonedCard:     {cloud.DetailTwoBoots.Fill(9), cloud.DetailBootBack.Fill(7, 9)},
		cloud.IncidentRestoredCard:   {cloud.DetailLacks.Fill(9, 100, 120)},
		cloud.IncidentOtherEvent:     {cloud.DetailCameTwice.Fill(7)},
		cloud.IncidentEventsLost:     {cloud.DetailNowhere.Fill(7, 9)},
		cloud.IncidentCounters:       {cloud.DetailCounters.Fill(1, 2, protocol.Fen(350), 2, 3, protocol.Fen(700))},
		cloud.IncidentPoison:         {cloud.DetailUnread.Fill("conflict", "visit 7: it ended"), cloud.DetailUnread.Fill("unknown_visit", "x")},
		cloud.IncidentMalformed:      {cloud.DetailUnread.Fill("malformed", "body of alive"), cloud.DetailUnread.Fill("unsupported", "x"), cloud.DetailUnread.Fill("other_cabinet", "x")},
		cloud.IncidentSecondSettling: {cloud.DetailSecond.Fill("xs-01/01931d3c/7")},
		cloud.IncidentPaymentMismatch: {
			cloud.DetailSays.Fill(cloud.OpCapture, id, cloud.SaidDone.Fill(cloud.OpCancelled)), cloud.DetailSays.Fill(cloud.OpRefund, id, cloud.SaidRefused.Fill()),
			cloud.DetailSays.Fill(cloud.OpHold, id, cloud.SaidAmount.Fill(protocol.Fen(350), protocol.Fen(400))), cloud.DetailSays.Fill(cloud.OpPay, id, cloud.SaidMerchant.Fill("m1", "m2")),
			cloud.DetailSays.Fill(cloud.OpTopUp, id, cloud.SaidOther.Fill(cloud.OpPay, "n1", "o1", cloud.OpTopUp, "n2", "o2")),
			cloud.DetailForeign.Fill(cloud.OpPayout, "n1", "o1", protocol.Fen(350)), cloud.DetailRefused.Fill(cloud.OpRelease, id), cloud.DetailToBecome.Fill(cloud.PaymentWaived, cloud.PaymentCaptured),
			cloud.DetailTookCase.Fill(protocol.Fen(350), "n1"), cloud.DetailTookVisit.Fill(protocol.Fen(350), "n1", cloud.PaymentWaived), cloud.DetailTookMore.Fill(protocol.Fen(350), "n1", protocol.Fen(300)),
			cloud.DetailTookLess.Fill(protocol.Fen(350), "n1", protocol.Fen(400)), cloud.DetailTookOther.Fill(protocol.Fen(350), "n1"), cloud.DetailTookTwice.Fill(protocol.Fen(350), "n1"),
			cloud.DetailGaveBack.Fill(protocol.Fen(350), "n1"),
		},
		cloud.IncidentRefundRefused: {cloud.DetailNotBack.Fill(protocol.Fen(350), id)},
		cloud.IncidentHoldLost:      {cloud.DetailHoldLost.Fill(id, protocol.Fen(5000))},
		cloud.IncidentAheadLost:     {cloud.DetailTopUp.Fill(protocol.Fen(350), "n1"), cloud.DetailPayout.Fill(protocol.Fen(350), "n1")},
		cloud.IncidentPayLost:       {cloud.DetailPayLost.Fill(protocol.Fen(350), "n1")},
		cloud.IncidentDebtsRest:     {cloud.DetailRest.Fill(3)},
		cloud.IncidentTemperature:   {cloud.DetailWarm.Fill("too_warm", "8.0 °C", 3600, "10.2 °C"), cloud.DetailUnseen.Fill("cold_unknown", "8.0 °C", 3600)},
	} {
		for _, detail := range details {
			all = append(all, cloud.Incident{Kind: kind, Subject: "S2 3001 2026-11-28", Detail: detail})
		}
	}
	return all
}

// TestWhatWasNoticedIsSaidInTheReadersLanguage: a detail stands in English in the books.
func TestWhatWasNoticedIsSaidInTheReadersLanguage(t *testing.T) {
	loc := time.FixedZone("CST", 8*3600)
	names := goodsNames{"3001": {Zh: "鲜牛奶", En: "Fresh milk"}}
	for _, lang := range languages {
		v := &view{lang: lang, texts: readAll(t)}
		for _, i := range everyDetail() {
			said := v.incidentReason(i, names, loc)
			form, _, _ := i.Facts()
			if said == "" || strings.ContainsAny(said, "{}") || strings.Contains(said, "incident.") || strings.Contains(said, "T10:14") {
				t.Errorf("in %s %s, noticed as %q, is said as %q", lang, i.Kind, i.Detail, said)
			}
			if lang == httpx.Chinese && regexp.MustCompile(`[a-z]{3}`).MatchString(strings.ReplaceAll(said, "01931d3c", "")) && i.Kind != cloud.IncidentOtherJournal {
				t.Errorf("in Chinese %s, noticed as %q, is said as %q", i.Kind, i.Detail, said)
			}
			if rest := v.noticed(i, names, loc); rest != "" && i.Kind != cloud.IncidentConfig && form != cloud.DetailUnread {
				t.Errorf("in %s %s is told as it was noticed, too: %q", lang, i.Kind, rest)
			}
		}
		if said := v.incidentReason(cloud.Incident{Kind: cloud.IncidentScale, Detail: "haunted"}, names, loc); said != "" {
			t.Errorf("what has no words is said as %q", said)
		}
	}
}

func TestWhatHasNoWordsIsToldAsItWasNoticed(t *testing.T) {
	v := &view{lang: httpx.Chinese, texts: readAll(t)}
	for detail, kind := range map[string]cloud.IncidentKind{
		"haunted": cloud.IncidentScale, "a version of long ago": cloud.IncidentConfig, "counters: 7 and 8": cloud.IncidentCounters,
		cloud.DetailStopped.Fill("haunted", "by a ghost"): cloud.IncidentStopped,
	} {
		if got := v.noticed(cloud.Incident{Kind: kind, Detail: detail}, nil, time.UTC); got != detail {
			t.Errorf("%s is told as %q, want %q", kind, got, detail)
		}
	}
	if got := v.noticed(cloud.Incident{Kind: cloud.IncidentKeyOpening, Detail: cloud.DetailKey.Fill()}, nil, time.UTC); got != "" {
		t.Errorf("what its name says is told again: %q", got)
	}
}

func TestAnIncidentNamesItsArticleAndItsDayInWords(t *testing.T) {
	words := NewIncidentWords()
	milk := cloud.Text{Zh: "鲜牛奶", En: "Fresh milk"}
	for _, c := range []struct {
		about cloud.Incident
		name  cloud.Text
		want  cloud.Text
	}{
		{
			cloud.Incident{Kind: cloud.IncidentExpires, Subject: "S2 3001 2026-11-28"},
			milk,
			cloud.Text{Zh: "鲜牛奶（S2，11 月 28 日 周六 止）：快到期", En: "Fresh milk on S2, until Saturday, 28 November: its date comes near"},
		},
		{cloud.Incident{Kind: cloud.IncidentUnitWeight, Subject: "3001"}, milk, cloud.Text{Zh: "鲜牛奶的重量和资料里的不一样了", En: "Fresh milk no longer weighs what the master data say"}},
		{cloud.Incident{Kind: cloud.IncidentUnitWeight, Subject: "3001"}, cloud.Text{}, cloud.Text{Zh: "3001的重量和资料里的不一样了", En: "3001 no longer weighs what the master data say"}},
	} {
		if got := words.What(c.about, c.name); got != c.want {
			t.Errorf("%s is named %+v, want %+v", c.about.Subject, got, c.want)
		}
	}
	store := cloud.Text{Zh: "湘湖店", En: "Xianghu store"}
	if got, want := words.Where(store, []cloud.Cabinet{{ID: "xs-01", Number: 1}, {ID: "xs-02", Number: 2}}), (cloud.Text{Zh: "湘湖店 · 1 号柜、2 号柜", En: "Xianghu store · Cabinet 1, Cabinet 2"}); got != want {
		t.Errorf("two cabinets are %+v, want %+v", got, want)
	}
	if got := words.Where(cloud.Text{}, []cloud.Cabinet{{ID: "zz-99"}}); got.Zh != "zz-99" || got.En != "zz-99" {
		t.Errorf("a cabinet that nobody planned is %+v", got)
	}
	if got := words.Where(cloud.Text{}, []cloud.Cabinet{{}}); got.En != "The chain's payments" {
		t.Errorf("no cabinet is %+v", got)
	}
}
