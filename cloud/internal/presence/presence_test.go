package presence_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
	"allhours/protocol/wire"
)

var at = time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)

func birth(conn byte) wire.Birth {
	return wire.Birth{Cabinet: "xs-01", Journal: protocol.UUID{9}, Conn: protocol.UUID{conn}, Challenge: append([]byte{conn}, make([]byte, 15)...), Last: 3}
}

func death(conn byte) wire.Death { return wire.Death{Cabinet: "xs-01", Conn: protocol.UUID{conn}} }

func shut(last uint64) wire.Telemetry {
	return wire.Telemetry{Cabinet: "xs-01", Last: last, Compartments: []wire.CompartmentTelemetry{{Compartment: 1, Door: wire.DoorStateShut, Selling: true}}}
}

func TestPresenceFollowsWhatACabinetSays(t *testing.T) {
	b := presence.New()
	is := func(step string, want cloud.CabinetState) {
		t.Helper()
		if got := b.Of("xs-01").State(at, false); got != want {
			t.Errorf("%s: %s, want %s", step, got, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	is("never heard of", cloud.CabinetAway)
	b.Telemetry(shut(3), at)
	is("telemetry without a birth", cloud.CabinetAway)
	must(b.Birth(birth(1), at))
	is("born, and nothing said of its doors", cloud.CabinetAway)
	if !b.Telemetry(shut(4), at) || b.Telemetry(shut(5), at) {
		t.Error("the first telemetry changes the picture, the same again does not")
	}
	is("telemetry", cloud.CabinetReady)
	if heard, spoke := b.Heard("xs-01"); !spoke || heard.Last != 5 || heard.Challenge[0] != 1 {
		t.Errorf("heard %+v", heard)
	}
	must(b.Birth(birth(2), at))
	b.Telemetry(shut(5), at)
	if b.Death(death(1)) {
		t.Error("the will of an older connection counted")
	}
	is("an older connection ended", cloud.CabinetReady)
	if !b.Death(death(2)) || b.Death(death(2)) {
		t.Error("the newest connection's will counts once")
	}
	is("its connection ended", cloud.CabinetAway)
	must(b.Birth(birth(2), at))
	b.Telemetry(shut(5), at)
	must(b.Birth(birth(2), at))
	is("it said again who it is", cloud.CabinetReady)
	b.Cut()
	is("the broker is lost", cloud.CabinetAway)
	b.Touch("xs-01", at)
	is("it speaks again", cloud.CabinetReady)
	b.Cut()
	if !b.Death(death(2)) {
		t.Error("a will that comes after the loss changes nothing")
	}
	b.Cut()
	b.Touch("xs-01", at)
	is("it had left before the broker was lost", cloud.CabinetAway)
	short := birth(3)
	short.Challenge = short.Challenge[:15]
	if b.Birth(short, at) == nil {
		t.Error("a challenge of 15 bytes was taken")
	}
}
