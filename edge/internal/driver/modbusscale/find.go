package modbusscale

import (
	"context"
	"errors"

	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus/modbus"
)

// What only this family has at these registers, beside those that are read all the time.
const (
	regRange     = 86
	regShown     = 104 // the last of the map: the unit in which it shows a weight
	findAttempts = 3
)

var errNoRange = errors.New("no weight transmitter: its range is 0")

// Find asks whether a transmitter answers at a unit: the whole map must be there, up to its last register, and its range
// must make sense. It only reads.
func Find(ctx context.Context, line rtu.Line, unit byte) (Config, error) {
	for _, register := range []uint16{regStatus, regAutoZero, regCreep, regShown} {
		if _, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadHolding, register, 1), findAttempts); err != nil {
			return Config{}, err
		}
	}
	reply, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadHolding, regRange, 2), findAttempts)
	if err != nil {
		return Config{}, err
	}
	if modbus.Register(reply.Data, 0) == 0 && modbus.Register(reply.Data, 1) == 0 {
		return Config{}, errNoRange
	}
	return Config{Unit: unit}, nil
}
