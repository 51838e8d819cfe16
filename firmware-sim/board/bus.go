package board

import (
	"errors"
	"time"

	"allhours/protocol/fieldbus/modbus"
)

// Board is one device on the line.
type Board interface {
	// Unit is its address on the line, 1 to 247.
	Unit() byte
	// Answer serves a request at a time and gives the whole reply frame; nil where the board stays silent.
	Answer(req modbus.Request, at time.Time) []byte
}

// Bus is all boards of one line. It is not safe for concurrent use.
type Bus struct {
	boards []Board
}

// NewBus wires boards to one line.
func NewBus(boards ...Board) *Bus { return &Bus{boards: boards} }

// Answer gives what the boards send when they have heard the bytes between two silences; nil for silence.
func (b *Bus) Answer(heard []byte, at time.Time) []byte {
	req, n, err := modbus.ParseRequest(heard)
	var refusal modbus.Exception
	if refused := errors.As(err, &refusal); err != nil && !refused || n != len(heard) {
		return nil
	}
	var sent []byte
	for _, one := range b.boards {
		if req.Unit != 0 && req.Unit != one.Unit() {
			continue
		}
		reply := b.ask(one, req, refusal, at)
		sent = collide(sent, reply)
	}
	return sent
}

func (b *Bus) ask(one Board, req modbus.Request, refusal modbus.Exception, at time.Time) []byte {
	everybody := req.Unit == 0
	if refusal == 0 {
		reply := one.Answer(req, at)
		if everybody && req.Function >= modbus.WriteCoil {
			return nil // a broadcast write is obeyed, not confirmed
		}
		return reply
	}
	if everybody {
		return nil
	}
	return req.AppendException(nil, refusal)
}

// collide is what a master hears when two boards talk at once: a wire that one pulls low is low.
func collide(a, b []byte) []byte {
	if len(a) == 0 {
		return b
	}
	for i := range min(len(a), len(b)) {
		a[i] &= b[i]
	}
	if len(b) > len(a) {
		a = append(a, b[len(a):]...)
	}
	return a
}
