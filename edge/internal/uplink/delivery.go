package uplink

import (
	"slices"
	"time"

	"allhours/protocol/wire"
)

// Times of delivery.
const (
	resendAfter  = 15 * time.Second // and up to a half more, so that a fleet does not send in step; twice as long each time, for
	resendMost   = 4 * time.Minute  // what a busy cloud has not yet read only makes it busier when it is said again
	birthRepeats = 5 * time.Minute  // without a word from the cloud: a heartbeat above the broker
	company      = 30 * time.Second // at most, for what nobody waits for
)

// delivery is what one connection knows of the cloud's progress: pure, so that it can be tested on its own.
type delivery struct {
	heard    bool   // the cloud has answered this connection's birth
	epoch    uint64 // of the fleet
	have     uint64 // the cloud has everything up to here
	missing  []wire.Range
	inflight wire.Range // sent and not acknowledged; To is 0 when there is none
	again    time.Duration
	patience time.Duration // with what is on its way; 0: it is the first time
	leaves   time.Duration // when what waits for company goes without; 0: nothing waits
}

// next says which events to send now, where first and last are on disk; false when there is nothing to do.
func (d *delivery) next(first, last uint64, now time.Duration) (wire.Range, bool) {
	if !d.heard || d.inflight.To != 0 && now < d.again {
		return wire.Range{}, false
	}
	from, to := d.have+1, last
	if len(d.missing) > 0 {
		from, to = d.missing[0].From, min(d.missing[0].To, last)
	}
	from = max(from, first)
	return wire.Range{From: from, To: to}, from <= to && first != 0
}

// lingers reports whether a batch had better wait for company: it is new, nobody waits for anything in it, and there is room for
// more. A message of one event costs the line and the cloud as much as one of a dozen.
func (d *delivery) lingers(batch []wire.Event, more bool, now time.Duration) bool {
	hurried := func(e wire.Event) bool { return !e.Type.Patient() }
	if d.inflight.To != 0 || len(d.missing) > 0 || more || slices.ContainsFunc(batch, hurried) {
		return false
	}
	if d.leaves == 0 {
		d.leaves = now + company
	}
	return now < d.leaves
}

// sent notes a batch on its way; jitter is 0 to 1.
func (d *delivery) sent(r wire.Range, now time.Duration, jitter float64) {
	if r != d.inflight {
		d.patience = 0
	}
	d.inflight, d.patience, d.leaves = r, min(max(2*d.patience, resendAfter), resendMost), 0
	d.again = now + d.patience + time.Duration(jitter*float64(d.patience)/2)
}

// acked takes the cloud's word; false for one that a later one has overtaken. The first of a connection, and the first of
// a restored cloud, may take back what was said before.
func (d *delivery) acked(a wire.Ack) bool {
	if d.heard && a.FleetEpoch == d.epoch && a.HaveUpTo < d.have || a.FleetEpoch < d.epoch {
		return false
	}
	d.heard, d.epoch, d.have, d.missing = true, a.FleetEpoch, a.HaveUpTo, nil
	for _, r := range a.Missing {
		if r.To > d.have && r.From <= r.To {
			d.missing = append(d.missing, wire.Range{From: max(r.From, d.have+1), To: r.To})
		}
	}
	if d.inflight.To != 0 && (d.inflight.To <= d.have || len(d.missing) > 0) {
		d.inflight = wire.Range{}
	}
	return true
}
