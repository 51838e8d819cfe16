package agent

import (
	"context"
	"time"

	"allhours/edge/internal/machine"
)

const machineEvery = 10 * time.Second

// pollMachine reads what the machine tells of itself beside the loop: some of it is slow to answer.
func (a *Agent) pollMachine(ctx context.Context) {
	pace := time.NewTicker(machineEvery)
	defer pace.Stop()
	for ctx.Err() == nil {
		read := machine.Read("/")
		select {
		case a.work <- func() { a.machine = read }:
		case <-ctx.Done():
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
}
