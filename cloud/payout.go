package cloud

import "allhours/protocol"

// PayOut gives a person back what they paid ahead and have not used. With the same key and amount it is done once.
type PayOut struct {
	Person protocol.UUID
	Amount protocol.Fen
	Key    string
	Till   bool   // a store's till hands it out; else it goes back the way that it came
	By     string // a member of the staff who orders it; empty: the resident
	Note   string // wanted where By is: why, and of a till the number of its slip
}

// PaidAhead is a top-up, and how much of it may still go back the way that it came.
type PaidAhead struct {
	ID    protocol.UUID
	Left  protocol.Fen
	Times int // how often a payout of it was asked for
}

// MostPaidAhead is how many top-ups a balance can be made of.
const MostPaidAhead = int(MaxPrepaid / MinTopUp)
