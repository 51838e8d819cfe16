package sim

import (
	"encoding/json"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/cabinet"
	"allhours/protocol"
)

// apply plans the fleet anew, with what is changed.
func (p *scene) apply(change func(chain, cabinet map[string]any)) {
	p.t.Helper()
	var document map[string]any
	if err := json.Unmarshal(p.masterData([]cabinet.Plan{p.box.plan}), &document); err != nil {
		p.t.Fatal(err)
	}
	chain, _ := document["chain"].(map[string]any)
	cabinets, _ := document["cabinets"].([]any)
	first, _ := cabinets[0].(map[string]any)
	change(chain, first)
	text, err := json.Marshal(document)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.service.up().server.Admin().Apply(p.t.Context(), text); err != nil {
		p.t.Fatalf("apply: %v", err)
	}
}

func TestTheChainsLimitStopsAWarmCompartment(t *testing.T) {
	plan := shelves("xs-01", 1)
	plan.Devices = []cabinet.Device{{Family: cabinet.Dixell, Address: 31, Probes: []protocol.DeciCelsius{60}, Shared: true}}
	play(t, settings{plans: []cabinet.Plan{plan}}, func(t *testing.T, p *scene) {
		p.apply(func(chain, cabinet map[string]any) {
			chain["health"] = map[string]any{"above_dc": 80, "shut_min": 1}
			cabinet["health"] = []any{map[string]any{"compartments": []int{1}, "above_dc": 55, "warm_min": 2}}
		})
		p.sellsAgain()
		// By the box's own limits it would sell for half an hour.
		if !waitFor(8*time.Minute, func() bool { return p.incident(cloud.IncidentTemperature) == 1 }) {
			t.Fatal("a cabinet at 6.0 °C goes on selling above a limit of 5.5 °C")
		}
		p.refused(protocol.CodeTooWarm)
		if err := p.box.cabinet.Warm(0, 0, 40, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		word := cloud.Attestation{Cabinet: p.box.id, Compartment: 1, By: "Lin Wei", Why: "milk thrown away"}
		if err := p.service.up().server.Food().Attest(t.Context(), word); err != nil {
			t.Fatal(err)
		}
		p.sellsAgain()
	})
}
