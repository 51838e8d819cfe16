// Package dispute answers residents who object to a bill: it takes the objection, rules on it once, and makes of the ruling
// what it says of money and of goods. It tells staff what is known of a visit. It refuses to move money by itself: refunds
// are operations of the payment's outbox.
package dispute

import (
	"context"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
)

// Payments is the part of the payment service that rulings need.
type Payments interface {
	// Refund asks for an amount of a visit's captures back.
	Refund(tx cloud.Tx, v cloud.VisitRecord, d cloud.Dispute, amount protocol.Fen) error
	// Lessen forgives some of what is owed of a visit.
	Lessen(tx cloud.Tx, v cloud.VisitRecord, amount protocol.Fen) error
	Wake()
}

// Options are what the service stands on; all but Masked and Teller are needed.
type Options struct {
	DB       cloud.DB
	Book     *book.Book
	Payments Payments
	Hub      *watch.Hub
	Masked   func(ctx context.Context, person protocol.UUID) (string, error) // the end of a resident's phone; nil: not known
	Teller   cloud.Teller                                                    // nil: nobody is told
	Now      func() time.Time
	NewID    func() protocol.UUID
}

// Service implements cloud.Disputes and cloud.Support.
type Service struct{ Options }

var (
	_ cloud.Disputes = (*Service)(nil)
	_ cloud.Support  = (*Service)(nil)
)

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// update runs work, then lets what it asked for happen, and shows what changed.
func (s *Service) update(ctx context.Context, work func(tx cloud.Tx) (protocol.VisitID, error)) error {
	var changed protocol.VisitID
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) (err error) {
		changed, err = work(tx)
		return err
	})
	if err != nil {
		return err
	}
	s.Payments.Wake()
	s.Hub.VisitChanged(changed)
	return nil
}
