package web_test

import (
	"net/http"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// reviewOf is a visit that waits for a person, with what each explanation of the answer would be charged.
func reviewOf(n byte, a settle.Answer) cloud.Review {
	visit := visitIn(cloud.StateReview)
	visit.ID = id(n)
	a.Decision = settle.Review
	r := cloud.Review{
		Visit: visit, Place: cloud.Text{Zh: "钱江花园 2 号门", En: "Qianjiang Garden, gate 2"}, Why: cloud.CodeUncertain,
		Waives: noon.Add(71 * time.Hour), Waiting: 41 * time.Minute, Answer: a,
	}
	for _, why := range a.Why {
		bill := cloud.Bill{Lines: []cloud.OrderLine{}, Known: true}
		for _, l := range why.Lines {
			for _, article := range articles {
				if article.SKU == l.SKU {
					bill.Lines = append(bill.Lines, cloud.OrderLine{SKU: l.SKU, Name: article.Name, Qty: l.Qty, Price: article.Price})
				}
			}
		}
		bill.Known = len(bill.Lines) == len(why.Lines)
		bill.Total = total(bill.Lines)
		r.Bills = append(r.Bills, bill)
	}
	if len(r.Bills) > 0 {
		r.Guess = r.Bills[0].Lines
	}
	return r
}

// someReview is of a cabinet that settled by rule 1 and did not know the time.
func someReview() cloud.Review {
	return reviewOf(77, settle.Answer{
		Faults: []settle.Fault{{Platform: "S3", Reason: "wild"}},
		Why: []settle.Explanation{
			{Lines: []settle.Line{{SKU: "1301", Qty: 1}, {SKU: "2001", Qty: 1}}, Probability: 0.713, Steps: []settle.Step{
				{At: 3100, Platform: "S1", Delta: -263400, SKU: "2001", Qty: -1},
				{At: 8400, Platform: "S1", Delta: -307100, SKU: "1301", Qty: -1},
				{At: 9900, Platform: "S3", Delta: 81200},
			}},
			{Lines: []settle.Line{{SKU: "2004", Qty: 2}}, Probability: 0.27},
		},
	})
}

// twins is a visit in which one of two bottles of about the same weight was taken, and some more happened.
func twins() cloud.Review {
	common := []settle.Step{
		{At: 12_000, Platform: "S4", Delta: -834_000, SKU: "1001", Qty: -1, What: settle.Taken, Probability: 0.996},
		{At: 12_000, Platform: "S4", Delta: -834_000, SKU: "2001", Qty: -1, What: settle.Taken, Probability: 0.996},
		{At: 15_500, Platform: "S2", Delta: 263_400, SKU: "2001", Qty: 1, What: settle.Misplaced, Probability: 0.97},
	}
	story := func(p float64, sku protocol.SKU, lines []settle.Line, more ...settle.Step) settle.Explanation {
		steps := append([]settle.Step{{At: 7345, Platform: "S2", Delta: -571_200, SKU: sku, Qty: -1, What: settle.Taken, Probability: p}}, common...)
		return settle.Explanation{Lines: lines, Probability: p, Steps: append(steps, more...)}
	}
	r := reviewOf(78, settle.Answer{
		Why: []settle.Explanation{
			story(0.62, "1001", []settle.Line{{SKU: "1001", Qty: 2}}),
			story(0.34, "1204", []settle.Line{{SKU: "1001", Qty: 1}, {SKU: "1204", Qty: 1}},
				settle.Step{At: 19_000, Platform: "S1", Delta: 41_000, What: settle.Object, Probability: 0.34}),
		},
		Strays: []settle.Stray{{Platform: "S2", SKU: "2001", Qty: 1}},
	})
	r.Zero = noon.Add(-5 * time.Minute)
	return r
}

// odd is a visit in which everything happened that a step may be, found again after a power cut in the other story.
func odd() cloud.Review {
	r := reviewOf(79, settle.Answer{
		Faults: []settle.Fault{{Platform: "S5", Reason: "silent"}},
		Why: []settle.Explanation{{Lines: []settle.Line{}, Probability: 0.93, Steps: []settle.Step{
			{At: 3000, Platform: "S1", Delta: -263_000, SKU: "2001", Qty: -1, What: settle.Taken, Probability: 0.98},
			{At: 5000, Platform: "S1", Delta: 190_000, What: settle.Altered, Probability: 0.7},
			{At: 7000, Platform: "S2", Delta: 300_000, What: settle.Object, Probability: 0.9},
			{At: 8000, Platform: "S2", Delta: -300_000, What: settle.ObjectGone, Probability: 0.9},
			{At: 9000, Platform: "S3", Delta: -3_400, What: settle.Strange, Probability: 0.4},
		}}},
	})
	r.Zero = noon.Add(-time.Hour)
	return r
}

// afterPowerCut knows the weights before and after only, and an article that nobody has a price for.
func afterPowerCut() cloud.Review {
	return reviewOf(80, settle.Answer{Why: []settle.Explanation{
		{Lines: []settle.Line{{SKU: "2001", Qty: 1}, {SKU: "9999", Qty: 1}}, Probability: 0.5, Steps: []settle.Step{
			{Platform: "S1", Delta: -263_000, SKU: "2001", Qty: -1, What: settle.Taken, Probability: 0.5},
			{Platform: "S4", Delta: -90_000, SKU: "9999", Qty: -1, What: settle.Taken, Probability: 0.5},
		}},
		{Lines: []settle.Line{}, Probability: 0.2},
	}})
}

// reviewed is a night with every sort of review.
func reviewed(w *world) {
	unseen := reviewOf(81, settle.Answer{})
	w.reviews = []cloud.Review{twins(), odd(), someReview(), afterPowerCut(), unseen}
	for _, r := range w.reviews {
		w.put(r.Visit)
	}
}

func TestTheManagerReadsWhatTheScalesSaw(t *testing.T) {
	w := newWorld()
	reviewed(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get(pathOf(twins())), http.StatusOK,
		// Twins, with the time of day at the store.
		"More than one story fits", `<span class="at">02:09:07</span> <span>S2 lost 571 g: one Spring water 550 ml (62 %) <span class="differs">`,
		"S2 lost 571 g: one Jasmine tea 500 ml (34 %)", "S4 lost 834 g: one Spring water 550 ml and one Milk 250 ml (over 99 %)",
		"S2 gained 263 g: one Milk 250 ml put down here, belongs on S1 (97 %)", "Left on S2: one Milk 250 ml. It belongs on S1 and is not charged.",
		"Likeliest story", "likely, 62 %", "Second story", "less likely, 34 %", "The two stories are ¥1.50 apart. 2 of 4 steps differ and are marked.",
		"S1: no goods moved; a hand rested there", "S1 gained 41 g: something that is not ours was put down (34 %)", "None of these: 4 %", "¥4.00", "¥5.50",
	)
	// Everything else that a step may be.
	mustSee(t, v.get(pathOf(odd())), http.StatusOK,
		"A scale could not be trusted", "S5 did not answer: what was taken there is unknown", "Nothing taken", "very likely, 93 %", "what was taken came back changed",
	)
	// An answer of rule 1, after which seconds are all that is known.
	mustSee(t, v.get(pathOf(someReview())), http.StatusOK,
		"3.1 s", "S3 gained 81 g: something unknown", "S3 never came to rest", "No clear step was seen", "seconds count from just before the door was released",
	)
	// After a power cut.
	mustSee(t, v.get(pathOf(afterPowerCut())), http.StatusOK, "price unknown", "at least ¥3.50", "not when anything moved")
	// And where nothing is known at all.
	mustSee(t, v.get("/reviews/"+id(81).String()), http.StatusOK, "The scales could not be followed", "No guess; the cabinet gave none")
	v.lang = "zh-CN"
	mustSee(t, v.get(pathOf(twins())), http.StatusOK, `<span class="at">02:09:07</span> <span>S2 轻了 571 g：拿走 1 件饮用天然水 550ml（62 %）`, "两种说法差 ¥1.50。4 步里有 2 步不一样",
		"S2 上留着 1 件纯牛奶 250ml，该放在 S1；没有收钱。", "比较可能，62 %")
}
