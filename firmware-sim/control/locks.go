package control

import (
	"encoding/hex"
	"net/http"
	"time"

	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/line"
)

// MoveOrder is the body of a request to move one door. A door behind which goods lie is better moved by a shopper.
type MoveOrder struct {
	Lock    int  `json:"lock"`    // index of the lock board
	Channel int  `json:"channel"` // of it
	Open    bool `json:"open"`    // pull it open, else shut it
}

func (p *Port) locks(w http.ResponseWriter, _ *http.Request) { answer(w, p.cabinet.Locks(time.Now())) }

func (p *Port) move(w http.ResponseWriter, r *http.Request) {
	var order MoveOrder
	if err := decode(r, &order); err != nil {
		Problem(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := p.cabinet.Move(time.Now(), order.Lock, order.Channel, order.Open); err != nil {
		Problem(w, statusOf(err), err.Error())
		return
	}
	p.locks(w, r)
}

// noiseOf is what the faults that are active make of the line.
func noiseOf(active []fault.Fault, seed uint64) line.Noise {
	n := line.Noise{Seed: seed}
	for _, f := range active {
		switch f.Kind {
		case fault.LineFlips:
			n.Flips = f.Rate
		case fault.LineLost:
			n.Lost = f.Rate
		case fault.LineDoubled:
			n.Doubled = f.Rate
		case fault.LineMerged:
			n.Merged = f.Rate
		case fault.LineSplit:
			n.Split = f.Rate
		case fault.LineForeign:
			n.Foreign = f.Rate
			n.Frame, _ = hex.DecodeString(f.Frame) // the fault was checked when it was put
		case fault.LineLate:
			n.Late = time.Duration(f.DelayMS) * time.Millisecond
		case fault.LineEcho:
			n.Echo = true
		case fault.LineSilent:
			n.Silent = true
		case fault.LineBabble:
			n.Babble = true
		}
	}
	return n
}
