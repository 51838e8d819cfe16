package agent

import (
	"io"
	"path/filepath"
	"time"

	"allhours/edge"
	"allhours/edge/internal/traces"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// TraceFolder is where the agent of a cabinet keeps the recordings of visits.
func TraceFolder(c Config) string { return filepath.Join(c.Data, "traces") }

func traceOptions(c Config) traces.Options {
	return traces.Options{
		Dir: TraceFolder(c), Sample: c.Traces.Sample, Keep: time.Duration(c.Traces.Days) * 24 * time.Hour,
		Bytes: int64(c.Traces.Megabytes) << 20,
	}
}

// keepTrace writes the recording of a settled visit beside the loop: the next visit does not wait for it, and a disk that
// does not take it costs nothing else. A recovered visit was settled by net weights, which are in the journal.
func (d *door) keepTrace(v edge.Visit, decision settle.Decision) {
	if d.visit == nil || !d.a.traces.Wants(v.ID, decision == settle.Review, time.Now()) {
		return
	}
	recording, whole := d.visit.Recording()
	if !whole {
		d.a.log.Warn("the visit was too long to keep its trace", "visit", v.ID)
		return
	}
	recording.ID, recording.Refill = v.ID.String(), v.Purpose == protocol.PurposeRefill
	recording.Prices = make(map[protocol.SKU]protocol.Fen)
	for sku, g := range d.a.applied.Load().Goods {
		recording.Prices[sku] = g.Price
	}
	d.a.keeping.Go(func() {
		err := d.a.traces.Keep(v.ID, func(w io.Writer) error { return recording.Write(trace.NewWriter(w)) })
		if err != nil {
			d.a.log.Error("trace", "error", err)
		}
	})
}

// tracesGiveWay makes room of traces where there is none for a visit or an event.
func (a *Agent) tracesGiveWay() bool {
	some, err := a.traces.GiveWay()
	if err != nil {
		a.log.Error("traces", "error", err)
	}
	return some
}

// pruneTraces removes what is too old at now, the true time.
func (a *Agent) pruneTraces(now time.Time) {
	a.keeping.Go(func() {
		if err := a.traces.Prune(now); err != nil {
			a.log.Error("traces", "error", err)
		}
	})
}
