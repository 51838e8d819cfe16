// Package registermap drives weight boards whose weights lie one after the other in registers, above all 8-channel boards:
// all channels in one read. Where they lie, how they are written and what they mean is given in the configuration.
//
// It refuses to calibrate or to zero.
package registermap

import (
	"context"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/tracking"
	"allhours/protocol/fieldbus/modbus"
)

// attempts of a read while the board answers; a silent one is asked once, so that it costs the others little.
const attempts = 2

// Scale is one board. Its methods are called from one goroutine at a time.
type Scale struct {
	cfg    Config
	line   rtu.Line
	guard  *tracking.Guard
	silent bool
	known  bool     // status has been read since the board was silent
	status []uint16 // as last read, one for each channel
	age    int      // reads since then
}

// New makes the driver. It sends nothing.
func New(line rtu.Line, cfg Config) (*Scale, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("registermap unit %d: %w", cfg.Unit, err)
	}
	return &Scale{
		cfg: cfg, line: line, status: make([]uint16, cfg.Channels),
		guard: tracking.NewGuard(line, cfg.Unit, cfg.Tracking...),
	}, nil
}

// Channels implements edge.Scale.
func (s *Scale) Channels() int { return s.cfg.Channels }

// Prepare implements edge.Scale. Without tracking registers in the configuration there is nothing to switch off.
func (s *Scale) Prepare(ctx context.Context) error { return s.guard.SwitchOff(ctx) }

// Read implements edge.Scale.
func (s *Scale) Read(ctx context.Context, dst []edge.Sample) error {
	if len(dst) < s.cfg.Channels {
		return fmt.Errorf("read scale: room for %d samples, want %d", len(dst), s.cfg.Channels)
	}
	weights, err := s.read(ctx)
	at := time.Now()
	s.silent = err != nil
	for ch := range s.cfg.Channels {
		dst[ch] = edge.Sample{At: at, Fault: edge.ScaleSilent}
		if err == nil {
			dst[ch] = s.sample(ch, weights.Data, at)
		}
	}
	if err != nil {
		s.known = false
		return fmt.Errorf("read scale: %w", err)
	}
	return nil
}

// read reads all weights, and the status where it is unknown or old.
func (s *Scale) read(ctx context.Context) (modbus.Reply, error) {
	times := attempts
	if s.silent {
		times = 1
	}
	if err := s.guard.Reading(ctx, times); err != nil {
		return modbus.Reply{}, err
	}
	if s.cfg.Status != nil && (!s.known || s.age >= s.cfg.StatusEvery) {
		if err := s.readStatus(ctx, times); err != nil {
			return modbus.Reply{}, err
		}
	}
	s.age++
	weights := modbus.Read(s.cfg.Unit, s.cfg.function(), s.cfg.First, uint16(s.cfg.weightCount()))
	return rtu.Poll(ctx, s.line, weights, times)
}

func (s *Scale) readStatus(ctx context.Context, times int) error {
	request := modbus.Read(s.cfg.Unit, s.cfg.function(), s.cfg.Status.First, s.cfg.statusCount())
	reply, err := rtu.Poll(ctx, s.line, request, times)
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	for ch := range s.status {
		register := ch
		if s.cfg.Status.Shared {
			register = 0
		}
		s.status[ch] = modbus.Register(reply.Data, register)
	}
	s.known, s.age = true, 0
	return nil
}

// sample reads one channel.
func (s *Scale) sample(ch int, data []byte, at time.Time) edge.Sample {
	weight, ok := s.cfg.weigh(data, ch*int(s.cfg.Stride))
	overload, unstable := !ok, false
	if s.cfg.Status != nil {
		overload = overload || s.status[ch]&s.cfg.Status.Overload != 0
		unstable = s.status[ch]&s.cfg.Status.Unstable != 0
	}
	if overload {
		return edge.Sample{At: at, Unstable: unstable, Fault: edge.ScaleOverload}
	}
	return edge.Sample{Weight: weight, At: at, Unstable: unstable}
}
