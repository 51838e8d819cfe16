package cloud

import (
	"context"
	"time"

	"allhours/protocol"
	"allhours/protocol/claim"
)

// ClaimCode lets one device become a cabinet.
type ClaimCode struct {
	Cabinet protocol.CabinetID
	Code    claim.Code
	Expires time.Time
}

// Claims is how cabinets join the fleet.
type Claims interface {
	// Claim takes what a device proved and answers with the cabinet's papers; the same once more gets the same answer, until
	// the code's end. From is where it came from, to keep guesses few. Errors: protocol.CodeMalformed, protocol.CodeUnsupported,
	// CodeBadClaim, CodeClaimUsed, CodeCardRetired, CodeTooMany.
	Claim(ctx context.Context, r claim.Request, from string) (claim.Papers, error)
}

// ClaimRecord is a code as it is kept, and who used it.
type ClaimRecord struct {
	Cabinet protocol.CabinetID
	Hash    []byte // of the code
	Expires time.Time
	Used    time.Time     // zero: not yet
	Key     []byte        // of the device that used it
	Journal protocol.UUID // that it will write
}

// ClaimTable keeps the newest code of each cabinet.
type ClaimTable interface {
	// Add takes the place of an older code of the cabinet; CodeUnknownCabinet where there is none.
	Add(r ClaimRecord) error
	// Find has CodeBadClaim where there is no such code.
	Find(hash []byte) (ClaimRecord, error)
	// Use has CodeConflict for a code that was used before.
	Use(cabinet protocol.CabinetID, key []byte, journal protocol.UUID, at time.Time) error
}
