package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const day = 24 * time.Hour

// retries are when a debt is charged by itself, after it was made.
func retries() []time.Duration {
	return []time.Duration{time.Hour, day, 3 * day, 7 * day, 14 * day, 21 * day, 28 * day}
}

// nextTry is when a debt is charged again after so many tries; zero: no more.
func nextTry(d cloud.Debt) time.Time {
	if after := retries(); d.Tries < len(after) && !d.Person.IsZero() {
		return d.Since.Add(after[d.Tries])
	}
	return time.Time{}
}

// owe remembers what a visit is still owed for; its entry is the caller's.
func (s *Service) owe(tx cloud.Tx, v cloud.VisitRecord, amount protocol.Fen) error {
	d := cloud.Debt{Visit: v.ID, Person: v.Person, Amount: amount, Since: s.Now()}
	d.Next = nextTry(d)
	restored, ever, err := tx.Restored.At()
	if err != nil {
		return err
	}
	if ever && v.Created.Before(restored) && !d.Next.IsZero() { // It may have been made before, and paid or forgiven.
		d.Rests = cloud.RestRestored
	}
	if err := tx.Debts.Add(d); err != nil {
		return err
	}
	if err := s.pay(tx, v, cloud.PaymentOwed); err != nil {
		return err
	}
	paid, err := s.paidBefore(tx, d)
	if err != nil || paid {
		return err
	}
	if d.Rests != "" {
		if err := s.tellResting(tx); err != nil {
			return err
		}
	}
	return s.tell(tx, cloud.MessageDebt, v, amount)
}

// paid books a debt that was charged.
func (s *Service) paid(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := s.post(tx, ledger.OpRef(op.ID), v, sourceOf(op).settle(op.Person, op.Amount)); err != nil {
		return err
	}
	if err := tx.Debts.Lessen(op.Visit, op.Amount); err != nil {
		return err
	}
	if err := s.tellResting(tx); err != nil {
		return err
	}
	if err := s.tell(tx, cloud.MessageDebtPaid, v, op.Amount); err != nil {
		return err
	}
	if _, left, err := debtOf(tx, v.Person, v.ID); err != nil || left {
		return err
	}
	return s.pay(tx, v, cloud.PaymentCaptured)
}

// payRefused leaves the debt, whose next try is planned. After the last one its resident is told that there is none: only they, or the
// store, can end it now.
func (s *Service) payRefused(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	d, left, err := debtOf(tx, op.Person, op.Visit)
	if err != nil || !left || d.Rests != "" || d.Tries < len(retries()) || op.Key != "" {
		return err
	}
	return s.tell(tx, cloud.MessageDebtLast, v, d.Amount)
}

// debtOf finds what is still owed of a visit.
func debtOf(tx cloud.Tx, person protocol.UUID, visit protocol.VisitID) (d cloud.Debt, left bool, err error) {
	debts, err := tx.Debts.Of(person)
	i := slices.IndexFunc(debts, func(d cloud.Debt) bool { return d.Visit == visit })
	if err != nil || i < 0 {
		return d, false, err
	}
	return debts[i], true, nil
}

// collect charges the debts whose time has come, each as an operation of its own, and tells how long until there are more.
func (s *Service) collect(ctx context.Context) (next time.Duration) {
	now := s.Now()
	next = s.Idle
	var due []cloud.Debt
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		due, err = tx.Debts.Due(now.Add(s.Idle), 4*parallel)
		return err
	})
	for _, d := range due {
		if wait := d.Next.Sub(now); wait > 0 {
			next = min(next, wait)
			continue
		}
		err = errors.Join(err, s.DB.Update(ctx, func(tx cloud.Tx) error { return s.retry(tx, d) }))
		next = 0
	}
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("payment debts", "error", err)
	}
	if err != nil {
		return time.Second
	}
	return next
}

// retry charges a debt once more, as it stands now: since it was found due it may have been paid, waived or lessened. While
// money of the person is under way it waits: what became of that comes first.
func (s *Service) retry(tx cloud.Tx, due cloud.Debt) error {
	d, left, err := debtOf(tx, due.Person, due.Visit)
	if err != nil || !left || d.Rests != "" {
		return err
	}
	under, err := tx.Personal.UnderWay(d.Person)
	if err != nil {
		return err
	}
	if len(under) > 0 {
		return tx.Debts.Plan(d.Visit, d.Tries, s.Now().Add(s.Idle))
	}
	d.Tries++
	if err := tx.Debts.Plan(d.Visit, d.Tries, nextTry(d)); err != nil {
		return err
	}
	_, err = s.addPayment(tx, d, cloud.OpPending, s.Now(), "")
	return err
}

// addPayment writes down that a debt is charged.
func (s *Service) addPayment(tx cloud.Tx, d cloud.Debt, state cloud.OpState, at time.Time, key string) (op cloud.PaymentOp, err error) {
	op = cloud.PaymentOp{
		Visit: d.Visit, Person: d.Person, Kind: cloud.OpPay, Amount: d.Amount, State: state, Next: at, Created: at, Key: key,
	}
	if state == cloud.OpSent {
		op.Attempts, op.Next = 1, at.Add(lease)
	}
	if op.ID, err = nextID(tx, d.Visit, cloud.OpPay); err != nil {
		return op, err
	}
	if op.Provider, err = s.choose(tx, d.Person, d.Amount); err != nil {
		return op, err
	}
	return op, s.add(tx, &op)
}

// PayDebts implements cloud.Money.
func (s *Service) PayDebts(ctx context.Context, p cloud.PayDebts) (cloud.Purse, error) {
	var a asked
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) (err error) {
		a, err = s.payments(tx, p)
		return err
	})
	if err != nil {
		return cloud.Purse{}, fmt.Errorf("pay debts: %w", err)
	}
	return s.performAll(ctx, p.Person, a)
}

// asked is what a person's request comes to: operations that were just written down, or those of the same request before.
type asked struct {
	ops   []cloud.PaymentOp
	fresh bool
}

// again finds what a key was used for.
func again(tx cloud.Tx, person protocol.UUID, key string, kind cloud.OpKind) (a asked, err error) {
	if key == "" {
		return a, nil
	}
	if a.ops, err = tx.Personal.ByKey(person, key); err != nil {
		return a, err
	}
	for _, op := range a.ops {
		if op.Kind != kind {
			return a, protocol.Errorf(cloud.CodeKeyReused, "the key was used for a %s", op.Kind)
		}
	}
	return a, nil
}

// payments writes down that all debts of a person are charged, the oldest first, or finds what the key was used for.
func (s *Service) payments(tx cloud.Tx, p cloud.PayDebts) (asked, error) {
	a, err := again(tx, p.Person, p.Key, cloud.OpPay)
	if err != nil || len(a.ops) > 0 {
		return a, err
	}
	debts, err := tx.Debts.Of(p.Person)
	if err != nil {
		return a, err
	}
	if len(debts) == 0 {
		return a, protocol.Errorf(cloud.CodeConflict, "nothing is owed")
	}
	under, err := tx.Personal.UnderWay(p.Person)
	if err != nil {
		return a, err
	}
	doubted := false
	for i, d := range debts {
		if (cloud.Purse{UnderWay: under}).Paying(d.Visit) {
			continue
		}
		if d.Rests == cloud.RestContradicted { // The provider may have taken it.
			doubted = true
			continue
		}
		op, err := s.addPayment(tx, d, cloud.OpSent, s.Now().Add(time.Duration(i)*time.Millisecond), p.Key)
		if err != nil {
			return a, err
		}
		a.ops = append(a.ops, op)
	}
	if len(a.ops) == 0 && doubted {
		return a, protocol.Errorf(cloud.CodePaymentUnknown, "somebody looks at what the provider says of the debt")
	}
	if len(a.ops) == 0 {
		return asked{ops: under}, nil
	}
	return asked{ops: a.ops, fresh: true}, nil
}

// performAll asks for operations that were just written down, one after the other. Where the outcome of one stays unknown,
// those behind it wait for the outbox.
func (s *Service) performAll(ctx context.Context, person protocol.UUID, a asked) (cloud.Purse, error) {
	var failure error
	for _, op := range a.ops {
		result, err := s.performOne(ctx, op, a.fresh)
		if err != nil {
			return cloud.Purse{}, err
		}
		s.changed(op)
		if result == ResultUnknown {
			failure = protocol.Errorf(cloud.CodePaymentUnknown, "the provider has not said what became of the %s", op.Kind)
			break
		}
		if result == ResultRefused {
			failure = protocol.Errorf(cloud.CodePaymentRefused, "a %s of %s was refused", op.Kind, op.Amount)
		}
	}
	s.Wake()
	purse, err := s.Purse(ctx, person)
	if err == nil {
		err = failure
	}
	return purse, err
}

// performOne asks once. An operation that was asked for before is the outbox's.
func (s *Service) performOne(ctx context.Context, op cloud.PaymentOp, fresh bool) (Result, error) {
	switch {
	case op.State.Final():
		return resultOf(op.State), nil
	case !fresh:
		return ResultUnknown, nil
	}
	result, err := s.Perform(ctx, op, func(cloud.Tx, Result) error { return nil })
	if protocol.CodeOf(err) == cloud.CodeConflict {
		return ResultUnknown, nil
	}
	return result, err
}

// Waive implements cloud.Money.
func (s *Service) Waive(ctx context.Context, w cloud.WaiveDebt) error {
	if w.By == "" || w.Note == "" || len(w.Note) > cloud.MaxNote {
		return protocol.Errorf(protocol.CodeMalformed, "note: want 1 to %d bytes, and who waives", cloud.MaxNote)
	}
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		v, err := tx.Visits.Find(w.Visit)
		if err != nil {
			return err
		}
		d, err := owed(tx, v)
		if err != nil {
			return err
		}
		at := s.Now()
		if over, err := OverLimit(tx, w.Role, v, d.Amount, at); err != nil || over {
			return limitOr(err)
		}
		op := cloud.PaymentOp{
			Visit: v.ID, Person: v.Person, Kind: cloud.OpWaive, Amount: d.Amount, Provider: cloud.ProviderNone,
			State: cloud.OpDone, Created: at, By: w.By, Note: w.Note,
		}
		if op.ID, err = nextID(tx, v.ID, cloud.OpWaive); err != nil {
			return err
		}
		if err := tx.Ops.Add(op); err != nil {
			return err
		}
		if err := s.post(tx, ledger.OpRef(op.ID), v, ledger.Forgive(v.Person, d.Amount)); err != nil {
			return err
		}
		did := cloud.Action{ID: s.NewID(), At: at, By: w.By, Role: w.Role, Kind: cloud.ActionWaive, Visit: v.ID, Amount: d.Amount, Why: w.Note}
		if err := tx.Actions.Add(did); err != nil {
			return err
		}
		if err := s.tell(tx, cloud.MessageDebtWaived, v, d.Amount); err != nil {
			return err
		}
		return s.Lessen(tx, v, d.Amount)
	})
	if err != nil {
		return fmt.Errorf("waive the debt of visit %s: %w", w.Visit, err)
	}
	s.Changed(w.Visit)
	return nil
}

// Lessen forgives some of what is owed of a visit; its entry is the caller's. Where nothing is left, the visit is waived, or
// captured where a part of it was taken. CodeConflict where less is owed, or the debt is being charged.
func (s *Service) Lessen(tx cloud.Tx, v cloud.VisitRecord, amount protocol.Fen) error {
	d, err := owed(tx, v)
	if err != nil {
		return err
	}
	if amount <= 0 || amount > d.Amount {
		return protocol.Errorf(cloud.CodeConflict, "visit %s is owed %s for", v.ID, d.Amount)
	}
	if err := tx.Debts.Lessen(v.ID, amount); err != nil || amount < d.Amount {
		return err
	}
	if d.Rests != "" {
		if err := s.tellResting(tx); err != nil {
			return err
		}
	}
	left, err := kept(tx, v)
	if err != nil {
		return err
	}
	if left > 0 {
		return s.pay(tx, v, cloud.PaymentCaptured)
	}
	return s.pay(tx, v, cloud.PaymentWaived)
}

// owed finds the debt of a visit that nobody is charging right now.
func owed(tx cloud.Tx, v cloud.VisitRecord) (cloud.Debt, error) {
	d, left, err := debtOf(tx, v.Person, v.ID)
	if err != nil {
		return cloud.Debt{}, err
	}
	under, err := tx.Personal.UnderWay(v.Person)
	if err != nil {
		return cloud.Debt{}, err
	}
	if (cloud.Purse{UnderWay: under}).Paying(v.ID) {
		return cloud.Debt{}, protocol.Errorf(cloud.CodeConflict, "the debt of visit %s is being charged", v.ID)
	}
	if !left {
		return cloud.Debt{}, protocol.Errorf(cloud.CodeConflict, "nothing is owed of visit %s", v.ID)
	}
	return d, nil
}
