package agent

import (
	"context"
	"errors"
	"slices"

	"allhours/edge/internal/traces"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// logBytes is how much of the agent's own log is kept in memory.
const logBytes = 512 << 10

// logsTask gives the newest lines of the log, as they are when the task is taken.
func (a *Agent) logsTask(t wire.Task) (work, error) {
	var w wire.LogsArgs
	if err := argsOf(t, &w); err != nil {
		return nil, err
	}
	lines := a.logs.Last(max(w.Lines, 0))
	return func() ([]byte, error) { return gzipped([]byte(lines)) }, nil
}

// tracesTask lists the recordings that are kept.
func (a *Agent) tracesTask() ([]byte, error) {
	kept, err := traces.List(TraceFolder(a.opt.Config))
	if err != nil {
		return nil, err
	}
	list := wire.TraceList{Traces: []wire.KeptTrace{}}
	for _, k := range slices.Backward(kept) {
		list.Traces = append(list.Traces, wire.KeptTrace{Visit: k.Visit, Bytes: k.Bytes})
	}
	return packed(list)
}

// traceTask gives the recording of one visit, which is compressed already.
func (a *Agent) traceTask(t wire.Task) (work, error) {
	var w wire.TraceArgs
	if err := argsOf(t, &w); err != nil {
		return nil, err
	}
	return func() ([]byte, error) {
		raw, err := traces.Fetch(TraceFolder(a.opt.Config), w.Visit)
		if errors.Is(err, traces.ErrNotKept) {
			return nil, protocol.Errorf(protocol.CodeStale, "%v", err)
		}
		return raw, err
	}, nil
}

// calibrateTask calibrates within a service visit that is open at the platform's compartment: somebody must stand there.
func (a *Agent) calibrateTask(t wire.Task) (work, error) {
	var w wire.CalibrateArgs
	if err := argsOf(t, &w); err != nil {
		return nil, err
	}
	if w.Mass < 0 {
		return nil, protocol.Errorf(protocol.CodeMalformed, "calibrate: a mass of %d mg", w.Mass)
	}
	if !slices.ContainsFunc(a.doors, func(d *door) bool {
		return d.openFor(protocol.PurposeService) && slices.Contains(a.platforms(d.number), w.Platform)
	}) {
		return nil, protocol.Errorf(protocol.CodeNotYet, "calibrate: no service visit is open at platform %q", w.Platform)
	}
	step := func() (wire.CalibratedBody, error) { return a.zeroPlatform(w.Platform, false, t.By) }
	if w.Mass > 0 {
		step = func() (wire.CalibratedBody, error) { return a.spanPlatform(w.Platform, Known{Mass: w.Mass}, t.By) }
	}
	return func() ([]byte, error) {
		body, err := a.calibrateCalm(context.Background(), w.Platform, step)
		if err != nil {
			return nil, err
		}
		return packed(wire.Calibrated{Before: body.Mass + body.Before, After: body.Mass + body.After})
	}, nil
}
