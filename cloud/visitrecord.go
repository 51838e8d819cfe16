package cloud

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// VisitRecord is a visit as it is stored, with what pages need not know.
type VisitRecord struct {
	Visit
	Key       string        // the caller's Idempotency-Key; empty: none
	Foreign   bool          // first heard of from a cabinet, not begun here
	HoldOp    protocol.UUID // the operation that reserved the money; zero: none
	Sent      time.Time     // when the command was sent; zero: never
	Anew      time.Time     // when another command was sent for it, over a newer connection; zero: never
	NotAfter  time.Time     // of the grant
	Challenge grant.Token   // of the grant
	Command   protocol.UUID
	Nonce     grant.Token // of the grant, whether it is sent or shown
	Offline   bool        // the cabinet had no line, or gave no answer: the visit does not keep the door from others
	Offered   time.Time   // when the grant that may be shown was made; zero: none was. Its end is PassEnds.
	Begun     time.Time   // when the cabinet burnt the grant, by its own account; zero: not heard of
}

// Pressed is when the door was asked for, by whom stands before it; zero where nothing was sent nor shown.
func (v VisitRecord) Pressed() time.Time {
	if v.Sent.IsZero() {
		return v.Offered
	}
	return v.Sent
}

// KeepsDoor reports whether a visit without an end keeps its door from others, as far as is known here.
func (v VisitRecord) KeepsDoor() bool { return !v.Offline || !v.Begun.IsZero() }

// VisitQuery selects visits, newest first; a zero field means any.
type VisitQuery struct {
	Cabinet     protocol.CabinetID
	Compartment protocol.Compartment
	Person      protocol.UUID
	Purpose     protocol.Purpose
	Payment     Payment
	UnderWay    bool             // those without an end only
	From, To    time.Time        // of their beginning; To itself is out
	Number      string           // of the receipt
	Before      protocol.VisitID // only those that began before this one
	Limit       int              // 0: all
}

// VisitTable finds visits.
type VisitTable interface {
	// Add has CodeCabinetBusy where another visit of the door is under way, CodeConflict where the person's key is taken.
	Add(v VisitRecord) error
	// Find has CodeUnknownVisit where there is none.
	Find(id protocol.VisitID) (VisitRecord, error)
	ByKey(person protocol.UUID, key string) (v VisitRecord, found bool, err error)
	List(q VisitQuery) ([]VisitRecord, error)
}

// VisitSteps moves a visit forward; each is refused with CodeConflict where the visit does not allow it.
type VisitSteps interface {
	// Send records what was signed, before it is sent.
	Send(id protocol.VisitID, command protocol.UUID, challenge grant.Token, at, notAfter time.Time) error
	// SendAnew records a command in place of one that can no longer be obeyed, or beside a grant that is shown, before it is sent.
	// CodeConflict where nothing was sent nor shown yet, where the visit has begun, and where the command before is of the same
	// connection.
	SendAnew(id protocol.VisitID, command protocol.UUID, challenge grant.Token, at, notAfter time.Time) error
	// Offer records that the grant may be shown from at to ends, before it is.
	Offer(id protocol.VisitID, at, ends time.Time) error
	// Refuse notes why the cabinet did not take the grant that was shown; the visit goes on.
	Refuse(id protocol.VisitID, code protocol.Code) error
	Begin(id protocol.VisitID, at time.Time) error
	// End frees the door. An outcome is set once; an empty one leaves it open for a human.
	End(id protocol.VisitID, outcome Outcome, code protocol.Code, at time.Time) error
	// Decide sets the outcome of a visit that ended without one.
	Decide(id protocol.VisitID, outcome Outcome) error
	// Pay moves the payment as Payment.MayBecome allows.
	Pay(id protocol.VisitID, next Payment) error
}

// Order is the settlement of one visit as the cloud took it. There is one for each visit at most.
type Order struct {
	Visit protocol.VisitID
	// Why is empty for a bill; for a review it says what nobody was sure of.
	Why    protocol.Code
	Lines  []OrderLine // billed; for a review its best guess
	Total  protocol.Fen
	Answer settle.Answer
	Zero   time.Time // that the steps of the answer count from; zero: not known
	At     time.Time // when the cloud took it
	Config uint64    // version of the desired state that it was settled against; 0: not known
	Hash   []byte    // of the settlement, so that a second, different one is known
}

// OrderHash tells one settlement of a visit from another: only what it decides counts.
func OrderHash(b wire.SettledBody) ([]byte, error) {
	raw, err := json.Marshal([]any{b.Compartment, b.Purpose, b.Config, b.Answer.Decision, b.Answer.Lines})
	if err != nil {
		return nil, fmt.Errorf("hash settlement of %s: %w", b.Visit, err)
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

// Orders keep settlements; what is written stands.
type Orders interface {
	// Add has CodeConflict where the visit has an order.
	Add(o Order) error
	Find(visit protocol.VisitID) (o Order, found bool, err error)
}
