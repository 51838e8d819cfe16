package cloud

import (
	"time"

	"allhours/protocol"
)

// Cards tell which card of each cabinet is believed: the one whose journal is in force.
type Cards interface {
	// Accept puts another journal into force, from its first event on. The one before is retired, and what was known of its
	// card, its connection and its counters is forgotten.
	Accept(cabinet protocol.CabinetID, journal protocol.UUID, at time.Time) error
	// Expect lets the next journal that was never in force be accepted, once; CodeUnknownCabinet where there is no such cabinet.
	Expect(cabinet protocol.CabinetID) error
	// Retired reports a journal that was in force before, or that is or was another cabinet's: a box that moves must not bring
	// what it wrote and was told elsewhere.
	Retired(cabinet protocol.CabinetID, journal protocol.UUID) (bool, error)
	// SetApart believes the card in force no more, nor a copy of it; its connection is forgotten.
	SetApart(cabinet protocol.CabinetID, why IncidentKind) error
	// Apart lists the cabinets whose cards are set apart.
	Apart() (map[protocol.CabinetID]IncidentKind, error)
}
