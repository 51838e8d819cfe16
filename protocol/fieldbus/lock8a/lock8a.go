// Package lock8a reads and writes the frames of the lock boards that open with 8A and answer queries with 80: five bytes,
// or seven with the state of all locks, the last being all earlier ones combined by exclusive or.
//
// What 11 and 00 mean depends on the lock's contact: 11 is a contact that is shorted. The reply to an order is the order
// itself where the contact stayed, or became, shorted; so it proves nothing on a line that hears itself.
package lock8a

import (
	"fmt"

	"allhours/protocol/fieldbus"
)

// Kind is what is asked.
type Kind byte

// Kinds of requests.
const (
	Open    Kind = iota // releases one lock for the board's own time
	Read                // one lock's contact
	ReadAll             // all contacts
)

// Limits of the family.
const (
	Locks    = 24
	MinBoard = 1
	MaxBoard = 32
)

const (
	headOpen   = 0x8A
	headRead   = 0x80
	headPushed = 0x81
	doOpen     = 0x11
	doRead     = 0x33
	shorted    = 0x11
	parted     = 0x00
	shortLen   = 5
	allLen     = 7
)

// Request is what a master asks of one board.
type Request struct {
	Kind  Kind
	Board byte // 1 to 32
	Lock  byte // 1 to 24, as it is printed on the board; 0 for ReadAll
}

// AppendFrame adds the request's frame to dst. It fails with fieldbus.ErrInvalid; all locks at once are never opened.
func (r Request) AppendFrame(dst []byte) ([]byte, error) {
	one := r.Lock >= 1 && r.Lock <= Locks
	if r.Board < MinBoard || r.Board > MaxBoard || one == (r.Kind == ReadAll) || !one && r.Lock != 0 || r.Kind > ReadAll {
		return dst, fmt.Errorf("8A: %w: kind %d board %d lock %d", fieldbus.ErrInvalid, r.Kind, r.Board, r.Lock)
	}
	head, do := byte(headRead), byte(doRead)
	if r.Kind == Open {
		head, do = headOpen, doOpen
	}
	return close8a(append(dst, head, r.Board, r.Lock, do), len(dst)), nil
}

func close8a(dst []byte, from int) []byte { return append(dst, fieldbus.XOR(dst[from:])) }

// ReplyLen is the length of the reply.
func (r Request) ReplyLen() int {
	if r.Kind == ReadAll {
		return allLen
	}
	return shortLen
}

// ReplyNeed tells from the bytes received so far how long the reply is; fieldbus.ErrForeign when they cannot begin it.
func (r Request) ReplyNeed(received []byte) (int, error) {
	head := byte(headRead)
	if r.Kind == Open {
		head = headOpen
	}
	foreign := len(received) > 0 && received[0] != head || len(received) > 1 && received[1] != r.Board
	if r.Kind == ReadAll {
		foreign = foreign || len(received) > 5 && received[5] != doRead
	} else {
		foreign = foreign || len(received) > 2 && received[2] != r.Lock ||
			len(received) > 3 && received[3] != shorted && received[3] != parted
	}
	if foreign {
		return 0, fmt.Errorf("8A: %w", fieldbus.ErrForeign)
	}
	return r.ReplyLen(), nil
}

// Check refuses a frame that is not a whole and right reply.
func (r Request) Check(frame []byte) error {
	_, err := r.ParseReply(frame)
	return err
}

// ParseReply reads the contacts that a board reports: bit 0 is lock 1, and 1 is a shorted contact. One lock's reply has
// that lock's bit only. Its error is fieldbus.ErrShort, ErrForeign or ErrChecksum.
func (r Request) ParseReply(frame []byte) (contacts uint32, err error) {
	need, err := r.ReplyNeed(frame)
	switch {
	case err != nil:
		return 0, err
	case len(frame) < need:
		return 0, fmt.Errorf("8A: %w", fieldbus.ErrShort)
	case len(frame) > need:
		return 0, fmt.Errorf("8A: %w: %d bytes", fieldbus.ErrForeign, len(frame))
	case fieldbus.XOR(frame[:need-1]) != frame[need-1]:
		return 0, fmt.Errorf("8A: %w", fieldbus.ErrChecksum)
	case r.Kind == ReadAll:
		return uint32(frame[2])<<16 | uint32(frame[3])<<8 | uint32(frame[4]), nil
	case frame[3] == shorted:
		return 1 << (r.Lock - 1), nil
	}
	return 0, nil
}

// AppendReply is what a board answers to the request when its contacts are so.
func (r Request) AppendReply(dst []byte, contacts uint32) []byte {
	from := len(dst)
	if r.Kind == ReadAll {
		return close8a(append(dst, headRead, r.Board, byte(contacts>>16), byte(contacts>>8), byte(contacts), doRead), from)
	}
	head, state := byte(headRead), byte(parted)
	if r.Kind == Open {
		head = headOpen
	}
	if contacts>>(r.Lock-1)&1 == 1 {
		state = shorted
	}
	return close8a(append(dst, head, r.Board, r.Lock, state), from)
}

// AppendPush is what some boards say unasked when a contact has changed.
func AppendPush(dst []byte, board, lock byte, isShorted bool) []byte {
	state := byte(parted)
	if isShorted {
		state = shorted
	}
	return close8a(append(dst, headPushed, board, lock, state), len(dst))
}

// ParseRequest finds the request with which stream begins and says how many bytes it took. An Open of lock 0 opens all.
// With fieldbus.ErrShort more bytes may make a request; with any other error none begins here.
func ParseRequest(stream []byte) (Request, int, error) {
	switch {
	case len(stream) > 0 && stream[0] != headOpen && stream[0] != headRead:
		return Request{}, 1, fmt.Errorf("8A: %w", fieldbus.ErrForeign)
	case len(stream) < shortLen:
		return Request{}, 0, fmt.Errorf("8A: %w", fieldbus.ErrShort)
	case fieldbus.XOR(stream[:shortLen-1]) != stream[shortLen-1]:
		return Request{}, 1, fmt.Errorf("8A: %w", fieldbus.ErrChecksum)
	}
	r := Request{Board: stream[1], Lock: stream[2]}
	switch {
	case stream[0] == headOpen && stream[3] == doOpen:
		r.Kind = Open
	case stream[0] == headRead && stream[3] == doRead && r.Lock == 0:
		r.Kind = ReadAll
	case stream[0] == headRead && stream[3] == doRead:
		r.Kind = Read
	default:
		return Request{}, 1, fmt.Errorf("8A: %w", fieldbus.ErrForeign)
	}
	return r, shortLen, nil
}
