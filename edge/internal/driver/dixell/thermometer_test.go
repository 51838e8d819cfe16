package dixell_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/dixell"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/setting"
)

func TestRecordedTraffic(t *testing.T) {
	hexscript.Run(t, "testcases/*.hex", func(t *testing.T, line *bus.Line) hexscript.Call {
		controller, err := dixell.New(line, dixell.Config{Unit: 1, Probes: 2})
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, _ string) string { return measure(ctx, controller) }
	})
}

// measure is each probe's temperature or fault.
func measure(ctx context.Context, c *dixell.Thermometer) string {
	probes := make([]edge.Temperature, c.Probes())
	err := c.Measure(ctx, probes)
	words := make([]string, len(probes))
	for i, p := range probes {
		words[i] = string(p.Fault)
		switch {
		case p.At.IsZero():
			return "no time"
		case (err != nil) != (p.Fault == edge.ProbeSilent):
			return "an error and a temperature, or neither"
		case p.Fault != edge.ProbeOK && p.Celsius != 0:
			return "a temperature of a broken probe"
		case p.Fault == edge.ProbeOK:
			words[i] = p.Celsius.String()
		}
	}
	return strings.Join(words, ", ")
}

func TestSettingsThatCannotBeAreRefusedByName(t *testing.T) {
	for _, c := range []struct {
		name, field string
		cfg         dixell.Config
	}{
		{"everybody's address", "unit", dixell.Config{}},
		{"more probes than a controller has", "probes", dixell.Config{Unit: 1, Probes: 4}},
		{"a range of nothing", "min_dc", dixell.Config{Unit: 1, Min: 100, Max: 50}},
	} {
		var wrong *setting.Error
		if _, err := dixell.New(nil, c.cfg); !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%s: %v, want %s named", c.name, err, c.field)
		}
	}
}

func TestMeasureWithoutRoomIsRefused(t *testing.T) {
	controller, err := dixell.New(nil, dixell.Config{Unit: 1, Probes: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := controller.Measure(t.Context(), make([]edge.Temperature, 1)); err == nil {
		t.Error("one place for two probes was accepted")
	}
}
