package payment

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// paidAhead lists the top-ups of a person of which the provider can still give something back, the newest first: the oldest
// are those that a provider refuses to know any more.
func (s *Service) paidAhead(tx cloud.Tx, person protocol.UUID) ([]cloud.PaidAhead, error) {
	return tx.Personal.PaidAhead(person, s.Provider.Account().Name, cloud.MostPaidAhead)
}

// PayOut implements cloud.Money.
func (s *Service) PayOut(ctx context.Context, p cloud.PayOut) (cloud.Purse, error) {
	switch {
	case p.Amount <= 0 || p.Amount > cloud.MaxPrepaid:
		return cloud.Purse{}, protocol.Errorf(protocol.CodeMalformed, "amount: want more than nothing, and %s at most", cloud.MaxPrepaid)
	case p.Till && p.By == "":
		return cloud.Purse{}, protocol.Errorf(protocol.CodeMalformed, "want who hands it out")
	case p.By != "" && (p.Note == "" || len(p.Note) > cloud.MaxNote):
		return cloud.Purse{}, protocol.Errorf(protocol.CodeMalformed, "note: want 1 to %d bytes", cloud.MaxNote)
	}
	var a asked
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) (err error) {
		a, err = s.payOut(tx, p)
		return err
	})
	if err != nil {
		return cloud.Purse{}, fmt.Errorf("pay out: %w", err)
	}
	return s.performAll(ctx, p.Person, a)
}

// payOut writes payouts down, or finds those that the key was used for.
func (s *Service) payOut(tx cloud.Tx, p cloud.PayOut) (asked, error) {
	a, err := again(tx, p.Person, p.Key, cloud.OpPayout)
	if err != nil || len(a.ops) > 0 {
		return a, samePayout(a, p, err)
	}
	owed, err := tx.Ledger.Balance(ledger.Debt(p.Person), ledger.Fen)
	if err != nil {
		return a, err
	}
	if owed > 0 {
		return a, protocol.Errorf(cloud.CodeDebt, "%s are owed", protocol.Fen(owed))
	}
	has, err := balance(tx, p.Person)
	if err != nil {
		return a, err
	}
	if p.Amount > has {
		return a, protocol.Errorf(cloud.CodeConflict, "%s can be paid out", has)
	}
	if p.Till {
		a.ops, err = s.handOut(tx, p)
	} else {
		a.ops, err = s.sendBack(tx, p)
	}
	a.fresh = err == nil
	return a, err
}

// samePayout holds a request with a known key to the one before it.
func samePayout(a asked, p cloud.PayOut, err error) error {
	var sum protocol.Fen
	for _, op := range a.ops {
		sum += op.Amount
		if till := op.Provider == cloud.ProviderCash; till != p.Till && err == nil {
			err = protocol.Errorf(cloud.CodeKeyReused, "the key was used for another way")
		}
	}
	if err == nil && sum != p.Amount {
		err = protocol.Errorf(cloud.CodeKeyReused, "the key was used for %s", sum)
	}
	return err
}

// handOut is done with being written down: the money left the till before that.
func (s *Service) handOut(tx cloud.Tx, p cloud.PayOut) ([]cloud.PaymentOp, error) {
	op := s.payout(p, p.Amount)
	op.ID, op.Provider = s.NewID(), cloud.ProviderCash
	err := s.add(tx, &op)
	return []cloud.PaymentOp{op}, err
}

// sendBack divides the amount among the top-ups that it may go back through. The numbers follow from the top-ups: whoever
// asks again on books that were restored asks the provider for the same refund.
func (s *Service) sendBack(tx cloud.Tx, p cloud.PayOut) (ops []cloud.PaymentOp, err error) {
	tops, err := s.paidAhead(tx, p.Person)
	if err != nil {
		return nil, err
	}
	rest := p.Amount
	for _, top := range tops {
		if rest == 0 {
			break
		}
		op := s.payout(p, min(rest, top.Left))
		op.On, op.Provider = top.ID, s.Provider.Account().Name
		if op.ID, err = unused(tx, top.ID, cloud.OpPayout, top.Times); err != nil {
			return nil, err
		}
		if err := s.add(tx, &op); err != nil {
			return nil, err
		}
		ops, rest = append(ops, op), rest-op.Amount
	}
	if rest > 0 {
		return nil, protocol.Errorf(cloud.CodeConflict, "%s can go back the way that it came", p.Amount-rest)
	}
	return ops, nil
}

func (s *Service) payout(p cloud.PayOut, amount protocol.Fen) cloud.PaymentOp {
	at := s.Now()
	return cloud.PaymentOp{
		Person: p.Person, Kind: cloud.OpPayout, Amount: amount, State: cloud.OpSent, Attempts: 1, Next: at.Add(lease), Created: at,
		Key: p.Key, By: p.By, Note: p.Note,
	}
}

// paidOut books what a person got back of what they paid ahead.
func (s *Service) paidOut(tx cloud.Tx, op cloud.PaymentOp) error {
	by := ledger.Provider
	if op.Provider == cloud.ProviderCash {
		by = ledger.Cash
	}
	if err := s.post(tx, ledger.OpRef(op.ID), cloud.VisitRecord{}, ledger.PayOut(op.Person, op.Amount, by)); err != nil {
		return err
	}
	return s.tellPayout(tx, cloud.MessagePayout, op)
}

// tellPayout tells a resident what became of their money, once for each top-up that it went back through.
func (s *Service) tellPayout(tx cloud.Tx, kind cloud.MessageKind, op cloud.PaymentOp) error {
	if s.Teller == nil {
		return nil
	}
	return s.Teller.Tell(tx, cloud.Message{Ref: cloud.MessageRef(kind, op.ID.String()), Kind: kind, Person: op.Person, Amount: op.Amount})
}
