package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// desk takes objections and decisions down.
type desk struct {
	mu       sync.Mutex
	objected []cloud.Objection
	ruled    []cloud.RuleDispute
	refunded []cloud.SupportRefund
	noted    []string
	retried  []protocol.UUID
	sought   []cloud.FindVisits
	refusal  error
}

var someDispute = cloud.Dispute{
	ID: protocol.UUID{5}, Visit: protocol.UUID{1}, At: time.UnixMilli(1_700_000_000_000), By: "mei", Words: "asks again",
	Lines:   []cloud.DisputeLine{{SKU: "1001", Qty: 1, Why: cloud.ComplaintNotTaken}},
	Ruling:  &cloud.Ruling{By: "manager", At: time.UnixMilli(1_700_000_100_000), Refund: 200, Reason: "seen", Lines: []cloud.RulingLine{{SKU: "1001", Qty: 1, Amount: 200, Goods: cloud.FateMisplaced, Platform: "S2"}}},
	Refunds: []cloud.PaymentOp{{ID: protocol.UUID{6}, Amount: 200, State: cloud.OpRefused}},
}

func (d *desk) Object(_ context.Context, o cloud.Objection) (cloud.Dispute, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.objected = append(d.objected, o)
	return cloud.Dispute{ID: protocol.UUID{5}, Visit: o.Visit, At: time.UnixMilli(1), Lines: o.Lines, Words: o.Words}, d.refusal
}

func (d *desk) Objecting(context.Context, protocol.VisitID) (cloud.Objecting, error) {
	return cloud.Objecting{Disputes: []cloud.Dispute{someDispute}}, nil
}

func (d *desk) Case(_ context.Context, id protocol.UUID) (cloud.DisputeCase, error) {
	if id != someDispute.ID {
		return cloud.DisputeCase{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return cloud.DisputeCase{Dispute: someDispute}, nil
}

func (d *desk) Cases(_ context.Context, of cloud.Bound, _ bool, _ int) ([]cloud.DisputeCase, error) {
	if !of.Holds("north") {
		return nil, nil
	}
	return []cloud.DisputeCase{{Dispute: someDispute}}, nil
}

func (d *desk) Rule(_ context.Context, r cloud.RuleDispute) (cloud.Dispute, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ruled = append(d.ruled, r)
	return someDispute, d.refusal
}

func (d *desk) Find(_ context.Context, f cloud.FindVisits) ([]cloud.FoundVisit, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sought = append(d.sought, f)
	return []cloud.FoundVisit{{Visit: someStory().Visit.Visit, Masked: "139****7268"}}, !f.Before.IsZero(), d.refusal
}

func (d *desk) Story(_ context.Context, visit protocol.VisitID) (cloud.VisitStory, error) {
	if visit != someStory().Visit.ID {
		return cloud.VisitStory{}, protocol.Errorf(cloud.CodeUnknownVisit, "none")
	}
	return someStory(), nil
}

// ByPhone implements cloud.Callers.
func (d *desk) ByPhone(_ context.Context, staff, phone string) (cloud.Principal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.refusal != nil:
		return cloud.Principal{}, fmt.Errorf("read %s: disk error", phone)
	case phone != anna:
		return cloud.Principal{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return cloud.Principal{ID: protocol.UUID{6: 0x70, 8: 0x80, 15: 3}, Role: protocol.RoleResident, Name: staff}, nil
}

func (d *desk) Refund(_ context.Context, r cloud.SupportRefund) (cloud.Dispute, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refunded = append(d.refunded, r)
	asked := someDispute
	if len(r.Lines) == 0 { // The whole bill is more than it may.
		asked.Ruling, asked.Refunds = nil, nil
	}
	return asked, d.refusal
}

func (d *desk) Retry(_ context.Context, id protocol.UUID, _ cloud.Principal, _ string) (cloud.Dispute, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.retried = append(d.retried, id)
	return someDispute, d.refusal
}

func (d *desk) Note(_ context.Context, _ protocol.VisitID, by cloud.Principal, text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noted = append(d.noted, by.Name+": "+text)
	return d.refusal
}

func TestAResidentObjectsToABillOfTheirOwn(t *testing.T) {
	r := newRig(t)
	mine, other, manager := r.resident(anna), r.resident(ben), r.manager()
	var begun begunAnswer
	mine.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &begun)
	path := "/api/v1/visits/" + begun.ID.String() + "/dispute"
	body := `{"lines":[{"sku":"1001","qty":1,"why":"not_taken"}],"words":" one only "}`
	r.stranger().refused(http.StatusUnauthorized, cloud.CodeNoSession, "POST", path, body)
	other.refused(http.StatusNotFound, cloud.CodeUnknownVisit, "POST", path, body)
	manager.refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, body)
	mine.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", path, `{`)
	if len(r.desk.objected) != 0 {
		t.Fatalf("taken: %+v", r.desk.objected)
	}
	var told disputeAnswer
	mine.want(http.StatusCreated, "POST", path, body, &told, "Idempotency-Key", "k")
	o := r.desk.objected[0]
	if o.Visit != begun.ID || o.Person.IsZero() || o.By != "" || o.Key != "k" || o.Words != "one only" || !reflect.DeepEqual(o.Lines, []cloud.DisputeLine{{SKU: "1001", Qty: 1, Why: cloud.ComplaintNotTaken}}) {
		t.Errorf("taken as %+v", o)
	}
	r.desk.refusal = protocol.Errorf(cloud.CodeTooLate, "late")
	mine.refused(http.StatusConflict, cloud.CodeTooLate, "POST", path, body)
	var list disputesAnswer
	mine.want(http.StatusOK, "GET", path+"s", "", &list)
	if len(list.Disputes) != 1 || list.Disputes[0].By != "" || list.Disputes[0].Words != "" || list.Disputes[0].Ruling.By != "" {
		t.Errorf("a resident is told who of the staff asked and decided: %+v", list)
	}
	manager.want(http.StatusOK, "GET", path+"s", "", &list)
	if list.Disputes[0].By != "mei" || list.Disputes[0].Ruling.By != "manager" {
		t.Errorf("the staff is told %+v", list.Disputes[0])
	}
}

func TestObjectionsAreListedForOneStore(t *testing.T) {
	manager := newRig(t).manager()
	for query, want := range map[string]int{"": 1, "?store=north": 1, "?store=south": 0, "?state=decided&store=north": 1} {
		var list disputesAnswer
		manager.want(http.StatusOK, "GET", "/api/v1/disputes"+query, "", &list)
		if len(list.Disputes) != want {
			t.Errorf("%q lists %d objections, want %d", query, len(list.Disputes), want)
		}
	}
}

func TestObjectionsAreClosedToAManagerOfAnotherStore(t *testing.T) {
	southerner := newRig(t).staff("southerner")
	one := "/api/v1/disputes/" + someDispute.ID.String()
	for _, path := range []string{"/api/v1/disputes", "/api/v1/disputes?store=north", one} {
		southerner.refused(http.StatusForbidden, cloud.CodeForbidden, "GET", path, "")
	}
	southerner.refused(http.StatusForbidden, cloud.CodeForbidden, "POST", one+"/ruling", `{"reason":"x"}`)
	var list disputesAnswer
	if southerner.want(http.StatusOK, "GET", "/api/v1/disputes?store=south", "", &list); len(list.Disputes) != 0 {
		t.Errorf("a store without objections lists %+v", list)
	}
}

func TestTheStaffDecidesObjectionsInItsOwnName(t *testing.T) {
	r := newRig(t)
	manager, technician, mine := r.manager(), r.technician(), r.resident(anna)
	var begun begunAnswer
	mine.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &begun)
	dispute, visit := "/api/v1/disputes/"+someDispute.ID.String(), "/api/v1/visits/"+begun.ID.String()
	for _, path := range []string{dispute + "/ruling", dispute + "/retry", visit + "/refund", visit + "/notes"} {
		technician.refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, `{}`)
		mine.refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, `{}`)
	}
	technician.refused(http.StatusForbidden, cloud.CodeForbidden, "GET", "/api/v1/disputes", "")
	manager.refused(http.StatusNotFound, cloud.CodeNotFound, "GET", "/api/v1/disputes/5", "")
	lines := `[{"sku":"1001","qty":1,"amount_fen":200,"goods":"misplaced","platform":"S2"}]`
	manager.want(http.StatusOK, "POST", dispute+"/ruling", `{"reason":"seen","lines":`+lines+`}`, nil)
	want := []cloud.RulingLine{{SKU: "1001", Qty: 1, Amount: 200, Goods: cloud.FateMisplaced, Platform: "S2"}}
	if got := r.desk.ruled; len(got) != 1 || got[0].By != "manager" || got[0].Role != protocol.RoleManager || got[0].Reason != "seen" || !reflect.DeepEqual(got[0].Lines, want) {
		t.Errorf("ruled %+v", got)
	}
	manager.want(http.StatusBadRequest, "POST", visit+"/refund", `{"reason":"called","lines":`+lines+`}`, nil)
	manager.want(http.StatusCreated, "POST", visit+"/refund", `{"reason":"called","lines":`+lines+`}`, nil, "Idempotency-Key", "k")
	manager.want(http.StatusAccepted, "POST", visit+"/refund", `{"reason":"called"}`, nil, "Idempotency-Key", "l")
	if got := r.desk.refunded; len(got) != 2 || got[0].Key != "k" || got[0].By != "manager" || !reflect.DeepEqual(got[0].Lines, want) {
		t.Errorf("refunded %+v", got)
	}
	manager.want(http.StatusOK, "POST", dispute+"/retry", `{"reason":"the card is well"}`, nil)
	manager.want(http.StatusNoContent, "POST", visit+"/notes", `{"text":"called twice"}`, nil)
	if len(r.desk.retried) != 1 || len(r.desk.noted) != 1 || r.desk.noted[0] != "manager: called twice" {
		t.Errorf("retried %v, noted %v", r.desk.retried, r.desk.noted)
	}
	r.desk.refusal = protocol.Errorf(cloud.CodeOverLimit, "too much")
	manager.refused(http.StatusForbidden, cloud.CodeOverLimit, "POST", dispute+"/ruling", `{"reason":"seen"}`)
}
