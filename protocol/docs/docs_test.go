package docs_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"allhours/protocol/docs"
	"allhours/protocol/wire"
)

var everyType = []wire.EventType{
	wire.VisitBegun, wire.VisitOpened, wire.VisitStep, wire.VisitSettled, wire.VisitAborted, wire.VisitRefused, wire.DoorOpened, wire.DoorShut,
	wire.DoorLeftOpen, wire.LockPulsed, wire.LockFailed, wire.StockLevel, wire.ScaleFault, wire.ScaleClear, wire.ScaleMoved, wire.ScaleSet,
	wire.GoodsWeight, wire.SaleStopped, wire.SaleResumed, wire.ColdLost, wire.ColdAttested, wire.PowerBoot, wire.ConfigApplied,
	wire.ConfigRefused, wire.Alive,
}

func TestEachEventTypeHasGoldenJSONThatSurvivesARoundTrip(t *testing.T) {
	golden, err := docs.GoldenEvents()
	if err != nil {
		t.Fatal(err)
	}
	if len(golden) != len(everyType) {
		t.Errorf("events.md shows %d types, wire has %d", len(golden), len(everyType))
	}
	for _, typ := range everyType {
		t.Run(string(typ), func(t *testing.T) { roundTrip(t, typ, golden[typ]) })
	}
}

func roundTrip(t *testing.T, typ wire.EventType, golden []byte) {
	batch, err := wire.DecodeBatch(append(append([]byte("["), golden...), ']'), "xs-01")
	if err != nil {
		t.Fatal(err)
	}
	event := batch[0]
	body, err := wire.DecodeBody(event.Type, event.Body)
	if err != nil {
		t.Fatal(err)
	}
	if event.Type != typ || body.Type() != typ {
		t.Fatalf("golden is of type %s, its body of %s, want %s", event.Type, body.Type(), typ)
	}
	if event.Body, err = json.Marshal(body); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, golden); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("written again:\n%s\nwant:\n%s", got, want.Bytes())
	}
}
