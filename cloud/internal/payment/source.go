package payment

import (
	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// source is where the money of an operation comes from: a provider, or what the person paid ahead.
type source struct{ prepaid bool }

func sourceOf(op cloud.PaymentOp) source {
	return source{prepaid: op.Provider == cloud.ProviderPrepaid}
}

// hold is what a hold does beside reserving: a provider keeps the money, a balance keeps it apart.
func (s source) hold(person protocol.UUID, amount protocol.Fen) []ledger.Posting {
	if s.prepaid {
		return ledger.Earmark(person, amount)
	}
	return nil
}

// free is the end of that for what was not taken.
func (s source) free(person protocol.UUID, rest protocol.Fen) []ledger.Posting {
	if s.prepaid {
		return ledger.Unmark(person, rest)
	}
	return nil
}

func (s source) capture(v protocol.VisitID, person protocol.UUID, taken protocol.Fen) []ledger.Posting {
	if s.prepaid {
		return ledger.Spend(v, person, taken)
	}
	return ledger.Capture(v, taken)
}

func (s source) refund(store string, person protocol.UUID, amount protocol.Fen) []ledger.Posting {
	if s.prepaid {
		return ledger.GiveBack(store, person, amount)
	}
	return ledger.Refund(store, amount)
}

func (s source) settle(person protocol.UUID, amount protocol.Fen) []ledger.Posting {
	if s.prepaid {
		return ledger.Settle(person, amount, ledger.Prepaid(person))
	}
	return ledger.Settle(person, amount, ledger.Provider)
}

// balance is what a person paid ahead and may use: what is on its way back to them is not.
func balance(tx cloud.Tx, person protocol.UUID) (protocol.Fen, error) {
	booked, err := tx.Ledger.Balance(ledger.Prepaid(person), ledger.Fen)
	if err != nil || booked == 0 {
		return 0, err
	}
	under, err := tx.Personal.UnderWay(person)
	free := protocol.Fen(-booked)
	for _, op := range under {
		if op.Kind == cloud.OpPayout {
			free -= op.Amount
		}
	}
	return free, err
}

// reachable refuses to put money into the balance of a resident who was forgotten: nobody could ever use it.
func reachable(tx cloud.Tx, person protocol.UUID) error {
	gone, err := tx.Erasures.Gone(person)
	if err == nil && gone {
		err = protocol.Errorf(cloud.CodeNotFound, "whose balance it was is forgotten")
	}
	return err
}

// choose takes what a person paid ahead where it is enough, else the provider.
func (s *Service) choose(tx cloud.Tx, person protocol.UUID, amount protocol.Fen) (provider string, err error) {
	has, err := balance(tx, person)
	if err == nil && has >= amount && !person.IsZero() {
		return cloud.ProviderPrepaid, nil
	}
	return s.Provider.Account().Name, err
}

// inBooks reports a provider that is the books themselves.
func inBooks(provider string) bool {
	return provider == cloud.ProviderPrepaid || provider == cloud.ProviderCash
}

// providerOf is who is asked for an operation: where it does not say so, who did what it is done to.
func providerOf(tx cloud.Tx, op cloud.PaymentOp) (string, error) {
	if op.Provider != "" || op.On.IsZero() {
		return op.Provider, nil
	}
	on, err := tx.Ops.Find(op.On)
	return on.Provider, err
}

// add writes an operation down. Where its provider is the books themselves it is done with that.
func (s *Service) add(tx cloud.Tx, op *cloud.PaymentOp) error {
	if err := tx.Ops.Add(*op); err != nil || !inBooks(op.Provider) {
		return err
	}
	op.State = cloud.OpDone
	return s.doneInBooks(tx, *op)
}

func (s *Service) doneInBooks(tx cloud.Tx, op cloud.PaymentOp) error {
	v, err := visitOf(tx, op)
	if err != nil {
		return err
	}
	if op.Kind == cloud.OpRefund {
		left, err := leftOfTaken(tx, op)
		if err != nil {
			return err
		}
		if op.Amount > left {
			return s.refused(tx, op, v)
		}
	}
	return s.done(tx, op, v)
}

// leftOfTaken is what is left of what an operation took, for a refund of it.
func leftOfTaken(tx cloud.Tx, refund cloud.PaymentOp) (protocol.Fen, error) {
	taken, err := tx.Ops.Find(refund.On)
	if err != nil {
		return 0, err
	}
	all, err := tx.Ops.Of(refund.Visit)
	left := taken.Amount
	for _, op := range all {
		if op.Kind == cloud.OpRefund && op.On == taken.ID && op.ID != refund.ID && op.State == cloud.OpDone {
			left -= op.Amount
		}
	}
	return left, err
}
