package tracking_test

import (
	"context"
	"errors"
	"testing"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/tracking"
	"allhours/protocol/fieldbus/modbus"
)

// memory is a board whose registers can be written.
type memory struct {
	registers map[uint16]uint16
	asked     int
}

func (m *memory) Do(_ context.Context, _ bus.Priority, e bus.Exchange) ([]byte, error) {
	m.asked++
	req, _, err := modbus.ParseRequest(e.Frame)
	if err != nil {
		return nil, err
	}
	if req.Function == modbus.WriteRegisters {
		for i := range req.Quantity {
			m.registers[req.Address+i] = modbus.Register(req.Data, int(i))
		}
		return req.AppendWriteReply(nil), nil
	}
	values := make([]uint16, req.Quantity)
	for i := range values {
		values[i] = m.registers[req.Address+uint16(i)]
	}
	return req.AppendRegistersReply(nil, values), nil
}

func TestTrackingThatComesBackUnseenIsFoundWithinAMinute(t *testing.T) {
	board := &memory{registers: map[uint16]uint16{96: 5, 103: 1}}
	guard := tracking.NewGuard(board, 1, tracking.Registers{First: 96, Count: 2}, tracking.Registers{First: 102, Count: 2})
	if err := guard.SwitchOff(t.Context()); err != nil {
		t.Fatal(err)
	}
	board.asked = 0
	const minute = 600 // readings
	for range minute * 10 {
		if err := guard.Reading(t.Context(), 1); err != nil {
			t.Fatalf("while tracking is off: %v", err)
		}
	}
	if board.asked != 20 {
		t.Errorf("looked %d times at two settings in ten minutes, want 20", board.asked)
	}

	board.registers[103] = 10 // its power failed for a moment
	readings := 1
	for guard.Reading(t.Context(), 1) == nil && readings <= minute {
		readings++
	}
	if readings > minute {
		t.Fatalf("not found in %d readings", readings)
	}
	if err := guard.Reading(t.Context(), 1); !errors.Is(err, tracking.ErrOn) {
		t.Errorf("after it was found: %v, want %v until it is off", err, tracking.ErrOn)
	}
	if err := guard.SwitchOff(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := guard.Reading(t.Context(), 1); err != nil {
		t.Errorf("after it was switched off: %v", err)
	}
}

func TestABoardWithoutSuchRegistersIsNotAsked(t *testing.T) {
	board := &memory{}
	guard := tracking.NewGuard(board, 1)
	for range 2000 {
		if err := guard.Reading(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := guard.SwitchOff(t.Context()); err != nil || board.asked != 0 {
		t.Errorf("asked %d times, %v", board.asked, err)
	}
}
