package cu48

import (
	"context"
	"errors"
	"fmt"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus/cu48"
	"allhours/protocol/fieldbus/modbus"
)

// coils is the variant that speaks Modbus: a coil reads 1 for a closed lock, and opens it when it is written.
type coils struct {
	line   guard.Line
	device byte
}

func (c coils) read(ctx context.Context, p bus.Priority) (uint64, error) {
	request := modbus.Read(c.device, modbus.ReadCoils, 0, cu48.Locks)
	ask := func() (modbus.Reply, error) { return rtu.Poll(ctx, c.line, request, 1) }
	if p == bus.Urgent {
		ask = func() (modbus.Reply, error) { return rtu.Urge(ctx, c.line, request) }
	}
	reply, err := ask()
	closed := uint64(0)
	for i, b := range reply.Data {
		closed |= uint64(b) << (8 * i)
	}
	return closed, err
}

func (c coils) open(ctx context.Context, lock int) (bool, error) {
	_, err := rtu.Urge(ctx, c.line, modbus.SetCoil(c.device, uint16(lock), modbus.CoilOn))
	if _, refused := errors.AsType[modbus.Exception](err); refused {
		return false, fmt.Errorf("%w: %w", bus.ErrNotSent, err) // it was heard and not obeyed
	}
	return err == nil, err
}
