package api

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// someStory has a bit of everything in it.
func someStory() cloud.VisitStory {
	at := time.UnixMilli(1_700_000_000_000)
	lines := []cloud.OrderLine{{SKU: "1001", Name: cloud.Text{Zh: "水", En: "Water"}, Qty: 2, Price: 200}}
	visit := cloud.Visit{ID: protocol.UUID{6: 0x70, 8: 0x80, 15: 1}, Cabinet: "xs-01", Total: 400, Payment: cloud.PaymentOwed, Outcome: cloud.OutcomeSold, Created: at, Lines: lines}
	return cloud.VisitStory{
		Visit: cloud.VisitRecord{Visit: visit}, Masked: "139****7268", Owed: 400,
		Events:   []cloud.VisitEvent{{At: at, Type: wire.VisitOpened}, {Type: wire.DoorShut}},
		Order:    &cloud.Order{Visit: visit.ID, Lines: lines, Total: 400, At: at, Why: cloud.CodeUncertain},
		Decision: &cloud.Decision{Visit: visit.ID, By: "li", At: at, Lines: lines, Total: 400, Note: "seen"},
		Ops: []cloud.PaymentOp{
			{ID: protocol.UUID{6: 0x70, 8: 0x80, 15: 2}, Kind: cloud.OpCapture, State: cloud.OpRefused, Amount: 400, Provider: "simulated", Created: at},
			{ID: protocol.UUID{6: 0x70, 8: 0x80, 15: 4}, Kind: cloud.OpWaive, State: cloud.OpDone, Amount: 400, Provider: cloud.ProviderNone, Created: at, By: "manager", Note: "kindness"},
		},
		Disputes:  []cloud.Dispute{someDispute},
		Actions:   []cloud.Action{{At: at, By: "mei", Kind: cloud.ActionNote, Why: "called twice"}},
		Incidents: []cloud.Incident{{Kind: cloud.IncidentScale, Subject: "S3", Detail: "wild", Count: 2, First: at}},
		Messages: []cloud.OutMessage{
			{Message: cloud.Message{Kind: cloud.MessageDebt, Amount: 400, Created: at}, State: cloud.MessageUnneeded, Why: cloud.MessageOver, Ended: at.Add(time.Hour)},
			{Message: cloud.Message{Kind: cloud.MessageDebtWaived, Amount: 400, Created: at}, State: cloud.MessageWaiting, Attempts: 1},
		},
	}
}

const search = "/api/v1/support/search"

func TestTheStaffFindsVisitsByWhatACallerKnows(t *testing.T) {
	r := newRig(t)
	manager := r.manager()
	from := time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)
	for body, want := range map[string]cloud.FindVisits{
		`{"phone":"` + anna + `"}`:                   {Person: protocol.UUID{6: 0x70, 8: 0x80, 15: 3}},
		`{"phone":"` + anna + `","cabinet":"xs-01"}`: {Person: protocol.UUID{6: 0x70, 8: 0x80, 15: 3}, Cabinet: "xs-01"},
		`{"cabinet":"xs-01","from":"2026-11-28T10:00:00+08:00","to":"2026-11-28T03:00:00Z"}`: {Cabinet: "xs-01", From: from, To: from.Add(time.Hour)},
		`{"cabinet":"xs-01","before":"00000000-0000-7000-8000-000000000007"}`:                {Cabinet: "xs-01", Before: protocol.UUID{6: 0x70, 8: 0x80, 15: 7}},
		`{"number":"#0000 00-01"}`: {Number: "00000001"},
		`{"number":"00000000-0000-7000-8000-0000000000Af","resident":"00000000-0000-7000-8000-000000000009"}`: {Number: "000000af", Person: protocol.UUID{6: 0x70, 8: 0x80, 15: 9}},
	} {
		r.desk.sought = nil
		var told searchAnswer
		manager.want(http.StatusOK, "POST", search, body, &told)
		if len(r.desk.sought) != 1 {
			t.Fatalf("%s was looked for %d times", body, len(r.desk.sought))
		}
		got := r.desk.sought[0]
		if got.Person != want.Person || got.Cabinet != want.Cabinet || got.Number != want.Number || got.Before != want.Before || told.More == want.Before.IsZero() || !got.From.Equal(want.From) || !got.To.Equal(want.To) {
			t.Errorf("%s was looked for as %+v, want %+v", body, got, want)
		}
		if len(told.Visits) != 1 || told.Visits[0].Resident != "139****7268" || told.Resident.IsZero() == strings.Contains(body, "phone") {
			t.Errorf("%s found %+v", body, told)
		}
	}
	r.desk.sought = nil
	for _, body := range []string{`{"cabinet":"x y"}`, `{"number":"12"}`, `{"number":"zzzzzzzz"}`, `{"to":"2026-11-28T03:00:00Z"}`, `{"resident":"7"}`, `x`} {
		manager.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", search, body)
	}
	manager.refused(http.StatusNotFound, cloud.CodeNotFound, "POST", search, `{"phone":"`+ben+`"}`)
	r.technician().refused(http.StatusForbidden, cloud.CodeForbidden, "POST", search, `{"number":"00000001"}`)
	r.resident(anna).refused(http.StatusForbidden, cloud.CodeForbidden, "POST", search, `{"number":"00000001"}`)
	r.stranger().refused(http.StatusUnauthorized, cloud.CodeNoSession, "POST", search, `{"number":"00000001"}`)
	if len(r.desk.sought) != 0 {
		t.Errorf("looked for %+v", r.desk.sought)
	}
	r.desk.refusal = protocol.Errorf("unheard_of", "lost")
	if raw, err := io.ReadAll(manager.send("POST", search, `{"phone":"`+anna+`"}`).Body); err != nil || bytes.Contains(raw, []byte(anna[1:])) {
		t.Errorf("a failure tells the phone: %s, %v", raw, err)
	}
}

func TestTheStaffReadsTheStoryOfAVisit(t *testing.T) {
	r := newRig(t)
	path := "/api/v1/visits/" + someStory().Visit.ID.String() + "/story"
	var s storyAnswer
	r.manager().want(http.StatusOK, "GET", path, "", &s)
	if s.Resident != "139****7268" || s.Payment != cloud.PaymentOwed || s.Owed != 400 || len(s.Events) != 2 || s.Events[1].At != nil || s.Bill == nil || s.Decision == nil ||
		len(s.Payments) != 2 || s.Payments[1].By != "manager" || len(s.Disputes) != 1 || len(s.Actions) != 1 || len(s.Incidents) != 1 {
		t.Errorf("told %+v", s)
	}
	if len(s.Messages) != 2 || s.Messages[0].Why != cloud.MessageOver || s.Messages[0].Ended == nil || s.Messages[1].State != cloud.MessageWaiting || s.Messages[1].Ended != nil {
		t.Errorf("of messages it tells %+v", s.Messages)
	}
	r.manager().refused(http.StatusNotFound, cloud.CodeUnknownVisit, "GET", "/api/v1/visits/x/story", "")
	r.technician().refused(http.StatusForbidden, cloud.CodeForbidden, "GET", path, "")
	r.resident(anna).refused(http.StatusForbidden, cloud.CodeForbidden, "GET", path, "")
}
