// Package driver is the one table of the boards that an agent can talk to. A driver is a folder: its code, how to wire the
// board, a sample of its configuration, and recorded traffic that its tests replay.
//
// The table is written out here; nothing registers itself.
package driver

import (
	"errors"
	"fmt"
	"slices"

	"allhours/edge"
	"allhours/edge/internal/driver/aandd"
	"allhours/edge/internal/driver/asciireader"
	"allhours/edge/internal/driver/cu16"
	"allhours/edge/internal/driver/cu48"
	"allhours/edge/internal/driver/dixell"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/lock8a"
	"allhours/edge/internal/driver/modbusrelay"
	"allhours/edge/internal/driver/modbusscale"
	"allhours/edge/internal/driver/mtsics"
	"allhours/edge/internal/driver/registermap"
	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/setting"
	"allhours/edge/internal/driver/toledo"
	"allhours/edge/internal/driver/wkly"
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
	CU16        *cu16.Config        `yaml:"cu16,omitempty"`
	CU48        *cu48.Config        `yaml:"cu48,omitempty"`
	Lock8A      *lock8a.Config      `yaml:"lock8a,omitempty"`
	WKLY        *wkly.Config        `yaml:"wkly,omitempty"`
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
		{"cu16", c.CU16 != nil, func() (edge.LockBoard, error) { return cu16.New(line, *c.CU16) }},
		{"cu48", c.CU48 != nil, func() (edge.LockBoard, error) { return cu48.New(line, *c.CU48) }},
		{"lock8a", c.Lock8A != nil, func() (edge.LockBoard, error) { return lock8a.New(line, *c.Lock8A) }},
		{"wkly", c.WKLY != nil, func() (edge.LockBoard, error) { return wkly.New(line, *c.WKLY) }},
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

// modbusAddress is an address among the Modbus boards of a line.
func modbusAddress(unit byte) string { return fmt.Sprintf("unit %d", unit) }

// Address is the scale's address on its line, which no other board there may have; "" for one that has none.
func (c ScaleConfig) Address() string {
	switch {
	case c.ModbusScale != nil:
		return modbusAddress(c.ModbusScale.Unit)
	case c.RegisterMap != nil:
		return modbusAddress(c.RegisterMap.Unit)
	}
	return ""
}

// Address is the lock board's address on its line, which no other board there may have.
func (c LockConfig) Address() string {
	switch {
	case c.ModbusRelay != nil:
		return modbusAddress(c.ModbusRelay.Unit)
	case c.CU16 != nil:
		return fmt.Sprintf("cu16 board %d", c.CU16.Board)
	case c.CU48 != nil && c.CU48.Protocol == cu48.Modbus:
		return modbusAddress(c.CU48.Device)
	case c.CU48 != nil:
		return fmt.Sprintf("cu48 device %d", c.CU48.Device)
	case c.Lock8A != nil:
		return fmt.Sprintf("lock8a board %d", c.Lock8A.Board)
	case c.WKLY != nil:
		return fmt.Sprintf("wkly board %d", c.WKLY.Board)
	}
	return ""
}

// Doorless is the first channel whose door nothing tells; -1 where every door is told.
func (c LockConfig) Doorless() int {
	feedback := guard.Hook
	switch {
	case c.ModbusRelay != nil:
		return slices.IndexFunc(c.ModbusRelay.Channels, func(one modbusrelay.Channel) bool { return one.Door.Number == 0 })
	case c.CU16 != nil && c.CU16.Infrared != cu16.InfraredDoor:
		feedback = c.CU16.Feedback
	case c.CU48 != nil:
		feedback = c.CU48.Feedback
	case c.Lock8A != nil:
		feedback = c.Lock8A.Feedback
	case c.WKLY != nil:
		feedback = c.WKLY.Feedback
	}
	if feedback == guard.Latch {
		return 0
	}
	return -1
}

// Address is the controller's address on its line, which no other board there may have.
func (c ThermometerConfig) Address() string {
	if c.Dixell != nil {
		return modbusAddress(c.Dixell.Unit)
	}
	return ""
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
