// Package presence keeps in memory what was last heard from each cabinet. It refuses to store anything: after a restart a
// cabinet is unknown until it speaks.
package presence

import (
	"slices"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Heard is the newest word of a cabinet on how far its journal reaches: proof, where Last is applied, that nothing older
// is still on its way.
type Heard struct {
	At        time.Time // when it was said at the latest, by the cloud's clock; it may have been on its way for long
	Journal   protocol.UUID
	Challenge [16]byte
	Boot      uint32 // starts counted in the journal, as the birth told it
	Last      uint64
	Written   time.Time // that its newest applied event was written at, by a clock that was known to be right; zero: not known
}

// Book is the presence of the whole fleet; safe for concurrent use.
type Book struct {
	mu       sync.RWMutex
	cabinets map[protocol.CabinetID]*entry
}

type entry struct {
	presence cloud.Presence
	heard    Heard
	air      air
	recalled bool // nothing was heard since the restart, or since the broker was lost
}

// New makes an empty book.
func New() *Book { return &Book{cabinets: make(map[protocol.CabinetID]*entry)} }

// Birth begins a connection, or repeats that it began, which takes nothing back; its challenge must have the right length.
func (b *Book) Birth(birth wire.Birth, at time.Time) error {
	e, err := entryOf(birth)
	if err != nil {
		return err
	}
	e.presence.Connected, e.presence.LastSeen, e.heard.At = true, at, at
	b.mu.Lock()
	defer b.mu.Unlock()
	if before, known := b.cabinets[birth.Cabinet]; known && before.heard.Journal == birth.Journal {
		e.heard.Written, e.air = before.heard.Written, before.air
		if before.presence.Conn == birth.Conn {
			e.presence.Telemetry, e.presence.Told = before.presence.Telemetry, before.presence.Told
		}
	}
	b.cabinets[birth.Cabinet] = e
	return nil
}

// Recall notes a birth of before a restart. The cabinet counts as connected again with the next word over that connection.
func (b *Book) Recall(birth wire.Birth) error {
	e, err := entryOf(birth)
	if err != nil {
		return err
	}
	e.recalled = true
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.cabinets[birth.Cabinet]; !known {
		b.cabinets[birth.Cabinet] = e
	}
	return nil
}

// Cut notes that nothing can be heard or said for now. As after a restart, a cabinet counts as connected again with its next
// word: it may have left in the meantime, and its will was told to nobody.
func (b *Book) Cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.cabinets {
		if e.presence.Connected {
			e.presence.Connected, e.recalled = false, true
		}
	}
}

func entryOf(birth wire.Birth) (*entry, error) {
	challenge, err := wire.ChallengeToken(birth.Challenge)
	if err != nil {
		return nil, err
	}
	return &entry{
		presence: cloud.Presence{
			Journal: birth.Journal, Conn: birth.Conn, Boot: birth.Boot, Challenge: challenge, Applied: birth.Config, Versions: birth.Versions,
			Reader: birth.Reader,
		},
		heard: Heard{Journal: birth.Journal, Challenge: challenge, Boot: birth.Boot, Last: birth.Last},
	}, nil
}

// speaks notes that something came from the cabinet.
func (e *entry) speaks(at time.Time) {
	e.presence.LastSeen = at
	if e.recalled {
		e.presence.Connected, e.recalled = true, false
	}
}

// Death ends a connection; the will of an older one is ignored. It tells whether anything changed.
func (b *Book) Death(death wire.Death) bool {
	return b.change(death.Cabinet, func(e *entry) bool {
		if e.presence.Conn != death.Conn || !e.presence.Connected && !e.recalled {
			return false
		}
		e.presence.Connected, e.recalled = false, false
		return true
	})
}

// Telemetry notes how the cabinet stands. It tells whether somebody who looks at the cabinet would see another picture.
func (b *Book) Telemetry(t wire.Telemetry, at time.Time) bool {
	return b.change(t.Cabinet, func(e *entry) bool {
		before := e.presence
		e.speaks(at)
		e.presence.Telemetry, e.presence.Told = &t, at
		e.air.note(t, at)
		e.heard.said(t, at)
		return before.State(at, false) != e.presence.State(at, false) || before.Telemetry == nil
	})
}

// said notes the telemetry's word, whose age the cabinet alone can tell. One that was overtaken takes nothing back.
func (h *Heard) said(t wire.Telemetry, arrived time.Time) {
	h.Last = max(h.Last, t.Last)
	said := time.UnixMilli(t.At)
	if said.After(arrived) {
		said = arrived
	}
	if t.Clock && said.After(h.At) {
		h.At = said
	}
}

// Written notes when an event was written that is applied, as everything before it in the journal is.
func (b *Book) Written(cabinet protocol.CabinetID, journal protocol.UUID, at time.Time) {
	b.change(cabinet, func(e *entry) bool {
		if e.heard.Journal == journal && at.After(e.heard.Written) {
			e.heard.Written = at
		}
		return false
	})
}

// Touch notes that a message came.
func (b *Book) Touch(cabinet protocol.CabinetID, at time.Time) {
	b.change(cabinet, func(e *entry) bool {
		e.speaks(at)
		return false
	})
}

// Door notes what the journal says of a door, where no telemetry has said anything since: that is sent once, and one that was
// lost would leave a door open that is long shut. At is by the cabinet's own clock. It tells whether the picture changed.
func (b *Book) Door(cabinet protocol.CabinetID, c protocol.Compartment, state wire.Door, at int64) bool {
	return b.change(cabinet, func(e *entry) bool {
		before := e.presence.Telemetry
		if before == nil || before.At >= at {
			return false
		}
		i := slices.IndexFunc(before.Compartments, func(t wire.CompartmentTelemetry) bool { return t.Compartment == c })
		if i < 0 || before.Compartments[i].Door == state {
			return false
		}
		now := *before // Others hold the one before.
		now.Compartments = slices.Clone(before.Compartments)
		now.Compartments[i].Door = state
		e.presence.Telemetry = &now
		return true
	})
}

// Applied notes which desired state is in force.
func (b *Book) Applied(cabinet protocol.CabinetID, v wire.ConfigVersion) {
	b.change(cabinet, func(e *entry) bool {
		e.presence.Applied = v
		return true
	})
}

func (b *Book) change(cabinet protocol.CabinetID, apply func(*entry) bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, known := b.cabinets[cabinet]
	return known && apply(e)
}

// Of gives what is known of a cabinet; the zero Presence is a cabinet never heard of.
func (b *Book) Of(cabinet protocol.CabinetID) cloud.Presence {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if e, known := b.cabinets[cabinet]; known {
		return e.presence
	}
	return cloud.Presence{}
}

// Heard gives the cabinet's newest word; false where it never spoke.
func (b *Book) Heard(cabinet protocol.CabinetID) (Heard, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	e, known := b.cabinets[cabinet]
	if !known {
		return Heard{}, false
	}
	return e.heard, true
}

// Forget drops what is known of a cabinet: it is unknown until it speaks in a new connection.
func (b *Book) Forget(cabinet protocol.CabinetID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.cabinets, cabinet)
}
