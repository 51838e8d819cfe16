package ingest

import (
	"time"

	"allhours/cloud"
	"allhours/protocol/wire"
)

// place says when an event happened: by the cabinet's own time where that was known to be right, else by its time since the
// boot. It is never later than its arrival, and one whose time was not known never before the event before it.
func (s *Service) place(tx cloud.Tx, p *parcel, e wire.Event) (time.Time, error) {
	at := time.UnixMilli(max(e.At, 0)).UTC()
	e.Clock = e.Clock && e.At > 0 // A time before all times is none, whatever its cabinet believed.
	switch {
	case e.Clock && at.After(p.at): // It would be told by tomorrow's scales, or be booked to a day that has not begun.
		at = p.at
	case !e.Clock:
		latest, err := p.latest(tx, e)
		if err != nil {
			return at, err
		}
		at = earlier(p.at, later(p.position.Placed, latest))
	}
	p.position.Placed = at
	return at, nil
}

// latest is when an event without a time happened at the latest. The newest birth tells when its boot began: what the boot
// before wrote is older than that, and nobody knows by how much.
func (p *parcel) latest(tx cloud.Tx, e wire.Event) (time.Time, error) {
	b, came, found, err := tx.Births.Newest(p.from.Cabinet)
	if err != nil || !found || b.Up <= 0 || b.Journal != e.Journal || e.Boot > b.Boot {
		return p.at, err
	}
	boot := came.Add(-time.Duration(b.Up) * time.Millisecond)
	if e.Boot < b.Boot {
		return boot, nil
	}
	return boot.Add(time.Duration(e.Up) * time.Millisecond), nil
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
