package web

import (
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// tellers tell in Chinese and in English of a visit whose zero was 14:03:00.2 at the store.
func tellers(t *testing.T) (zh, en teller) {
	t.Helper()
	all := readAll(t)
	goods := []cloud.ShelfGood{
		{Platform: "S2", Article: cloud.Article{SKU: "1001", Name: cloud.Text{Zh: "饮用天然水 550ml", En: "Spring water 550 ml"}}},
		{Platform: "S1", Article: cloud.Article{SKU: "2001", Name: cloud.Text{Zh: "纯牛奶 250ml", En: "Milk 250 ml"}}},
		{Platform: "S3", Article: cloud.Article{SKU: "2001", Name: cloud.Text{Zh: "纯牛奶 250ml", En: "Milk 250 ml"}}},
	}
	r := cloud.Review{
		Zero:  time.Date(2026, 11, 21, 6, 3, 0, 200e6, time.UTC),
		Bills: []cloud.Bill{{Lines: []cloud.OrderLine{{SKU: "7", Name: cloud.Text{Zh: "旧货", En: "Old stock"}}}}},
	}
	shanghai := time.FixedZone("CST", 8*3600)
	return (&view{lang: languages[0], texts: all}).teller(r, goods, shanghai), (&view{lang: languages[1], texts: all}).teller(r, goods, shanghai)
}

// breakable takes the spaces at which no line may break for others.
func breakable(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// toldStep is a change of weight 6.9 seconds after the zero, and its sentence in both languages.
type toldStep struct {
	what   string
	steps  []settle.Step
	zh, en string
}

// step is a change on platform S2 unless it says otherwise.
func step(s settle.Step) []settle.Step {
	s.At = 6900
	if s.Platform == "" {
		s.Platform = "S2"
	}
	return []settle.Step{s}
}

func tells(t *testing.T, cases []toldStep) {
	t.Helper()
	zh, en := tellers(t)
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			at := place{6900, "S2"}
			if len(c.steps) > 0 {
				at.platform = c.steps[0].Platform
			}
			for want, teller := range map[string]teller{c.zh: zh, c.en: en} {
				if got := teller.step(at, c.steps); breakable(got.Say) != want || got.At != "14:03:07" {
					t.Errorf("%s %s\nwant 14:03:07 %s", got.At, got.Say, want)
				}
			}
		})
	}
}

func TestEachStepOfGoodsIsOneSentence(t *testing.T) {
	tells(t, []toldStep{
		{
			"one taken", step(settle.Step{Delta: -571_200, SKU: "1001", Qty: -1, What: settle.Taken, Probability: 0.96}),
			"S2 轻了 571 g：拿走 1 件饮用天然水 550ml（96 %）", "S2 lost 571 g: one Spring water 550 ml (96 %)",
		},
		{
			"several taken at once", step(settle.Step{Delta: -1_142_400, SKU: "1001", Qty: -2, What: settle.Taken, Probability: 0.9996}),
			"S2 轻了 1142 g：拿走 2 件饮用天然水 550ml（99 % 以上）", "S2 lost 1142 g: 2 × Spring water 550 ml (over 99 %)",
		},
		{
			"two articles taken at once", append(step(settle.Step{Delta: -834_000, SKU: "1001", Qty: -1, What: settle.Taken, Probability: 0.5}),
				step(settle.Step{Delta: -834_000, SKU: "2001", Qty: -1, What: settle.Taken, Probability: 0.5})...),
			"S2 轻了 834 g：拿走 1 件饮用天然水 550ml、1 件纯牛奶 250ml（50 %）", "S2 lost 834 g: one Spring water 550 ml and one Milk 250 ml (50 %)",
		},
		{
			"put back", step(settle.Step{Delta: 571_200, SKU: "1001", Qty: 1, What: settle.Back, Probability: 0.004}),
			"S2 重了 571 g：放回 1 件饮用天然水 550ml（不到 1 %）", "S2 gained 571 g: one Spring water 550 ml put back (under 1 %)",
		},
		{
			"put on another platform", step(settle.Step{Platform: "S1", Delta: 571_200, SKU: "1001", Qty: 1, What: settle.Misplaced, Probability: 0.9}),
			"S1 重了 571 g：放错了 1 件饮用天然水 550ml，该放在 S2（90 %）", "S1 gained 571 g: one Spring water 550 ml put down here, belongs on S2 (90 %)",
		},
		{
			"put on another platform, with two homes", step(settle.Step{Delta: 263_400, SKU: "2001", Qty: 1, What: settle.Misplaced, Probability: 0.9}),
			"S2 重了 263 g：放错了 1 件纯牛奶 250ml，该放在 S1 或 S3（90 %）", "S2 gained 263 g: one Milk 250 ml put down here, belongs on S1 or S3 (90 %)",
		},
		{
			"put on another platform, with no home now", step(settle.Step{Delta: 100_000, SKU: "7", Qty: 1, What: settle.Misplaced, Probability: 0.9}),
			"S2 重了 100 g：放错了 1 件旧货，这里不是它的地方（90 %）", "S2 gained 100 g: one Old stock put down where it does not belong (90 %)",
		},
	})
}

func TestEachOddStepIsOneSentence(t *testing.T) {
	tells(t, []toldStep{
		{
			"a stray taken up", step(settle.Step{Delta: -263_400, SKU: "2001", Qty: -1, What: settle.StrayTaken, Probability: 0.9}),
			"S2 轻了 263 g：又拿走放错的 1 件纯牛奶 250ml（90 %）", "S2 lost 263 g: one Milk 250 ml that did not belong here, taken up again (90 %)",
		},
		{
			"something altered", step(settle.Step{Delta: 400_000, What: settle.Altered, Probability: 0.66}),
			"S2 重了 400 g：拿走的东西回来了，但不是原样：换过，或者少了一部分（66 %）", "S2 gained 400 g: what was taken came back changed: swapped, or emptied in part (66 %)",
		},
		{
			"an object", step(settle.Step{Delta: 300_000, What: settle.Object, Probability: 0.8}),
			"S2 重了 300 g：放下了不是我们卖的东西（80 %）", "S2 gained 300 g: something that is not ours was put down (80 %)",
		},
		{
			"the object taken away", step(settle.Step{Delta: -300_000, What: settle.ObjectGone, Probability: 0.8}),
			"S2 轻了 300 g：放下的东西又拿走了（80 %）", "S2 lost 300 g: what was put down here was taken away again (80 %)",
		},
		{
			"something strange", step(settle.Step{Delta: -3_420, What: settle.Strange, Probability: 0.3}),
			"S2 轻了 3.4 g：说不清是什么（30 %）", "S2 lost 3.4 g: nothing known explains it (30 %)",
		},
		{
			"no change of weight", step(settle.Step{What: settle.Strange, Probability: 0.3}),
			"S2 重量没变：说不清是什么（30 %）", "S2 weighs the same: nothing known explains it (30 %)",
		},
		{
			"a word of a later rule, which is told by article and number", step(settle.Step{Delta: -571_200, SKU: "1001", Qty: -1, What: "borrowed"}),
			"S2 轻了 571 g：拿走 1 件饮用天然水 550ml", "S2 lost 571 g: one Spring water 550 ml",
		},
		{"a hand, of which a story says nothing", nil, "S2：没有动货，只是手碰了一下或秤自己动了", "S2: no goods moved; a hand rested there, or the scale itself moved"},
	})
}

func TestStepsOfTheFirstRuleStillReadWell(t *testing.T) {
	tells(t, []toldStep{
		{
			"rule 1: taken", step(settle.Step{Delta: -526_000, SKU: "2001", Qty: -2}),
			"S2 轻了 526 g：拿走 2 件纯牛奶 250ml", "S2 lost 526 g: 2 × Milk 250 ml",
		},
		{
			"rule 1: put back", step(settle.Step{Delta: 10_000, SKU: "9", Qty: 1}),
			"S2 重了 10 g：放回 1 件9", "S2 gained 10 g: one 9 put back",
		},
		{
			"rule 1: something unknown", step(settle.Step{Delta: 81_200}),
			"S2 重了 81 g：认不出的东西", "S2 gained 81 g: something unknown",
		},
	})
}

func TestWhereTheTimeOfDayIsNotKnownSecondsAreTold(t *testing.T) {
	zh, en := tellers(t)
	zh.zero, en.zero = time.Time{}, time.Time{}
	for _, c := range []struct {
		at     int64
		zh, en string
	}{{6900, "6.9 秒", "6.9 s"}, {0, "", ""}} {
		if zh.time(c.at) != c.zh || en.time(c.at) != c.en {
			t.Errorf("%d: %q and %q, want %q and %q", c.at, zh.time(c.at), en.time(c.at), c.zh, c.en)
		}
	}
}

func TestAProbabilityIsToldInWordAndNumber(t *testing.T) {
	zh, en := tellers(t)
	for _, c := range []struct {
		p      float64
		zh, en string
	}{
		{1, "几乎肯定 99 % 以上", "almost certain over 99 %"},
		{0.99, "几乎肯定 99 %", "almost certain 99 %"},
		{0.9449, "很可能 94 %", "very likely 94 %"},
		{0.713, "比较可能 71 %", "likely 71 %"},
		{0.5, "一半一半 50 %", "as likely as not 50 %"},
		{0.27, "不太可能 27 %", "less likely 27 %"},
		{0.02, "可能性很小 2 %", "unlikely 2 %"},
		{0, "可能性很小 不到 1 %", "unlikely under 1 %"},
	} {
		if got := breakable(zh.sure(c.p) + " " + zh.percent(c.p)); got != c.zh {
			t.Errorf("%v is %s, want %s", c.p, got, c.zh)
		}
		if got := breakable(en.sure(c.p) + " " + en.percent(c.p)); got != c.en {
			t.Errorf("%v is %s, want %s", c.p, got, c.en)
		}
	}
}

func TestTwoStoriesStandSideBySide(t *testing.T) {
	_, en := tellers(t)
	water, milk := protocol.SKU("1001"), protocol.SKU("2001")
	taken := func(at int64, sku protocol.SKU) settle.Step {
		return settle.Step{At: at, Platform: "S2", Delta: -500_000, SKU: sku, Qty: -1, What: settle.Taken, Probability: 0.5}
	}
	one := func(sku protocol.SKU) []settle.Line { return []settle.Line{{SKU: sku, Qty: 1}} }
	cases := []struct {
		what string
		why  []settle.Explanation
		want [2]string // a letter a step: = the same in both, x not the same
	}{
		{"the same steps are not marked", []settle.Explanation{
			{Lines: one(water), Steps: []settle.Step{taken(1000, water)}},
			{Lines: one(water), Steps: []settle.Step{taken(1000, water)}},
		}, [2]string{"=", "="}},
		{"one article for another is marked on both sides", []settle.Explanation{
			{Lines: one(water), Steps: []settle.Step{taken(1000, water), taken(2000, milk)}},
			{Lines: one(milk), Steps: []settle.Step{taken(1000, milk), taken(2000, milk)}},
		}, [2]string{"x=", "x="}},
		{"what one story is silent of has its row in it", []settle.Explanation{
			{Lines: one(water), Steps: []settle.Step{taken(2000, water)}},
			{Lines: one(water), Steps: []settle.Step{taken(1000, milk), taken(2000, water)}},
		}, [2]string{"x=", "x="}},
		{"a story in which nothing was taken needs no steps of its own", []settle.Explanation{
			{Lines: one(water), Steps: []settle.Step{taken(2000, water)}}, {},
		}, [2]string{"x", "x"}},
		{"a story whose steps are not known is compared with nothing", []settle.Explanation{
			{Lines: one(water), Steps: []settle.Step{taken(2000, water)}}, {Lines: one(milk)},
		}, [2]string{"=", ""}},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			for i, steps := range en.steps(c.why) {
				var got strings.Builder
				for _, s := range steps {
					got.WriteString(map[bool]string{true: "x", false: "="}[s.Differs])
				}
				if got.String() != c.want[i] {
					t.Errorf("story %d is marked %q, want %q: %+v", i+1, got.String(), c.want[i], steps)
				}
			}
		})
	}
}

func TestWhatAPersonIsAskedForIsToldInWords(t *testing.T) {
	v := &view{lang: languages[1], texts: readAll(t)}
	likely := func(p float64) settle.Answer { return settle.Answer{Why: []settle.Explanation{{Probability: p}}} }
	faulty := likely(0.97)
	faulty.Faults = []settle.Fault{{Platform: "S3", Reason: "silent"}}
	for _, c := range []struct {
		what   string
		review cloud.Review
		want   string
	}{
		{"two stories", cloud.Review{Why: cloud.CodeUncertain, Answer: likely(0.6)}, "More than one story fits"},
		{"one story, not surely enough", cloud.Review{Why: cloud.CodeUncertain, Answer: likely(0.97)}, "not surely enough to charge"},
		{"a faulty platform", cloud.Review{Why: cloud.CodeUncertain, Answer: faulty}, "A scale could not be trusted"},
		{"nothing was seen", cloud.Review{Why: cloud.CodeUncertain}, "could not be followed"},
		{"an article that nobody knows", cloud.Review{Why: cloud.CodeUnknownArticle, Answer: likely(0.97)}, "An article is not known here"},
		{"a price that nobody knows", cloud.Review{Why: cloud.CodeUnknownPrice, Answer: likely(0.97)}, "price shown then is not known"},
		{"a planogram that nobody knows", cloud.Review{Why: cloud.CodeUnknownPlan, Answer: likely(0.97)}, "What lay where"},
		{"a visit that nobody began", cloud.Review{Why: cloud.CodeUnknownVisit, Answer: likely(0.97)}, "not begun here"},
		{"a code without words", cloud.Review{Why: "odd", Answer: likely(0.97)}, "(odd)"},
	} {
		if got := v.sayWhy(c.review); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	for _, reason := range []string{"silent", "stuck", "wild", "overload", "gap", "object"} {
		if got := v.sayFault(settle.Fault{Platform: "S3", Reason: reason}); !strings.Contains(got, "S3") || strings.Contains(got, reason+")") {
			t.Errorf("%s has no words of its own: %s", reason, got)
		}
	}
	if got := v.sayFault(settle.Fault{Platform: "S3", Reason: "odd"}); !strings.Contains(got, "S3 cannot be trusted (odd)") {
		t.Error(got)
	}
}
