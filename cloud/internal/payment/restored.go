package payment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

const (
	askedBack   = 24 * time.Hour // by how much more is asked for: clocks differ, and calls were on their way
	billTimeout = time.Minute    // a list takes longer than one call
	waitedFor   = 6              // queries of a top-up, for which payouts and debts wait
)

// restored asks the provider, where the books were restored from a backup, what it did since: the cabinets send their visits again,
// and nobody else knows of what residents paid ahead. It tells when to be called again.
func (s *Service) restored(ctx context.Context) time.Duration {
	if s.asked.Load() {
		return s.Idle
	}
	more, err := s.askSince(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		s.Logger.Error("what the provider did since the backup", "error", err)
		return min(s.Idle, time.Minute)
	case err != nil || more:
		return time.Second
	}
	s.asked.Store(true)
	return s.Idle
}

// askSince puts what the books lack into the outbox; more tells that some of it waits for the rest.
func (s *Service) askSince(ctx context.Context) (more bool, err error) {
	var since time.Time
	var ask bool
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		since, ask, err = tx.Restored.Since()
		return err
	}); err != nil || !ask {
		return false, err
	}
	called, cancel := context.WithTimeout(ctx, billTimeout)
	defer cancel()
	all, err := s.Provider.Since(called, since.Add(-askedBack))
	if err != nil {
		return false, err
	}
	slices.SortStableFunc(all, func(a, b Done) int { return a.At.Compare(b.At) })
	for _, back := range []bool{false, true} { // What was paid out is booked after what was paid ahead.
		for _, d := range all {
			if (d.Kind == cloud.OpRefund) != back {
				continue
			}
			if err := s.DB.Update(ctx, func(tx cloud.Tx) error {
				waits, err := s.takeOne(tx, d)
				more = more || waits
				return err
			}); err != nil {
				return false, fmt.Errorf("%s %q: %w", d.Kind, d.Number, err)
			}
		}
		if more {
			return true, nil
		}
	}
	return false, s.DB.Update(ctx, func(tx cloud.Tx) error {
		if err := tx.Restored.Asked(); err != nil {
			return err
		}
		return s.tellResting(tx)
	})
}

// takeOne puts one operation into the outbox as sent, where the books lack it. There it is queried, compared and booked as any other
// whose answer was lost.
func (s *Service) takeOne(tx cloud.Tx, d Done) (waits bool, err error) {
	id, ours := ParseNumber(d.Number)
	if !ours {
		return false, nil // The statement shows it.
	}
	known, err := tx.Ops.Find(id)
	switch {
	case err == nil && d.Kind == cloud.OpPay && inBooks(known.Provider):
		return false, s.paidTwice(tx, known, d)
	case protocol.CodeOf(err) != cloud.CodeNotFound:
		return err == nil && known.Kind == cloud.OpTopUp && !known.State.Final() && known.Attempts < waitedFor, err
	}
	switch d.Kind {
	case cloud.OpCapture:
		return false, s.takeCapture(tx, id, d)
	case cloud.OpTopUp:
		return s.takeTopUp(tx, id, d)
	case cloud.OpPay:
		return false, s.takePay(tx, id, d)
	case cloud.OpRefund:
		return false, s.takeBack(tx, id, d)
	}
	return false, nil // The cabinets tell of visits, which find their holds by number.
}

func (s *Service) takeTopUp(tx cloud.Tx, id protocol.UUID, d Done) (waits bool, err error) {
	gone, err := tx.Erasures.Gone(d.Person) // Who was forgotten since got all of it back, which is still to be booked.
	if err == nil && !gone {
		_, err = tx.Persons.Own(d.Person)
	}
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return false, s.aheadLost(tx, d, cloud.DetailTopUp)
	}
	if err != nil {
		return false, err
	}
	return true, tx.Ops.Add(s.lacking(id, cloud.OpTopUp, d, d.Person))
}

// lacking is an operation that the books lack, as it was when it was asked for.
func (s *Service) lacking(id protocol.UUID, kind cloud.OpKind, d Done, person protocol.UUID) cloud.PaymentOp {
	return cloud.PaymentOp{
		ID: id, Person: person, Kind: kind, Amount: d.Amount, Provider: s.Provider.Account().Name, State: cloud.OpSent, Next: s.Now(), Created: d.At,
	}
}

// takeBack takes up what was given back of a top-up. What was given back of a visit was ruled by somebody whose ruling these books
// lack.
func (s *Service) takeBack(tx cloud.Tx, id protocol.UUID, d Done) error {
	number, _ := ParseNumber(d.On)
	on, err := tx.Ops.Find(number)
	switch {
	case protocol.CodeOf(err) == cloud.CodeNotFound:
		return nil
	case err != nil:
		return err
	case on.Kind != cloud.OpTopUp:
		v, err := visitOf(tx, on)
		if err != nil {
			return err
		}
		return s.incident(tx, v, cloud.DetailGaveBack.Fill(d.Amount, d.Number))
	}
	op := s.lacking(id, cloud.OpPayout, d, on.Person)
	op.On = on.ID
	err = tx.Try(func() error { return tx.Ops.Add(op) })
	if protocol.CodeOf(err) == cloud.CodeConflict {
		return s.aheadLost(tx, d, cloud.DetailPayout)
	}
	return err
}

// aheadLost lets somebody look at money that was paid ahead, or was paid out of that, and cannot be booked.
func (s *Service) aheadLost(tx cloud.Tx, d Done, form cloud.DetailForm) error {
	return tx.Incidents.Open(cloud.Incident{
		Kind: cloud.IncidentAheadLost, Subject: d.Number, Detail: form.Fill(d.Amount, d.Number), Last: s.Now(),
	})
}
