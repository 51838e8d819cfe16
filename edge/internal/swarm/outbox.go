package swarm

import (
	"encoding/json"
	"fmt"
	"sync"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// mostKept is how many events wait for the cloud at most in one cabinet; then it writes no new ones of its own accord.
const mostKept = 5000

// outbox is a journal in memory. It forgets what was acknowledged.
type outbox struct {
	cabinet protocol.CabinetID
	journal protocol.UUID
	clock   *edge.Clock
	changed chan struct{}
	batch   int // events of a batch at most

	mu    sync.Mutex
	kept  []wire.Event // the first is numbered upTo+1
	upTo  uint64
	epoch uint64
}

// write numbers events and keeps them until they are acknowledged.
func (o *outbox) write(bodies ...wire.Body) error {
	stamp := o.clock.Stamp()
	o.mu.Lock()
	for _, body := range bodies {
		raw, err := json.Marshal(body)
		if err != nil {
			o.mu.Unlock()
			return fmt.Errorf("write %s: %w", body.Type(), err)
		}
		o.kept = append(o.kept, wire.Event{
			V: wire.Version, Cabinet: o.cabinet, Journal: o.journal, Seq: o.upTo + uint64(len(o.kept)) + 1, Boot: 1,
			At: stamp.At, Up: stamp.Up, Clock: stamp.Clock, Type: body.Type(), Body: raw,
		})
	}
	o.mu.Unlock()
	select {
	case o.changed <- struct{}{}:
	default:
	}
	return nil
}

// waiting is how many events are not acknowledged, and the newest number.
func (o *outbox) waiting() (kept int, last uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.kept), o.upTo + uint64(len(o.kept))
}

// Bounds implements uplink.Outbox.
func (o *outbox) Bounds() (first, last uint64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	last = o.upTo + uint64(len(o.kept))
	return min(o.upTo+1, last), last, nil
}

// Batch implements uplink.Outbox.
func (o *outbox) Batch(from, to uint64) ([]wire.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var batch []wire.Event
	size := 0
	for seq := max(from, o.upTo+1); seq <= to && seq-o.upTo <= uint64(len(o.kept)) && len(batch) < o.batch; seq++ {
		e := o.kept[seq-o.upTo-1]
		size += len(e.Body) + 256
		if size > wire.MaxBatchBytes && len(batch) > 0 {
			break
		}
		batch = append(batch, e)
	}
	return batch, nil
}

// Acked implements uplink.Outbox.
func (o *outbox) Acked() (upTo, fleetEpoch uint64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.upTo, o.epoch, nil
}

// Ack implements uplink.Outbox.
func (o *outbox) Ack(upTo, fleetEpoch uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	last := o.upTo + uint64(len(o.kept))
	if upTo > last {
		return protocol.Errorf(protocol.CodeStale, "acknowledged up to %d of %d", upTo, last)
	}
	o.epoch = fleetEpoch
	if upTo > o.upTo {
		o.kept = append([]wire.Event(nil), o.kept[upTo-o.upTo:]...)
		o.upTo = upTo
	}
	return nil
}

// Changed implements uplink.Outbox.
func (o *outbox) Changed() <-chan struct{} { return o.changed }
