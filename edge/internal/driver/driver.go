// Package driver is the one table of the boards that an agent can talk to. A driver is a folder: its code, how to wire the
// board, a sample of its configuration, and recorded traffic that its tests replay.
//
// The table is written out here; nothing registers itself.
package driver

import (
	"errors"
	"fmt"

	"allhours/edge"
	"allhours/edge/internal/driver/modbusrelay"
	"allhours/edge/internal/driver/modbusscale"
	"allhours/edge/internal/driver/registermap"
	"allhours/edge/internal/driver/rtu"
)

// ScaleConfig is one scale of a cabinet: the name of its driver and that driver's settings. Exactly one is set.
type ScaleConfig struct {
	ModbusScale *modbusscale.Config `yaml:"modbusscale,omitempty"`
	RegisterMap *registermap.Config `yaml:"registermap,omitempty"`
}

// LockConfig is one lock board of a cabinet. Exactly one is set.
type LockConfig struct {
	ModbusRelay *modbusrelay.Config `yaml:"modbusrelay,omitempty"`
}

// builder is one row of a table: a driver by the name that the configuration calls it.
type builder[Board any] struct {
	name  string
	set   bool
	build func() (Board, error)
}

func scales(line rtu.Line, c ScaleConfig) []builder[edge.Scale] {
	return []builder[edge.Scale]{
		{"modbusscale", c.ModbusScale != nil, func() (edge.Scale, error) { return modbusscale.New(line, *c.ModbusScale) }},
		{"registermap", c.RegisterMap != nil, func() (edge.Scale, error) { return registermap.New(line, *c.RegisterMap) }},
	}
}

func locks(line rtu.Line, c LockConfig) []builder[edge.LockBoard] {
	return []builder[edge.LockBoard]{
		{"modbusrelay", c.ModbusRelay != nil, func() (edge.LockBoard, error) { return modbusrelay.New(line, *c.ModbusRelay) }},
	}
}

// NewScale makes the configured scale's driver; it sends nothing.
func NewScale(line rtu.Line, c ScaleConfig) (edge.Scale, error) { return pick(scales(line, c)) }

// NewLockBoard makes the configured lock board's driver; it sends nothing.
func NewLockBoard(line rtu.Line, c LockConfig) (edge.LockBoard, error) { return pick(locks(line, c)) }

var (
	errNoDriver   = errors.New("no driver is set")
	errTwoDrivers = errors.New("more than one driver is set")
)

// pick builds the one row that is set.
func pick[Board any](rows []builder[Board]) (board Board, err error) {
	var chosen *builder[Board]
	names := make([]string, 0, len(rows))
	for i := range rows {
		names = append(names, rows[i].name)
		if !rows[i].set {
			continue
		}
		if chosen != nil {
			return board, fmt.Errorf("%w: %s and %s", errTwoDrivers, chosen.name, rows[i].name)
		}
		chosen = &rows[i]
	}
	if chosen == nil {
		return board, fmt.Errorf("%w: want one of %v", errNoDriver, names)
	}
	built, err := chosen.build()
	if err != nil {
		return board, err // and not a nil pointer inside an interface
	}
	return built, nil
}
