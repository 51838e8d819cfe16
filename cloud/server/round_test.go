package server

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud/audit"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// roundState is what these tests read of a round.
type roundState struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Lines []struct {
		Planned, Picked int
		Weighed         *int
		After           int
		Removed         int
		Blind           bool
		Finding         struct{ Verdict, Question string }
	}
	Openings []struct{ State string }
	Van      []struct{ Expected int }
}

// member signs a new member of the staff in.
func (r *rig) member(name string, role protocol.Role) *browser {
	r.t.Helper()
	if err := r.server.Admin().AddStaff(r.t.Context(), name, role, "correct horse"); err != nil {
		r.t.Fatal(err)
	}
	b := &browser{rig: r}
	b.want(200, "POST", "/api/v1/auth/staff", `{"name":"`+name+`","password":"correct horse"}`, nil)
	return b
}

// keyed sends a request under a key, whose answer must have the status, and reads it.
func (b *browser) keyed(status int, key, target, body string, into *roundState) {
	b.t.Helper()
	w := b.sendWith(http.MethodPost, target, body, "Idempotency-Key", key)
	if w.Code != status {
		b.t.Fatalf("%s %s: got %d %s, want %d", target, body, w.Code, w.Body, status)
	}
	b.rest()
	if into != nil {
		b.want(200, "GET", "/api/v1/rounds/"+into.ID, "", into)
	}
}

// fills goes through the refill of the last command.
func (c *cabinet) fills(units int) {
	c.t.Helper()
	c.refills(settle.Answer{
		Decision: settle.Bill, Lines: []settle.Line{}, Confidence: 0.999, Rule: "1", Levels: []settle.Level{},
		Why: []settle.Explanation{{Lines: []settle.Line{}, Steps: []settle.Step{{Platform: "S1", SKU: "1001", Qty: units}}}},
	})
}

// refills goes through the refill of the last command, with what the scales say in the end.
func (c *cabinet) refills(answer settle.Answer) {
	c.t.Helper()
	g := c.grant()
	c.does(wire.BegunBody{Visit: g.Visit, Compartment: 1, Purpose: g.Purpose, PriceVersion: g.PriceVersion, Config: 1, Limit: g.LimitFen})
	c.does(wire.OpenedBody{Visit: g.Visit})
	c.does(wire.SettledBody{
		Visit: g.Visit, Compartment: 1, Purpose: g.Purpose, Config: 1, Counters: wire.Counters{Openings: 2, Units: 3, Fen: 600}, Answer: answer,
	})
}

func TestARoundBringsBackWhatAResidentTookAndTheBooksAreSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.connect()
		resident, _ := r.signIn("+8613900007777")
		resident.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, nil)
		synctest.Wait()
		c.sells(settle.Line{SKU: "1001", Qty: 3})
		time.Sleep(time.Second)
		manager, restocker := r.member("li", protocol.RoleManager), r.member("wang", protocol.RoleRestocker)
		w := manager.sendWith("POST", "/api/v1/rounds", `{"store":"s1","cabinets":["xs-01"]}`, "Idempotency-Key", "plan")
		place := w.Header().Get("Location")
		round := roundState{ID: place[strings.LastIndex(place, "/")+1:]}
		restocker.want(200, "GET", place, "", &round)
		if round.State != "planned" || len(round.Lines) != 1 || round.Lines[0].Planned != 3 {
			t.Fatalf("planned is %+v", round)
		}
		steps, open := place+"/steps", place+"/open"
		restocker.keyed(409, "o0", open, `{"cabinet":"xs-01"}`, nil)
		restocker.keyed(200, "s1", steps, `{"kind":"start"}`, nil)
		restocker.keyed(200, "s2", steps, `{"kind":"pick","sku":"1001","units":3}`, nil)
		restocker.keyed(200, "s3", steps, `{"kind":"depart"}`, nil)
		restocker.keyed(201, "o1", open, `{"cabinet":"xs-01","number":3}`, nil)
		c.fills(2)
		restocker.keyed(200, "s4", steps, `{"kind":"count","cabinet":"xs-01","platform":"S1","sku":"1001","units":3}`, &round)
		if round.Lines[0].Finding.Verdict != "ask" || *round.Lines[0].Weighed != 2 || round.Openings[0].State != "restocked" {
			t.Fatalf("at the door it is %+v", round)
		}
		restocker.keyed(409, "s5", steps, `{"kind":"close","cabinet":"xs-01"}`, nil)
		restocker.keyed(200, "s6", steps, `{"kind":"answer","cabinet":"xs-01","platform":"S1","sku":"1001","answer":"scales"}`, nil)
		restocker.keyed(200, "s7", steps, `{"kind":"close","cabinet":"xs-01"}`, nil)
		restocker.keyed(409, "s8", steps, `{"kind":"finish"}`, nil)
		restocker.keyed(200, "s9", steps, `{"kind":"finish","rest":[{"sku":"1001","back":1,"kept":0}]}`, &round)
		if round.State != "done" || round.Lines[0].After != 7 {
			t.Errorf("it ends as %+v", round)
		}
		looked, err := r.server.Admin().Audit(t.Context(), func(d audit.Difference) error {
			t.Errorf("audit: %+v", d)
			return nil
		})
		if err != nil || looked.Entries == 0 {
			t.Errorf("audited %+v, %v", looked, err)
		}
	})
}
