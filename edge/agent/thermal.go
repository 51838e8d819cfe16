package agent

import (
	"context"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Times of temperatures.
const (
	measureEvery = 5 * time.Second
	coldFor      = 30 * time.Second // a temperature that is older is not known any more
)

// pollThermometer reads one controller's probes for ever and hands them to the loop.
func (a *Agent) pollThermometer(ctx context.Context, index int, u thermalUnit) {
	pace := time.NewTicker(measureEvery)
	defer pace.Stop()
	for ctx.Err() == nil {
		measured := make([]edge.Temperature, u.board.Probes())
		if err := u.board.Measure(ctx, measured); err != nil {
			a.log.Debug("temperature", "compartments", u.compartments, "error", err)
		}
		select {
		case a.work <- func() { a.felt(index, measured) }:
		case <-ctx.Done():
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
}

// felt keeps what a controller's probes showed. Of a probe that is silent the last temperature is kept until it is old: a
// reading lost now and then says nothing about the cold.
func (a *Agent) felt(index int, measured []edge.Temperature) {
	for i, t := range measured {
		if t.Fault != edge.ProbeSilent {
			a.probes[index][i] = t
		}
	}
}

// probesOf is what the probes in a compartment's air showed last.
func (a *Agent) probesOf(c protocol.Compartment, now time.Time) []wire.Probe {
	var all []wire.Probe
	for i, u := range a.boards.thermometers {
		for k, n := range u.compartments {
			if n != c {
				continue
			}
			last := a.probes[i][k]
			p := wire.Probe{Celsius: last.Celsius, Fault: string(last.Fault)}
			if last.At.IsZero() || now.Sub(last.At) > coldFor {
				p = wire.Probe{Fault: string(edge.ProbeSilent)}
			}
			all = append(all, p)
		}
	}
	return all
}
