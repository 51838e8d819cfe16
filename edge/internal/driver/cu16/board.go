// Package cu16 drives the Kerong KR-CU16 lock board.
//
// The board times the pulse itself, by the time that is set on it. The driver never opens all locks at once, never sends
// an order twice, and believes neither a state nor the success of an order on the word of one frame.
package cu16

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol/fieldbus/cu16"
)

// Config is one board and what is wired to it.
type Config struct {
	Board     byte           `yaml:"board"`      // 0 to 14, as set on the board
	Locks     []int          `yaml:"locks"`      // of each channel, 1 to 16 as printed on the board
	Feedback  guard.Feedback `yaml:"feedback"`   // what the hooks' contacts tell: latch, door or hook
	Infrared  Infrared       `yaml:"infrared"`   // what the sensors tell: nothing, or door for a sensor that a shut door covers
	EndMark   EndMark        `yaml:"end_mark"`   // where a reply has its end mark: last, or early; none means last
	ClearBusy bool           `yaml:"clear_busy"` // ask for the unlock time after an order: some boards stay busy without
}

// Infrared is what the sensors are used for.
type Infrared string

// Uses of the sensors.
const (
	InfraredNone Infrared = ""
	InfraredDoor Infrared = "door"
)

// EndMark is where replies have their end mark, about which sources disagree.
type EndMark string

// Places of the end mark.
const (
	EndLast  EndMark = "last"
	EndEarly EndMark = "early"
)

// infraredShift is where the sensors begin in a guarded state, after the hooks.
const infraredShift = cu16.Locks

// Board is one lock board.
type Board struct {
	cfg    Config
	line   guard.Line
	layout cu16.Layout
	guard  *guard.Guard
}

// New makes the driver. It sends nothing.
func New(line guard.Line, cfg Config) (*Board, error) {
	b := &Board{cfg: cfg, line: line, layout: cu16.EndLast}
	if cfg.EndMark == EndEarly {
		b.layout = cu16.EndEarly
	}
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("cu16 board %d: %w", cfg.Board, err)
	}
	b.guard = guard.New(b.read)
	return b, nil
}

func (c Config) validate() error {
	switch {
	case c.Board > cu16.MaxBoard:
		return setting.Wrong("board", "got %d: want 0 to %d", c.Board, cu16.MaxBoard)
	case c.EndMark != "" && c.EndMark != EndLast && c.EndMark != EndEarly:
		return setting.Wrong("end_mark", "got %q: want %s or %s", c.EndMark, EndLast, EndEarly)
	case c.Infrared != InfraredNone && c.Infrared != InfraredDoor:
		return setting.Wrong("infrared", "got %q: want %s or nothing", c.Infrared, InfraredDoor)
	case c.Infrared == InfraredDoor && (c.Feedback != guard.Latch || c.EndMark == EndEarly):
		return setting.Wrong("infrared", "a door's sensor goes with feedback latch and end_mark last only")
	}
	if err := guard.CheckLocks(c.Locks, 1, cu16.Locks); err != nil {
		return err
	}
	return c.Feedback.Validate()
}

// Channels is how many locks are wired.
func (b *Board) Channels() int { return len(b.cfg.Locks) }

func (b *Board) request(command cu16.Command) cu16.Request {
	return cu16.Request{Board: b.cfg.Board, Command: command, Layout: b.layout}
}

// read asks for all hooks and sensors once.
func (b *Board) read(ctx context.Context, p bus.Priority) (uint64, error) {
	status := b.request(cu16.Status)
	frame, err := guard.Ask(ctx, b.line, p, status)
	if err != nil {
		return 0, err
	}
	s, err := status.ParseReply(frame)
	return uint64(s.Hooks) | uint64(s.Infrared)<<infraredShift, err
}

// Pulse implements edge.LockBoard. The board keeps its own time, so that d is only checked. Whether boards answer an
// order differs, and their answer has no mark of its own: the hook decides.
func (b *Board) Pulse(ctx context.Context, channel int, d time.Duration) error {
	if err := guard.CheckPulse(channel, len(b.cfg.Locks), d); err != nil {
		return err
	}
	bit := b.cfg.Locks[channel] - 1
	err := b.guard.Pulse(ctx, guard.Order{
		Send: func(ctx context.Context) (bool, error) { return false, b.unlock(ctx, bit) },
		Free: b.cfg.Feedback.Free(bit),
	})
	if err != nil {
		return fmt.Errorf("cu16 board %d: pulse channel %d: %w", b.cfg.Board, channel, err)
	}
	return nil
}

func (b *Board) unlock(ctx context.Context, bit int) error {
	order := b.request(cu16.Unlock)
	order.Lock = byte(bit)
	_, err := guard.Ask(ctx, b.line, bus.Urgent, order)
	if b.cfg.ClearBusy && !errors.Is(err, bus.ErrNotSent) {
		_, _ = guard.Ask(ctx, b.line, bus.Urgent, b.request(cu16.UnlockTime)) // what it answers is of no use
	}
	return err
}

// Inputs implements edge.LockBoard.
func (b *Board) Inputs(ctx context.Context) (edge.LockInputs, error) {
	state, err := b.guard.Read(ctx, bus.Poll)
	if err != nil {
		return edge.LockInputs{}, fmt.Errorf("cu16 board %d: read status: %w", b.cfg.Board, err)
	}
	in := edge.LockInputs{At: time.Now(), Channels: make([]edge.LockState, len(b.cfg.Locks))}
	for i, lock := range b.cfg.Locks {
		in.Channels[i] = b.cfg.Feedback.State(state>>(lock-1)&1 == 1)
		if b.cfg.Infrared == InfraredDoor {
			in.Channels[i].DoorClosed = edge.TriOf(state>>(infraredShift+lock-1)&1 == 1)
		}
	}
	return in, nil
}
