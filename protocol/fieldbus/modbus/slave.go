package modbus

import (
	"encoding/binary"
	"fmt"
)

// Lengths of requests.
const (
	shortRequestLen = 8 // unit, function, address, quantity or value, checksum
	dataHeadLen     = 7 // unit, function, address, quantity, byte count
)

// ParseRequest finds the request with which stream begins and says how many bytes it took. Data aliases stream.
//
// With [ErrShort] the bytes may become a request when more arrive: call again with all of them; a board drops what stays
// short over a silence. With an [Exception] the frame is whole but cannot be served: the addressed board answers with that
// exception. (A frame of an unknown function has no known length: it is seen only when it is all of stream.) With any
// other error no request begins here: skip n bytes and try again.
func ParseRequest(stream []byte) (req Request, n int, err error) {
	if len(stream) < 2 {
		return Request{}, 0, ErrShort
	}
	req = Request{Unit: stream[0], Function: Function(stream[1])}
	if _, known := maxQuantity(req.Function); !known {
		if len(stream) > 3 && len(stream) <= MaxFrame && checkCRC(stream) {
			return req, len(stream), IllegalFunction
		}
		return Request{}, 1, fmt.Errorf("%w: function %02X", ErrInvalid, stream[1])
	}
	need, err := requestNeed(req.Function, stream)
	if err != nil {
		return Request{}, 1, err
	}
	if len(stream) < need {
		return Request{}, 0, ErrShort
	}
	if !checkCRC(stream[:need]) {
		return Request{}, 1, ErrChecksum
	}
	req.fill(stream[:need])
	return req, need, req.refusal()
}

// refusal is the exception that a request beyond the standard's limits gets, or nil.
func (r Request) refusal() error {
	limit, _ := maxQuantity(r.Function)
	switch {
	case r.Quantity < 1 || r.Quantity > limit:
		return IllegalValue
	case int(r.Address)+int(r.Quantity) > addresses:
		return IllegalAddress
	default:
		return nil
	}
}

// requestNeed is the length of the request that stream begins with, as far as it can be told yet. It refuses counts that
// contradict each other at once, so that noise cannot make a board wait for 256 bytes.
func requestNeed(fn Function, stream []byte) (int, error) {
	if fn != WriteCoils && fn != WriteRegisters {
		return shortRequestLen, nil
	}
	if len(stream) < dataHeadLen {
		return dataHeadLen + 1 + crcLen, nil
	}
	r := Request{Function: fn, Quantity: binary.BigEndian.Uint16(stream[4:])}
	limit, _ := maxQuantity(fn)
	if r.Quantity < 1 || r.Quantity > limit || int(stream[6]) != r.dataLen() {
		return 0, fmt.Errorf("%w: %d bytes of data for %d values", ErrInvalid, stream[6], r.Quantity)
	}
	return dataHeadLen + r.dataLen() + crcLen, nil
}

// fill reads the fields of a frame whose length and checksum are right.
func (r *Request) fill(frame []byte) {
	r.Address = binary.BigEndian.Uint16(frame[2:])
	last := binary.BigEndian.Uint16(frame[4:])
	switch r.Function {
	case WriteCoil, WriteRegister:
		r.Quantity, r.Value = 1, last
	case WriteCoils, WriteRegisters:
		r.Quantity, r.Data = last, frame[dataHeadLen:len(frame)-crcLen]
	default:
		r.Quantity = last
	}
}

// AppendBitsReply answers a read of coils or inputs; bits beyond the asked quantity are not sent, missing ones are 0.
func (r Request) AppendBitsReply(dst []byte, bits []bool) []byte {
	return r.appendRead(dst, AppendBits(nil, bits[:min(len(bits), int(r.Quantity))]))
}

// AppendRegistersReply answers a read of registers; values beyond the asked quantity are not sent, missing ones are 0.
func (r Request) AppendRegistersReply(dst []byte, values []uint16) []byte {
	return r.appendRead(dst, AppendRegisters(nil, values[:min(len(values), int(r.Quantity))]))
}

func (r Request) appendRead(dst, data []byte) []byte {
	from := len(dst)
	dst = append(dst, r.Unit, byte(r.Function), byte(r.dataLen()))
	dst = append(dst, data...)
	dst = append(dst, make([]byte, r.dataLen()-len(data))...)
	return AppendCRC(dst, from)
}

// AppendWriteReply confirms a write.
func (r Request) AppendWriteReply(dst []byte) []byte {
	from := len(dst)
	value := r.Value
	if r.carriesData() {
		value = r.Quantity
	}
	dst = append(dst, r.Unit, byte(r.Function))
	dst = binary.BigEndian.AppendUint16(dst, r.Address)
	dst = binary.BigEndian.AppendUint16(dst, value)
	return AppendCRC(dst, from)
}

// AppendException refuses the request.
func (r Request) AppendException(dst []byte, e Exception) []byte {
	from := len(dst)
	return AppendCRC(append(dst, r.Unit, byte(r.Function)|exceptionBit, byte(e)), from)
}
