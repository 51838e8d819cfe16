package payment

import (
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// OverLimit reports what support must leave to a manager: more than the chain lets it give back or forgive of one visit, or to one
// person within its period, by rulings and by waivers alike.
func OverLimit(tx cloud.Tx, role protocol.Role, v cloud.VisitRecord, total protocol.Fen, now time.Time) (bool, error) {
	if role != protocol.RoleSupport || total == 0 {
		return false, nil
	}
	chain, err := tx.Plans.Chain()
	if err != nil {
		return false, err
	}
	limit := chain.Disputing
	ofVisit, ofPerson, err := tx.Refunds.Given(role, v.ID, v.Person, now.Add(-limit.SupportPer))
	return ofVisit+total > limit.SupportVisit || ofPerson+total > limit.SupportFen, err
}

func limitOr(err error) error {
	if err != nil {
		return err
	}
	return protocol.Errorf(cloud.CodeOverLimit, "it is more than support forgives without a manager")
}
