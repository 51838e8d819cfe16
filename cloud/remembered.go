package cloud

import (
	"time"

	"allhours/protocol"
)

// Remembered is money that the provider took since the backup that the books were restored from, as it told when it was asked.
type Remembered struct {
	ID     protocol.UUID // of the operation
	Kind   OpKind        // a capture, or what was paid of a debt
	On     protocol.UUID // the hold that was captured; zero: none
	Amount protocol.Fen
	At     time.Time
}

// RememberedTable keeps what the provider told that restored books lack. What they have since is not among what is found.
type RememberedTable interface {
	// Add tells whether it is new; what is known stays as it is.
	Add(r Remembered) (fresh bool, err error)
	// Capture finds what was captured of a hold.
	Capture(hold protocol.UUID) (r Remembered, found bool, err error)
	// Any finds the first of some operations.
	Any(ids []protocol.UUID) (r Remembered, found bool, err error)
}
