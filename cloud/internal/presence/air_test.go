package presence_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func warm(dc protocol.DeciCelsius, fault string) wire.Telemetry {
	return wire.Telemetry{Cabinet: "xs-01", Compartments: []wire.CompartmentTelemetry{{
		Compartment: 1, Door: wire.DoorStateShut, Selling: true, Probes: []wire.Probe{{Celsius: dc, Fault: fault}},
	}}}
}

func TestTheAirOfADayIsKeptStepByStep(t *testing.T) {
	b := presence.New()
	if err := b.Birth(birth(1), at); err != nil {
		t.Fatal(err)
	}
	last := func(now time.Time, back int) cloud.AirRange {
		t.Helper()
		curves := b.Air("xs-01", now)
		if len(curves) != 1 || len(curves[0].Steps) != 288 {
			t.Fatalf("%d curves", len(curves))
		}
		return curves[0].Steps[len(curves[0].Steps)-1-back]
	}
	b.Telemetry(warm(40, ""), at)
	b.Telemetry(warm(46, ""), at.Add(time.Minute))
	b.Telemetry(warm(999, "silent"), at.Add(2*time.Minute))
	if got := last(at, 0); got != (cloud.AirRange{Low: 40, High: 46, Known: true}) {
		t.Errorf("the step under way: %+v", got)
	}
	later := at.Add(20 * time.Minute)
	b.Telemetry(warm(51, ""), later)
	if got := last(later, 0); got != (cloud.AirRange{Low: 51, High: 51, Known: true}) {
		t.Errorf("a later step: %+v", got)
	}
	if got := last(later, 2); got.Known {
		t.Errorf("nothing was told in between: %+v", got)
	}
	if got := last(later, 4); got.High != 46 {
		t.Errorf("the first step: %+v", got)
	}
	if err := b.Birth(birth(2), later); err != nil {
		t.Fatal(err)
	}
	if got := last(later, 4); got.High != 46 {
		t.Errorf("a new connection forgot it: %+v", got)
	}
	if got := last(later.Add(24*time.Hour), 287); got.Known {
		t.Errorf("a day later: %+v", got)
	}
	b.Telemetry(warm(60, ""), later.Add(25*time.Hour))
	if got := last(later.Add(25*time.Hour), 12); got.Known {
		t.Errorf("what is older than a day came back: %+v", got)
	}
}

func TestTheAirOutlivesARestart(t *testing.T) {
	before := presence.New()
	if err := before.Birth(birth(1), at); err != nil {
		t.Fatal(err)
	}
	before.Telemetry(warm(40, ""), at)
	before.Telemetry(warm(46, ""), at.Add(20*time.Minute))
	if early := before.TakeAir(100, 10); len(early) != 0 {
		t.Errorf("what has hardly grown is handed out: %+v", early)
	}
	traces := before.TakeAir(0, 10)
	if again := before.TakeAir(1, 10); len(traces) != 1 || len(again) != 0 {
		t.Fatalf("%d traces, then %d", len(traces), len(again))
	}

	after := presence.New()
	after.KeepAir(traces) // Of a cabinet that nobody knows.
	if err := after.Recall(birth(1)); err != nil {
		t.Fatal(err)
	}
	if curves := after.Air("xs-01", at); len(curves) != 0 {
		t.Errorf("there is a curve already: %+v", curves)
	}
	after.KeepAir(traces)
	now := at.Add(30 * time.Minute)
	after.Telemetry(warm(52, ""), now)
	if err := after.Birth(birth(1), now); err != nil {
		t.Fatal(err)
	}
	curves := after.Air("xs-01", now)
	if len(curves) != 1 {
		t.Fatalf("%d curves", len(curves))
	}
	for back, want := range map[int]cloud.AirRange{0: {Low: 52, High: 52, Known: true}, 1: {}, 2: {Low: 46, High: 46, Known: true}, 6: {Low: 40, High: 40, Known: true}, 7: {}} {
		if got := curves[0].Steps[len(curves[0].Steps)-1-back]; got != want {
			t.Errorf("%d steps ago: %+v, want %+v", back, got, want)
		}
	}
	if grown := after.TakeAir(2, 10); len(grown) != 1 {
		t.Errorf("what has grown since is not handed out: %+v", grown)
	}
}
