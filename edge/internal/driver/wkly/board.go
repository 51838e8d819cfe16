// Package wkly drives the WKLY lock boards.
//
// The board times the pulse itself. Some boards do not answer an order: the lock is read back then. The driver never opens
// all locks at once, never leaves one energised and never sends an order twice.
package wkly

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol/fieldbus/wkly"
)

// Config is one board and what is wired to it.
type Config struct {
	Board    byte           `yaml:"board"`    // 0 to 31, as set on the board
	Locks    []int          `yaml:"locks"`    // of each channel, as the board counts them
	First    int            `yaml:"first"`    // number of the board's first lock: 1, or 0 on some
	Feedback guard.Feedback `yaml:"feedback"` // what the contacts tell: latch, door or hook
	Query    Query          `yaml:"query"`    // each or all; none means each
}

// Query is how the locks are read. Two bits that are turned over make an order of a query: of the query for one lock to
// open that lock, of the query for all to open all.
type Query string

// Ways to read.
const (
	QueryEach Query = "each"
	QueryAll  Query = "all"
)

// Board is one lock board.
type Board struct {
	cfg   Config
	line  guard.Line
	guard *guard.Guard
}

// New makes the driver. It sends nothing.
func New(line guard.Line, cfg Config) (*Board, error) {
	b := &Board{cfg: cfg, line: line}
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("wkly board %d: %w", cfg.Board, err)
	}
	b.guard = guard.New(b.read)
	return b, nil
}

func (c Config) validate() error {
	switch {
	case c.Board > wkly.MaxBoard:
		return setting.Wrong("board", "got %d: want 0 to %d", c.Board, wkly.MaxBoard)
	case c.First != 0 && c.First != 1:
		return setting.Wrong("first", "got %d: want 0 or 1", c.First)
	case c.Query != "" && c.Query != QueryEach && c.Query != QueryAll:
		return setting.Wrong("query", "got %q: want %s or %s", c.Query, QueryEach, QueryAll)
	}
	if err := guard.CheckLocks(c.Locks, c.First, c.First+wkly.MaxLocks-1); err != nil {
		return err
	}
	return c.Feedback.Validate()
}

// Channels is how many locks are wired.
func (b *Board) Channels() int { return len(b.cfg.Locks) }

// read asks for the locks once; bit i is channel i, and 1 is closed.
func (b *Board) read(ctx context.Context, p bus.Priority) (state uint64, err error) {
	if b.cfg.Query == QueryAll {
		return b.readAll(ctx, p)
	}
	for i, lock := range b.cfg.Locks {
		reply, err := b.ask(ctx, p, wkly.Request{Board: b.cfg.Board, Lock: byte(lock), Command: wkly.Status})
		if err != nil {
			return 0, err
		}
		if reply.Closed[0] {
			state |= 1 << i
		}
	}
	return state, nil
}

func (b *Board) readAll(ctx context.Context, p bus.Priority) (state uint64, err error) {
	reply, err := b.ask(ctx, p, wkly.Request{Board: b.cfg.Board, Command: wkly.StatusAll})
	if err != nil {
		return 0, err
	}
	for i, lock := range b.cfg.Locks {
		at := lock - b.cfg.First
		if at >= len(reply.Closed) {
			return 0, fmt.Errorf("lock %d: the board has %d", lock, len(reply.Closed))
		}
		if reply.Closed[at] {
			state |= 1 << i
		}
	}
	return state, nil
}

var errFailed = errors.New("the board says that it failed")

// ask makes one attempt; a board that could not do it is an error.
func (b *Board) ask(ctx context.Context, p bus.Priority, r wkly.Request) (wkly.Reply, error) {
	frame, err := guard.Ask(ctx, b.line, p, r)
	if err != nil {
		return wkly.Reply{}, err
	}
	reply, err := r.ParseReply(frame)
	if err == nil && !reply.Done {
		err = errFailed
	}
	return reply, err
}

// Pulse implements edge.LockBoard. The board keeps its own time, so that d is only checked.
func (b *Board) Pulse(ctx context.Context, channel int, d time.Duration) error {
	if err := guard.CheckPulse(channel, len(b.cfg.Locks), d); err != nil {
		return err
	}
	open := wkly.Request{Board: b.cfg.Board, Lock: byte(b.cfg.Locks[channel]), Command: wkly.Open}
	err := b.guard.Pulse(ctx, guard.Order{
		Send: func(ctx context.Context) (bool, error) {
			_, err := b.ask(ctx, bus.Urgent, open)
			return err == nil, err
		},
		Free: b.cfg.Feedback.Free(channel),
	})
	if err != nil {
		return fmt.Errorf("wkly board %d: pulse channel %d: %w", b.cfg.Board, channel, err)
	}
	return nil
}

// Inputs implements edge.LockBoard.
func (b *Board) Inputs(ctx context.Context) (edge.LockInputs, error) {
	state, err := b.guard.Read(ctx, bus.Poll)
	if err != nil {
		return edge.LockInputs{}, fmt.Errorf("wkly board %d: read status: %w", b.cfg.Board, err)
	}
	in := edge.LockInputs{At: time.Now(), Channels: make([]edge.LockState, len(b.cfg.Locks))}
	for i := range b.cfg.Locks {
		in.Channels[i] = b.cfg.Feedback.State(state>>i&1 == 1)
	}
	return in, nil
}
