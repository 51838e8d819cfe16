package agent

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/docs"
	"allhours/protocol/wire"
)

// fields lists where values lie in a JSON document; places in an array count as one.
func fields(t *testing.T, raw []byte) map[string]bool {
	t.Helper()
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				walk(path+"."+key, value)
			}
		case []any:
			for _, value := range v {
				walk(path+"[]", value)
			}
		default:
			found[path] = true
		}
	}
	walk("", doc)
	return found
}

// asWrittenDown holds every event that reached the cloud to the golden one of its type: it has no other field.
func (tn *town) asWrittenDown() {
	golden, err := docs.GoldenEvents()
	if err != nil {
		tn.Fatal(err)
	}
	for _, e := range tn.cloud.Events() {
		want, known := golden[e.Type]
		if !known {
			tn.Errorf("event %s is not in protocol/docs/events.md", e.Type)
			continue
		}
		raw, err := json.Marshal(e)
		if err != nil {
			tn.Fatal(err)
		}
		allowed := fields(tn.T, want)
		for path := range fields(tn.T, raw) {
			if !allowed[path] {
				tn.Errorf("event %s has a field %s that events.md does not show", e.Type, path)
			}
		}
	}
}

func TestTheAgentEmitsEachEventThatIsWrittenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := make(codes)
		tn := emptyTown(t)
		tn.readers = []edge.Reader{reader}
		cold := tn.cooled()
		tn.begin()
		tn.shop(1)
		tn.settled(1)
		reader <- tn.cloud.Sign(tn.cloud.Grant(fakecloud.ID(1))) // It was used.
		tn.openDoor(2)                                           // Nobody pulls.
		tn.outcome(2)
		tn.set(func(c *cabinet) { c.stuck = true })
		tn.openDoor(3)
		tn.outcome(3)
		tn.key()
		wait(2 * time.Minute)
		tn.shut()
		tn.set(func(c *cabinet) { c.silent[0] = true })
		wait(40 * time.Minute)
		tn.set(func(c *cabinet) { c.silent[0] = false })
		wait(time.Minute)
		tn.put(1, -1030) // Out of the back of the cabinet.
		wait(2 * time.Minute)
		tn.set(func(c *cabinet) { c.stuck = false })
		tn.sellMilk(10, 12, 1042)
		tn.calibrates()
		tn.halt(98, wire.Halt{Code: protocol.CodeOffSale})
		tn.cloud.Configure(wire.Config{V: wire.Version, Cabinet: cabinetID, Config: wire.ConfigVersion{FleetEpoch: 1, Version: 99}}) // Without a platform.
		cold.is(80)
		wait(40 * time.Minute)
		cold.is(40)
		wait(time.Minute)
		tn.cloud.Attest(fakecloud.ID(5), func(*wire.Task, *wire.AttestArgs) {})
		tn.reply(5)
		wait(time.Minute)

		golden, err := docs.GoldenEvents()
		if err != nil {
			t.Fatal(err)
		}
		emitted := map[wire.EventType]bool{}
		for _, e := range tn.cloud.Events() {
			emitted[e.Type] = true
		}
		for _, e := range slices.Sorted(maps.Keys(golden)) {
			if !emitted[e] {
				t.Errorf("%s was not emitted", e)
			}
		}
	})
}

func TestEachFieldOfAGoldenEventSurvivesThisSide(t *testing.T) {
	golden, err := docs.GoldenEvents()
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range golden {
		var e wire.Event
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		body, err := wire.DecodeBody(e.Type, e.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e.Body, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if e.Cabinet != protocol.CabinetID("xs-01") || !maps.Equal(fields(t, raw), fields(t, again)) {
			t.Errorf("%s: %s does not come back", name, raw)
		}
	}
}
