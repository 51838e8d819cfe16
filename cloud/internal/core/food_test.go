package core_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

var fit = cloud.Attestation{Cabinet: "xs-01", Compartment: 1, By: "Lin Wei", Why: " milk thrown away "}

// attest says the word, lets the cabinet answer with a code, and gives what the person is told.
func (r *rig) attest(a cloud.Attestation, answer protocol.Code) error {
	r.t.Helper()
	told := make(chan error, 1)
	go func() { told <- r.core.Food.Attest(r.t.Context(), a) }()
	synctest.Wait()
	var command wire.Command
	r.must(wire.Decode(r.mail.last(topic.Command), &command))
	t := r.cabinet.task()
	var word wire.AttestArgs
	r.must(json.Unmarshal(t.Args, &word))
	if t.By != "Lin Wei" || t.Kind != wire.TaskAttest || word.Why != "milk thrown away" || word.Compartment != 1 {
		r.t.Errorf("the cabinet gets %+v with %+v", t, word)
	}
	if answer != "" {
		r.must(r.cabinet.say(topic.Reply, wire.Reply{V: 1, Cabinet: "xs-01", ID: command.ID, Code: answer}))
	}
	return <-told
}

func TestAPersonsWordReachesTheCabinetAndItsAnswerThePerson(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.must(r.attest(fit, protocol.CodeOK))
		if err := r.attest(fit, protocol.CodeTooWarm); protocol.CodeOf(err) != protocol.CodeTooWarm {
			t.Errorf("got %v: want the cabinet's refusal", err)
		}
		if err := r.attest(fit, ""); protocol.CodeOf(err) != cloud.CodeCabinetAway {
			t.Errorf("got %v: want that nobody answered", err)
		}
		unsaid := fit
		unsaid.Why = "  "
		if err := r.core.Food.Attest(t.Context(), unsaid); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("got %v: want a reason", err)
		}
		unsaid = fit
		unsaid.Cabinet = "xs-99"
		if err := r.core.Food.Attest(t.Context(), unsaid); protocol.CodeOf(err) != cloud.CodeUnknownCabinet {
			t.Errorf("got %v: want that there is no such cabinet", err)
		}
		<-time.After(2 * cloud.AwayAfter)
		if err := r.core.Food.Attest(t.Context(), fit); protocol.CodeOf(err) != cloud.CodeCabinetAway {
			t.Errorf("got %v: want that it is away", err)
		}
	})
}

func TestTheIncidentOfWarmFoodIsClosedWithWhoAndWhy(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		highest := protocol.DeciCelsius(83)
		r.cabinet.does(wire.LostBody{Compartment: 1, Code: protocol.CodeTooWarm, Limit: 50, Highest: &highest, WarmMS: 1_800_000})
		r.cabinet.does(wire.SaleBody{EventType: wire.SaleStopped, Compartment: 1, Code: protocol.CodeTooWarm})
		if found := r.incidents(); found[cloud.IncidentTemperature] != 1 || found[cloud.IncidentStopped] != 1 {
			t.Errorf("incidents %v", found)
		}
		r.cabinet.does(wire.AttestedBody{Compartment: 1, By: "Lin Wei", Why: "milk thrown away"})
		r.cabinet.does(wire.SaleBody{EventType: wire.SaleResumed, Compartment: 1})
		if found := r.incidents(); len(found) != 0 {
			t.Errorf("incidents after: %v", found)
		}
	})
}

func TestAResidentHearsThatFoodWasTooWarm(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.must(r.cabinet.say(topic.Telemetry, wire.Telemetry{V: 1, Cabinet: "xs-01", Compartments: []wire.CompartmentTelemetry{
			{Compartment: 1, Door: wire.DoorStateShut, Why: protocol.CodeTooWarm},
		}}))
		if _, err := r.begin(""); protocol.CodeOf(err) != protocol.CodeTooWarm {
			t.Errorf("got %v: want too_warm", err)
		}
	})
}
