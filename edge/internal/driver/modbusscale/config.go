package modbusscale

import (
	"allhours/edge/internal/driver/setting"
	"allhours/protocol"
)

// Config is one transmitter.
type Config struct {
	Unit        byte                `yaml:"unit"`         // Modbus address, 1 to 247
	UnitWeight  protocol.Milligrams `yaml:"unit_mg"`      // milligrams in one displayed unit: 1000 for g, 1000000 for kg; 0 means 1000
	StatusEvery int                 `yaml:"status_every"` // the status is read with every n-th weight; 0 means 4
	Unlock      bool                `yaml:"unlock"`       // the board wants its key before a setting is written
}

// Defaults of a Config.
const (
	defaultUnitWeight  = 1000
	defaultStatusEvery = 4
)

func (c Config) withDefaults() (Config, error) {
	if c.UnitWeight == 0 {
		c.UnitWeight = defaultUnitWeight
	}
	if c.StatusEvery == 0 {
		c.StatusEvery = defaultStatusEvery
	}
	switch {
	case c.Unit < 1 || c.Unit > 247:
		return c, setting.Wrong("unit", "got %d: want 1 to 247", c.Unit)
	case c.UnitWeight < 1 || c.UnitWeight > 1_000_000_000:
		return c, setting.Wrong("unit_mg", "got %d: want 1 to 1000000000", c.UnitWeight)
	case c.StatusEvery < 1:
		return c, setting.Wrong("status_every", "got %d: want 1 or more", c.StatusEvery)
	}
	return c, nil
}
