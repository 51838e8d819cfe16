package cloud

import (
	"context"
	"time"

	"allhours/protocol"
)

// MessageKind is what a resident is told; a provider of messages has one template for each.
type MessageKind string

// The kinds of messages. A sign-in code is the only one that goes out at any hour.
const (
	MessageCode           MessageKind = "code"
	MessageReceipt        MessageKind = "receipt"         // of Amount
	MessageReviewBilled   MessageKind = "review_billed"   // a person looked, and it is Amount
	MessageReviewNothing  MessageKind = "review_nothing"  // a person looked, and nothing was taken
	MessageReviewWaived   MessageKind = "review_waived"   // nothing is charged
	MessageDebt           MessageKind = "debt"            // Amount is owed
	MessageDebtLast       MessageKind = "debt_last"       // Amount is owed still, and is not charged by itself any more
	MessageDebtPaid       MessageKind = "debt_paid"       // Amount was owed, and was paid
	MessageDebtRest       MessageKind = "debt_rest"       // how MessageDebtPaid is told where more is still owed
	MessageDebtWaived     MessageKind = "debt_waived"     // Amount was owed, and need not be paid
	MessageRefund         MessageKind = "refund"          // Amount was given back
	MessageRefundRefused  MessageKind = "refund_refused"  // the provider did not give Amount back; somebody sees to it
	MessagePayout         MessageKind = "payout"          // Amount of what was paid ahead was given back
	MessagePayoutRefused  MessageKind = "payout_refused"  // the provider did not give Amount back: it is in the balance
	MessageDisputeDecided MessageKind = "dispute_decided" // a person looked at an objection: Amount need not be paid, or comes back
	MessageDisputeRefused MessageKind = "dispute_refused" // a person looked at an objection: the bill stands
)

// Message tells a resident of one fact, so that who closed the page learns of it too.
type Message struct {
	ID      protocol.UUID
	Ref     string // names the fact; there is one message of it. MessageRef makes it.
	Kind    MessageKind
	Person  protocol.UUID    // the resident; zero for a code, whose phone may be nobody's yet
	Visit   protocol.VisitID // whose receipt it leads to; zero: none
	Amount  protocol.Fen
	Lang    string    // zh or en; empty: as the resident reads the pages
	Sealed  []byte    // of a code: phone and code, which only package people can open
	Created time.Time // zero: now
	Expires time.Time // it is not sent after; zero: the kind's own
}

// MessageRef names the fact that a message of a kind tells of something: of a visit, of a refund, of a reminder.
func MessageRef(kind MessageKind, of string) string { return string(kind) + ":" + of }

// Teller tells residents what happened.
type Teller interface {
	// Tell writes a message down in the transaction of its fact; it is sent after the commit, at an hour when people are
	// awake. Ref, Kind, Person, Visit and Amount are the caller's, the rest may be left out. The same Ref again changes
	// nothing, and nobody is told of a visit without a person.
	Tell(tx Tx, m Message) error
}

// MessageState is how far a message is.
type MessageState string

// The states of a message; all but the first are final.
const (
	MessageWaiting  MessageState = "waiting"
	MessageSent     MessageState = "sent"     // the provider has taken it
	MessageRefused  MessageState = "refused"  // the provider will not send it
	MessageLate     MessageState = "late"     // nobody would want it any more
	MessageUnneeded MessageState = "unneeded" // its reader has seen it on the page, wants no such messages, or it is true no more
)

// MessageWhy is why a message was not sent.
type MessageWhy string

// The reasons.
const (
	MessageSeen        MessageWhy = "seen"        // it was read on the page
	MessageUnwanted    MessageWhy = "unwanted"    // its reader wants no such messages
	MessageOver        MessageWhy = "over"        // what it tells of is over: a debt that was paid or forgiven, a refusal that was mended
	MessageOverruled   MessageWhy = "overruled"   // it was decided otherwise since
	MessageUnreachable MessageWhy = "unreachable" // nobody knows a phone of its reader
	MessageRefusal     MessageWhy = "refusal"     // the provider would not
	MessageUnanswered  MessageWhy = "unanswered"  // the provider never said what became of it
)

// OutMessage is a message in the outbox.
type OutMessage struct {
	Message
	State    MessageState
	Attempts int
	Next     time.Time // when it is due
	Provider string    // the provider's own id of what it took
	Why      MessageWhy
	Ended    time.Time // zero: it waits
}

// MessageEnd is the last that becomes of a message.
type MessageEnd struct {
	State    MessageState
	Provider string     // the provider's own id of what it took
	Why      MessageWhy // empty where it was sent, or came too late
	At       time.Time
}

// MessageTable is the outbox towards residents. Nothing in it can be read as a phone number or a code.
type MessageTable interface {
	// Add does nothing where a message with the same Ref is there.
	Add(m OutMessage) error
	// Due lists what waits and is due, the oldest first.
	Due(at time.Time, limit int) ([]OutMessage, error)
	// Retry notes an attempt, and when the next one is due; CodeConflict where the message waits no more.
	Retry(id protocol.UUID, attempts int, next time.Time) error
	// End gives it its last state and forgets what was sealed; CodeConflict where the message waits no more.
	End(id protocol.UUID, end MessageEnd) error
	// Find finds a message by its fact.
	Find(ref string) (m OutMessage, found bool, err error)
	// Backlog is how many wait, and since when the oldest of those that are due has been; zero: none is.
	Backlog(at time.Time) (waiting int, oldest time.Time, err error)
}

// ToldTable finds what was told.
type ToldTable interface {
	// Of lists the messages that lead to a visit, the oldest first.
	Of(visit protocol.VisitID) ([]OutMessage, error)
}

// Wishes are what a resident wants of messages.
type Wishes struct {
	Lang     string // zh or en; empty: not known
	Receipts bool   // a message of each bill that was not seen on the page
}

// WishTable keeps them. Who never said anything wants receipts.
type WishTable interface {
	Find(person protocol.UUID) (Wishes, error)
	Save(person protocol.UUID, w Wishes) error
}

// Messages is what pages may do about messages.
type Messages interface {
	// Wishes of a resident.
	Wishes(ctx context.Context, person protocol.UUID) (Wishes, error)
	// Wish changes them.
	Wish(ctx context.Context, person protocol.UUID, w Wishes) error
	// Seen withdraws what a resident has just read on the page of a visit.
	Seen(ctx context.Context, visit protocol.VisitID) error
}
