// Package cu48 reads and writes the frames of the Kerong CU48 lock board and its kin: 02 DEV LOCK CMD 03 SUM, where SUM is
// the low byte of the sum of all bytes before it.
//
// A query of a board with an odd number becomes the command to open its first lock when two bits are turned over, because
// 60 and 61 and the sums after them differ in one bit each; with an even number three or more must be. Boards are better
// numbered evenly.
package cu48

import (
	"fmt"

	"allhours/protocol/fieldbus"
)

// Command is the fourth byte of a frame.
type Command byte

// Commands.
const (
	Status Command = 0x60
	Open   Command = 0x61
)

// Locks is how many locks a board has.
const Locks = 48

const (
	stx       = 0x02
	etx       = 0x03
	done      = 0x75
	orderLen  = 6  // of a request, and of the reply to Open
	statusLen = 12 // of the reply to Status
	dataBytes = Locks / 8
)

// Request is what a master asks of one board.
type Request struct {
	Device  byte
	Lock    byte // 0 to 47, for Open
	Command Command
}

// AppendFrame adds the request's frame to dst. It fails with fieldbus.ErrInvalid.
func (r Request) AppendFrame(dst []byte) ([]byte, error) {
	if r.Lock >= Locks || r.Lock != 0 && r.Command != Open || r.Command != Open && r.Command != Status {
		return dst, fmt.Errorf("cu48: %w: lock %d command %02X", fieldbus.ErrInvalid, r.Lock, byte(r.Command))
	}
	from := len(dst)
	dst = append(dst, stx, r.Device, r.Lock, byte(r.Command), etx)
	return append(dst, fieldbus.Sum(dst[from:])), nil
}

// ReplyLen is the length of the reply.
func (r Request) ReplyLen() int {
	if r.Command == Status {
		return statusLen
	}
	return orderLen
}

// ReplyNeed tells from the bytes received so far how long the reply is; fieldbus.ErrForeign when they cannot begin it.
func (r Request) ReplyNeed(received []byte) (int, error) {
	for i, want := range r.head() {
		if i < len(received) && received[i] != want {
			return 0, fmt.Errorf("cu48: %w", fieldbus.ErrForeign)
		}
	}
	return r.ReplyLen(), nil
}

// head is how the reply begins. That it says done is part of it: what a refusal looks like is not known.
func (r Request) head() [5]byte {
	if r.Command == Status {
		return [5]byte{stx, r.Device, 0, done, dataBytes}
	}
	return [5]byte{stx, r.Device, r.Lock, done, etx}
}

// Check refuses a frame that is not a whole and right reply.
func (r Request) Check(frame []byte) error {
	_, err := r.ParseReply(frame)
	return err
}

// ParseReply reads a reply: for Status the locks, bit 0 is lock 0 and 1 is closed; 0 for Open. Its error is
// fieldbus.ErrShort, ErrForeign or ErrChecksum.
func (r Request) ParseReply(frame []byte) (closed uint64, err error) {
	need, err := r.ReplyNeed(frame)
	switch {
	case err != nil:
		return 0, err
	case len(frame) < need:
		return 0, fmt.Errorf("cu48: %w", fieldbus.ErrShort)
	case len(frame) > need:
		return 0, fmt.Errorf("cu48: %w: %d bytes", fieldbus.ErrForeign, len(frame))
	case fieldbus.Sum(frame[:need-1]) != frame[need-1]:
		return 0, fmt.Errorf("cu48: %w", fieldbus.ErrChecksum)
	}
	if r.Command == Status {
		for i, b := range frame[5 : 5+dataBytes] {
			closed |= uint64(b) << (8 * i)
		}
	}
	return closed, nil
}

// AppendReply is what a board answers to the request.
func (r Request) AppendReply(dst []byte, closed uint64) []byte {
	from := len(dst)
	head := r.head()
	dst = append(dst, head[:]...)
	if r.Command == Status {
		for i := range dataBytes {
			dst = append(dst, byte(closed>>(8*i)))
		}
	}
	return append(dst, fieldbus.Sum(dst[from:]))
}

// ParseRequest finds the request with which stream begins and says how many bytes it took. With fieldbus.ErrShort more
// bytes may make a request; with any other error none begins here.
func ParseRequest(stream []byte) (Request, int, error) {
	switch {
	case len(stream) > 0 && stream[0] != stx:
		return Request{}, 1, fmt.Errorf("cu48: %w", fieldbus.ErrForeign)
	case len(stream) < orderLen:
		return Request{}, 0, fmt.Errorf("cu48: %w", fieldbus.ErrShort)
	case stream[4] != etx:
		return Request{}, 1, fmt.Errorf("cu48: %w", fieldbus.ErrForeign)
	case fieldbus.Sum(stream[:orderLen-1]) != stream[orderLen-1]:
		return Request{}, 1, fmt.Errorf("cu48: %w", fieldbus.ErrChecksum)
	}
	return Request{Device: stream[1], Lock: stream[2], Command: Command(stream[3])}, orderLen, nil
}
