package ingest

import (
	"time"

	"allhours/cloud"
	"allhours/protocol/wire"
)

// clockSlack is by how much a clock and the time since the boot may differ: messages are on their way for a while.
const clockSlack = 10 * time.Minute

// hour is when an event happened, and between which moments it may have, where nobody knows it better; else both are zero.
type hour struct{ at, from, to time.Time }

// place says when an event happened: by the cabinet's own time where that was known to be right, else by its time since the
// boot. It is never later than its arrival, and one whose time was not known never before the event before it.
func (s *Service) place(tx cloud.Tx, p *parcel, e wire.Event) (h hour, err error) {
	h.at = time.UnixMilli(max(e.At, 0)).UTC()
	e.Clock = e.Clock && e.At > 0 // A time before all times is none, whatever its cabinet believed.
	before := p.position.Placed
	switch {
	case !e.Clock:
		latest, sure, err := p.latest(tx, e)
		if err != nil {
			return h, err
		}
		h.at = earlier(p.at, later(before, latest))
		if !sure {
			h.from, h.to = before, h.at
		}
	case h.at.After(p.at): // It would be told by tomorrow's scales, or be booked to a day that has not begun.
		if h.at.After(p.at.Add(clockSlack)) {
			h.from, h.to = before, p.at
		}
		h.at = p.at
	default:
		err = p.disprove(tx, e, &h)
	}
	p.position.Placed = h.at
	return h, err
}

// latest is when an event without a time happened at the latest. The newest birth tells when its boot began, and so of what that
// boot wrote when it was, for sure; what the boot before wrote is older than that, and nobody knows by how much.
func (p *parcel) latest(tx cloud.Tx, e wire.Event) (at time.Time, sure bool, err error) {
	boot, of, err := p.boot(tx, e)
	switch {
	case err != nil || boot.IsZero():
		return p.at, false, err
	case !of:
		return boot, false, nil
	}
	return boot.Add(time.Duration(e.Up) * time.Millisecond), true, nil
}

// boot is when the boot began that the newest birth tells of, where that is the event's, or a later one; else it is zero.
func (p *parcel) boot(tx cloud.Tx, e wire.Event) (began time.Time, of bool, err error) {
	b, came, found, err := tx.Births.Newest(p.from.Cabinet)
	if err != nil || !found || b.Up <= 0 || b.Journal != e.Journal || e.Boot > b.Boot {
		return time.Time{}, false, err
	}
	return came.Add(-time.Duration(b.Up) * time.Millisecond), e.Boot == b.Boot, nil
}

// disprove holds a clock that was believed to be right to the time since the boot, which is sure: what is far off is placed by that.
// Only what is booked is worth the question.
func (p *parcel) disprove(tx cloud.Tx, e wire.Event, h *hour) error {
	if e.Up <= 0 || e.Type != wire.VisitSettled {
		return nil
	}
	boot, of, err := p.boot(tx, e)
	if err != nil || boot.IsZero() || !of {
		return err
	}
	said, counted := h.at, earlier(p.at, boot.Add(time.Duration(e.Up)*time.Millisecond))
	if said.Sub(counted).Abs() > clockSlack {
		h.at, h.from, h.to = counted, earlier(said, counted), later(said, counted)
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
