package wkly

import (
	"context"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/protocol/fieldbus/wkly"
)

// findLocks is how many locks the settings of a board begin with: how many it has is not asked, because two bits make the
// order to open all of that question.
const findLocks = 16

// Find asks whether a board answers at an address, and with which number its locks begin; it asks for the status of its
// first lock alone. What the contacts tell is not seen: the settings say that they tell of both, door and latch.
func Find(ctx context.Context, line guard.Line, address byte) (Config, error) {
	var err error
	for _, first := range []int{1, 0} {
		ask := wkly.Request{Board: address, Lock: byte(first), Command: wkly.Status}
		if _, err = guard.Ask(ctx, line, bus.Poll, ask); err == nil {
			return Config{Board: address, First: first, Locks: guard.AllLocks(first, findLocks), Feedback: guard.Hook}, nil
		}
		if !guard.Answered(err) {
			break
		}
	}
	return Config{}, err
}
