package ledger

import "allhours/protocol"

// TopUp books money that a person paid ahead, by a provider or in cash.
func TopUp(person protocol.UUID, amount protocol.Fen, by Account) []Posting {
	return move(Fen, int64(amount), Prepaid(person), by)
}

// PayOut books money that a person paid ahead and got back, from a provider or in cash.
func PayOut(person protocol.UUID, amount protocol.Fen, by Account) []Posting {
	return move(Fen, int64(amount), by, Prepaid(person))
}

// Earmark books that a visit may use a part of what a person paid ahead.
func Earmark(person protocol.UUID, amount protocol.Fen) []Posting {
	return move(Fen, int64(amount), Reserved(person), Prepaid(person))
}

// Unmark books that a visit no longer may.
func Unmark(person protocol.UUID, amount protocol.Fen) []Posting {
	return move(Fen, int64(amount), Prepaid(person), Reserved(person))
}

// Spend books what a visit took of what was reserved.
func Spend(v protocol.VisitID, person protocol.UUID, taken protocol.Fen) []Posting {
	return move(Fen, int64(taken), Due(v), Reserved(person))
}

// GiveBack books a refund to what a person paid ahead.
func GiveBack(store string, person protocol.UUID, amount protocol.Fen) []Posting {
	return move(Fen, int64(amount), Prepaid(person), Refunded(store))
}

// Settle books what a person owed and has paid now, to the provider or out of what they paid ahead.
func Settle(person protocol.UUID, amount protocol.Fen, by Account) []Posting {
	return move(Fen, int64(amount), Debt(person), by)
}

// Forgive books what a person owed and no longer does.
func Forgive(person protocol.UUID, amount protocol.Fen) []Posting {
	return move(Fen, int64(amount), Debt(person), Waived)
}
