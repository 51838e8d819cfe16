package cloud

import (
	"context"
	"slices"
	"time"

	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// MaxWords is the length of what somebody writes to an objection, in bytes.
const MaxWords = 500

// Complaint is what a resident holds against a line of a bill.
type Complaint string

// The complaints.
const (
	ComplaintNotTaken Complaint = "not_taken"
	ComplaintWrong    Complaint = "wrong_article"
	ComplaintNotFresh Complaint = "not_fresh"
	ComplaintOther    Complaint = "other"
)

// Complaints lists them in the order in which they are offered.
func Complaints() []Complaint {
	return []Complaint{ComplaintNotTaken, ComplaintWrong, ComplaintNotFresh, ComplaintOther}
}

// Fate is what becomes of goods that were billed and objected to.
type Fate string

// The fates of goods.
const (
	FateSold       Fate = "sold"        // the resident has them
	FateBack       Fate = "back"        // they never left the cabinet
	FateWrittenOff Fate = "written_off" // they were no good
	FateMisplaced  Fate = "misplaced"   // they lie on another platform of the cabinet
	FateLost       Fate = "lost"        // nobody knows
)

// Fates lists them in the order in which they are offered.
func Fates() []Fate { return []Fate{FateSold, FateBack, FateWrittenOff, FateMisplaced, FateLost} }

// Disputing is how long a resident may object, and how much support may give back without asking a manager.
type Disputing struct {
	Within       time.Duration // of the visit's end
	SupportVisit protocol.Fen  // of one visit
	SupportFen   protocol.Fen  // of one resident within SupportPer
	SupportPer   time.Duration
}

// DisputeLine is one line of a bill that is objected to.
type DisputeLine struct {
	SKU protocol.SKU
	Qty int
	Why Complaint
}

// Dispute is an objection to the bill of a visit. It stands; a ruling answers it, once.
type Dispute struct {
	ID      protocol.UUID
	Visit   protocol.VisitID
	Person  protocol.UUID // the resident of the visit
	At      time.Time
	By      string // a member of the staff who asks in the resident's stead; empty: the resident
	Key     string // the caller's Idempotency-Key; empty: none
	Lines   []DisputeLine
	Words   string
	Ruling  *Ruling     // nil: nobody has decided
	Refunds []PaymentOp // what the provider was asked for because of it, the oldest first
}

// RulingLine is what one line of an objection comes to.
type RulingLine struct {
	SKU      protocol.SKU
	Qty      int          // units that Goods is about
	Amount   protocol.Fen // no longer to be paid
	Goods    Fate
	Platform protocol.PlatformID // where misplaced goods lie
}

// Ruling is the answer to an objection: money, goods and reason in one. It stands.
type Ruling struct {
	Dispute protocol.UUID
	Visit   protocol.VisitID
	Person  protocol.UUID
	By      string
	Role    protocol.Role
	At      time.Time
	Lines   []RulingLine
	Refund  protocol.Fen // to come back from the provider
	Waived  protocol.Fen // of the debt
	Reason  string
}

// Moved is how many units of a line are no longer sold.
func (l RulingLine) Moved() int {
	if l.Goods == FateSold {
		return 0
	}
	return l.Qty
}

// to is where the goods of a line are booked to; empty: where they came from.
func (l RulingLine) to(cabinet protocol.CabinetID) ledger.Account {
	switch l.Goods {
	case FateWrittenOff:
		return ledger.OffQuality
	case FateMisplaced:
		return ledger.Stray(cabinet, l.Platform)
	case FateLost:
		return ledger.Lost
	}
	return ""
}

// Moves books a ruling: what becomes of the goods, and what is forgiven of the debt. The answer is what was billed, homes are where
// the articles lay, and before are the rulings on the visit that were given earlier.
func (r Ruling) Moves(cabinet protocol.CabinetID, homes ledger.Homes, answer settle.Answer, before []Ruling) []ledger.Posting {
	var postings []ledger.Posting
	for _, l := range r.Lines {
		if l.Moved() == 0 {
			continue
		}
		back := 0
		for _, earlier := range before {
			for _, b := range earlier.Lines {
				if b.SKU == l.SKU && b.Goods == FateBack {
					back += b.Qty
				}
			}
		}
		postings = append(postings, ledger.Unsell(cabinet, homes, answer, settle.Line{SKU: l.SKU, Qty: l.Qty}, back, l.to(cabinet))...)
	}
	return ledger.Sum(append(postings, ledger.Forgive(r.Person, r.Waived)...))
}

// Total is what the resident no longer pays.
func (r Ruling) Total() protocol.Fen { return r.Refund + r.Waived }

// Unasked is what of a ruling's refund the provider was not asked for, or has refused.
func (d Dispute) Unasked() protocol.Fen {
	if d.Ruling == nil {
		return 0
	}
	rest := d.Ruling.Refund
	for _, op := range d.Refunds {
		if op.State != OpRefused && op.State != OpCancelled {
			rest -= op.Amount
		}
	}
	return rest
}

// Returned is what of a ruling's refund the provider has given back.
func (d Dispute) Returned() (sum protocol.Fen) {
	for _, op := range d.Refunds {
		if op.State == OpDone {
			sum += op.Amount
		}
	}
	return sum
}

// ByManager reports an article of a bill that a manager or an owner has ruled on. Support leaves that as it is.
func ByManager(disputes []Dispute, sku protocol.SKU) bool {
	return slices.ContainsFunc(disputes, func(d Dispute) bool {
		return d.Ruling != nil && d.Ruling.Role != protocol.RoleSupport &&
			slices.ContainsFunc(d.Lines, func(l DisputeLine) bool { return l.SKU == sku })
	})
}

// DisputeTable keeps objections and rulings; what is written stands.
type DisputeTable interface {
	// Add has CodeConflict where an objection of the visit is open.
	Add(d Dispute) error
	// Find has CodeNotFound where there is none.
	Find(id protocol.UUID) (Dispute, error)
	// Of lists those of a visit, the oldest first.
	Of(visit protocol.VisitID) ([]Dispute, error)
	// Rule has CodeConflict where it was ruled.
	Rule(r Ruling) error
	// List gives the open ones of visits to the stores' cabinets, the longest waiting first, or the last ones that were ruled, the
	// newest first.
	List(of Bound, open bool, limit int) ([]Dispute, error)
	// Waiting counts the open ones, and says since when the first of them waits.
	Waiting(of Bound) (n int, since time.Time, err error)
}

// RefundTable ties refunds to the ruling that they carry out.
type RefundTable interface {
	// Add is refused where the ruling's refunds would come to more than it gives back.
	Add(op, dispute protocol.UUID) error
	// Of finds the objection that an operation was asked for.
	Of(op protocol.UUID) (dispute protocol.UUID, found bool, err error)
	// Given is what members of a role gave back or forgave: of a visit, and of a person since a moment.
	Given(role protocol.Role, visit protocol.VisitID, person protocol.UUID, since time.Time) (ofVisit, ofPerson protocol.Fen, err error)
}

// Objection is how somebody objects to a bill.
type Objection struct {
	Visit  protocol.VisitID
	Person protocol.UUID // who objects; zero where a member of the staff does
	By     string        // that member
	Key    string
	Lines  []DisputeLine
	Words  string
}

// RuleDispute is how a member of the staff answers an objection. Without lines it is refused.
type RuleDispute struct {
	Dispute protocol.UUID
	By      string
	Role    protocol.Role
	Lines   []RulingLine
	Reason  string
}

// Objecting is what a resident may do about a visit's bill, and what was done.
type Objecting struct {
	May      bool      // now
	Until    time.Time // zero: there is nothing to object to
	Disputes []Dispute // the oldest first
}

// DisputeCase is an objection with the visit that it is about.
type DisputeCase struct {
	Dispute
	Visit VisitRecord
	Owed  protocol.Fen // of the visit, now
	Left  protocol.Fen // what may still be given back of the visit: captured, less what went back or is on its way
	Again bool         // an objection of the visit was decided before: a manager or an owner decides
}

// Disputes is what residents and staff may do about a bill.
type Disputes interface {
	// Object writes an objection down; the same key again gives the same one. Errors: CodeUnknownVisit, CodeConflict where
	// one is open, two were decided, or there is no bill to object to; CodeTooLate, CodeKeyReused, protocol.CodeMalformed.
	Object(ctx context.Context, o Objection) (Dispute, error)
	Objecting(ctx context.Context, visit protocol.VisitID) (Objecting, error)
	// Case has CodeNotFound where there is none.
	Case(ctx context.Context, id protocol.UUID) (DisputeCase, error)
	// Cases lists the open ones of visits to the stores' cabinets, the longest waiting first, or the last decided ones.
	Cases(ctx context.Context, of Bound, open bool, limit int) ([]DisputeCase, error)
	// Rule decides; the same decision again changes nothing. Errors: CodeNotFound, CodeConflict where it was decided
	// otherwise, or is more than the visit cost; CodePaymentUnknown while money of the visit is under way; CodeOverLimit
	// where a manager must decide; protocol.CodeMalformed.
	Rule(ctx context.Context, r RuleDispute) (Dispute, error)
}
