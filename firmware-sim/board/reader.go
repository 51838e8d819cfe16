package board

import (
	"errors"
	"time"
)

// Reader is a reader of codes: it sends each code that is held before it as a line, and hears nothing.
type Reader struct {
	end  string
	held []string
}

// Limits of a Reader.
const (
	lookEvery = 20 * time.Millisecond
	heldMost  = 16
)

// ErrTooMany says that more codes are held before a reader than it can take.
var ErrTooMany = errors.New("too many codes at once")

// NewReader makes a reader whose lines have that end.
func NewReader(end string) *Reader { return &Reader{end: end} }

// Show holds a code before the reader.
func (r *Reader) Show(text string) error {
	if len(r.held) == heldMost {
		return ErrTooMany
	}
	r.held = append(r.held, text)
	return nil
}

// Speak sends the next code.
func (r *Reader) Speak(time.Time) (said []byte, again time.Duration) {
	if len(r.held) == 0 {
		return nil, lookEvery
	}
	said = []byte(r.held[0] + r.end)
	r.held = r.held[1:]
	return said, lookEvery
}

// Answer is silence.
func (r *Reader) Answer([]byte, time.Time) []byte { return nil }
