// Package modbusrelay drives Modbus RTU relay boards with a pulse command and digital inputs, as sold under the name
// "Modbus RTU Relay" and "Modbus RTU IO 8CH".
//
// It uses only the board's own pulse, so that a latch is never left energised when the agent dies. It refuses to switch a
// relay on by any other command.
package modbusrelay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol/fieldbus/modbus"
)

// The board's map.
const (
	pulseOn     = 0x0200 // + channel: on for value x 100 ms
	pulseStep   = 100 * time.Millisecond
	version     = 0x8000 // holding register: the firmware's, in hundredths
	maxChannels = 32
	maxInputs   = 32
)

// Limits of a pulse: a solenoid burns when it is held longer.
const (
	defaultMaxPulse = time.Second
	hardMaxPulse    = 3 * time.Second
)

// readAttempts: reading inputs changes nothing and may be repeated.
const readAttempts = 2

// Config is one board and what is wired to it.
type Config struct {
	Unit       byte      `yaml:"unit"`         // Modbus address, 1 to 247
	Channels   []Channel `yaml:"channels"`     // index 0 is channel 0
	MaxPulseMS int       `yaml:"max_pulse_ms"` // longest pulse in milliseconds; 0 means 1000
}

// Channel is one lock: the relay that releases it and the inputs that tell of it.
type Channel struct {
	Relay int   `yaml:"relay"` // counted from 0
	Door  Input `yaml:"door"`  // active: the door is closed
	Latch Input `yaml:"latch"` // active: the latch is locked
}

// Input is a digital input; the zero value is one that is not wired, which says nothing.
type Input struct {
	Number   int  `yaml:"input"`    // counted from 1, as it is printed on the board; 0 is not wired
	Inverted bool `yaml:"inverted"` // the input is on when the door is open or the latch is free
}

// Board is one relay board.
type Board struct {
	cfg    Config
	line   rtu.Line
	inputs int // how many must be read to see all that are wired
}

// New makes the driver. It sends nothing.
func New(line rtu.Line, cfg Config) (*Board, error) {
	if cfg.MaxPulseMS == 0 {
		cfg.MaxPulseMS = int(defaultMaxPulse / time.Millisecond)
	}
	b := &Board{cfg: cfg, line: line}
	if err := b.validate(); err != nil {
		return nil, fmt.Errorf("modbusrelay unit %d: %w", cfg.Unit, err)
	}
	for _, c := range cfg.Channels {
		b.inputs = max(b.inputs, c.Door.Number, c.Latch.Number)
	}
	return b, nil
}

func (b *Board) validate() error {
	if b.cfg.Unit < 1 || b.cfg.Unit > 247 {
		return setting.Wrong("unit", "got %d: want 1 to 247", b.cfg.Unit)
	}
	if len(b.cfg.Channels) == 0 {
		return setting.Wrong("channels", "want at least one")
	}
	if d := b.maxPulse(); d < pulseStep || d > hardMaxPulse {
		return setting.Wrong("max_pulse_ms", "got %d: want %v to %v", b.cfg.MaxPulseMS, pulseStep, hardMaxPulse)
	}
	relays, inputs := map[int]bool{}, map[int]bool{}
	for i, c := range b.cfg.Channels {
		at := setting.Index("channels", i)
		if c.Relay < 0 || c.Relay >= maxChannels || relays[c.Relay] {
			return setting.Wrong(at+".relay", "got %d: want 0 to %d, each once", c.Relay, maxChannels-1)
		}
		relays[c.Relay] = true
		for k, in := range []Input{c.Door, c.Latch} {
			if in.Number < 0 || in.Number > maxInputs || in.Number > 0 && inputs[in.Number] {
				field := at + [...]string{".door", ".latch"}[k] + ".input"
				return setting.Wrong(field, "got %d: want 1 to %d, each once, or 0 for none", in.Number, maxInputs)
			}
			inputs[in.Number] = true
		}
	}
	return nil
}

func (b *Board) maxPulse() time.Duration { return time.Duration(b.cfg.MaxPulseMS) * time.Millisecond }

// Channels is how many locks are wired.
func (b *Board) Channels() int { return len(b.cfg.Channels) }

// Pulse implements edge.LockBoard; d is rounded up to 100 ms.
func (b *Board) Pulse(ctx context.Context, channel int, d time.Duration) error {
	if channel < 0 || channel >= len(b.cfg.Channels) {
		return fmt.Errorf("pulse channel %d: the board has %d", channel, len(b.cfg.Channels))
	}
	if d <= 0 || d > b.maxPulse() {
		return fmt.Errorf("pulse channel %d for %v: want more than 0 and at most %v", channel, d, b.maxPulse())
	}
	steps := uint16((d + pulseStep - 1) / pulseStep)
	relay := uint16(b.cfg.Channels[channel].Relay)
	_, err := rtu.Urge(ctx, b.line, modbus.SetCoil(b.cfg.Unit, pulseOn+relay, steps))
	if err == nil {
		return nil
	}
	if _, refused := errors.AsType[modbus.Exception](err); refused || errors.Is(err, bus.ErrNotSent) {
		return fmt.Errorf("pulse channel %d: %w", channel, err)
	}
	return fmt.Errorf("pulse channel %d: %w: %w", channel, edge.ErrPulseUnknown, err)
}

// Inputs implements edge.LockBoard.
func (b *Board) Inputs(ctx context.Context) (edge.LockInputs, error) {
	in := edge.LockInputs{Channels: make([]edge.LockState, len(b.cfg.Channels))}
	if b.inputs == 0 {
		in.At = time.Now()
		return in, nil
	}
	// Whole bytes are asked for, because some boards refuse other counts.
	count := uint16(b.inputs+7) / 8 * 8
	reply, err := rtu.Poll(ctx, b.line, modbus.Read(b.cfg.Unit, modbus.ReadInputs, 0, count), readAttempts)
	if err != nil {
		return edge.LockInputs{}, fmt.Errorf("read inputs: %w", err)
	}
	in.At = time.Now()
	for i, c := range b.cfg.Channels {
		in.Channels[i] = edge.LockState{DoorClosed: c.Door.read(reply.Data), LatchLocked: c.Latch.read(reply.Data)}
	}
	return in, nil
}

// Version implements edge.Versioned. Boards that copy the map without this register refuse it.
func (b *Board) Version(ctx context.Context) (string, error) {
	reply, err := rtu.Poll(ctx, b.line, modbus.Read(b.cfg.Unit, modbus.ReadHolding, version, 1), readAttempts)
	if _, refused := errors.AsType[modbus.Exception](err); refused {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read version: %w", err)
	}
	n := modbus.Register(reply.Data, 0)
	return fmt.Sprintf("%d.%02d", n/100, n%100), nil
}

func (in Input) read(bits []byte) edge.Tri {
	if in.Number == 0 {
		return edge.Unknown
	}
	return edge.TriOf(modbus.Bit(bits, in.Number-1) != in.Inverted)
}
