package server

import (
	"strings"
	"testing"
	"testing/synctest"

	"allhours/cloud/audit"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// beforeADoor is a round of one lane that is to be brought 3 units, as its restocker has asked for the door.
func (r *rig) beforeADoor() (restocker *browser, steps string, round roundState) {
	r.t.Helper()
	manager, restocker := r.member("li", protocol.RoleManager), r.member("wang", protocol.RoleRestocker)
	plan := `{"store":"s1","cabinets":["xs-01"],"lines":[{"cabinet":"xs-01","platform":"S1","sku":"1001","units":3}]}`
	place := manager.sendWith("POST", "/api/v1/rounds", plan, "Idempotency-Key", "plan").Header().Get("Location")
	steps = place + "/steps"
	restocker.keyed(200, "s1", steps, `{"kind":"start"}`, nil)
	restocker.keyed(200, "s2", steps, `{"kind":"pick","sku":"1001","units":3}`, nil)
	restocker.keyed(200, "s3", steps, `{"kind":"depart"}`, nil)
	restocker.keyed(201, "o1", place+"/open", `{"cabinet":"xs-01","number":3}`, nil)
	return restocker, steps, roundState{ID: place[strings.LastIndex(place, "/")+1:]}
}

// sound holds the books to what they are made of.
func (r *rig) sound() {
	r.t.Helper()
	looked, err := r.server.Admin().Audit(r.t.Context(), func(d audit.Difference) error {
		r.t.Errorf("audit: %+v", d)
		return nil
	})
	if err != nil || looked.Entries == 0 {
		r.t.Errorf("audited %+v, %v", looked, err)
	}
}

const onlyLane = `"cabinet":"xs-01","platform":"S1","sku":"1001"`

func TestWhatIsTakenOutOfALaneIsWrittenOffForItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.connect()
		restocker, steps, round := r.beforeADoor()
		c.fills(1)
		restocker.keyed(400, "s4", steps, `{"kind":"count",`+onlyLane+`,"units":3,"removed":2}`, nil)
		restocker.keyed(400, "s5", steps, `{"kind":"count",`+onlyLane+`,"units":3,"reason":"expired"}`, nil)
		restocker.keyed(200, "s6", steps, `{"kind":"count",`+onlyLane+`,"units":3,"removed":2,"reason":"expired"}`, &round)
		if l := round.Lines[0]; l.Finding.Verdict != "agree" || l.Removed != 2 {
			t.Fatalf("3 in, 2 out, and the scales say 1: %+v", l)
		}
		restocker.keyed(200, "s7", steps, `{"kind":"close","cabinet":"xs-01"}`, &round)
		for _, left := range round.Van {
			if left.Expected != 0 {
				t.Errorf("left in the van: %+v", round.Van)
			}
		}
		restocker.keyed(200, "s8", steps, `{"kind":"finish"}`, nil)
		var moved struct {
			Movements []struct {
				Kind, Reason string
				Lines        []struct{ Qty int }
			}
		}
		restocker.want(200, "GET", "/api/v1/movements", "", &moved)
		if m := moved.Movements[0]; m.Kind != "write_off" || m.Reason != "expired" || m.Lines[0].Qty != 2 {
			t.Errorf("moved last: %+v", moved.Movements)
		}
		r.sound()
	})
}

func TestWhereTheScalesCannotSayACountIsAskedForAtTheDoorAndBooked(t *testing.T) {
	for name, answer := range map[string]settle.Answer{
		"a scale that is silent":   {Decision: settle.Review, Faults: []settle.Fault{{Platform: "S1", Reason: "silent"}}, Why: []settle.Explanation{{Lines: []settle.Line{}, Steps: []settle.Step{}}}},
		"scales that say nothing":  {Decision: settle.Review},
		"an object that was left ": {Decision: settle.Review, Faults: []settle.Fault{{Platform: "S1", Reason: "object"}}, Why: []settle.Explanation{{Lines: []settle.Line{}, Steps: []settle.Step{{Platform: "S1", What: settle.Object}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				c := r.connect()
				restocker, steps, round := r.beforeADoor()
				answer.Lines, answer.Levels, answer.Rule = []settle.Line{}, []settle.Level{}, "1"
				c.refills(answer)
				restocker.keyed(409, "s4", steps, `{"kind":"close","cabinet":"xs-01"}`, &round)
				restocker.want(200, "GET", "/api/v1/rounds/"+round.ID, "", &round)
				if l := round.Lines[0]; !l.Blind || l.Weighed != nil || l.Finding.Question != "count" {
					t.Fatalf("nothing was counted: %+v", l)
				}
				restocker.keyed(409, "s5", steps, `{"kind":"answer",`+onlyLane+`,"answer":"scales"}`, nil)
				restocker.keyed(200, "s6", steps, `{"kind":"count",`+onlyLane+`,"units":2}`, nil)
				restocker.keyed(200, "s7", steps, `{"kind":"close","cabinet":"xs-01"}`, nil)
				restocker.keyed(200, "s8", steps, `{"kind":"finish","rest":[{"sku":"1001","back":1,"kept":0}]}`, &round)
				if l := round.Lines[0]; l.After != 10 {
					t.Errorf("2 were counted in beside 8: %+v", l)
				}
				r.sound()
			})
		})
	}
}
