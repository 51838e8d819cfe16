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
//
// Several whole frames without a silence between them are each obeyed, and the last is answered. Real boards would hear
// one long damaged frame; but a simulator whose machine was busy reads at once what a patient master sent one after the
// other, and must not lose a lock's pulse for that.
func (b *Bus) Answer(heard []byte, at time.Time) []byte {
	var frames []frame
	for len(heard) > 0 {
		req, n, err := modbus.ParseRequest(heard)
		var refusal modbus.Exception
		if err != nil && !errors.As(err, &refusal) {
			return nil
		}
		frames = append(frames, frame{req, refusal})
		heard = heard[n:]
	}
	var sent []byte
	for _, f := range frames {
		sent = b.ask(f, at)
	}
	return sent
}

// frame is a whole request, with the exception that it gets where it breaks the standard's limits.
type frame struct {
	modbus.Request
	refusal modbus.Exception
}

// ask lets the addressed boards answer one frame, all at once where it is for everybody.
func (b *Bus) ask(f frame, at time.Time) []byte {
	var sent []byte
	for _, one := range b.boards {
		if f.Unit == 0 || f.Unit == one.Unit() {
			sent = Collide(sent, f.answer(one, at))
		}
	}
	return sent
}

func (f frame) answer(one Board, at time.Time) []byte {
	everybody := f.Unit == 0
	switch {
	case f.refusal == 0:
		reply := one.Answer(f.Request, at)
		if everybody && f.Function >= modbus.WriteCoil {
			return nil // a broadcast write is obeyed, not confirmed
		}
		return reply
	case everybody:
		return nil
	}
	return f.AppendException(nil, f.refusal)
}

// Collide is what a master hears when two boards talk at once: a wire that one pulls low is low.
func Collide(a, b []byte) []byte {
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
