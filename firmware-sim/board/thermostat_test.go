package board_test

import (
	"testing"

	"allhours/firmware-sim/board"
	"allhours/protocol"
)

func TestAControllerAnswersItsFrames(t *testing.T) {
	for _, c := range []struct{ name, frame, want string }{
		{"one probe", "01 03 01 00 00 01 85 F6", "01 03 02 00 2A 39 9B"},
		{"below zero, and one that is cut", "01 03 01 01 00 02 94 37", "01 03 04 FF 38 7F FF 2B 9A"},
		{"more probes than it has", "01 03 01 00 00 04 45 F5", "01 83 02 C0 F1"},
		{"a coil, which it has none of", "01 05 00 00 FF 00 8C 3A", "01 85 01 83 50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bus := board.NewBus(board.NewThermostat(1, []protocol.DeciCelsius{42, -200}))
			ask(t, bus, start(), c.frame, c.want)
		})
	}
}

func TestAProbeIsWarmedCutAndMended(t *testing.T) {
	thermostat := board.NewThermostat(1, []protocol.DeciCelsius{42})
	bus := board.NewBus(thermostat)
	thermostat.Warm(0, 80)
	if got := readWord(t, bus, board.ThermostatProbes, start()); got != 80 {
		t.Errorf("warmed: %d", got)
	}
	thermostat.Cut(0)
	if got := readWord(t, bus, board.ThermostatProbes, start()); got != 0x7FFF {
		t.Errorf("cut: %04X", got)
	}
	thermostat.Warm(0, 40)
	if got := readWord(t, bus, board.ThermostatProbes, start()); got != 40 {
		t.Errorf("mended: %d", got)
	}
}
