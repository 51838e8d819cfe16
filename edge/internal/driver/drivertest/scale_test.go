package drivertest_test

import (
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/drivertest"
)

// scaleCase is one kind of scale: how the twin is built, how the driver is told, and what another unit would answer.
type scaleCase struct {
	name      string
	plan      map[string]any
	yaml      string
	platforms []string
	own       bool // on the twin's line 1, and not on the cabinet's
	foreign   string
	beside    string // the driver of another scale on the same line, which weighs S2
}

func scaleCases() []scaleCase {
	const aUnit = "0d0304000f423f7680" // unit 13 weighs 999,999
	loaded := func(id string, units int) map[string]any {
		return map[string]any{
			"id": id, "capacity_mg": 40_000_000, "division_mg": 1000,
			"goods": []map[string]any{{"sku": "1001", "unit_mg": 571_000, "sd_mg": 1000, "stock": units}},
		}
	}
	text := func(family, more string, fields map[string]any) scaleCase {
		device := map[string]any{"family": family, "platform": "S1", "unit": "g", "every_ms": 20}
		for name, value := range fields {
			device[name] = value
		}
		return scaleCase{
			name: family + more, own: true, platforms: []string{"S1"}, foreign: aUnit,
			plan: map[string]any{"platforms": []any{loaded("S1", 9)}, "devices": []any{device}},
		}
	}
	with := func(c scaleCase, yaml string) scaleCase { c.yaml = yaml; return c }
	var lanes []any
	var names []string
	for _, id := range []string{"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8"} {
		lanes, names = append(lanes, loaded(id, 3*len(lanes))), append(names, id)
	}
	return []scaleCase{
		{
			name: "modbusscale", platforms: []string{"S1"}, foreign: aUnit,
			plan: map[string]any{"platforms": []any{loaded("S1", 9), loaded("S2", 21)}},
			yaml: "modbusscale: {unit: 11}", beside: "modbusscale: {unit: 12}",
		},
		{
			name: "registermap", platforms: names, foreign: aUnit,
			plan: map[string]any{"layout": "lanes", "platforms": lanes},
			yaml: `registermap: {unit: 11, channels: 8, count_mg: 100, status: {first: 16, overload: 0x0240, unstable: 0x0020},
  tracking: [{first: 32, count: 4}]}`,
		},
		with(text("mtsics", "", map[string]any{"decimals": 1}), "mtsics: {unit: g, decimals: 1}"),
		with(text("aandd", "", map[string]any{"decimals": 1}), "aandd: {unit: g, decimals: 1, width: 8}"),
		with(text("aandd", " with parity", map[string]any{"decimals": 1, "seven_bits": "even"}), "aandd: {unit: g, decimals: 1, width: 8, seven_bits: even}"),
		with(text("toledo", "", map[string]any{"decimals": 0}), "toledo: {unit: g, decimals: 0}"),
		with(text("toledo", " with checksum", map[string]any{"unit": "kg", "decimals": 3, "checksum": true}), "toledo: {unit: kg, decimals: 3, checksum: true}"),
	}
}

func TestScalesOnALineThatGoesWrong(t *testing.T) {
	t.Parallel()
	for _, c := range scaleCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			twin := drivertest.Start(t, program, c.plan)
			var line *bus.Line
			if !c.own {
				line = twin.Line(false)
			}
			scale := drivertest.Scale{Twin: twin, Board: scaleDriver(t, twin, line, c.yaml), Platforms: c.platforms, Foreign: c.foreign}
			if c.beside != "" {
				scale.Beside = &drivertest.Scale{Board: scaleDriver(t, twin, line, c.beside), Platforms: []string{"S2"}}
				drivertest.Await(t, time.Minute, "the scale beside it is prepared", func() bool {
					return scale.Beside.Board.Prepare(t.Context()) == nil
				})
			}
			drivertest.ScaleSuite(t, scale)
		})
	}
}

// scaleDriver makes a driver on the twin's line; without one on the twin's line 1, which it hears where it speaks unasked.
func scaleDriver(t *testing.T, twin *drivertest.Twin, line *bus.Line, text string) edge.Scale {
	t.Helper()
	var cfg driver.ScaleConfig
	if err := yaml.UnmarshalWithOptions([]byte(text), &cfg, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if line == nil && cfg.MTSICS != nil {
		line = twin.OwnLine(1)
	}
	scale, err := driver.NewScale(line, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if listener, unasked := scale.(bus.Listener); unasked {
		twin.Feed(1, listener)
	}
	return scale
}
