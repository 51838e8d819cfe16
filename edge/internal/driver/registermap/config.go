package registermap

import (
	"allhours/edge/internal/driver/setting"
	"allhours/edge/internal/driver/tracking"
	"allhours/protocol/fieldbus/modbus"
)

// WordOrder says which half of a 32-bit value comes first.
type WordOrder string

// Word orders; each half has its high byte first.
const (
	HighFirst WordOrder = "high"
	LowFirst  WordOrder = "low"
)

// Format is how a channel's value is written.
type Format string

// Formats; those of 32 bits take two registers.
const (
	Int32   Format = "int32"
	Uint32  Format = "uint32"
	Int16   Format = "int16"
	Uint16  Format = "uint16"
	Float32 Format = "float32" // IEEE 754
)

// registers that one value takes; 0 for a format that is not known.
func (f Format) registers() uint16 {
	switch f {
	case Int32, Uint32, Float32:
		return 2
	case Int16, Uint16:
		return 1
	default:
		return 0
	}
}

// Table says which of a board's registers are read.
type Table string

// Tables.
const (
	Holding Table = "holding" // function 03
	Input   Table = "input"   // function 04
)

// Config is a weight board and its map of registers.
type Config struct {
	Unit        byte                 `yaml:"unit"`         // Modbus address, 1 to 247
	Channels    int                  `yaml:"channels"`     // 1 to 16
	Table       Table                `yaml:"table"`        // of weights and status; "" means holding
	First       uint16               `yaml:"first"`        // register of channel 0
	Stride      uint16               `yaml:"stride"`       // registers from one channel to the next, all in one read; 0: as many as a value takes
	Format      Format               `yaml:"format"`       // "" means int32
	Order       WordOrder            `yaml:"order"`        // "" means high
	CountWeight float64              `yaml:"count_mg"`     // milligrams of a count, or of 1.0 where values are floats
	Negate      bool                 `yaml:"negate"`       // a load makes the value smaller
	Status      *Status              `yaml:"status"`       // none: the board reports no state
	Tracking    []tracking.Registers `yaml:"tracking"`     // must read zero for auto-zero and creep tracking to be off
	StatusEvery int                  `yaml:"status_every"` // the status is read with every n-th weight; 0 means 4
}

// Status is where a board reports the state of its channels.
type Status struct {
	First    uint16 `yaml:"first"`    // register of channel 0, or of the whole board
	Shared   bool   `yaml:"shared"`   // one register for the whole board
	Overload uint16 `yaml:"overload"` // bits that mean overload or overflow
	Unstable uint16 `yaml:"unstable"` // bits that mean that the weight is moving
}

// Defaults and limits of a Config.
const (
	maxChannels        = 16
	defaultStatusEvery = 4
	lastRegister       = 0xFFFF
)

func (c Config) withDefaults() (Config, error) {
	if c.Table == "" {
		c.Table = Holding
	}
	if c.Format == "" {
		c.Format = Int32
	}
	if c.Order == "" {
		c.Order = HighFirst
	}
	if c.Stride == 0 {
		c.Stride = c.Format.registers()
	}
	if c.StatusEvery == 0 {
		c.StatusEvery = defaultStatusEvery
	}
	return c, c.check()
}

func (c Config) check() error {
	switch {
	case c.Unit < 1 || c.Unit > 247:
		return setting.Wrong("unit", "got %d: want 1 to 247", c.Unit)
	case c.Channels < 1 || c.Channels > maxChannels:
		return setting.Wrong("channels", "got %d: want 1 to %d", c.Channels, maxChannels)
	case c.Table != Holding && c.Table != Input:
		return setting.Wrong("table", "got %q: want holding or input", c.Table)
	case c.Format.registers() == 0:
		return setting.Wrong("format", "got %q: want int32, uint32, int16, uint16 or float32", c.Format)
	case c.Stride < c.Format.registers():
		return setting.Wrong("stride", "got %d: a value takes %d", c.Stride, c.Format.registers())
	case c.Order != HighFirst && c.Order != LowFirst:
		return setting.Wrong("order", "got %q: want high or low", c.Order)
	case !(c.CountWeight >= 0.000_001 && c.CountWeight <= 1_000_000_000):
		return setting.Wrong("count_mg", "got %v: want 0.000001 to 1000000000", c.CountWeight)
	case c.StatusEvery < 1:
		return setting.Wrong("status_every", "got %d: want 1 or more", c.StatusEvery)
	}
	return c.checkRegisters()
}

// checkRegisters refuses registers beyond the last one, and counts that no frame carries.
func (c Config) checkRegisters() error {
	if err := checkRange("first", c.First, c.weightCount(), modbus.MaxReadRegisters); err != nil {
		return err
	}
	if c.Status != nil {
		if err := checkRange("status.first", c.Status.First, int(c.statusCount()), modbus.MaxReadRegisters); err != nil {
			return err
		}
	}
	for i, r := range c.Tracking {
		if err := checkRange(setting.Index("tracking", i), r.First, int(r.Count), modbus.MaxWriteRegisters); err != nil {
			return err
		}
	}
	return nil
}

func checkRange(field string, first uint16, count, most int) error {
	if count < 1 || count > most || int(first)+count > lastRegister+1 {
		return setting.Wrong(field, "%d registers from %d on: want 1 to %d and none beyond %d", count, first, most, lastRegister)
	}
	return nil
}

// weightCount is how many registers hold all weights.
func (c Config) weightCount() int {
	return (c.Channels-1)*int(c.Stride) + int(c.Format.registers())
}

func (c Config) function() modbus.Function {
	if c.Table == Input {
		return modbus.ReadInputRegisters
	}
	return modbus.ReadHolding
}

func (c Config) statusCount() uint16 {
	if c.Status.Shared {
		return 1
	}
	return uint16(c.Channels)
}
