package registermap

import (
	"context"

	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/tracking"
	"allhours/protocol/fieldbus/modbus"
)

// The usual 8-channel weight board: all weights in one read of 32-bit values from register 0 on, a status for each channel
// after them, and the registers of its own tracking.
const (
	usualChannels = 8
	usualStatus   = 16
	usualTracking = 32
	usualOverload = 0x0240
	usualUnstable = 0x0020
	usualCount    = 100
	findAttempts  = 3
)

// Find asks whether a board with the usual map of eight channels answers at a unit; it only reads. What a count weighs
// no board tells: the settings say a tenth of a gram.
func Find(ctx context.Context, line rtu.Line, unit byte) (Config, error) {
	cfg := Config{
		Unit: unit, Channels: usualChannels, CountWeight: usualCount,
		Status:   &Status{First: usualStatus, Overload: usualOverload, Unstable: usualUnstable},
		Tracking: []tracking.Registers{{First: usualTracking, Count: 4}},
	}
	for _, r := range []tracking.Registers{{Count: 2 * usualChannels}, {First: usualStatus, Count: usualChannels}, cfg.Tracking[0]} {
		if _, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadHolding, r.First, r.Count), findAttempts); err != nil {
			return Config{}, err
		}
	}
	return cfg, nil
}
