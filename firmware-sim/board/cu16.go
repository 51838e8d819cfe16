package board

import (
	"time"

	"allhours/protocol/fieldbus/cu16"
)

// CU16 is a Kerong KR-CU16: 16 locks with hooks and infra-red sensors. Whether such boards answer an order to open is not
// known; this one does not, as it is deaf to its line while it fires.
type CU16 struct {
	pulser
	number byte
	layout cu16.Layout
}

// NewCU16 makes a board that was just powered. A sensor is covered while the lock's contact is closed.
func NewCU16(number byte, layout cu16.Layout, pulse time.Duration, wiring LockWiring) *CU16 {
	return &CU16{pulser: newPulser(cu16.Locks, pulse, wiring), number: number, layout: layout}
}

// Answer serves what was heard between two silences; the last request is answered.
func (c *CU16) Answer(heard []byte, at time.Time) (sent []byte) {
	c.Advance(at)
	for _, req := range scan(heard, cu16.ParseRequest) {
		if req.For(c.number) {
			sent = c.serve(req, at)
		}
	}
	return sent
}

func (c *CU16) serve(req cu16.Request, at time.Time) []byte {
	everybody := req.Board != c.number
	switch req.Command {
	case cu16.Status:
		if everybody {
			return nil
		}
		req.Layout = c.layout
		hooks := uint16(c.closed(at))
		return req.AppendReply(nil, cu16.State{Hooks: hooks, Infrared: hooks})
	case cu16.Unlock:
		c.fire(int(req.Lock), at)
	case cu16.UnlockAll:
		c.fireAll(at)
	}
	return nil
}
