// Package mtsics drives scales that speak MT-SICS: one scale, one platform, one line, because its commands carry no
// address.
//
// It asks for the weight and nothing else. It refuses to calibrate, to zero or to tare, and tells no weight that only one
// answer has said: these answers have no checksum.
package mtsics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/agree"
	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/mtsics"
)

// Config is one scale and how it shows its weight.
type Config struct {
	Unit      fieldbus.Unit       `yaml:"unit"`       // g or kg
	Decimals  int                 `yaml:"decimals"`   // digits after the point, 0 to 6
	SevenBits ascii.Parity        `yaml:"seven_bits"` // even or odd where the scale speaks seven bits with parity
	Agree     protocol.Milligrams `yaml:"agree_mg"`   // by which calm readings may differ; 0 means 20 of the last digit
}

func (c Config) check() error {
	switch {
	case !c.Unit.Known():
		return setting.Wrong("unit", "got %q: want g or kg", c.Unit)
	case c.Decimals < 0 || c.Decimals > fieldbus.MaxDecimals:
		return setting.Wrong("decimals", "got %d: want 0 to %d", c.Decimals, fieldbus.MaxDecimals)
	case !c.SevenBits.Known():
		return setting.Wrong("seven_bits", "got %q: want even, odd or nothing", c.SevenBits)
	case c.Agree < 0:
		return setting.Wrong("agree_mg", "got %d: want 0 or more", c.Agree)
	}
	return nil
}

// attempts of a read while the scale answers; a silent one is asked once.
const attempts = 2

// Scale is one scale. Its methods are called from one goroutine at a time.
type Scale struct {
	line   rtu.Line
	format mtsics.Format
	window *agree.Window
	silent bool
}

// New makes the driver. It sends nothing.
func New(line rtu.Line, cfg Config) (*Scale, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("mtsics: %w", err)
	}
	return &Scale{
		line:   line,
		format: mtsics.Format{Unit: cfg.Unit, Decimals: cfg.Decimals, Parity: cfg.SevenBits},
		window: agree.NewWindow(agree.Within(cfg.Agree, cfg.Unit, cfg.Decimals)),
	}, nil
}

// Channels is 1.
func (s *Scale) Channels() int { return 1 }

// Prepare implements edge.Scale: what the scale corrects by itself cannot be reached with these commands. What was read
// before a silence is forgotten.
func (s *Scale) Prepare(context.Context) error {
	s.window.Forget()
	return nil
}

// Read implements edge.Scale.
func (s *Scale) Read(ctx context.Context, dst []edge.Sample) error {
	if len(dst) < 1 {
		return errors.New("read scale: no room for a sample")
	}
	reading, err := s.ask(ctx)
	s.silent = err != nil
	dst[0] = edge.Sample{At: time.Now(), Fault: edge.ScaleSilent}
	if err == nil {
		dst[0], err = s.window.Add(reading, time.Now())
	}
	if err != nil {
		return fmt.Errorf("read scale: mtsics: %w", err)
	}
	return nil
}

// ask asks until the scale answers, and remembers each answer that was damaged.
func (s *Scale) ask(ctx context.Context) (fieldbus.Reading, error) {
	times := attempts
	if s.silent {
		times = 1
	}
	for {
		frame, err := s.line.Do(ctx, bus.Poll, s.exchange())
		if err == nil {
			return s.format.Parse(frame)
		}
		if times--; times == 0 || errors.Is(err, bus.ErrNotSent) {
			return fieldbus.Reading{}, err
		}
		s.window.Refuse()
	}
}

func (s *Scale) exchange() bus.Exchange {
	return bus.Exchange{
		Frame: s.format.AppendAsk(nil), ReplyLen: s.format.ReplyLen(), Need: s.format.Need,
		Check: func(frame []byte) error {
			_, err := s.format.Parse(frame)
			if errors.Is(err, mtsics.ErrForeign) {
				return err
			}
			return nil // what the scale itself says, even that it cannot weigh, is an answer
		},
	}
}
