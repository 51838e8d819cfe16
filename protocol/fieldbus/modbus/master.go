package modbus

import (
	"encoding/binary"
	"fmt"
)

// Lengths of whole frames.
const (
	exceptionLen = 5 // unit, function, code, checksum
	echoLen      = 8 // unit, function, address, value or quantity, checksum
	readHeadLen  = 3 // unit, function, byte count
)

// Reply is what a board answered. Data aliases the frame that it was parsed from: packed bits or registers of a read, nil
// after a write.
type Reply struct {
	Unit byte
	Data []byte
}

// ReplyLen is the length of the frame that answers the request, when the board does not refuse.
func (r Request) ReplyLen() int {
	if r.isRead() {
		return readHeadLen + r.dataLen() + crcLen
	}
	return echoLen
}

func (r Request) isRead() bool { return r.Function <= ReadInputRegisters }

// ReplyNeed tells from the bytes received so far how many bytes the whole reply has. It fails with [ErrForeign] as soon as
// they cannot begin the reply to this request. The caller reads until it has that many, then calls [Request.ParseReply].
func (r Request) ReplyNeed(received []byte) (int, error) {
	if len(received) > 0 && received[0] != r.Unit && r.Unit != 0 {
		return 0, fmt.Errorf("%w: unit %d answered for %d", ErrForeign, received[0], r.Unit)
	}
	if len(received) < 2 {
		return exceptionLen, nil
	}
	switch Function(received[1]) {
	case r.Function | exceptionBit:
		return exceptionLen, nil
	case r.Function:
	default:
		return 0, fmt.Errorf("%w: function %02X answered for %02X", ErrForeign, received[1], byte(r.Function))
	}
	if r.isRead() && len(received) >= readHeadLen && int(received[2]) != r.dataLen() {
		return 0, fmt.Errorf("%w: %d bytes of data, want %d", ErrForeign, received[2], r.dataLen())
	}
	return r.ReplyLen(), nil
}

// ParseReply reads the frame that answers the request. Its error is [ErrShort], [ErrForeign], [ErrChecksum] or the
// board's own [Exception].
func (r Request) ParseReply(frame []byte) (Reply, error) {
	need, err := r.ReplyNeed(frame)
	switch {
	case err != nil:
		return Reply{}, err
	case len(frame) < need:
		return Reply{}, ErrShort
	case len(frame) > need:
		return Reply{}, fmt.Errorf("%w: %d bytes, want %d", ErrForeign, len(frame), need)
	case !checkCRC(frame):
		return Reply{}, ErrChecksum
	}
	if frame[1]&exceptionBit != 0 {
		return Reply{Unit: frame[0]}, Exception(frame[2])
	}
	if r.isRead() {
		return Reply{Unit: frame[0], Data: frame[readHeadLen : need-crcLen]}, nil
	}
	return Reply{Unit: frame[0]}, r.checkEcho(frame)
}

// checkEcho compares what a board says it has written with what it was asked to write.
func (r Request) checkEcho(frame []byte) error {
	want := r.Value
	if r.carriesData() {
		want = r.Quantity
	}
	address, got := binary.BigEndian.Uint16(frame[2:]), binary.BigEndian.Uint16(frame[4:])
	if address != r.Address || got != want {
		return fmt.Errorf("%w: echo %04X %04X, want %04X %04X", ErrForeign, address, got, r.Address, want)
	}
	return nil
}
