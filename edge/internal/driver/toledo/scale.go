// Package toledo drives scales with Toledo continuous output: each has a line of its own and sends its weight again and
// again, with a checksum where it is set so.
//
// It refuses to calibrate or to zero, and tells no weight that only one frame has said.
package toledo

import (
	"fmt"

	"allhours/edge/internal/driver/agree"
	"allhours/edge/internal/driver/continuous"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/toledo"
)

// Config is one scale and how it shows its weight.
type Config struct {
	Unit      fieldbus.Unit       `yaml:"unit"`       // g or kg
	Decimals  int                 `yaml:"decimals"`   // digits after the point, 0 to 5
	Checksum  bool                `yaml:"checksum"`   // the scale is set to send one
	SevenBits ascii.Parity        `yaml:"seven_bits"` // even or odd where the scale sends seven bits with parity
	Agree     protocol.Milligrams `yaml:"agree_mg"`   // by which calm readings may differ; 0 means 20 of the last digit
}

func (c Config) check() error {
	switch {
	case !c.Unit.Known():
		return setting.Wrong("unit", "got %q: want g or kg", c.Unit)
	case c.Decimals < 0 || c.Decimals > toledo.MaxDecimals:
		return setting.Wrong("decimals", "got %d: want 0 to %d", c.Decimals, toledo.MaxDecimals)
	case !c.SevenBits.Known():
		return setting.Wrong("seven_bits", "got %q: want even, odd or nothing", c.SevenBits)
	case c.Agree < 0:
		return setting.Wrong("agree_mg", "got %d: want 0 or more", c.Agree)
	}
	return nil
}

// New makes the driver. It hears its line as a bus.Listener.
func New(cfg Config) (*continuous.Scale, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("toledo: %w", err)
	}
	format := toledo.Format{Unit: cfg.Unit, Decimals: cfg.Decimals, Checksum: cfg.Checksum, Parity: cfg.SevenBits}
	within := agree.Within(cfg.Agree, cfg.Unit, cfg.Decimals)
	return continuous.New("toledo", toledo.NewFrames(format), within, format.Parse), nil
}
