package registermap

import (
	"errors"
	"fmt"

	"allhours/edge/internal/driver/tracking"
	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// WordOrder says which half of a 32-bit value comes first.
type WordOrder string

// Word orders; each half has its high byte first.
const (
	HighFirst WordOrder = "high"
	LowFirst  WordOrder = "low"
)

// Config is a weight board and its map of holding registers.
type Config struct {
	Unit        byte                 `yaml:"unit"`         // Modbus address, 1 to 247
	Channels    int                  `yaml:"channels"`     // 1 to 16
	First       uint16               `yaml:"first"`        // register of channel 0; each channel takes two, all in one read
	Order       WordOrder            `yaml:"order"`        // "" means high
	CountWeight protocol.Milligrams  `yaml:"count_mg"`     // milligrams of one count
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
	if c.Order == "" {
		c.Order = HighFirst
	}
	if c.StatusEvery == 0 {
		c.StatusEvery = defaultStatusEvery
	}
	switch {
	case c.Unit < 1 || c.Unit > 247:
		return c, errors.New("unit: want 1 to 247")
	case c.Channels < 1 || c.Channels > maxChannels:
		return c, fmt.Errorf("channels %d: want 1 to %d", c.Channels, maxChannels)
	case c.Order != HighFirst && c.Order != LowFirst:
		return c, fmt.Errorf("order %q: want high or low", c.Order)
	case c.CountWeight < 1 || c.CountWeight > 1_000_000_000:
		return c, fmt.Errorf("count_mg %d: want 1 to 1000000000", c.CountWeight)
	case c.StatusEvery < 1:
		return c, fmt.Errorf("status_every %d: want 1 or more", c.StatusEvery)
	}
	return c, c.checkRegisters()
}

// checkRegisters refuses registers beyond the last one, and counts that no frame carries.
func (c Config) checkRegisters() error {
	all := append([]tracking.Registers{{First: c.First, Count: uint16(2 * c.Channels)}}, c.Tracking...)
	if c.Status != nil {
		all = append(all, tracking.Registers{First: c.Status.First, Count: c.statusCount()})
	}
	for _, r := range all {
		if r.Count < 1 || r.Count > modbus.MaxWriteRegisters || int(r.First)+int(r.Count) > lastRegister+1 {
			return fmt.Errorf("%d registers from %d on: want 1 to %d and none beyond %d",
				r.Count, r.First, modbus.MaxWriteRegisters, lastRegister)
		}
	}
	return nil
}

func (c Config) statusCount() uint16 {
	if c.Status.Shared {
		return 1
	}
	return uint16(c.Channels)
}
