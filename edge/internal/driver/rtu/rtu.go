// Package rtu asks Modbus RTU boards over a bus line. It holds no state and knows no board.
package rtu

import (
	"context"
	"errors"
	"fmt"

	"allhours/edge/internal/bus"
	"allhours/protocol/fieldbus/modbus"
)

// Line is the part of a bus line that drivers use.
type Line interface {
	// Do makes one exchange and returns the frame that answered it, as [bus.Line.Do] does.
	Do(ctx context.Context, p bus.Priority, e bus.Exchange) ([]byte, error)
}

// Poll asks with the priority of polls, attempts times at most. A board's refusal comes back as a modbus.Exception.
func Poll(ctx context.Context, line Line, req modbus.Request, attempts int) (modbus.Reply, error) {
	return do(ctx, line, bus.Poll, req, attempts)
}

// Urge asks once, before all polls.
func Urge(ctx context.Context, line Line, req modbus.Request) (modbus.Reply, error) {
	return do(ctx, line, bus.Urgent, req, 1)
}

func do(ctx context.Context, line Line, p bus.Priority, req modbus.Request, attempts int) (modbus.Reply, error) {
	frame, err := req.AppendFrame(nil)
	if err != nil {
		return modbus.Reply{}, fmt.Errorf("unit %d: %w: %w", req.Unit, bus.ErrNotSent, err)
	}
	answer, err := line.Do(ctx, p, bus.Exchange{
		Frame: frame, ReplyLen: req.ReplyLen(), Attempts: attempts,
		Need: req.ReplyNeed,
		Check: func(frame []byte) error {
			_, err := req.ParseReply(frame)
			if _, refused := errors.AsType[modbus.Exception](err); refused {
				return nil
			}
			return err
		},
	})
	if err != nil {
		return modbus.Reply{}, fmt.Errorf("unit %d: %w", req.Unit, err)
	}
	reply, err := req.ParseReply(answer)
	if err != nil {
		return modbus.Reply{}, fmt.Errorf("unit %d function %02X address %d: %w", req.Unit, byte(req.Function), req.Address, err)
	}
	return reply, nil
}
