package ledger

import "allhours/protocol"

// move takes an amount from one account to another; nothing to move is no posting.
func move(unit Unit, amount int64, from, to Account) []Posting {
	if amount == 0 {
		return nil
	}
	return []Posting{{from, unit, -amount}, {to, unit, amount}}
}

// Reserve books a hold of a person's money.
func Reserve(v protocol.VisitID, person protocol.UUID, amount protocol.Fen) []Posting {
	return move(Fen, int64(amount), Resident(person), Hold(v))
}

// Free books the end of a hold.
func Free(v protocol.VisitID, person protocol.UUID, amount protocol.Fen) []Posting {
	return move(Fen, int64(amount), Hold(v), Resident(person))
}

// Bill books what a visit costs as the store's turnover.
func Bill(v protocol.VisitID, store string, total protocol.Fen) []Posting {
	return move(Fen, int64(total), Store(store), Due(v))
}

// Capture books what the provider took of what was due.
func Capture(v protocol.VisitID, taken protocol.Fen) []Posting {
	return move(Fen, int64(taken), Due(v), Provider)
}

// Owe books what a person still has to pay for a visit.
func Owe(v protocol.VisitID, person protocol.UUID, rest protocol.Fen) []Posting {
	return move(Fen, int64(rest), Due(v), Debt(person))
}

// Waive books what a visit would have cost and is forgiven.
func Waive(store string, total protocol.Fen) []Posting {
	return move(Fen, int64(total), Store(store), Waived)
}

// Refund books what the provider gave back.
func Refund(store string, amount protocol.Fen) []Posting {
	return move(Fen, int64(amount), Provider, Refunded(store))
}

// Fees books what the provider kept for its work, by its statement.
func Fees(amount protocol.Fen) []Posting {
	return move(Fen, int64(amount), Withheld, Chain)
}
