package modbusscale_test

import (
	"context"
	"testing"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/modbusscale"
)

func TestRecordedTraffic(t *testing.T) {
	hexscript.Run(t, "testcases/*.hex", func(t *testing.T, line *bus.Line) hexscript.Call {
		start := func(unlock bool) *modbusscale.Scale {
			scale, err := modbusscale.New(line, modbusscale.Config{Unit: 1, StatusEvery: 3, Unlock: unlock})
			if err != nil {
				t.Fatal(err)
			}
			return scale
		}
		scale := start(false)
		return func(ctx context.Context, call string) string {
			if call == "start anew" || call == "start anew with the key" {
				scale = start(call != "start anew")
				return "ok"
			}
			return hexscript.CallScale(ctx, scale, call)
		}
	})
}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  modbusscale.Config
	}{
		{"everybody's address", modbusscale.Config{Unit: 0}},
		{"an address beyond the standard", modbusscale.Config{Unit: 248}},
		{"a negative unit of weight", modbusscale.Config{Unit: 1, UnitWeight: -1}},
		{"a status that is never read", modbusscale.Config{Unit: 1, StatusEvery: -1}},
	} {
		if _, err := modbusscale.New(nil, c.cfg); err == nil {
			t.Errorf("%s was accepted", c.name)
		}
	}
}

func TestReadWithoutRoomIsRefused(t *testing.T) {
	scale, err := modbusscale.New(nil, modbusscale.Config{Unit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := scale.Read(t.Context(), []edge.Sample{}); err == nil {
		t.Error("a reading without room was accepted")
	}
}
