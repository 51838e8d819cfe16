package agent

import (
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

// calibrator sets the zero and the span of a platform's scale, and journals that it did. It is called beside the loop, and
// may take until the scale is calm.
type calibrator interface {
	// zeroPlatform takes what the platform shows now, with nothing on it, for zero.
	zeroPlatform(platform protocol.PlatformID) (wire.Calibrated, error)
	// spanPlatform takes what it shows now for a mass that lies on it.
	spanPlatform(platform protocol.PlatformID, mass protocol.Milligrams) (wire.Calibrated, error)
}

// calibrateTask calibrates within a service visit that is open at the platform's compartment: somebody must stand there.
func (a *Agent) calibrateTask(t wire.Task) (work, error) {
	var w wire.CalibrateArgs
	if err := argsOf(t, &w); err != nil {
		return nil, err
	}
	if a.calibrator == nil {
		return nil, protocol.Errorf(protocol.CodeUnsupported, "calibrate: not from afar here")
	}
	if w.Mass < 0 {
		return nil, protocol.Errorf(protocol.CodeMalformed, "calibrate: a mass of %d mg", w.Mass)
	}
	if !slices.ContainsFunc(a.doors, func(d *door) bool {
		return d.openFor(protocol.PurposeService) && slices.Contains(a.platforms(d.number), w.Platform)
	}) {
		return nil, protocol.Errorf(protocol.CodeNotYet, "calibrate: no service visit is open at platform %q", w.Platform)
	}
	return func() ([]byte, error) {
		made, err := a.calibrate(w)
		if err != nil {
			return nil, err
		}
		return packed(made)
	}, nil
}

func (a *Agent) calibrate(w wire.CalibrateArgs) (wire.Calibrated, error) {
	if w.Mass == 0 {
		return a.calibrator.zeroPlatform(w.Platform)
	}
	return a.calibrator.spanPlatform(w.Platform, w.Mass)
}
