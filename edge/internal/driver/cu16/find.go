package cu16

import (
	"context"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/protocol/fieldbus/cu16"
)

// Find asks whether a board answers at an address; it asks for its status alone. Where its replies have their end mark is
// seen, what its contacts tell is not: the settings say that they tell of both, door and latch.
func Find(ctx context.Context, line guard.Line, address byte) (Config, error) {
	cfg := Config{Board: address, Locks: guard.AllLocks(1, cu16.Locks), Feedback: guard.Hook}
	_, err := guard.Ask(ctx, line, bus.Poll, cu16.Request{Board: address, Command: cu16.Status, Layout: cu16.EndLast})
	if err == nil {
		return cfg, nil
	}
	early := cu16.Request{Board: address, Command: cu16.Status, Layout: cu16.EndEarly}
	if guard.Answered(err) {
		_, err = guard.Ask(ctx, line, bus.Poll, early)
	}
	cfg.EndMark = EndEarly
	return cfg, err
}
