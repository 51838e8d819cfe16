package visit

import (
	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// LeftBehind ends the visits whose end only a card knows that is gone: a purchase waits for a human, and is waived where
// nobody decides; a refill or a service visit is aborted. A visit that was never signed goes on.
func (s *Service) LeftBehind(tx cloud.Tx, cabinet protocol.CabinetID) (Done, error) {
	underWay, err := tx.Visits.List(cloud.VisitQuery{Cabinet: cabinet, UnderWay: true})
	if err != nil {
		return nil, err
	}
	var ended []Done
	for _, v := range underWay {
		if v.Begun.IsZero() && v.Sent.IsZero() && v.Offered.IsZero() {
			continue
		}
		if err := s.leave(tx, v); err != nil {
			return nil, err
		}
		ended = append(ended, s.ended(v.ID))
	}
	return func() {
		for _, done := range ended {
			done()
		}
	}, nil
}

func (s *Service) leave(tx cloud.Tx, v cloud.VisitRecord) error {
	if v.Purpose != protocol.PurposePurchase {
		return s.abort(tx, v, cloud.CodeCardReplaced, s.Now())
	}
	answer := settle.Answer{Decision: settle.Review, Lines: []settle.Line{}, Levels: []settle.Level{}}
	hash, err := cloud.OrderHash(wire.SettledBody{Visit: v.ID, Compartment: v.Compartment, Purpose: v.Purpose, Answer: answer})
	if err != nil {
		return err
	}
	if err := tx.Orders.Add(cloud.Order{
		Visit: v.ID, Why: cloud.CodeCardReplaced, Lines: []cloud.OrderLine{}, Answer: answer, At: s.Now(), Hash: hash,
	}); err != nil {
		return err
	}
	if err := tx.Steps.End(v.ID, cloud.OutcomeNone, cloud.CodeCardReplaced, s.Now()); err != nil {
		return err
	}
	return tx.Steps.Pay(v.ID, cloud.PaymentReview)
}
