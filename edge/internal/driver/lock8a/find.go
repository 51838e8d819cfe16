package lock8a

import (
	"context"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/protocol/fieldbus/lock8a"
)

// Find asks whether a board answers at an address; it reads contacts alone. When these are shorted, and what they tell, is
// not seen: the settings say when locked, and of both, door and latch.
func Find(ctx context.Context, line guard.Line, address byte) (Config, error) {
	cfg := Config{Board: address, Locks: guard.AllLocks(1, lock8a.Locks), Feedback: guard.Hook, Contact: ShortedWhenLocked}
	_, err := guard.Ask(ctx, line, bus.Poll, lock8a.Request{Kind: lock8a.ReadAll, Board: address})
	if err == nil {
		return cfg, nil
	}
	cfg.Query = QueryEach
	_, err = guard.Ask(ctx, line, bus.Poll, lock8a.Request{Kind: lock8a.Read, Board: address, Lock: 1})
	return cfg, err
}
