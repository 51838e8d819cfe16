package payment

import (
	"crypto/sha256"
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

// Recall looks for the hold of a visit that only its cabinet knows: the books are older than the visit, the provider is not.
// Where there is one it is booked, though nobody knows any more whose it is, and is captured or released as any other;
// money that the provider took before is found under the same number, and not asked for again.
func (s *Service) Recall(tx cloud.Tx, v cloud.VisitRecord) error {
	at := s.Now()
	return tx.Ops.Add(cloud.PaymentOp{
		ID: v.HoldOp, Visit: v.ID, Kind: cloud.OpHold, Amount: v.Hold, Provider: s.Provider.Account().Name,
		State: cloud.OpSent, Next: at, Created: at,
	})
}

// recalled reports a hold that may only be looked for: to ask for it anew would be a hold of nobody's money.
func recalled(op cloud.PaymentOp) bool { return op.Kind == cloud.OpHold && op.Person.IsZero() }

// HoldID is the id of the operation that holds a visit's money.
func HoldID(visit protocol.VisitID) protocol.UUID { return numbered(visit, cloud.OpHold, 0) }

// nextID makes the id of a visit's next operation of a kind out of the visit itself: books that were restored, and lack an
// operation that the provider has done, ask for it under the same number again, and so not for a second one.
func nextID(tx cloud.Tx, visit protocol.VisitID, kind cloud.OpKind) (protocol.UUID, error) {
	all, err := tx.Ops.Of(visit)
	if err != nil {
		return protocol.UUID{}, err
	}
	before := 0
	for _, op := range all {
		if op.Kind == kind {
			before++
		}
	}
	return unused(tx, visit, kind, before)
}

// unused is the first number, after so many, that the books do not have. What was refused since a backup leaves a gap in them: a provider
// does not tell of it.
func unused(tx cloud.Tx, of protocol.UUID, kind cloud.OpKind, before int) (protocol.UUID, error) {
	for n := before; ; n++ {
		id := numbered(of, kind, n)
		_, err := tx.Ops.Find(id)
		if protocol.CodeOf(err) == cloud.CodeNotFound {
			return id, nil
		}
		if err != nil {
			return id, err
		}
	}
}

func numbered(visit protocol.VisitID, kind cloud.OpKind, n int) protocol.UUID {
	sum := sha256.Sum256(fmt.Appendf(nil, "payment %s %s %d", visit, kind, n))
	id := protocol.UUID(sum[:16])
	id[6] = id[6]&0x0F | 0x80 // A version of our own, by RFC 9562.
	id[8] = id[8]&0x3F | 0x80
	return id
}

// holdLost lets somebody look at a visit that its cabinet let in and whose hold no provider has: most likely it was on a
// balance that was paid ahead, and the books that knew whose are gone.
func (s *Service) holdLost(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if !recalled(op) {
		return nil
	}
	return tx.Incidents.Open(cloud.Incident{
		Cabinet: v.Cabinet, Kind: cloud.IncidentHoldLost, Subject: v.ID.String(),
		Detail: cloud.DetailHoldLost.Fill(op.ID, op.Amount), Last: s.Now(),
	})
}
