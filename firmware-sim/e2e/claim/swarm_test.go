package claim

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"allhours/firmware-sim/phone"
)

// enrols plans cabinets like the first, and gives the file of their codes.
func (r *rig) enrols(name string, cabinets ...string) string {
	r.Helper()
	var all map[string]json.RawMessage
	var one []map[string]any
	if err := json.Unmarshal([]byte(plan), &all); err != nil {
		r.Fatal(err)
	}
	if err := json.Unmarshal(all["cabinets"], &one); err != nil {
		r.Fatal(err)
	}
	var planned []map[string]any
	for i, c := range cabinets {
		next := map[string]any{}
		for key, value := range one[0] {
			next[key] = value
		}
		next["id"], next["number"] = c, 100+i
		planned = append(planned, next)
	}
	var err error
	if all["cabinets"], err = json.Marshal(planned); err != nil {
		r.Fatal(err)
	}
	text, err := json.Marshal(all)
	if err != nil {
		r.Fatal(err)
	}
	r.write(name+".json", text)
	r.ctl("apply", r.path(name+".json"))
	r.write(name+".codes", []byte(r.ctl(append([]string{"enrol", "--json"}, cabinets...)...)))
	return r.path(name + ".codes")
}

func TestASwarmIsClaimedDrainsAndLetsResidentsIn(t *testing.T) {
	r := newRig(t)
	printed, err := r.run("cabinet-agent", "swarm", "--codes", r.enrols("drain", "sw-01", "sw-02", "sw-03"), "--cloud", r.fleet, "--drain", "500", "--batch", "100", "--spread", "0s")
	if err != nil || !strings.Contains(printed, `"events":1500,`) {
		t.Fatalf("a swarm that drains: %v: %s", err, printed)
	}
	r.start("cabinet-agent", "swarm", "--codes", r.enrols("visits", "sw-11"), "--cloud", r.fleet, "--rate", "20", "--spread", "0s")
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	who, err := phone.SignIn(ctx, r.fleet, r.sim, "+8613900000077")
	if err != nil {
		t.Fatal(err)
	}
	var v phone.Visit
	r.until("its door opens", func() bool {
		v, err = who.Open(ctx, "sw-11")
		return err == nil
	})
	if v, err = who.Receipt(ctx, v.ID); err != nil || v.State != "charged" || v.Total != 200 {
		t.Errorf("a visit to a swarm's cabinet ended as %s of %d fen, %v", v.State, v.Total, err)
	}
}
