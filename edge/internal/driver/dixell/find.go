package dixell

import (
	"context"

	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus/modbus"
)

const findAttempts = 3

// Find asks whether a controller answers at a unit, and how many of its probes, from the first on, show what a probe can;
// it only reads.
func Find(ctx context.Context, line rtu.Line, unit byte) (Config, error) {
	cfg, err := Config{Unit: unit}.withDefaults()
	if err != nil {
		return Config{}, err
	}
	wired := 0
	for i := range uint16(maxProbes) {
		reply, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadHolding, regProbes+i, 1), findAttempts)
		if err != nil && i == 0 {
			return Config{}, err
		}
		value := int16(0)
		if err == nil {
			value = int16(modbus.Register(reply.Data, 0))
		}
		if err != nil || int(value) < int(cfg.Min) || int(value) > int(cfg.Max) {
			break
		}
		wired++
	}
	return Config{Unit: unit, Probes: max(wired, 1)}, nil
}
