package payment

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// latest is how many payments, top-ups, payouts and waivers a purse lists.
const latest = 20

// Purse implements cloud.Money.
func (s *Service) Purse(ctx context.Context, person protocol.UUID) (p cloud.Purse, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if p, err = purse(tx, person); err != nil || p.Balance <= 0 {
			return err
		}
		ahead, err := s.paidAhead(tx, person)
		for _, top := range ahead {
			p.Back += top.Left
		}
		p.Back = min(p.Back, p.Balance)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("purse: %w", err)
	}
	return p, nil
}

func purse(tx cloud.Tx, person protocol.UUID) (p cloud.Purse, err error) {
	if p.Balance, err = balance(tx, person); err != nil {
		return p, err
	}
	reserved, err := tx.Ledger.Balance(ledger.Reserved(person), ledger.Fen)
	if err != nil {
		return p, err
	}
	owed, err := tx.Ledger.Balance(ledger.Debt(person), ledger.Fen)
	if err != nil {
		return p, err
	}
	p.Reserved, p.Owed = protocol.Fen(-reserved), protocol.Fen(owed)
	if p.Debts, err = tx.Debts.Of(person); err != nil {
		return p, err
	}
	if p.UnderWay, err = tx.Personal.UnderWay(person); err != nil {
		return p, err
	}
	p.Latest, err = tx.Personal.Latest(person, latest)
	return p, err
}

// TopUp implements cloud.Money.
func (s *Service) TopUp(ctx context.Context, t cloud.TopUp) (cloud.Purse, error) {
	if t.Amount < cloud.MinTopUp || t.Amount > cloud.MaxTopUp {
		return cloud.Purse{}, protocol.Errorf(protocol.CodeMalformed, "amount: want %s to %s", cloud.MinTopUp, cloud.MaxTopUp)
	}
	if t.By != "" && (t.Note == "" || len(t.Note) > cloud.MaxNote) {
		return cloud.Purse{}, protocol.Errorf(protocol.CodeMalformed, "note: want 1 to %d bytes", cloud.MaxNote)
	}
	var a asked
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) (err error) {
		a, err = s.topUp(tx, t)
		return err
	})
	if err != nil {
		return cloud.Purse{}, fmt.Errorf("top up: %w", err)
	}
	return s.performAll(ctx, t.Person, a)
}

// topUp writes a top-up down, or finds the one that the key was used for.
func (s *Service) topUp(tx cloud.Tx, t cloud.TopUp) (asked, error) {
	a, err := again(tx, t.Person, t.Key, cloud.OpTopUp)
	if err != nil {
		return a, err
	}
	if len(a.ops) > 0 {
		if a.ops[0].Amount != t.Amount {
			err = protocol.Errorf(cloud.CodeKeyReused, "the key was used for %s", a.ops[0].Amount)
		}
		return a, err
	}
	if err := reachable(tx, t.Person); err != nil {
		return a, err
	}
	if t.By != "" { // The till may have the id from anywhere.
		if _, err := tx.Persons.Own(t.Person); err != nil {
			return a, err
		}
	}
	p, err := purse(tx, t.Person)
	if err != nil {
		return a, err
	}
	has := p.Balance + p.Reserved
	for _, op := range p.UnderWay {
		if op.Kind == cloud.OpTopUp || op.Kind == cloud.OpPayout { // A payout that is refused comes back.
			has += op.Amount
		}
	}
	if has+t.Amount > cloud.MaxPrepaid {
		return a, protocol.Errorf(protocol.CodeMalformed, "amount: a balance is %s at most", cloud.MaxPrepaid)
	}
	at := s.Now()
	op := cloud.PaymentOp{
		ID: s.NewID(), Person: t.Person, Kind: cloud.OpTopUp, Amount: t.Amount, Provider: s.Provider.Account().Name,
		State: cloud.OpSent, Attempts: 1, Next: at.Add(lease), Created: at, Key: t.Key, By: t.By, Note: t.Note,
	}
	if t.By != "" {
		op.Provider = cloud.ProviderCash
	}
	if err := s.add(tx, &op); err != nil {
		return a, err
	}
	return asked{ops: []cloud.PaymentOp{op}, fresh: true}, nil
}

// toppedUp books money that a person paid ahead.
func (s *Service) toppedUp(tx cloud.Tx, op cloud.PaymentOp) error {
	by := ledger.Provider
	if op.Provider == cloud.ProviderCash {
		by = ledger.Cash
	}
	return s.post(tx, ledger.OpRef(op.ID), cloud.VisitRecord{}, ledger.TopUp(op.Person, op.Amount, by))
}
