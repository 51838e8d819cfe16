package agent

import (
	"context"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/protocol/wire"
)

// firmwareEvery is how long a board that gave no answer is left alone.
const firmwareEvery = 30 * time.Second

// askFirmware asks each board once which firmware runs on it, until all have answered that can.
func (a *Agent) askFirmware(ctx context.Context) {
	pace := time.NewTicker(firmwareEvery)
	defer pace.Stop()
	for waiting := a.boards.tellers(); len(waiting) > 0 && ctx.Err() == nil; {
		var silent []teller
		for _, t := range waiting {
			version, err := t.Version(ctx)
			switch {
			case err != nil:
				silent = append(silent, t)
			case version != "":
				a.learnFirmware(ctx, wire.Firmware{Board: t.name, Version: version})
			}
		}
		if waiting = silent; len(waiting) == 0 {
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
}

func (a *Agent) learnFirmware(ctx context.Context, f wire.Firmware) {
	select {
	case a.work <- func() { a.firmware = append(a.firmware, f) }:
	case <-ctx.Done():
	}
}

// teller is a board that tells its firmware, by the name that people find it by.
type teller struct {
	edge.Versioned
	name string
}

func (b boards) tellers() (all []teller) {
	for _, l := range b.locks {
		if board, tells := l.board.(edge.Versioned); tells {
			all = append(all, teller{board, l.name})
		}
	}
	return all
}

// boardName is what a lock board is called: where it is wired and its address there.
func boardName(line, address string) string { return fmt.Sprintf("%s, %s", line, address) }
