// Package dixell drives Dixell temperature controllers over Modbus RTU: it reads their probes.
//
// It refuses to change a setting: what is kept cold is the technician's choice, at the controller.
package dixell

import (
	"context"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// Config is one controller.
type Config struct {
	Unit   byte                 `yaml:"unit"`   // Modbus address, 1 to 247
	Probes int                  `yaml:"probes"` // that are wired and read, from the first on; 0 means 1
	Min    protocol.DeciCelsius `yaml:"min_dc"` // tenths of a degree; what lies below is a broken probe; 0 means -50 °C
	Max    protocol.DeciCelsius `yaml:"max_dc"` // what lies above is one too; 0 means 110 °C
}

// The controller's map of holding registers.
const (
	regProbes = 256 // + probe: tenths of a degree, with a sign
	maxProbes = 3
)

// The range of the usual probes.
const (
	defaultMin protocol.DeciCelsius = -500
	defaultMax protocol.DeciCelsius = 1100
)

// attempts of a read while the controller answers; a silent one is asked once.
const attempts = 2

func (c Config) withDefaults() (Config, error) {
	if c.Probes == 0 {
		c.Probes = 1
	}
	if c.Min == 0 {
		c.Min = defaultMin
	}
	if c.Max == 0 {
		c.Max = defaultMax
	}
	switch {
	case c.Unit < 1 || c.Unit > 247:
		return c, setting.Wrong("unit", "got %d: want 1 to 247", c.Unit)
	case c.Probes < 1 || c.Probes > maxProbes:
		return c, setting.Wrong("probes", "got %d: want 1 to %d", c.Probes, maxProbes)
	case c.Min >= c.Max:
		return c, setting.Wrong("min_dc", "got %d: want less than max_dc, %d", c.Min, c.Max)
	}
	return c, nil
}

// Thermometer is one controller. Its methods are called from one goroutine at a time.
type Thermometer struct {
	cfg    Config
	line   rtu.Line
	silent bool
}

// New makes the driver. It sends nothing.
func New(line rtu.Line, cfg Config) (*Thermometer, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("dixell unit %d: %w", cfg.Unit, err)
	}
	return &Thermometer{cfg: cfg, line: line}, nil
}

// Probes implements edge.Thermometer.
func (t *Thermometer) Probes() int { return t.cfg.Probes }

// Measure implements edge.Thermometer.
func (t *Thermometer) Measure(ctx context.Context, dst []edge.Temperature) error {
	if len(dst) < t.cfg.Probes {
		return fmt.Errorf("measure: room for %d probes, want %d", len(dst), t.cfg.Probes)
	}
	times := attempts
	if t.silent {
		times = 1
	}
	reply, err := rtu.Poll(ctx, t.line, modbus.Read(t.cfg.Unit, modbus.ReadHolding, regProbes, uint16(t.cfg.Probes)), times)
	at := time.Now()
	t.silent = err != nil
	for i := range t.cfg.Probes {
		dst[i] = edge.Temperature{At: at, Fault: edge.ProbeSilent}
		if err == nil {
			dst[i] = t.probe(modbus.Register(reply.Data, i), at)
		}
	}
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	return nil
}

// probe reads one register. A probe that is cut or shorted shows a value far beyond what it could measure.
func (t *Thermometer) probe(register uint16, at time.Time) edge.Temperature {
	value := protocol.DeciCelsius(int16(register))
	if value < t.cfg.Min || value > t.cfg.Max {
		return edge.Temperature{At: at, Fault: edge.ProbeBroken}
	}
	return edge.Temperature{Celsius: value, At: at}
}
