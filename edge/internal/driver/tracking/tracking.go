// Package tracking switches off the corrections that weight boards make on their own: auto-zero and creep tracking. It
// touches no other setting.
package tracking

import (
	"context"
	"fmt"
	"slices"

	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus/modbus"
)

// SwitchOff makes count holding registers from first on zero, and reads back that they are. Registers that are zero
// already are not written, because boards keep these settings in memory that wears out. They are read twice even then,
// and each exchange is made once: a late reply of something else may look like zeros, but it comes only once.
func SwitchOff(ctx context.Context, line rtu.Line, unit byte, first, count uint16) error {
	off, err := areZero(ctx, line, unit, first, count)
	if err != nil {
		return err
	}
	if !off {
		zeros := make([]uint16, count)
		if _, err := rtu.Poll(ctx, line, modbus.SetRegisters(unit, first, zeros), 1); err != nil {
			return fmt.Errorf("switch off tracking in register %d: %w", first, err)
		}
	}
	if off, err = areZero(ctx, line, unit, first, count); err != nil {
		return err
	}
	if !off {
		return fmt.Errorf("unit %d: tracking in register %d is on", unit, first)
	}
	return nil
}

func areZero(ctx context.Context, line rtu.Line, unit byte, first, count uint16) (bool, error) {
	reply, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadHolding, first, count), 1)
	if err != nil {
		return false, fmt.Errorf("read tracking in register %d: %w", first, err)
	}
	return !slices.ContainsFunc(reply.Data, func(b byte) bool { return b != 0 }), nil
}
