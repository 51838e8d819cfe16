// Package lock8a drives the lock boards that open with 8A and answer queries with 80.
//
// The board times the pulse itself, 300 ms as it is delivered. What its contact means is a setting. Its answer to an order
// may be the order itself, which an adapter that hears itself returns too; so it is believed only where it differs, and
// the contact is read back otherwise. The driver never opens all locks at once and never sends an order twice.
package lock8a

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol/fieldbus/lock8a"
)

// Config is one board and what is wired to it.
type Config struct {
	Board    byte           `yaml:"board"`    // 1 to 32, as set on the board
	Locks    []int          `yaml:"locks"`    // of each channel, 1 to 24 as printed on the board
	Feedback guard.Feedback `yaml:"feedback"` // what the contacts tell: latch, door or hook
	Contact  Contact        `yaml:"contact"`  // when the locks' contacts are shorted: locked or open
	Query    Query          `yaml:"query"`    // all or each; none means all
}

// Contact is the polarity of the locks' contacts.
type Contact string

// Polarities.
const (
	ShortedWhenLocked Contact = "locked"
	ShortedWhenOpen   Contact = "open"
)

// Query is how the contacts are read: some boards do not know the query for all.
type Query string

// Ways to read.
const (
	QueryAll  Query = "all"
	QueryEach Query = "each"
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
		return nil, fmt.Errorf("lock8a board %d: %w", cfg.Board, err)
	}
	b.guard = guard.New(b.read)
	return b, nil
}

func (c Config) validate() error {
	switch {
	case c.Board < lock8a.MinBoard || c.Board > lock8a.MaxBoard:
		return setting.Wrong("board", "got %d: want %d to %d", c.Board, lock8a.MinBoard, lock8a.MaxBoard)
	case c.Contact != ShortedWhenLocked && c.Contact != ShortedWhenOpen:
		return setting.Wrong("contact", "got %q: want %s or %s, when the contact is shorted", c.Contact, ShortedWhenLocked, ShortedWhenOpen)
	case c.Query != "" && c.Query != QueryAll && c.Query != QueryEach:
		return setting.Wrong("query", "got %q: want %s or %s", c.Query, QueryAll, QueryEach)
	}
	if err := guard.CheckLocks(c.Locks, 1, lock8a.Locks); err != nil {
		return err
	}
	return c.Feedback.Validate()
}

// Channels is how many locks are wired.
func (b *Board) Channels() int { return len(b.cfg.Locks) }

// read asks for the contacts once; bit 0 is lock 1, and 1 is locked, or shut.
func (b *Board) read(ctx context.Context, p bus.Priority) (uint64, error) {
	if b.cfg.Query != QueryEach {
		contacts, err := b.ask(ctx, p, lock8a.Request{Kind: lock8a.ReadAll, Board: b.cfg.Board})
		return b.closed(contacts), err
	}
	contacts := uint32(0)
	for _, lock := range b.cfg.Locks {
		one, err := b.ask(ctx, p, lock8a.Request{Kind: lock8a.Read, Board: b.cfg.Board, Lock: byte(lock)})
		if err != nil {
			return 0, err
		}
		contacts |= one
	}
	return b.closed(contacts), nil
}

func (b *Board) ask(ctx context.Context, p bus.Priority, r lock8a.Request) (contacts uint32, err error) {
	frame, err := guard.Ask(ctx, b.line, p, r)
	if err != nil {
		return 0, err
	}
	return r.ParseReply(frame)
}

// closed turns contacts into what they mean.
func (b *Board) closed(contacts uint32) uint64 {
	if b.cfg.Contact == ShortedWhenOpen {
		contacts = ^contacts
	}
	return uint64(contacts)
}

// Pulse implements edge.LockBoard. The board keeps its own time, so that d is only checked.
func (b *Board) Pulse(ctx context.Context, channel int, d time.Duration) error {
	if err := guard.CheckPulse(channel, len(b.cfg.Locks), d); err != nil {
		return err
	}
	lock := b.cfg.Locks[channel]
	err := b.guard.Pulse(ctx, guard.Order{
		Send: func(ctx context.Context) (bool, error) { return b.open(ctx, lock) },
		Free: b.cfg.Feedback.Free(lock - 1),
	})
	if err != nil {
		return fmt.Errorf("lock8a board %d: pulse channel %d: %w", b.cfg.Board, channel, err)
	}
	return nil
}

var errSaysClosed = errors.New("the board says that the lock stayed closed")

// open sends the order. Its answer is proof only where it says opened in other bytes than the order's own: with contacts
// that are shorted when open, opened is the order again.
func (b *Board) open(ctx context.Context, lock int) (bool, error) {
	contacts, err := b.ask(ctx, bus.Urgent, lock8a.Request{Kind: lock8a.Open, Board: b.cfg.Board, Lock: byte(lock)})
	switch {
	case err != nil:
		return false, err
	case b.closed(contacts)>>(lock-1)&1 == 1:
		return false, errSaysClosed
	}
	return b.cfg.Contact == ShortedWhenLocked, nil
}

// Inputs implements edge.LockBoard.
func (b *Board) Inputs(ctx context.Context) (edge.LockInputs, error) {
	closed, err := b.guard.Read(ctx, bus.Poll)
	if err != nil {
		return edge.LockInputs{}, fmt.Errorf("lock8a board %d: read contacts: %w", b.cfg.Board, err)
	}
	in := edge.LockInputs{At: time.Now(), Channels: make([]edge.LockState, len(b.cfg.Locks))}
	for i, lock := range b.cfg.Locks {
		in.Channels[i] = b.cfg.Feedback.State(closed>>(lock-1)&1 == 1)
	}
	return in, nil
}
