// Package visit is the visits' use cases: a door is asked for, opened once, and every visit is brought to its one outcome,
// whatever is lost on the way. It refuses to know how messages travel and how money moves.
package visit

import (
	"context"
	"io"
	"log/slog"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/watch"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
)

// Spans of an opening, by the cloud's clock.
const (
	grantLife   = 30 * time.Second // the grant's not-after
	commandLife = 10 * time.Second // a door that opens late opens for nobody
	clockGrace  = 20 * time.Second // a cabinet's idea of the cloud's time is late by what a message took; the grant begins earlier by so much
	replyGrace  = 2 * time.Second  // after it, a visit without a word is being confirmed
	proofGrace  = 5 * time.Second  // what a cabinet says so long after the end of a grant proves that it was not used
)

// Payments is the part of the payment service that visits need.
type Payments interface {
	Sent(kind cloud.OpKind, v cloud.Visit) cloud.PaymentOp
	Hold(tx cloud.Tx, op *cloud.PaymentOp) error
	Perform(ctx context.Context, op cloud.PaymentOp, then func(cloud.Tx, payment.Result) error) (payment.Result, error)
	Charge(tx cloud.Tx, v cloud.VisitRecord, total protocol.Fen, ref ledger.Ref) error
	Free(tx cloud.Tx, v cloud.VisitRecord) error
	// Recall looks for the hold of a visit that was not begun here.
	Recall(tx cloud.Tx, v cloud.VisitRecord) error
	// TakenBefore is what the provider took of a visit before the books were restored, and they have not booked again.
	TakenBefore(tx cloud.Tx, v cloud.VisitRecord) (protocol.Fen, error)
	Wake()
}

// Publisher sends one message to a cabinet; an error means that it was surely not sent.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Recorder asks a cabinet for the recording of a visit that a person has to decide: once, in the caller's transaction.
type Recorder interface {
	Record(tx cloud.Tx, cabinet protocol.CabinetID, visit protocol.VisitID) error
}

// Options are what the service stands on; all but Ages are needed.
type Options struct {
	DB        cloud.DB
	Book      *book.Book
	Payments  Payments
	Teller    cloud.Teller
	Recorder  Recorder
	Publisher Publisher
	Signer    grant.Signer
	Subject   func(ctx context.Context, person protocol.UUID) (grant.Token, error) // a person's pseudonym
	Presence  *presence.Book
	Catalog   *catalog.Book
	Hub       *watch.Hub
	Ages      cloud.AgeVerifier // nil: nobody knows how old people are
	Now       func() time.Time
	NewID     func() protocol.UUID
	Random    io.Reader // nonces
	Logger    *slog.Logger
}

// Service implements cloud.Visits, and takes what cabinets say of visits.
type Service struct {
	Options
	live    *liveBook
	waiting *waitingBook
	opening *openingBook
}

// New makes a service; Run keeps its deadlines.
func New(o Options) *Service {
	return &Service{Options: o, live: newLiveBook(), waiting: newWaitingBook(), opening: newOpeningBook()}
}

// Watch implements cloud.Visits.
func (s *Service) Watch(id protocol.VisitID) (<-chan struct{}, func()) { return s.Hub.Visit(id) }
