package payment

import (
	"allhours/cloud"
	"allhours/protocol"
)

// tell tells a resident what became of the money of a visit, in the transaction that makes it true.
func (s *Service) tell(tx cloud.Tx, kind cloud.MessageKind, v cloud.VisitRecord, amount protocol.Fen) error {
	if s.Teller == nil || v.Person.IsZero() {
		return nil
	}
	return s.Teller.Tell(tx, cloud.Message{
		Ref: cloud.MessageRef(kind, v.ID.String()), Kind: kind, Person: v.Person, Visit: v.ID, Amount: amount,
	})
}
