// Package bustest plays the other side of a serial line in tests, under fake time: boards that answer, late, damaged, in
// pieces or not at all, and cables that are pulled. It keeps no line time and belongs in no program.
package bustest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"allhours/edge"
)

// ErrUnplugged is what a pulled port answers.
var ErrUnplugged = errors.New("input/output error")

// Part is bytes that arrive some time after the frame that they answer.
type Part struct {
	After time.Duration
	Bytes string
	at    time.Time
}

// Sent is one frame that a board heard, and when.
type Sent struct {
	At    time.Time
	Frame string
}

// Board is the other side of a line: it hears frames and plays their answers. It is also the port through which it is
// reached, and behaves as a real one: a read that times out returns (0, nil), a stuck write does not come back, and Close
// does not free it.
type Board struct {
	answer func(frame string) []Part

	mu      sync.Mutex
	heard   []Sent
	resets  int
	coming  []Part
	changed chan struct{} // closed and replaced whenever something comes or the cable is pulled
	pulled  bool
	stuck   chan struct{}
	takes   int
	timeout time.Duration
}

// NewBoard makes a board that is plugged in. answer says what to play after a frame, nil for silence.
func NewBoard(answer func(frame string) []Part) *Board {
	return &Board{answer: answer, changed: make(chan struct{}), takes: -1}
}

// Open opens the line to the board, unless it is unplugged.
func (b *Board) Open(context.Context) (edge.Port, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pulled {
		return nil, ErrUnplugged
	}
	return b, nil
}

// Plug puts the cable in or pulls it out.
func (b *Board) Plug(in bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pulled = !in
	b.signal()
}

// Stick makes writes wait until the channel is closed; nil lets them pass again.
func (b *Board) Stick(until chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stuck = until
}

// Take makes writes fail after so many bytes.
func (b *Board) Take(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.takes = n
}

// Say plays bytes that answer nothing.
func (b *Board) Say(bytes string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.coming = append(b.coming, Part{Bytes: bytes, at: time.Now()})
	b.signal()
}

// Heard lists the frames that were sent whole.
func (b *Board) Heard() []Sent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.heard)
}

// Resets counts how often the input was emptied.
func (b *Board) Resets() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.resets
}
