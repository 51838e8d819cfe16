package cloud

import (
	"context"

	"allhours/protocol"
)

// ServiceVisit asks for a door that is opened to repair, test or calibrate what is behind it. With the same key and request
// the same visit comes back.
type ServiceVisit struct {
	Person      protocol.UUID // of the staff
	By          string        // their name
	Cabinet     protocol.CabinetID
	Compartment protocol.Compartment
	Why         string // in their own words
	Key         string
}

// Servicing opens doors for those who keep cabinets running. Who may ask is the caller's to say.
type Servicing interface {
	// Service writes the visit with who and why, signs the grant and sends it once; where the cabinet has no line, the grant
	// is to be shown to it. No money is held, and a compartment that is stopped opens. Errors: CodeUnknownCabinet,
	// CodeCabinetBusy, CodeCabinetAway, CodeDoorNotShut, CodeKeyReused, protocol.CodeMalformed without a reason,
	// protocol.CodeOtherCabinet for a door that it has not, protocol.CodeResidentLimit. A cabinet that is halted opens.
	Service(ctx context.Context, v ServiceVisit) (Visit, error)
}
