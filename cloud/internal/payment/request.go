package payment

import (
	"allhours/cloud"
)

// plain is how a provider is asked for an operation that needs nothing but itself: a hold, a charge, or a payout, which to a
// provider is a refund of the top-up.
func plain(op cloud.PaymentOp) Request {
	number := Number(op.ID)
	r := Request{Kind: op.Kind, Number: number, Order: number, Person: op.Person, Amount: op.Amount}
	switch op.Kind {
	case cloud.OpPay:
		r.Lines = []Line{{Name: textDebt, Qty: 1, Fen: op.Amount}}
	case cloud.OpTopUp:
		r.Lines = []Line{{Name: textTopUp, Qty: 1, Fen: op.Amount}}
	case cloud.OpPayout:
		r.Kind, r.On, r.Order = cloud.OpRefund, Number(op.On), Number(op.On)
	}
	return r
}

// request is how a provider is asked for an operation. What is done to an order bears its number.
func (s *Service) request(tx cloud.Tx, op cloud.PaymentOp) (Request, error) {
	r := plain(op)
	switch op.Kind {
	case cloud.OpCapture, cloud.OpRelease:
		r.On, r.Order = Number(op.On), Number(op.On)
	case cloud.OpRefund:
		taken, err := tx.Ops.Find(op.On)
		if err != nil {
			return r, err
		}
		r.On, r.Order = Number(op.On), Number(op.On)
		if taken.Kind == cloud.OpCapture {
			r.Order = Number(taken.On)
		}
	}
	if op.Kind == cloud.OpCapture {
		v, err := tx.Visits.Find(op.Visit)
		if err != nil {
			return r, err
		}
		r.Lines = linesOf(v.Lines, op.Amount)
	}
	return r, nil
}
