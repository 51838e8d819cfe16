// Package wkly reads and writes the frames of the WKLY lock boards: the letters W K L Y, the frame's length, board,
// command, data, and all earlier bytes combined by exclusive or.
//
// The letters combine to 09, which is also the length of the shortest order: leaving both out of the checksum agrees by
// accident on frames of nine bytes and fails on all others. Commands that leave a lock energised are not here.
package wkly

import (
	"bytes"
	"fmt"

	"allhours/protocol/fieldbus"
)

// Command is the seventh byte of a frame.
type Command byte

// Commands. The one that opens all locks differs from StatusAll in one bit, and Open from Status.
const (
	Open      Command = 0x82
	Status    Command = 0x83 // of one lock
	StatusAll Command = 0x84
	Pushed    Command = 0x85 // what some boards say unasked
	OpenAll   Command = 0x86
)

// Limits of the family.
const (
	MaxBoard = 31
	MaxLocks = 48
	minFrame = 8
	maxFrame = minFrame + 2 + MaxLocks
)

const (
	succeeded = 0x00
	failed    = 0xFF
	closed    = 0x01
	headLen   = 7
)

var letters = []byte("WKLY")

// Request is what a master asks of one board.
type Request struct {
	Board   byte // 0 to 31
	Lock    byte // as the board counts them; 0 for StatusAll
	Command Command
}

// Reply is what a board answered.
type Reply struct {
	Done   bool   // the board says that it did what was asked
	Closed []bool // the state of the lock that was asked for, or of all
}

func appendFrame(dst []byte, board byte, command Command, data ...byte) []byte {
	from := len(dst)
	dst = append(append(dst, letters...), byte(minFrame+len(data)), board, byte(command))
	dst = append(dst, data...)
	return append(dst, fieldbus.XOR(dst[from:]))
}

// AppendFrame adds the request's frame to dst. It fails with fieldbus.ErrInvalid; all locks at once are never opened.
func (r Request) AppendFrame(dst []byte) ([]byte, error) {
	switch {
	case r.Board > MaxBoard || r.Lock > MaxLocks:
	case r.Command == StatusAll && r.Lock == 0:
		return appendFrame(dst, r.Board, r.Command), nil
	case r.Command == Open || r.Command == Status:
		return appendFrame(dst, r.Board, r.Command, r.Lock), nil
	}
	return dst, fmt.Errorf("wkly: %w: board %d lock %d command %02X", fieldbus.ErrInvalid, r.Board, r.Lock, byte(r.Command))
}

// ReplyLen is the length of the usual reply.
func (r Request) ReplyLen() int {
	if r.Command == StatusAll {
		return maxFrame
	}
	return minFrame + 3
}

// ReplyNeed tells from the bytes received so far how long the reply is; fieldbus.ErrForeign when they cannot begin it.
func (r Request) ReplyNeed(received []byte) (int, error) {
	n := min(len(received), len(letters))
	foreign := !bytes.Equal(received[:n], letters[:n]) ||
		len(received) > 5 && received[5] != r.Board || len(received) > 6 && received[6] != byte(r.Command)
	if len(received) <= len(letters) || foreign {
		return minFrame, r.foreignIf(foreign)
	}
	need := int(received[len(letters)])
	wrong := r.Command != StatusAll && need != minFrame+3 || need < minFrame+3 || need > maxFrame
	return need, r.foreignIf(wrong)
}

func (r Request) foreignIf(foreign bool) error {
	if foreign {
		return fmt.Errorf("wkly: %w", fieldbus.ErrForeign)
	}
	return nil
}

// Check refuses a frame that is not a whole and right reply.
func (r Request) Check(frame []byte) error {
	_, err := r.ParseReply(frame)
	return err
}

// ParseReply reads the frame that answers the request. Its error is fieldbus.ErrShort, ErrForeign or ErrChecksum.
func (r Request) ParseReply(frame []byte) (Reply, error) {
	need, err := r.ReplyNeed(frame)
	switch {
	case err != nil:
		return Reply{}, err
	case len(frame) < need || len(frame) <= headLen:
		return Reply{}, fmt.Errorf("wkly: %w", fieldbus.ErrShort)
	case len(frame) > need:
		return Reply{}, r.foreignIf(true)
	case fieldbus.XOR(frame[:need-1]) != frame[need-1]:
		return Reply{}, fmt.Errorf("wkly: %w", fieldbus.ErrChecksum)
	}
	data := frame[headLen : need-1]
	states := data[2:]
	wrong := data[0] != succeeded && data[0] != failed || int(data[1]) != len(states)
	if r.Command != StatusAll {
		wrong = data[0] != succeeded && data[0] != failed || data[1] != r.Lock
	}
	reply := Reply{Done: data[0] == succeeded}
	for _, state := range states {
		wrong = wrong || state > closed
		reply.Closed = append(reply.Closed, state == closed)
	}
	return reply, r.foreignIf(wrong)
}

// AppendReply is what a board answers to the request.
func (r Request) AppendReply(dst []byte, reply Reply) []byte {
	data := []byte{failed, r.Lock}
	if reply.Done {
		data[0] = succeeded
	}
	if r.Command == StatusAll {
		data[1] = byte(len(reply.Closed))
	}
	for _, shut := range reply.Closed {
		state := byte(0)
		if shut {
			state = closed
		}
		data = append(data, state)
	}
	return appendFrame(dst, r.Board, r.Command, data...)
}

// AppendPush is what some boards say unasked when a lock has changed.
func AppendPush(dst []byte, board, lock byte, isClosed bool) []byte {
	state := byte(0)
	if isClosed {
		state = closed
	}
	return appendFrame(dst, board, Pushed, lock, state)
}

// ParseRequest finds the request with which stream begins and says how many bytes it took. With fieldbus.ErrShort more
// bytes may make a request; with any other error none begins here. A command that this package does not know is
// returned as it is.
func ParseRequest(stream []byte) (Request, int, error) {
	n := min(len(stream), len(letters))
	switch {
	case !bytes.Equal(stream[:n], letters[:n]):
		return Request{}, 1, fmt.Errorf("wkly: %w", fieldbus.ErrForeign)
	case len(stream) < minFrame:
		return Request{}, 0, fmt.Errorf("wkly: %w", fieldbus.ErrShort)
	}
	need := int(stream[len(letters)])
	switch {
	case need < minFrame || need > maxFrame:
		return Request{}, 1, fmt.Errorf("wkly: %w", fieldbus.ErrForeign)
	case len(stream) < need:
		return Request{}, 0, fmt.Errorf("wkly: %w", fieldbus.ErrShort)
	case fieldbus.XOR(stream[:need-1]) != stream[need-1]:
		return Request{}, 1, fmt.Errorf("wkly: %w", fieldbus.ErrChecksum)
	}
	r := Request{Board: stream[5], Command: Command(stream[6])}
	if need > minFrame {
		r.Lock = stream[headLen]
	}
	return r, need, nil
}
