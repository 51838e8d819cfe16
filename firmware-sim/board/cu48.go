package board

import (
	"time"

	"allhours/protocol/fieldbus/cu48"
	"allhours/protocol/fieldbus/modbus"
)

// CU48 is a Kerong CU48: 48 locks with one contact each.
type CU48 struct {
	pulser
	device byte
}

// NewCU48 makes a board that was just powered.
func NewCU48(device byte, pulse time.Duration, wiring LockWiring) *CU48 {
	return &CU48{pulser: newPulser(cu48.Locks, pulse, wiring), device: device}
}

// Answer serves what was heard between two silences; the last request is answered.
func (c *CU48) Answer(heard []byte, at time.Time) (sent []byte) {
	c.Advance(at)
	for _, req := range scan(heard, cu48.ParseRequest) {
		switch {
		case req.Device != c.device:
		case req.Command == cu48.Status:
			sent = req.AppendReply(nil, c.closed(at))
		case req.Command == cu48.Open && c.fire(int(req.Lock), at):
			sent = req.AppendReply(nil, 0)
		}
	}
	return sent
}

// CU48Modbus is the variant that speaks Modbus: coils read 1 for a closed lock, and open it when they are switched on.
type CU48Modbus struct{ CU48 }

// NewCU48Modbus makes a board that was just powered.
func NewCU48Modbus(unit byte, pulse time.Duration, wiring LockWiring) *CU48Modbus {
	return &CU48Modbus{CU48: *NewCU48(unit, pulse, wiring)}
}

// Unit is the board's address.
func (c *CU48Modbus) Unit() byte { return c.device }

// Answer serves one request.
func (c *CU48Modbus) Answer(req modbus.Request, at time.Time) []byte {
	c.Advance(at)
	req.Unit = c.device
	switch {
	case req.Function == modbus.ReadCoils && int(req.Address)+int(req.Quantity) <= cu48.Locks:
		bits, closed := make([]bool, req.Quantity), c.closed(at)
		for i := range bits {
			bits[i] = closed>>(int(req.Address)+i)&1 == 1
		}
		return req.AppendBitsReply(nil, bits)
	case req.Function == modbus.WriteCoil && req.Value != modbus.CoilOn:
		return req.AppendException(nil, modbus.IllegalValue)
	case req.Function == modbus.WriteCoil && c.fire(int(req.Address), at):
		return req.AppendWriteReply(nil)
	case req.Function == modbus.ReadCoils || req.Function == modbus.WriteCoil:
		return req.AppendException(nil, modbus.IllegalAddress)
	}
	return req.AppendException(nil, modbus.IllegalFunction)
}
