package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// workshop is what technicians have to do with, as a test makes it.
type workshop struct {
	mu     sync.Mutex
	opened []cloud.ServiceVisit
	asked  []cloud.AskTask
	signed []cloud.SignHandover
	moved  []cloud.MoveGoods
}

var (
	selfTest = cloud.Task{ID: protocol.UUID{1, 6: 0x70, 8: 0x80}, Cabinet: "xs-01", Kind: wire.TaskSelfTest, By: "technician", Asked: time.UnixMilli(1), Expires: time.UnixMilli(2), Done: time.UnixMilli(3), Code: protocol.CodeOK, Result: true}
	logs     = cloud.Task{ID: protocol.UUID{2, 6: 0x70, 8: 0x80}, Cabinet: "xs-01", Kind: wire.TaskLogs, By: "technician", Asked: time.UnixMilli(1), Expires: time.UnixMilli(2), Done: time.UnixMilli(3), Code: protocol.CodeOK, Result: true}
	traced   = protocol.UUID{3, 6: 0x70, 8: 0x80}
)

func (w *workshop) Service(_ context.Context, v cloud.ServiceVisit) (cloud.Visit, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if v.Cabinet != "xs-01" {
		return cloud.Visit{}, protocol.Errorf(cloud.CodeUnknownCabinet, "none")
	}
	w.opened = append(w.opened, v)
	return cloud.Visit{ID: protocol.UUID{9}, Purpose: protocol.PurposeService}, nil
}

func (w *workshop) Ask(_ context.Context, a cloud.AskTask) (cloud.Task, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, a)
	return cloud.Task{ID: protocol.UUID{9}, Cabinet: a.Cabinet, Kind: a.Kind, By: a.By, Asked: time.UnixMilli(1), Expires: time.UnixMilli(2)}, nil
}

func (w *workshop) Task(_ context.Context, id protocol.UUID) (cloud.Task, error) {
	for _, t := range []cloud.Task{selfTest, logs} {
		if t.ID == id {
			return t, nil
		}
	}
	return cloud.Task{}, protocol.Errorf(cloud.CodeNotFound, "none")
}

func (w *workshop) Latest(context.Context, protocol.CabinetID, int) ([]cloud.Task, error) {
	return []cloud.Task{selfTest, logs}, nil
}

func (w *workshop) Result(_ context.Context, id protocol.UUID) ([]byte, error) {
	text := "level=INFO msg=\"a line\"\n"
	if id == selfTest.ID {
		text = `{"at":1,"up_ms":2,"versions":{"agent":"1","rule":"2"},"checks":[]}`
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

func (w *workshop) Trace(_ context.Context, visit protocol.VisitID) ([]byte, error) {
	if visit != traced {
		return nil, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return []byte("\x1f\x8btrace"), nil
}

func (w *workshop) HasTrace(_ context.Context, visit protocol.VisitID) (bool, error) {
	return visit == traced, nil
}

func (w *workshop) Checklist(context.Context, protocol.CabinetID) (cloud.Checklist, error) {
	return cloud.Checklist{
		Points: []cloud.HandoverPoint{{Item: cloud.HandoverScales, Lack: []string{"S1"}}},
		Signed: &cloud.Handover{By: "technician", At: time.UnixMilli(1), Points: []cloud.HandoverPoint{{Item: cloud.HandoverStands, Why: "x"}}},
	}, nil
}

func (w *workshop) HandOver(_ context.Context, s cloud.SignHandover) (cloud.Handover, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(s.Why) == 0 {
		return cloud.Handover{}, protocol.Errorf(protocol.CodeMalformed, "no reason")
	}
	w.signed = append(w.signed, s)
	return cloud.Handover{By: s.By, At: time.UnixMilli(1), Points: []cloud.HandoverPoint{}}, nil
}

func TestADoorIsOpenedForServiceByThoseWhoAnswerForIt(t *testing.T) {
	r := newRig(t)
	path, body := "/api/v1/cabinets/xs-01/service", `{"compartment":2,"why":"scale of S2","by":"someone else"}`
	for _, who := range []caller{r.staff("support"), r.staff("restocker"), r.resident(anna)} {
		who.refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, body)
	}
	r.stranger().refused(http.StatusUnauthorized, cloud.CodeNoSession, "POST", path, body)
	technician := r.technician()
	header := technician.want(http.StatusCreated, "POST", path, body, nil, "Idempotency-Key", "k1")
	if header.Get("Location") != "/api/v1/visits/"+(protocol.UUID{9}).String() {
		t.Errorf("it lies at %s", header.Get("Location"))
	}
	technician.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", path, body, "Idempotency-Key", strings.Repeat("k", 256))
	for _, who := range []caller{r.manager(), technician} { // A chain may have no technician.
		who.refused(http.StatusNotFound, cloud.CodeUnknownCabinet, "POST", "/api/v1/cabinets/A_1/service", body)
	}
	if want := (cloud.ServiceVisit{Person: protocol.UUID{7}, By: "technician", Cabinet: "xs-01", Compartment: 2, Why: "scale of S2", Key: "k1"}); len(r.workshop.opened) != 1 || r.workshop.opened[0] != want {
		t.Errorf("opened %+v, want %+v", r.workshop.opened, want)
	}
}

func TestACabinetIsAskedByWhoeverAnswersForIt(t *testing.T) {
	r := newRig(t)
	technician, manager := r.technician(), r.manager()
	path := "/api/v1/cabinets/xs-01/tasks"
	r.resident(anna).refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, `{"kind":"selftest"}`)
	for _, c := range []struct {
		body string
		want any
	}{
		{`{"kind":"selftest"}`, struct{}{}},
		{`{"kind":"logs","lines":100}`, wire.LogsArgs{Lines: 100}},
		{`{"kind":"traces"}`, struct{}{}},
		{`{"kind":"trace","visit":"` + traced.String() + `"}`, wire.TraceArgs{Visit: traced}},
		{`{"kind":"calibrate","platform":"S1","mass_mg":5000000}`, wire.CalibrateArgs{Platform: "S1", Mass: 5_000_000}},
	} {
		technician.want(http.StatusAccepted, "POST", path, c.body, nil)
		if last := r.workshop.asked[len(r.workshop.asked)-1]; last.Args != c.want || last.By != "technician" || last.Cabinet != "xs-01" {
			t.Errorf("%s asks %+v", c.body, last)
		}
	}
	manager.want(http.StatusAccepted, "POST", path, `{"kind":"logs"}`, nil)
	manager.want(http.StatusAccepted, "POST", path, `{"kind":"calibrate","platform":"S1"}`, nil)
	r.staff("support").refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, `{"kind":"calibrate","platform":"S1"}`)
	for _, body := range []string{`{"kind":"attest"}`, `{"kind":"trace"}`, `{}`} {
		technician.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", path, body)
	}
	var log, test struct {
		State  cloud.TaskState `json:"state"`
		Result json.RawMessage `json:"result"`
	}
	manager.want(http.StatusOK, "GET", "/api/v1/tasks/"+logs.ID.String(), "", &log)
	manager.want(http.StatusOK, "GET", "/api/v1/tasks/"+selfTest.ID.String(), "", &test)
	if log.State != cloud.TaskDone || !strings.Contains(string(log.Result), "a line") || !strings.HasPrefix(string(test.Result), `{"at":1`) {
		t.Errorf("the log is %+v, the self-test %s", log, test.Result)
	}
	if h := manager.want(http.StatusOK, "GET", "/api/v1/visits/"+traced.String()+"/trace", "", nil); h.Get("Content-Type") != "application/gzip" {
		t.Errorf("a trace comes as %s", h.Get("Content-Type"))
	}
	manager.refused(http.StatusNotFound, cloud.CodeNotFound, "GET", "/api/v1/visits/"+selfTest.ID.String()+"/trace", "")
}

func TestAHandOverTakesTheNameOfWhoeverIsSignedIn(t *testing.T) {
	r := newRig(t)
	path, body := "/api/v1/cabinets/xs-01/handover", `{"ticks":{"sticker":true},"why":{"stands":"x"},"by":"someone else"}`
	r.staff("support").refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, body)
	r.technician().want(http.StatusCreated, "POST", path, body, nil)
	if s := r.workshop.signed; len(s) != 1 || s[0].By != "technician" || s[0].Cabinet != "xs-01" || !s[0].Ticks[cloud.HandoverSticker] || s[0].Why[cloud.HandoverStands] != "x" {
		t.Errorf("signed %+v", s)
	}
}
