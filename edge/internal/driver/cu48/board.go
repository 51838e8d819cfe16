// Package cu48 drives the Kerong CU48 lock board and its kin.
//
// The board times the pulse itself. The driver never sends an order twice and believes no state on the word of one frame;
// a board's variant that speaks Modbus is read and opened by its coils.
package cu48

import (
	"context"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol/fieldbus/cu48"
)

// Config is one board and what is wired to it.
type Config struct {
	Device   byte           `yaml:"device"`   // as set on the board; an even number is better, see the README
	Locks    []int          `yaml:"locks"`    // of each channel, 1 to 48 as printed on the board
	Feedback guard.Feedback `yaml:"feedback"` // what the contacts tell: latch, door or hook
	Protocol Protocol       `yaml:"protocol"` // kerong or modbus; none means kerong
}

// Protocol is what the board speaks.
type Protocol string

// Protocols of the board's variants.
const (
	Kerong Protocol = "kerong"
	Modbus Protocol = "modbus"
)

// speaker is one of the protocols.
type speaker interface {
	// read asks for all locks once; bit 0 is the first, 1 is closed.
	read(ctx context.Context, p bus.Priority) (uint64, error)
	// open orders one lock, counted from 0, to open.
	open(ctx context.Context, lock int) (heard bool, err error)
}

// Board is one lock board.
type Board struct {
	cfg     Config
	speaker speaker
	guard   *guard.Guard
}

// New makes the driver. It sends nothing.
func New(line guard.Line, cfg Config) (*Board, error) {
	b := &Board{cfg: cfg, speaker: kerong{line, cfg.Device}}
	if cfg.Protocol == Modbus {
		b.speaker = coils{line, cfg.Device}
	}
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("cu48 device %d: %w", cfg.Device, err)
	}
	b.guard = guard.New(b.speaker.read)
	return b, nil
}

func (c Config) validate() error {
	if c.Protocol != "" && c.Protocol != Kerong && c.Protocol != Modbus {
		return setting.Wrong("protocol", "got %q: want %s or %s", c.Protocol, Kerong, Modbus)
	}
	if c.Protocol == Modbus && (c.Device < 1 || c.Device > 247) {
		return setting.Wrong("device", "got %d: want 1 to 247 with protocol modbus", c.Device)
	}
	if err := guard.CheckLocks(c.Locks, 1, cu48.Locks); err != nil {
		return err
	}
	return c.Feedback.Validate()
}

// Channels is how many locks are wired.
func (b *Board) Channels() int { return len(b.cfg.Locks) }

// Pulse implements edge.LockBoard. The board keeps its own time, so that d is only checked.
func (b *Board) Pulse(ctx context.Context, channel int, d time.Duration) error {
	if err := guard.CheckPulse(channel, len(b.cfg.Locks), d); err != nil {
		return err
	}
	lock := b.cfg.Locks[channel] - 1
	err := b.guard.Pulse(ctx, guard.Order{
		Send: func(ctx context.Context) (bool, error) { return b.speaker.open(ctx, lock) },
		Free: b.cfg.Feedback.Free(lock),
	})
	if err != nil {
		return fmt.Errorf("cu48 device %d: pulse channel %d: %w", b.cfg.Device, channel, err)
	}
	return nil
}

// Inputs implements edge.LockBoard.
func (b *Board) Inputs(ctx context.Context) (edge.LockInputs, error) {
	closed, err := b.guard.Read(ctx, bus.Poll)
	if err != nil {
		return edge.LockInputs{}, fmt.Errorf("cu48 device %d: read status: %w", b.cfg.Device, err)
	}
	in := edge.LockInputs{At: time.Now(), Channels: make([]edge.LockState, len(b.cfg.Locks))}
	for i, lock := range b.cfg.Locks {
		in.Channels[i] = b.cfg.Feedback.State(closed>>(lock-1)&1 == 1)
	}
	return in, nil
}

// kerong is the maker's own protocol.
type kerong struct {
	line   guard.Line
	device byte
}

func (k kerong) read(ctx context.Context, p bus.Priority) (uint64, error) {
	status := cu48.Request{Device: k.device, Command: cu48.Status}
	frame, err := guard.Ask(ctx, k.line, p, status)
	if err != nil {
		return 0, err
	}
	return status.ParseReply(frame)
}

func (k kerong) open(ctx context.Context, lock int) (bool, error) {
	_, err := guard.Ask(ctx, k.line, bus.Urgent, cu48.Request{Device: k.device, Lock: byte(lock), Command: cu48.Open})
	return err == nil, err
}
