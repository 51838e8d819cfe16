// Package modbusscale drives single-channel Modbus RTU weight transmitters: one board, one platform.
//
// It reads the gross weight, takes the place of the decimal point from the board's status, and switches off the board's
// own zero and creep tracking, which would swallow goods that leave slowly. It refuses to calibrate or to zero: a zero
// taken at the wrong moment is a theft that no one sees.
package modbusscale

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/tracking"
	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// The board's map of holding registers.
const (
	regKey      = 5
	regStatus   = 8
	regGross    = 80  // 32 bits, high word first
	regAutoZero = 96  // range and time
	regCreep    = 102 // range and time
)

// unlockKey, written to regKey, opens the settings.
const unlockKey = 0x5AA5

// Bits of the status register.
const (
	statusOverload = 1 << 9
	statusOverflow = 1 << 6
	statusUnstable = 1 << 5
	statusDecimals = 0x07
)

// attempts of a read while the board answers; a silent one is asked once, so that it costs the others little.
const attempts = 2

// Scale is one transmitter. Its methods are called from one goroutine at a time.
type Scale struct {
	cfg    Config
	line   rtu.Line
	guard  *tracking.Guard
	silent bool
	known  bool   // status has been read since the board was silent
	status uint16 // as last read
	age    int    // weights read since then
}

// New makes the driver. It sends nothing.
func New(line rtu.Line, cfg Config) (*Scale, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("modbusscale unit %d: %w", cfg.Unit, err)
	}
	guard := tracking.NewGuard(line, cfg.Unit,
		tracking.Registers{First: regAutoZero, Count: 2}, tracking.Registers{First: regCreep, Count: 2})
	return &Scale{cfg: cfg, line: line, guard: guard}, nil
}

// Channels is 1.
func (s *Scale) Channels() int { return 1 }

// Prepare implements edge.Scale.
func (s *Scale) Prepare(ctx context.Context) error {
	if err := s.readStatus(ctx, 1); err != nil {
		return err
	}
	if s.cfg.Unlock {
		key := modbus.SetRegisters(s.cfg.Unit, regKey, []uint16{unlockKey})
		if _, err := rtu.Poll(ctx, s.line, key, 1); err != nil {
			return fmt.Errorf("unlock the settings: %w", err)
		}
	}
	return s.guard.SwitchOff(ctx)
}

// Read implements edge.Scale.
func (s *Scale) Read(ctx context.Context, dst []edge.Sample) error {
	if len(dst) < 1 {
		return errors.New("read scale: no room for a sample")
	}
	weight, err := s.read(ctx)
	s.silent = err != nil
	if err != nil {
		s.known = false
		dst[0] = edge.Sample{At: time.Now(), Fault: edge.ScaleSilent}
		return fmt.Errorf("read scale: %w", err)
	}
	dst[0] = edge.Sample{Weight: weight, At: time.Now(), Unstable: s.status&statusUnstable != 0}
	if s.status&(statusOverload|statusOverflow) != 0 {
		dst[0].Weight, dst[0].Fault = 0, edge.ScaleOverload
	}
	return nil
}

// read reads the gross weight, and the status where it is unknown or old.
func (s *Scale) read(ctx context.Context) (protocol.Milligrams, error) {
	times := attempts
	if s.silent {
		times = 1
	}
	if err := s.guard.Reading(ctx, times); err != nil {
		return 0, err
	}
	if !s.known || s.age >= s.cfg.StatusEvery {
		if err := s.readStatus(ctx, times); err != nil {
			return 0, err
		}
	}
	reply, err := rtu.Poll(ctx, s.line, modbus.Read(s.cfg.Unit, modbus.ReadHolding, regGross, 2), times)
	if err != nil {
		return 0, err
	}
	s.age++
	count := int32(uint32(modbus.Register(reply.Data, 0))<<16 | uint32(modbus.Register(reply.Data, 1)))
	return s.weigh(count), nil
}

func (s *Scale) readStatus(ctx context.Context, times int) error {
	reply, err := rtu.Poll(ctx, s.line, modbus.Read(s.cfg.Unit, modbus.ReadHolding, regStatus, 1), times)
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	s.status, s.known, s.age = modbus.Register(reply.Data, 0), true, 0
	return nil
}

// weigh turns a count into weight, rounded to the nearest milligram.
func (s *Scale) weigh(count int32) protocol.Milligrams {
	divisor := int64(1)
	for range s.status & statusDecimals {
		divisor *= 10
	}
	mg := int64(count) * int64(s.cfg.UnitWeight)
	if mg < 0 {
		return protocol.Milligrams(-((-mg + divisor/2) / divisor))
	}
	return protocol.Milligrams((mg + divisor/2) / divisor)
}
