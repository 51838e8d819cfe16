package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// doubted is a visit that the cabinet was not sure of: two waters from the first shelf, or one and a tea.
func doubted(r *rig) cloud.Visit {
	r.t.Helper()
	v, err := r.begin("")
	r.must(err)
	body := r.cabinet.review(v.ID, settle.Line{SKU: "1001", Qty: 2})
	body.Answer.Why = []settle.Explanation{
		{Lines: []settle.Line{{SKU: "1001", Qty: 2}}, Probability: 0.6, Steps: []settle.Step{{At: 1000, Platform: "S1", SKU: "1001", Qty: -2}}},
		{Lines: []settle.Line{{SKU: "1001", Qty: 1}, {SKU: "1002", Qty: 1}}, Probability: 0.3, Steps: []settle.Step{
			{At: 1000, Platform: "S1", SKU: "1001", Qty: -1}, {At: 2000, Platform: "S1", SKU: "1002", Qty: -1},
		}},
	}
	r.cabinet.does(begun(v.ID))
	r.cabinet.does(body)
	later(time.Second)
	return r.is(v.ID, cloud.StateReview)
}

func TestAPersonDecidesAReview(t *testing.T) {
	cases := []struct {
		name               string
		how                cloud.DecideReview
		want               cloud.VisitState
		taken, owed        protocol.Fen
		water, tea, sweets int64 // left by the book, of 8, 6 and 10
		billed             int
	}{
		{"by the likeliest story", cloud.DecideReview{Story: 0}, cloud.StateCharged, 400, 0, 6, 6, 10, 1},
		{"by the second story", cloud.DecideReview{Story: 1}, cloud.StateCharged, 550, 0, 7, 5, 10, 2},
		{"by lines of their own", cloud.DecideReview{Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1003", Qty: 1}}}, cloud.StateCharged, 900, 0, 8, 6, 9, 1},
		{"by lines above the hold", cloud.DecideReview{Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1003", Qty: 6}}}, cloud.StateOwed, 5000, 400, 8, 6, 4, 1},
		{"that nothing was taken", cloud.DecideReview{Story: cloud.NoStory}, cloud.StateNothingTaken, 0, 0, 8, 6, 10, 0},
		{"by waiving", cloud.DecideReview{Waive: true}, cloud.StateWaived, 0, 0, 6, 6, 10, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v := doubted(r)
				c.how.Visit, c.how.By, c.how.Note = v.ID, "li", "seen on the shelf"
				for range 2 { // The second is a repetition, and changes nothing.
					if _, err := r.core.Visits.Decide(t.Context(), c.how); err != nil {
						t.Fatal(err)
					}
				}
				if waiting, err := r.core.Visits.Reviews(t.Context(), "", 0); err != nil || len(waiting) != 0 {
					t.Errorf("still waiting: %v, %v", waiting, err)
				}
				later(time.Second)
				if got := r.is(v.ID, c.want); len(got.Lines) != c.billed || got.Total != c.taken+c.owed {
					t.Errorf("billed %+v, %s", got.Lines, got.Total)
				}
				if taken, owed := r.provider.Taken(resident), r.balance(ledger.Debt(resident), ledger.Fen); taken != c.taken || owed != int64(c.owed) {
					t.Errorf("taken %s and owed %d, want %s and %s", taken, owed, c.taken, c.owed)
				}
				for sku, want := range map[protocol.SKU]int64{"1001": c.water, "1002": c.tea} {
					if left := r.balance(ledger.Stock("xs-01", "S1"), ledger.Article(sku)); left != want {
						t.Errorf("%d of %s are left by the book, want %d", left, sku, want)
					}
				}
				if left := r.balance(ledger.Stock("xs-01", "S2"), ledger.Article("1003")); left != c.sweets {
					t.Errorf("%d of 1003 are left by the book, want %d", left, c.sweets)
				}
				for _, sku := range []protocol.SKU{"1001", "1002", "1003"} {
					if open := r.balance(ledger.Undecided(v.ID), ledger.Article(sku)); open != 0 {
						t.Errorf("%d of %s are still undecided", open, sku)
					}
				}
				r.check()
			})
		})
	}
}

// What the best guess moved within the cabinet was booked a second time by a decision: no posting of the guess named the visit.
func TestADecisionMovesWhatOnlyChangedItsPlaceOnce(t *testing.T) {
	for name, how := range map[string]cloud.DecideReview{"by the story": {Story: 0}, "that nothing was taken": {Story: cloud.NoStory}} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v, err := r.begin("")
				r.must(err)
				body := r.cabinet.review(v.ID)
				body.Answer.Strays = []settle.Stray{{Platform: "S2", SKU: "1001", Qty: 1}}
				body.Answer.Why = []settle.Explanation{{Lines: []settle.Line{}, Probability: 0.6, Steps: []settle.Step{
					{At: 1000, Platform: "S1", SKU: "1001", Qty: -1}, {At: 2000, Platform: "S2", SKU: "1001", Qty: 1},
				}}}
				r.cabinet.does(begun(v.ID))
				r.cabinet.does(body)
				later(time.Second)
				how.Visit, how.By = v.ID, "li"
				_, err = r.core.Visits.Decide(t.Context(), how)
				r.must(err)
				left, strayed := r.balance(ledger.Stock("xs-01", "S1"), ledger.Article("1001")), r.balance(ledger.Stray("xs-01", "S2"), ledger.Article("1001"))
				if left != 7 || strayed != 1 {
					t.Errorf("%d waters are left and %d misplaced by the book, want 7 and 1", left, strayed)
				}
				r.mustBeSound()
			})
		})
	}
}

func TestADecisionStands(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := doubted(r)
		decide := func(d cloud.DecideReview) error {
			d.Visit, d.By = v.ID, "li"
			_, err := r.core.Visits.Decide(t.Context(), d)
			return err
		}
		r.must(decide(cloud.DecideReview{Story: 0}))
		for name, other := range map[string]cloud.DecideReview{
			"another story": {Story: 1}, "other lines": {Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1001", Qty: 1}}}, "waiving": {Waive: true},
		} {
			if err := decide(other); protocol.CodeOf(err) != cloud.CodeConflict {
				t.Errorf("%s came second and got %v", name, err)
			}
		}
		r.patience(time.Hour)
		later(3 * time.Hour) // Nobody waives what was decided.
		r.is(v.ID, cloud.StateCharged)
		r.check()
	})
}

func TestDecisionsThatAreRefused(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := doubted(r)
		for _, c := range []struct {
			name string
			how  cloud.DecideReview
			want protocol.Code
		}{
			{"a story that nobody told", cloud.DecideReview{Visit: v.ID, By: "li", Story: 2}, protocol.CodeMalformed},
			{"an article that nobody knows", cloud.DecideReview{Visit: v.ID, By: "li", Story: cloud.NoStory, Lines: []settle.Line{{SKU: "9999", Qty: 1}}}, cloud.CodeUnknownArticle},
			{"less than nothing", cloud.DecideReview{Visit: v.ID, By: "li", Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1001", Qty: -1}}}, cloud.CodeUncertain},
			{"more than the cabinet held", cloud.DecideReview{Visit: v.ID, By: "li", Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1001", Qty: 9}}}, protocol.CodeMalformed},
			{"an article twice", cloud.DecideReview{Visit: v.ID, By: "li", Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1001", Qty: 1}, {SKU: "1001", Qty: 1}}}, protocol.CodeMalformed},
			{"by nobody", cloud.DecideReview{Visit: v.ID}, protocol.CodeMalformed},
			{"a visit that never was", cloud.DecideReview{Visit: protocol.UUID{1}, By: "li"}, cloud.CodeUnknownVisit},
		} {
			if _, err := r.core.Visits.Decide(t.Context(), c.how); protocol.CodeOf(err) != c.want {
				t.Errorf("%s: got %v, want %s", c.name, err, c.want)
			}
		}
		r.is(v.ID, cloud.StateReview)
		sold, err := r.begin("")
		r.must(err)
		r.cabinet.buys(sold.ID, settle.Line{SKU: "1001", Qty: 1})
		later(time.Second)
		if _, err := r.core.Visits.Decide(t.Context(), cloud.DecideReview{Visit: sold.ID, By: "li", Waive: true}); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("a bill that nobody doubted was decided: %v", err)
		}
	})
}

func TestACaseThatCannotBeWaivedBlocksNoOther(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		stuck, free := doubted(r), doubted(r)
		r.must(r.db.Update(t.Context(), func(tx cloud.Tx) error { // Its waiver is booked, and so cannot be booked.
			return tx.Ledger.Post(ledger.Entry{
				ID: protocol.UUID{77}, At: time.Now(), Ref: ledger.WaiverRef(stuck.ID), Store: "north", Day: "2000-01-01", Postings: ledger.Waive("north", 1),
			})
		}))
		r.patience(time.Hour)
		later(2 * time.Hour)
		r.is(free.ID, cloud.StateWaived)
		r.is(stuck.ID, cloud.StateReview)
	})
}

func TestSupportWaivesReviewsWithinItsLimitAndWhatItWaivedCounts(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		waive := func(v cloud.Visit, role protocol.Role) error {
			_, err := r.core.Visits.Decide(t.Context(), cloud.DecideReview{Visit: v.ID, By: string(role), Role: role, Waive: true, Note: "a kind word"})
			return err
		}
		guessed := func(sweets int) cloud.Visit {
			v, err := r.begin("")
			r.must(err)
			body := r.cabinet.review(v.ID, settle.Line{SKU: "1003", Qty: sweets})
			r.cabinet.does(begun(v.ID))
			r.cabinet.does(body)
			later(time.Second)
			return r.is(v.ID, cloud.StateReview)
		}
		dear := guessed(4) // 36 yuan, of which support may waive 30 of one visit, and 40 of one person within a month
		if err := waive(dear, protocol.RoleSupport); protocol.CodeOf(err) != cloud.CodeOverLimit {
			t.Errorf("a waiver above the limit: %v", err)
		}
		r.must(waive(dear, protocol.RoleManager))
		for _, sweets := range []int{2, 2} {
			r.must(waive(guessed(sweets), protocol.RoleSupport))
		}
		if err := waive(guessed(1), protocol.RoleSupport); protocol.CodeOf(err) != cloud.CodeOverLimit {
			t.Errorf("a waiver above the limit of the month: %v", err)
		}
	})
}
