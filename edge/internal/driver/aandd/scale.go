// Package aandd drives A&D scales in stream mode: each has a line of its own and sends its weight again and again.
//
// It refuses to calibrate or to zero, and tells no weight that only one line has said: these lines have no checksum.
package aandd

import (
	"fmt"

	"allhours/edge/internal/driver/agree"
	"allhours/edge/internal/driver/continuous"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/aandd"
	"allhours/protocol/fieldbus/ascii"
)

// Config is one scale and how it shows its weight.
type Config struct {
	Unit      fieldbus.Unit       `yaml:"unit"`       // g or kg
	Decimals  int                 `yaml:"decimals"`   // digits after the point, 0 to 6
	Width     int                 `yaml:"width"`      // characters of the number without its sign; 0 means 7
	SevenBits ascii.Parity        `yaml:"seven_bits"` // even or odd where the scale sends seven bits with parity
	Agree     protocol.Milligrams `yaml:"agree_mg"`   // by which calm readings may differ; 0 means 20 of the last digit
}

// Widths of a number.
const (
	defaultWidth = 7
	maxWidth     = 12
)

func (c Config) withDefaults() (Config, error) {
	if c.Width == 0 {
		c.Width = defaultWidth
	}
	switch {
	case !c.Unit.Known():
		return c, setting.Wrong("unit", "got %q: want g or kg", c.Unit)
	case c.Decimals < 0 || c.Decimals > fieldbus.MaxDecimals:
		return c, setting.Wrong("decimals", "got %d: want 0 to %d", c.Decimals, fieldbus.MaxDecimals)
	case c.Width < c.Decimals+2 || c.Width > maxWidth:
		return c, setting.Wrong("width", "got %d: want %d to %d", c.Width, c.Decimals+2, maxWidth)
	case !c.SevenBits.Known():
		return c, setting.Wrong("seven_bits", "got %q: want even, odd or nothing", c.SevenBits)
	case c.Agree < 0:
		return c, setting.Wrong("agree_mg", "got %d: want 0 or more", c.Agree)
	}
	return c, nil
}

// New makes the driver. It hears its line as a bus.Listener.
func New(cfg Config) (*continuous.Scale, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("aandd: %w", err)
	}
	format := aandd.Format{Unit: cfg.Unit, Decimals: cfg.Decimals, Width: cfg.Width}
	lines := ascii.NewLines(aandd.MaxLine, cfg.SevenBits)
	return continuous.New("aandd", lines, agree.Within(cfg.Agree, cfg.Unit, cfg.Decimals), format.Parse), nil
}
