package drivertest_test

import (
	"testing"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/asciireader"
	"allhours/edge/internal/driver/dixell"
	"allhours/edge/internal/driver/drivertest"
)

func TestAThermometerOnALineThatGoesWrong(t *testing.T) {
	t.Parallel()
	twin := drivertest.Start(t, program, map[string]any{
		"devices": []any{map[string]any{"family": "dixell", "address": 31, "probes_dc": []int{-200, 40}, "shared": true}},
	})
	controller, err := driver.NewThermometer(twin.Line(false), driver.ThermometerConfig{Dixell: &dixell.Config{Unit: 31, Probes: 2}})
	if err != nil {
		t.Fatal(err)
	}
	// Unit 32 has 100 degrees on both probes.
	drivertest.ThermometerSuite(t, drivertest.Thermometer{Twin: twin, Board: controller, Foreign: "20030403e803e84bff"})
}

func TestAReaderOnALineThatGoesWrong(t *testing.T) {
	t.Parallel()
	twin := drivertest.Start(t, program, map[string]any{"devices": []any{map[string]any{"family": "asciireader"}}})
	const longest = 64
	reader, err := driver.NewReader(driver.ReaderConfig{ASCII: &asciireader.Config{MaxLine: longest}})
	if err != nil {
		t.Fatal(err)
	}
	listener, unasked := reader.(bus.Listener)
	if !unasked {
		t.Fatal("a reader that does not listen")
	}
	twin.Feed(1, listener)
	drivertest.ReaderSuite(t, drivertest.Reader{Twin: twin, Board: reader, MaxLine: longest})
}
