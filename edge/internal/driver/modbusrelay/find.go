package modbusrelay

import (
	"context"

	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus/modbus"
)

// findAttempts of each question: reading changes nothing.
const findAttempts = 3

// Find asks whether a relay board answers at a unit; it only reads. Which relay and inputs belong to which door no board
// can tell: the settings pair them in the order in which they are usually wired, one lock for each two inputs.
func Find(ctx context.Context, line rtu.Line, unit byte) (Config, error) {
	inputs := uint16(8)
	if _, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadInputs, 0, inputs), findAttempts); err != nil {
		return Config{}, err
	}
	if _, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadCoils, 0, 1), findAttempts); err != nil {
		return Config{}, err
	}
	for _, more := range []uint16{16, maxInputs} {
		if _, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadInputs, 0, more), findAttempts); err != nil {
			break
		}
		inputs = more
	}
	cfg := Config{Unit: unit}
	for i := range int(inputs) / 2 {
		cfg.Channels = append(cfg.Channels, Channel{Relay: i, Door: Input{Number: 2*i + 1}, Latch: Input{Number: 2*i + 2}})
	}
	return cfg, nil
}
