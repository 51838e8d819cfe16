package cloud

import "allhours/protocol"

// Attestation is a person's word that the food of a compartment, which was locked for its temperature, may be sold.
type Attestation struct {
	Cabinet     protocol.CabinetID
	Compartment protocol.Compartment
	By          string // the person's name
	Why         string // in their own words
}
