// Package cu16 reads and writes the frames of the Kerong KR-CU16 lock board: 02 ADDR CMD [data] 03 SUM, where SUM is the
// low byte of the sum of all bytes before it.
//
// ADDR carries the board in its high nibble and the lock in its low one. The published drivers disagree about where the
// end mark stands in a reply, see [Layout]. Commands that set something on the board are not here, because their data is
// not known for certain.
package cu16

import (
	"fmt"

	"allhours/protocol/fieldbus"
)

// Command is the third byte of a frame.
type Command byte

// Commands, and the mark of a reply with states.
const (
	Status      Command = 0x30
	Unlock      Command = 0x31
	UnlockAll   Command = 0x33
	UnlockTime  Command = 0x38 // asks for it, and clears a board that says it is busy
	statusReply         = 0x35
)

// Limits of an address.
const (
	Locks     = 16
	MaxBoard  = 14 // 15 is everybody
	everybody = 0x0F
)

const (
	stx        = 0x02
	etx        = 0x03
	requestLen = 5
	replyLen   = 9
)

// Layout is where a reply has its end mark.
type Layout byte

// Layouts: 02 ADDR 35 H1 H2 I1 I2 03 SUM with infra-red sensors, or 02 ADDR 35 H1 H2 03 .. .. SUM with two reserved bytes.
const (
	EndLast  Layout = iota // the end mark is last but one
	EndEarly               // the end mark follows the hooks
)

// Request is what a master asks of one board.
type Request struct {
	Board   byte // 0 to 14
	Lock    byte // 0 to 15, for Unlock only
	Command Command
	Layout  Layout // of the reply
}

// State is what a board reports; bit 0 is lock 0.
type State struct {
	Hooks    uint16 // 1: the hook holds, the lock is locked
	Infrared uint16 // 1: something is before the sensor; 0 in layout EndEarly
}

// AppendFrame adds the request's frame to dst. It fails with fieldbus.ErrInvalid.
func (r Request) AppendFrame(dst []byte) ([]byte, error) {
	if r.Board > MaxBoard || r.Lock >= Locks || r.Lock != 0 && r.Command != Unlock {
		return dst, fmt.Errorf("cu16: %w: board %d lock %d command %02X", fieldbus.ErrInvalid, r.Board, r.Lock, byte(r.Command))
	}
	from := len(dst)
	dst = append(dst, stx, r.Board<<4|r.Lock, byte(r.Command), etx)
	return append(dst, fieldbus.Sum(dst[from:])), nil
}

// ReplyLen is the length of a reply.
func (r Request) ReplyLen() int { return replyLen }

// ReplyNeed tells from the bytes received so far how long the reply is; fieldbus.ErrForeign when they cannot begin it.
func (r Request) ReplyNeed(received []byte) (int, error) {
	switch {
	case len(received) > 0 && received[0] != stx,
		len(received) > 1 && received[1]>>4 != r.Board,
		len(received) > 2 && received[2] != statusReply:
		return 0, fmt.Errorf("cu16: %w", fieldbus.ErrForeign)
	}
	return replyLen, nil
}

// Check refuses a frame that is not a whole and right reply.
func (r Request) Check(frame []byte) error {
	_, err := r.ParseReply(frame)
	return err
}

// ParseReply reads the states that a board answers with. Its error is fieldbus.ErrShort, ErrForeign or ErrChecksum.
func (r Request) ParseReply(frame []byte) (State, error) {
	if _, err := r.ReplyNeed(frame); err != nil {
		return State{}, err
	}
	end := map[Layout]int{EndLast: 7, EndEarly: 5}[r.Layout]
	switch {
	case len(frame) < replyLen:
		return State{}, fmt.Errorf("cu16: %w", fieldbus.ErrShort)
	case len(frame) > replyLen:
		return State{}, fmt.Errorf("cu16: %w: %d bytes", fieldbus.ErrForeign, len(frame))
	case fieldbus.Sum(frame[:replyLen-1]) != frame[replyLen-1]:
		return State{}, fmt.Errorf("cu16: %w", fieldbus.ErrChecksum)
	case frame[end] != etx:
		return State{}, fmt.Errorf("cu16: %w: no end mark at byte %d", fieldbus.ErrForeign, end)
	}
	s := State{Hooks: uint16(frame[3]) | uint16(frame[4])<<8}
	if r.Layout == EndLast {
		s.Infrared = uint16(frame[5]) | uint16(frame[6])<<8
	}
	return s, nil
}

// AppendReply is what a board answers to the request.
func (r Request) AppendReply(dst []byte, s State) []byte {
	from := len(dst)
	dst = append(dst, stx, r.Board<<4, statusReply, byte(s.Hooks), byte(s.Hooks>>8))
	if r.Layout == EndEarly {
		dst = append(dst, etx, 0, 0)
	} else {
		dst = append(dst, byte(s.Infrared), byte(s.Infrared>>8), etx)
	}
	return append(dst, fieldbus.Sum(dst[from:]))
}

// ParseRequest finds the request with which stream begins and says how many bytes it took; a board answers it in its own
// layout. Board 15 is everybody. With fieldbus.ErrShort more bytes may make a request; with any other error none begins
// here.
func ParseRequest(stream []byte) (Request, int, error) {
	switch {
	case len(stream) > 0 && stream[0] != stx:
		return Request{}, 1, fmt.Errorf("cu16: %w", fieldbus.ErrForeign)
	case len(stream) < requestLen:
		return Request{}, 0, fmt.Errorf("cu16: %w", fieldbus.ErrShort)
	case stream[3] != etx:
		return Request{}, 1, fmt.Errorf("cu16: %w", fieldbus.ErrForeign)
	case fieldbus.Sum(stream[:requestLen-1]) != stream[requestLen-1]:
		return Request{}, 1, fmt.Errorf("cu16: %w", fieldbus.ErrChecksum)
	}
	return Request{Board: stream[1] >> 4, Lock: stream[1] & 0x0F, Command: Command(stream[2])}, requestLen, nil
}

// For tells whether a board of that number is meant.
func (r Request) For(board byte) bool { return r.Board == board || r.Board == everybody }
