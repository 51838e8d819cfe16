package cu48

import (
	"context"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/protocol/fieldbus/cu48"
)

// Find asks whether a board answers at an address, in the maker's own protocol; it asks for its status alone. What the
// contacts tell is not seen: the settings say that they tell of both, door and latch.
func Find(ctx context.Context, line guard.Line, address byte) (Config, error) {
	_, err := kerong{line, address}.read(ctx, bus.Poll)
	return Config{Device: address, Locks: guard.AllLocks(1, cu48.Locks), Feedback: guard.Hook}, err
}

// FindModbus asks the same of the variant that speaks Modbus: it reads the coils of all its locks.
func FindModbus(ctx context.Context, line guard.Line, unit byte) (Config, error) {
	_, err := coils{line, unit}.read(ctx, bus.Poll)
	return Config{Device: unit, Locks: guard.AllLocks(1, cu48.Locks), Feedback: guard.Hook, Protocol: Modbus}, err
}
