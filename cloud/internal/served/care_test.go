package served

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
)

// TestWhoTookAnIncidentIsToldWithWhatItCaused: of the incidents around a cause those that tell of it, with all that was done.
func TestWhoTookAnIncidentIsToldWithWhatItCaused(t *testing.T) {
	w := newTwoCabinets(t)
	at := func(minutes int) time.Time { return w.now.Add(time.Duration(minutes) * time.Minute) }
	w.update(func(tx cloud.Tx) error {
		return errors.Join(
			tx.Incidents.Open(cloud.Incident{Cabinet: "xs-02", Kind: cloud.IncidentAway, First: at(-60), Last: at(-50)}),
			tx.Incidents.Open(cloud.Incident{Cabinet: "xs-02", Kind: cloud.IncidentNoSale, First: at(-60), Last: at(-50)}),
			tx.Incidents.Open(cloud.Incident{Cabinet: "xs-01", Kind: cloud.IncidentAway, First: at(-60), Last: at(-50)}),
			tx.Followed.Take(cloud.IncidentStep{Number: 1, At: at(-40), Did: cloud.IncidentAcknowledged, By: "Chen Jun"}),
		)
	})
	cause := coverage.Cause{Why: coverage.LineDown, Cabinet: "xs-02", Since: at(-55).UnixMilli()}
	span := coverage.Span{From: at(-45).UnixMilli(), To: at(-20).UnixMilli()}
	of := cloud.Served{Days: []coverage.Day{{Pieces: []coverage.Piece{{Span: span, State: coverage.Uncovered, Causes: []coverage.Cause{cause}}}}}}
	w.update(func(tx cloud.Tx) (err error) { of.Care, err = careOf(tx, of); return err })
	if len(of.Care) != 1 || of.Care[0].Incident.Number != 1 {
		t.Fatalf("around it are %+v", of.Care)
	}
	step, took := of.Around(cause, span).Took()
	if !took || step.By != "Chen Jun" || !step.At.Equal(at(-40)) {
		t.Errorf("it was taken by %+v", step)
	}
	if of.Around(coverage.Cause{Why: coverage.SoldOut, Cabinet: "xs-02"}, span) != nil || of.Around(coverage.Cause{Why: coverage.LineDown, Cabinet: "xs-01"}, span) != nil {
		t.Error("an incident tells of what it is not about")
	}
	before := coverage.Span{From: at(-90).UnixMilli(), To: at(-80).UnixMilli()}
	if of.Around(coverage.Cause{Why: coverage.LineDown, Cabinet: "xs-02"}, before) != nil {
		t.Error("an incident tells of a time before it")
	}
}
