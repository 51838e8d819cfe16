package hexscript

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"allhours/edge"
)

// CallLock runs the calls "inputs" (each channel's door and latch, or error), "version" (of its firmware, none or error) and
// "pulse <channel> <duration>" (ok, unknown or refused) of a lock board's script.
func CallLock(ctx context.Context, board edge.LockBoard, call string) string {
	if call == "version" {
		return callVersion(ctx, board)
	}
	if call == "inputs" {
		in, err := board.Inputs(ctx)
		switch {
		case err != nil:
			return "error"
		case in.At.IsZero():
			return "no time"
		}
		states := make([]string, board.Channels())
		for i := range states {
			states[i] = lockWord(in.Channel(i))
		}
		return strings.Join(states, "; ")
	}
	var channel int
	var text string
	if _, err := fmt.Sscanf(call, "pulse %d %s", &channel, &text); err != nil {
		return err.Error()
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return err.Error()
	}
	switch err := board.Pulse(ctx, channel, d); {
	case err == nil:
		return "ok"
	case errors.Is(err, edge.ErrPulseUnknown):
		return "unknown"
	default:
		return "refused"
	}
}

func callVersion(ctx context.Context, board edge.LockBoard) string {
	told, is := board.(edge.Versioned)
	if !is {
		return "none"
	}
	version, err := told.Version(ctx)
	if err != nil {
		return "error"
	}
	return cmp.Or(version, "none")
}

func lockWord(s edge.LockState) string {
	door := map[edge.Tri]string{edge.Yes: "closed", edge.No: "open", edge.Unknown: "unknown"}
	latch := map[edge.Tri]string{edge.Yes: "locked", edge.No: "free", edge.Unknown: "unknown"}
	return fmt.Sprintf("door %s, latch %s", door[s.DoorClosed], latch[s.LatchLocked])
}
