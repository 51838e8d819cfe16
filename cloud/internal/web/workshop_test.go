package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

var technician = cloud.Principal{ID: id(203), Role: protocol.RoleTechnician, Name: "technician"}

// workshop is what technicians have to do with, as a test makes it.
type workshop struct {
	mu      sync.Mutex
	w       *world
	refuse  error
	opened  []cloud.ServiceVisit
	asked   []cloud.AskTask
	signed  []cloud.SignHandover
	tasks   []cloud.Task
	results map[protocol.UUID]any
	traces  map[protocol.VisitID][]byte
	list    cloud.Checklist
}

func newWorkshop(w *world) *workshop {
	s := &workshop{w: w, results: map[protocol.UUID]any{}, traces: map[protocol.VisitID][]byte{}}
	for _, item := range []cloud.HandoverItem{
		cloud.HandoverClaimed, cloud.HandoverConnected, cloud.HandoverApplied, cloud.HandoverScales, cloud.HandoverCalibrated,
		cloud.HandoverLocks, cloud.HandoverCold, cloud.HandoverPurchase, cloud.HandoverSticker, cloud.HandoverStands,
	} {
		s.list.Points = append(s.list.Points, cloud.HandoverPoint{Item: item, OK: !item.ByHand()})
	}
	return s
}

// told is a task that was answered with a result.
func (s *workshop) told(n byte, kind wire.TaskKind, args, result any) {
	raw, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	t := cloud.Task{
		ID: id(n), Cabinet: "qj-1", Kind: kind, Args: raw, By: "technician", Asked: noon.Add(-time.Minute), Expires: noon.Add(time.Hour),
		Done: noon.Add(-time.Second), Code: protocol.CodeOK, Result: true,
	}
	s.tasks = append(s.tasks, t)
	s.results[t.ID] = result
}

// inUse is a workshop in the middle of things.
func (s *workshop) inUse() {
	s.told(120, wire.TaskSelfTest, struct{}{}, wire.SelfTest{
		At: noon.UnixMilli(), UpMS: 4_000_000, Versions: wire.Versions{Agent: "0.2"}, Checks: []wire.Check{
			{Item: "line", Subject: "scales", Verdict: wire.VerdictDoubt, Word: "lossy", Values: []string{"8123", "7.2"}},
			{Item: "scale", Subject: "S1", Verdict: wire.VerdictWell, Word: "well", Values: []string{"14.6", "0.4", "4.120"}},
			{Item: "scale", Subject: "S3", Verdict: wire.VerdictBad, Word: "silent"},
			{Item: "door", Subject: "1", Verdict: wire.VerdictWell, Word: "locked"},
			{Item: "sale", Subject: "1", Verdict: wire.VerdictBad, Word: "stopped", Values: []string{"scale_fault"}},
			{Item: "clock", Verdict: wire.VerdictUnknown, Word: "unknown"},
			{Item: "laser", Subject: "9", Verdict: wire.VerdictWell, Word: "aligned"},
		},
	})
	s.told(121, wire.TaskLogs, wire.LogsArgs{Lines: 1000}, "level=INFO msg=\"a line <b>of</b> the log\"\n")
	s.told(122, wire.TaskTraces, struct{}{}, wire.TraceList{Traces: []wire.KeptTrace{{Visit: id(1), Bytes: 18_000}, {Visit: id(2), Bytes: 9_000}, {Visit: id(3), Bytes: 900}}})
	s.told(123, wire.TaskCalibrate, wire.CalibrateArgs{Platform: "S1", Mass: 5_000_000}, wire.Calibrated{Before: 4_993_200, After: 5_000_100})
	s.traces[id(1)] = []byte("\x1f\x8bone")
	waits := cloud.Task{
		ID: id(124), Cabinet: "qj-1", Kind: wire.TaskTrace, Args: json.RawMessage(fmt.Sprintf(`{"visit":%q}`, id(2))), By: "technician",
		Asked: noon.Add(-8 * time.Second), Expires: noon.Add(time.Hour),
	}
	refused := waits
	refused.ID, refused.Kind, refused.Args, refused.Done, refused.Code = id(125), wire.TaskCalibrate, json.RawMessage(`{"platform":"S2"}`), noon, protocol.CodeNotYet
	s.tasks = append(s.tasks, waits, refused)
	s.list.Points[3].OK, s.list.Points[3].Lack = false, []string{"S3"}
	s.list.Signed = &cloud.Handover{By: "Chen Jun", At: noon.Add(-48 * time.Hour), Points: []cloud.HandoverPoint{{Item: cloud.HandoverStands, Why: "the floor is done tomorrow"}}}
}

func (s *workshop) Service(_ context.Context, v cloud.ServiceVisit) (cloud.Visit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return cloud.Visit{}, s.refuse
	}
	s.opened = append(s.opened, v)
	visit := serviceVisit(cloud.StateOpening)
	s.w.put(visit)
	return visit, nil
}

// serviceVisit is the technician's at qj-1.
func serviceVisit(state cloud.VisitState) cloud.Visit {
	v := visitIn(state)
	v.Person, v.Purpose, v.Hold, v.By, v.Why, v.Lines, v.Total = technician.ID, protocol.PurposeService, 0, "technician", "scale of S3 silent", nil, 0
	if v.Payment != cloud.PaymentNone {
		v.Payment = cloud.PaymentNone
	}
	v.Silent = state == cloud.StateUnknown
	return v
}

func (s *workshop) Ask(_ context.Context, a cloud.AskTask) (cloud.Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, a)
	return cloud.Task{ID: id(99), Cabinet: a.Cabinet, Kind: a.Kind}, nil
}

func (s *workshop) Task(_ context.Context, id protocol.UUID) (cloud.Task, error) {
	for _, t := range s.tasks {
		if t.ID == id {
			return t, nil
		}
	}
	return cloud.Task{}, protocol.Errorf(cloud.CodeNotFound, "none")
}

func (s *workshop) Latest(_ context.Context, cabinet protocol.CabinetID, _ int) (all []cloud.Task, _ error) {
	for _, t := range s.tasks {
		if t.Cabinet == cabinet {
			all = append(all, t)
		}
	}
	return all, nil
}

func (s *workshop) Result(_ context.Context, id protocol.UUID) ([]byte, error) {
	result, known := s.results[id]
	if !known {
		return nil, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	raw, err := json.Marshal(result)
	if text, is := result.(string); is {
		raw, err = []byte(text), nil
	}
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

func (s *workshop) Trace(_ context.Context, visit protocol.VisitID) ([]byte, error) {
	if raw, kept := s.traces[visit]; kept {
		return raw, nil
	}
	return nil, protocol.Errorf(cloud.CodeNotFound, "none")
}

func (s *workshop) HasTrace(_ context.Context, visit protocol.VisitID) (bool, error) {
	_, kept := s.traces[visit]
	return kept, nil
}

func (s *workshop) Checklist(context.Context, protocol.CabinetID) (cloud.Checklist, error) {
	return s.list, nil
}

func (s *workshop) HandOver(_ context.Context, w cloud.SignHandover) (cloud.Handover, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signed = append(s.signed, w)
	return cloud.Handover{}, nil
}

// servicePass is a service visit whose grant is shown.
func servicePass() cloud.Visit {
	v, shown := serviceVisit(cloud.StateAuthorising), visitShown("")
	v.Pass, v.PassEnds = shown.Pass, shown.PassEnds
	return v
}
