package modbus

import (
	"encoding/binary"
	"fmt"
)

// Request is what a master asks of one board.
type Request struct {
	Unit     byte // 1 to 247; 0 is everybody, whom only some vendors' boards answer
	Function Function
	Address  uint16 // of the first coil, input or register
	Quantity uint16 // how many, for all functions but WriteCoil and WriteRegister, where it is 1
	Value    uint16 // for WriteCoil and WriteRegister
	Data     []byte // for WriteCoils: bits, low bit first; for WriteRegisters: two bytes each, high byte first
}

// Read asks for quantity coils, inputs or registers from address on.
func Read(unit byte, fn Function, address, quantity uint16) Request {
	return Request{Unit: unit, Function: fn, Address: address, Quantity: quantity}
}

// SetCoil writes one coil. Relay boards take other values than [CoilOn] and [CoilOff] at special addresses, so any is sent.
func SetCoil(unit byte, address, value uint16) Request {
	return Request{Unit: unit, Function: WriteCoil, Address: address, Quantity: 1, Value: value}
}

// SetRegister writes one holding register.
func SetRegister(unit byte, address, value uint16) Request {
	return Request{Unit: unit, Function: WriteRegister, Address: address, Quantity: 1, Value: value}
}

// SetCoils writes neighbouring coils.
func SetCoils(unit byte, address uint16, coils []bool) Request {
	return Request{
		Unit: unit, Function: WriteCoils, Address: address, Quantity: uint16(len(coils)), Data: AppendBits(nil, coils),
	}
}

// SetRegisters writes neighbouring holding registers.
func SetRegisters(unit byte, address uint16, values []uint16) Request {
	return Request{
		Unit: unit, Function: WriteRegisters, Address: address, Quantity: uint16(len(values)), Data: AppendRegisters(nil, values),
	}
}

// AppendBits packs bits as the line carries them, low bit first, the last byte filled up with zeros.
func AppendBits(dst []byte, bits []bool) []byte {
	for i, on := range bits {
		if i%8 == 0 {
			dst = append(dst, 0)
		}
		if on {
			dst[len(dst)-1] |= 1 << (i % 8)
		}
	}
	return dst
}

// AppendRegisters writes each value with its high byte first.
func AppendRegisters(dst []byte, values []uint16) []byte {
	for _, v := range values {
		dst = binary.BigEndian.AppendUint16(dst, v)
	}
	return dst
}

// Bit is bit i of packed data; false beyond its end.
func Bit(data []byte, i int) bool {
	return i >= 0 && i/8 < len(data) && data[i/8]>>(i%8)&1 == 1
}

// Register is register i of data; 0 beyond its end.
func Register(data []byte, i int) uint16 {
	if i < 0 || 2*i+2 > len(data) {
		return 0
	}
	return binary.BigEndian.Uint16(data[2*i:])
}

// AppendFrame adds the request's frame to dst. It fails with [ErrInvalid] where the standard's limits are broken.
func (r Request) AppendFrame(dst []byte) ([]byte, error) {
	if err := r.validate(); err != nil {
		return dst, err
	}
	from := len(dst)
	dst = append(dst, r.Unit, byte(r.Function))
	dst = binary.BigEndian.AppendUint16(dst, r.Address)
	switch r.Function {
	case WriteCoil, WriteRegister:
		dst = binary.BigEndian.AppendUint16(dst, r.Value)
	default:
		dst = binary.BigEndian.AppendUint16(dst, r.Quantity)
	}
	if r.carriesData() {
		dst = append(dst, byte(len(r.Data)))
		dst = append(dst, r.Data...)
	}
	return AppendCRC(dst, from), nil
}

func (r Request) carriesData() bool { return r.Function == WriteCoils || r.Function == WriteRegisters }

// dataLen is the length of the values that the function moves, in the request or in the reply.
func (r Request) dataLen() int {
	switch r.Function {
	case ReadCoils, ReadInputs, WriteCoils:
		return (int(r.Quantity) + 7) / 8
	default:
		return 2 * int(r.Quantity)
	}
}

func (r Request) validate() error {
	limit, known := maxQuantity(r.Function)
	if !known {
		return fmt.Errorf("%w: function %02X", ErrInvalid, byte(r.Function))
	}
	if r.Quantity < 1 || r.Quantity > limit {
		return fmt.Errorf("%w: function %02X with %d values, want 1 to %d", ErrInvalid, byte(r.Function), r.Quantity, limit)
	}
	if int(r.Address)+int(r.Quantity) > addresses {
		return fmt.Errorf("%w: %d values from %04X run past the last address", ErrInvalid, r.Quantity, r.Address)
	}
	if r.carriesData() && len(r.Data) != r.dataLen() {
		return fmt.Errorf("%w: %d bytes of data for %d values", ErrInvalid, len(r.Data), r.Quantity)
	}
	return nil
}

func maxQuantity(fn Function) (limit uint16, known bool) {
	switch fn {
	case ReadCoils, ReadInputs:
		return MaxReadBits, true
	case ReadHolding, ReadInputRegisters:
		return MaxReadRegisters, true
	case WriteCoil, WriteRegister:
		return 1, true
	case WriteCoils:
		return MaxWriteBits, true
	case WriteRegisters:
		return MaxWriteRegisters, true
	default:
		return 0, false
	}
}
