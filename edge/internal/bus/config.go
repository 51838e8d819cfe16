package bus

import (
	"time"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/modbus"
)

// Config is what a line needs to know of the wire.
type Config struct {
	Name         string        // in errors
	Baud         int           // bits per second
	BitsPerByte  int           // on the wire; 0 means 10, no parity
	ReplyTimeout time.Duration // that a board may think, beside the time on the wire; 0 means 50 ms
	Echo         bool          // the adapter hears itself: each frame comes back before its reply
}

// Times that do not depend on the line's speed.
const (
	defaultReplyTimeout = 50 * time.Millisecond  // boards take 1 to 10 ms, USB adapters keep bytes for 16 ms
	babbleLimit         = 250 * time.Millisecond // of waiting for silence
	stuckAfter          = 500 * time.Millisecond // beyond the longest exchange
	openWithin          = 2 * time.Second
	firstPause          = 100 * time.Millisecond // before opening a lost port again, doubled each time
	longestPause        = 5 * time.Second
)

// maxAbandoned bounds how many stuck writes are left behind: each holds a thread until its peer reads.
const maxAbandoned = 4

// receiveBuffer holds the longest frame and as much of something foreign.
const receiveBuffer = 2 * modbus.MaxFrame

func (c Config) withDefaults() Config {
	if c.BitsPerByte == 0 {
		c.BitsPerByte = fieldbus.BitsNoParity
	}
	if c.ReplyTimeout == 0 {
		c.ReplyTimeout = defaultReplyTimeout
	}
	return c
}

func (c Config) silence() time.Duration { return modbus.Silence(c.Baud, c.BitsPerByte) }

func (c Config) wire(n int) time.Duration { return fieldbus.WireTime(n, c.Baud, c.BitsPerByte) }

// replyWithin is how long after the first byte of the request the reply must be whole. An echo takes no time of its own:
// it comes while the request is sent.
func (c Config) replyWithin(e Exchange) time.Duration {
	return c.wire(len(e.Frame)+e.ReplyLen) + c.silence() + c.ReplyTimeout
}

// attemptWithin is how long one attempt can take on a port that works.
func (c Config) attemptWithin(e Exchange) time.Duration {
	return babbleLimit + c.replyWithin(e) + stuckAfter
}
