package cloud

import (
	"allhours/cloud/picking"
	"allhours/protocol"
)

// RoundTransfer is goods of one article that a round takes out of a lane of one of its cabinets and puts into a lane of another. On
// their way they are in the van: what is not put is left there, and asked for at the end of the round.
type RoundTransfer struct {
	From  picking.Place `json:"from"`
	To    picking.Place `json:"to"`
	Units int           `json:"units"`
}

// Moved is how many units the transfers of a round are to put into a lane; below zero what they take out of it.
func (r *Round) Moved(at picking.Place) (units int) {
	for _, t := range r.Transfers {
		if t.From == at {
			units -= t.Units
		}
		if t.To == at {
			units += r.Carries(t)
		}
	}
	return units
}

// Carried is what the transfers change at the door of a lane: nothing where a draft empties it, for then all of it is taken out.
func (r *Round) Carried(l RoundLine) int {
	if l.Turn == TurnOut {
		return 0
	}
	return r.Moved(l.Place())
}

// Carries is how many units of a transfer there are to put: all of them until the stop that they are taken at is over, then what was
// taken there.
func (r *Round) Carries(t RoundTransfer) int {
	stop, line := r.Stop(t.From.Cabinet), r.Line(t.From)
	switch {
	case stop == nil || line == nil || stop.State == StopSkipped:
		return 0
	case stop.State != StopDone:
		return t.Units
	}
	taken := line.Picked - line.Removed - line.Booked()
	for _, other := range r.Transfers { // The first that a lane gives to gets it first.
		if other == t {
			break
		}
		if other.From == t.From {
			taken -= other.Units
		}
	}
	return min(max(taken, 0), t.Units)
}

// Givers are the cabinets that are visited before another one, for it gets goods from them.
func (r *Round) Givers(to protocol.CabinetID) (cabinets []protocol.CabinetID) {
	for _, t := range r.Transfers {
		if t.To.Cabinet == to {
			cabinets = append(cabinets, t.From.Cabinet)
		}
	}
	return cabinets
}
