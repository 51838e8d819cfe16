// Package tracking keeps the corrections that weight boards make on their own switched off: auto-zero and creep tracking.
// It touches no other setting.
package tracking

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus/modbus"
)

// ErrOn says that a board corrects its weights on its own.
var ErrOn = errors.New("tracking is on")

// lookEvery is how many readings lie between two looks at the registers: about a minute at 10 Hz.
const lookEvery = 600

// Registers are neighbouring holding registers that read zero when a correction is off.
type Registers struct {
	First uint16 `yaml:"first"`
	Count uint16 `yaml:"count"`
}

// Guard watches one board's corrections.
type Guard struct {
	line      rtu.Line
	unit      byte
	registers []Registers
	readings  int
}

// NewGuard makes a guard; without registers it has nothing to do.
func NewGuard(line rtu.Line, unit byte, registers ...Registers) *Guard {
	return &Guard{line: line, unit: unit, registers: registers}
}

// SwitchOff makes the registers zero, and reads back that they are. Registers that are zero already are not written,
// because boards keep these settings in memory that wears out. They are read twice even then, and each exchange is made
// once: a late reply of something else may look like zeros, but it comes only once.
func (g *Guard) SwitchOff(ctx context.Context) error {
	for _, r := range g.registers {
		err := g.look(ctx, r, 1)
		if err != nil && !errors.Is(err, ErrOn) {
			return err
		}
		if err != nil {
			zeros := modbus.SetRegisters(g.unit, r.First, make([]uint16, r.Count))
			if _, err := rtu.Poll(ctx, g.line, zeros, 1); err != nil {
				return fmt.Errorf("switch off tracking: %w", err)
			}
		}
		if err := g.look(ctx, r, 1); err != nil {
			return err
		}
	}
	return nil
}

// Reading counts one reading and now and then looks at the registers: a board whose power failed for a moment comes back
// with its corrections on and never misses a reply. It fails with [ErrOn] until they were switched off again.
func (g *Guard) Reading(ctx context.Context, attempts int) error {
	if g.readings++; g.readings < lookEvery {
		return nil
	}
	for _, r := range g.registers {
		if err := g.look(ctx, r, attempts); err != nil {
			return err
		}
	}
	g.readings = 0
	return nil
}

// look fails with ErrOn where the registers are not zero.
func (g *Guard) look(ctx context.Context, r Registers, attempts int) error {
	reply, err := rtu.Poll(ctx, g.line, modbus.Read(g.unit, modbus.ReadHolding, r.First, r.Count), attempts)
	if err != nil {
		return fmt.Errorf("read tracking: %w", err)
	}
	if slices.ContainsFunc(reply.Data, func(b byte) bool { return b != 0 }) {
		return fmt.Errorf("unit %d register %d: %w", g.unit, r.First, ErrOn)
	}
	return nil
}
