package core_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// recording is a visit of ten seconds in which a bottle left the first shelf after four.
func recording(t *testing.T, visit protocol.VisitID) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	fmt.Fprintf(w, `{"trace":1,"id":%q,"platforms":[{"id":"S1","capacity_g":30000,"division_g":1,"skus":["1001","1002"],"book":{"1001":8,"1002":6}},{"id":"S2","capacity_g":30000,"division_g":1,"skus":["1003"],"book":{"1003":10}}],"skus":{"1001":{"unit_g":571,"sd_g":2.6,"price_fen":200},"1002":{"unit_g":530,"sd_g":2.6,"price_fen":350},"1003":{"unit_g":90,"sd_g":0.6,"price_fen":900}}}`+"\n", visit)
	for at := 0; at < 10_000; at += 100 {
		first := 7748
		if at > 4000 {
			first -= 571
		}
		fmt.Fprintf(w, `{"t":%d,"g":[%d,%d]}`+"\n", at, first+at/100%2, 900+at/100%2)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (r *rig) caseOf(id protocol.VisitID) cloud.Case {
	r.t.Helper()
	c, err := r.core.Cases.Case(r.t.Context(), id, "")
	r.must(err)
	return c
}

func TestTheRecordingOfACaseIsAskedForByItself(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := doubted(r)
		if c := r.caseOf(v.ID); c.Recording != cloud.RecordingWaiting || c.Place != 1 || c.Open != 1 {
			t.Errorf("the case is %+v", c)
		}
		later(6 * time.Second)
		asked := r.cabinet.task()
		if asked.Kind != wire.TaskTrace || string(asked.Args) != fmt.Sprintf(`{"visit":%q}`, v.ID) {
			t.Fatalf("the cabinet is asked for %s %s", asked.Kind, asked.Args)
		}
		if _, err := r.core.Cases.Curves(t.Context(), v.ID, 50); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("curves before the recording: %v", err)
		}
		r.cabinet.answers(asked, protocol.CodeOK, recording(t, v.ID))
		synctest.Wait()
		curves, err := r.core.Cases.Curves(t.Context(), v.ID, 50)
		r.must(err)
		if len(curves.Platforms) != 2 || !curves.Platforms[0].Moved || curves.Platforms[1].Moved {
			t.Errorf("curves %+v", curves)
		}
		if c := r.caseOf(v.ID); c.Recording != cloud.RecordingHere {
			t.Errorf("the recording is %s", c.Recording)
		}
		commands := r.mail.count(topic.Command)
		later(5 * time.Minute)
		if now := r.mail.count(topic.Command); now != commands {
			t.Errorf("%d more commands: it is asked for once", now-commands)
		}
	})
}

func TestACabinetWithoutARecordingIsNotAskedAgain(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := doubted(r)
		later(6 * time.Second)
		r.cabinet.answers(r.cabinet.task(), protocol.CodeMalformed, nil)
		synctest.Wait()
		later(2 * time.Minute)
		if c := r.caseOf(v.ID); c.Recording != cloud.RecordingNone {
			t.Errorf("the recording is %s", c.Recording)
		}
	})
}

func TestACaseShowsTheStockOfEachStory(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		c := r.caseOf(doubted(r).ID)
		want := map[protocol.SKU][4]int{"1001": {8, 6, 7, 6}, "1002": {6, 6, 5, 6}, "1003": {10, 10, 10, 10}} // before, by each story, by the books
		for _, s := range c.Stock {
			if got := [4]int{s.Before, s.After[0], s.After[1], s.Book}; got != want[s.SKU] || s.Moved != (s.SKU != "1003") {
				t.Errorf("%s: %v, moved %t; want %v", s.SKU, got, s.Moved, want[s.SKU])
			}
		}
		if len(c.Stock) != 3 || c.Visitor.Visits != 1 || c.Visitor.Reviewed != 1 || len(c.Visitor.Last) != 0 {
			t.Errorf("%d rows of stock, the resident %+v", len(c.Stock), c.Visitor)
		}
	})
}

func TestWaitingAndLookingAreFigures(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := doubted(r)
		opened := time.Now()
		later(3 * time.Minute)
		r.must(r.core.Cases.Look(t.Context(), v.ID, "li", opened))
		r.must(r.core.Cases.Look(t.Context(), protocol.UUID{1}, "li", opened))          // of no visit
		r.must(r.core.Cases.Look(t.Context(), v.ID, "li", opened.Add(-11*time.Minute))) // longer than a look counts
		_, err := r.core.Visits.Decide(t.Context(), cloud.DecideReview{Visit: v.ID, By: "li"})
		r.must(err)
		later(time.Minute)
		f, err := r.core.Cases.Figures(t.Context())
		r.must(err)
		minutes, known := f.PerThousand()
		if f.Open != 0 || f.Decided != 1 || f.Median != f.P90 || f.Median < 3*time.Minute || f.Median > 4*time.Minute || f.Visits != 1 || f.Spent != 3*time.Minute || !known || minutes != 3000 {
			t.Errorf("figures %+v, %.1f minutes of 1,000 visits", f, minutes)
		}
		if c := r.caseOf(v.ID); c.Decision == nil || c.Decision.By != "li" || c.Place != 0 {
			t.Errorf("the decided case is %+v", c)
		}
	})
}

func TestResidentsAreToldWhatWasBilledAndDecided(t *testing.T) {
	for _, c := range []struct {
		name   string
		do     func(r *rig) cloud.Visit
		ref    cloud.MessageKind
		kind   cloud.MessageKind
		amount protocol.Fen
	}{
		{"a bill", func(r *rig) cloud.Visit {
			v, err := r.begin("")
			r.must(err)
			r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 2})
			return v
		}, cloud.MessageReceipt, cloud.MessageReceipt, 400},
		{"a decision to bill", func(r *rig) cloud.Visit { return decided(r, cloud.DecideReview{Story: 1}) }, "review", cloud.MessageReviewBilled, 550},
		{"a decision that nothing was taken", func(r *rig) cloud.Visit { return decided(r, cloud.DecideReview{Story: cloud.NoStory}) }, "review", cloud.MessageReviewNothing, 0},
		{"a waiver", func(r *rig) cloud.Visit { return decided(r, cloud.DecideReview{Waive: true}) }, "review", cloud.MessageReviewWaived, 0},
		{"a waiver by time", func(r *rig) cloud.Visit {
			v := doubted(r)
			r.patience(time.Hour)
			later(2 * time.Hour)
			return v
		}, "review", cloud.MessageReviewWaived, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v := c.do(r)
				r.view(func(tx cloud.Tx) error {
					m, found, err := tx.Messages.Find(cloud.MessageRef(c.ref, v.ID.String()))
					if !found || m.Kind != c.kind || m.Amount != c.amount || m.Person != resident || m.Visit != v.ID {
						t.Errorf("told %+v, %t", m, found)
					}
					return err
				})
			})
		})
	}
}

func decided(r *rig, d cloud.DecideReview) cloud.Visit {
	r.t.Helper()
	v := doubted(r)
	d.Visit, d.By = v.ID, "li"
	_, err := r.core.Visits.Decide(r.t.Context(), d)
	r.must(err)
	return v
}
