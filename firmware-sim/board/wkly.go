package board

import (
	"time"

	"allhours/protocol/fieldbus/wkly"
)

// WKLY is a WKLY lock board: so many locks with one contact each.
type WKLY struct {
	pulser
	spec WKLYSpec
}

// WKLYSpec is how a board is set.
type WKLYSpec struct {
	Number byte
	Locks  int  // up to 48
	First  int  // number of its first lock, 0 or 1
	Mute   bool // does not answer an order to open, as some do not
	Pulse  time.Duration
}

// NewWKLY makes a board that was just powered.
func NewWKLY(spec WKLYSpec, wiring LockWiring) *WKLY {
	return &WKLY{pulser: newPulser(min(spec.Locks, wkly.MaxLocks), spec.Pulse, wiring), spec: spec}
}

// Answer serves what was heard between two silences; the last request is answered.
func (w *WKLY) Answer(heard []byte, at time.Time) (sent []byte) {
	w.Advance(at)
	for _, req := range scan(heard, wkly.ParseRequest) {
		if req.Board == w.spec.Number {
			sent = w.serve(req, at)
		}
	}
	return sent
}

func (w *WKLY) serve(req wkly.Request, at time.Time) []byte {
	ch := int(req.Lock) - w.spec.First
	there := ch >= 0 && ch < len(w.offAt)
	switch req.Command {
	case wkly.Open:
		w.fire(ch, at)
		if w.spec.Mute {
			return nil
		}
		return req.AppendReply(nil, wkly.Reply{Done: there, Closed: []bool{false}})
	case wkly.Status:
		return req.AppendReply(nil, wkly.Reply{Done: there, Closed: []bool{there && w.wiring.Closed(ch, at)}})
	case wkly.StatusAll:
		all := make([]bool, len(w.offAt))
		for i := range all {
			all[i] = w.wiring.Closed(i, at)
		}
		return req.AppendReply(nil, wkly.Reply{Done: true, Closed: all})
	case wkly.OpenAll:
		w.fireAll(at)
	}
	return nil
}
