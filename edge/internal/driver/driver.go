// Package driver is the one table of the boards that an agent can talk to. A driver is a folder: its code, how to wire the
// board, a sample of its configuration, and recorded traffic that its tests replay.
//
// The table is written out here; nothing registers itself.
package driver

import (
	"errors"
	"fmt"

	"allhours/edge"
	"allhours/edge/internal/driver/aandd"
	"allhours/edge/internal/driver/asciireader"
	"allhours/edge/internal/driver/dixell"
	"allhours/edge/internal/driver/modbusrelay"
	"allhours/edge/internal/driver/modbusscale"
	"allhours/edge/internal/driver/mtsics"
	"allhours/edge/internal/driver/registermap"
	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/setting"
	"allhours/edge/internal/driver/toledo"
)

// ScaleConfig is one scale of a cabinet: the name of its driver and that driver's settings. Exactly one is set.
type ScaleConfig struct {
	ModbusScale *modbusscale.Config `yaml:"modbusscale,omitempty"`
	RegisterMap *registermap.Config `yaml:"registermap,omitempty"`
	MTSICS      *mtsics.Config      `yaml:"mtsics,omitempty"`
	AandD       *aandd.Config       `yaml:"aandd,omitempty"`
	Toledo      *toledo.Config      `yaml:"toledo,omitempty"`
}

// LockConfig is one lock board of a cabinet. Exactly one is set.
type LockConfig struct {
	ModbusRelay *modbusrelay.Config `yaml:"modbusrelay,omitempty"`
}

// ThermometerConfig is one temperature controller of a cabinet. Exactly one is set.
type ThermometerConfig struct {
	Dixell *dixell.Config `yaml:"dixell,omitempty"`
}

// ReaderConfig is one reader of codes of a cabinet. Exactly one is set.
type ReaderConfig struct {
	ASCII *asciireader.Config `yaml:"asciireader,omitempty"`
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
		{"mtsics", c.MTSICS != nil, func() (edge.Scale, error) { return mtsics.New(line, *c.MTSICS) }},
		{"aandd", c.AandD != nil, func() (edge.Scale, error) { return aandd.New(*c.AandD) }},
		{"toledo", c.Toledo != nil, func() (edge.Scale, error) { return toledo.New(*c.Toledo) }},
	}
}

func locks(line rtu.Line, c LockConfig) []builder[edge.LockBoard] {
	return []builder[edge.LockBoard]{
		{"modbusrelay", c.ModbusRelay != nil, func() (edge.LockBoard, error) { return modbusrelay.New(line, *c.ModbusRelay) }},
	}
}

func thermometers(line rtu.Line, c ThermometerConfig) []builder[edge.Thermometer] {
	return []builder[edge.Thermometer]{
		{"dixell", c.Dixell != nil, func() (edge.Thermometer, error) { return dixell.New(line, *c.Dixell) }},
	}
}

func readers(c ReaderConfig) []builder[edge.Reader] {
	return []builder[edge.Reader]{
		{"asciireader", c.ASCII != nil, func() (edge.Reader, error) { return asciireader.New(*c.ASCII) }},
	}
}

// Alone reports whether the scale must have its line for itself: it speaks unasked, or answers without an address. The
// driver of one that speaks unasked is a bus.Listener.
func (c ScaleConfig) Alone() bool { return c.MTSICS != nil || c.AandD != nil || c.Toledo != nil }

// ModbusUnit is the scale's address among the Modbus boards of its line; 0 for one that has none.
func (c ScaleConfig) ModbusUnit() byte {
	switch {
	case c.ModbusScale != nil:
		return c.ModbusScale.Unit
	case c.RegisterMap != nil:
		return c.RegisterMap.Unit
	}
	return 0
}

// ModbusUnit is the lock board's address among the Modbus boards of its line; 0 for one that has none.
func (c LockConfig) ModbusUnit() byte {
	if c.ModbusRelay != nil {
		return c.ModbusRelay.Unit
	}
	return 0
}

// ModbusUnit is the controller's address among the Modbus boards of its line; 0 for one that has none.
func (c ThermometerConfig) ModbusUnit() byte {
	if c.Dixell != nil {
		return c.Dixell.Unit
	}
	return 0
}

// NewScale makes the configured scale's driver; it sends nothing.
func NewScale(line rtu.Line, c ScaleConfig) (edge.Scale, error) { return pick(scales(line, c)) }

// NewLockBoard makes the configured lock board's driver; it sends nothing.
func NewLockBoard(line rtu.Line, c LockConfig) (edge.LockBoard, error) { return pick(locks(line, c)) }

// NewThermometer makes the configured temperature controller's driver; it sends nothing.
func NewThermometer(line rtu.Line, c ThermometerConfig) (edge.Thermometer, error) {
	return pick(thermometers(line, c))
}

// NewReader makes the configured reader's driver, which is a bus.Listener of the reader's own line.
func NewReader(c ReaderConfig) (edge.Reader, error) { return pick(readers(c)) }

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
	if wrong, ok := errors.AsType[*setting.Error](err); ok {
		return board, &setting.Error{Field: chosen.name + "." + wrong.Field, Want: wrong.Want}
	}
	if err != nil {
		return board, err // and not a nil pointer inside an interface
	}
	return built, nil
}
