package cloud

import (
	"slices"
	"strings"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Outcome is how a visit ended; it is set once.
type Outcome string

// The outcomes of a visit; empty while it is under way.
const (
	OutcomeNone         Outcome = ""
	OutcomeSold         Outcome = "sold"
	OutcomeNothingTaken Outcome = "nothing_taken"
	OutcomeRestocked    Outcome = "restocked"
	OutcomeServiced     Outcome = "serviced"
	OutcomeAborted      Outcome = "aborted"
)

// Payment is where the money of a visit stands; it moves forward only, as MayBecome says.
type Payment string

// The stations of a payment.
const (
	PaymentNone     Payment = "none"
	PaymentHeld     Payment = "held"
	PaymentUnknown  Payment = "unknown" // the provider, or the cabinet, has not said what happened
	PaymentReview   Payment = "review"
	PaymentCaptured Payment = "captured"
	PaymentOwed     Payment = "owed"
	PaymentWaived   Payment = "waived"
	PaymentRefunded Payment = "refunded"
)

var payments = map[Payment][]Payment{
	PaymentNone:     {PaymentHeld, PaymentUnknown, PaymentReview, PaymentOwed},
	PaymentHeld:     {PaymentNone, PaymentUnknown, PaymentReview, PaymentCaptured, PaymentOwed},
	PaymentUnknown:  {PaymentNone, PaymentHeld, PaymentReview, PaymentCaptured, PaymentOwed},
	PaymentReview:   {PaymentCaptured, PaymentOwed, PaymentWaived, PaymentNone},
	PaymentOwed:     {PaymentCaptured, PaymentWaived},
	PaymentCaptured: {PaymentRefunded},
}

// MayBecome reports whether a payment may move from p to next. Held to none is a release.
func (p Payment) MayBecome(next Payment) bool {
	return slices.Contains(payments[p], next)
}

// Before lists the payments that may become p.
func (p Payment) Before() []Payment {
	var before []Payment
	for from, nexts := range payments {
		if slices.Contains(nexts, p) {
			before = append(before, from)
		}
	}
	return before
}

// VisitState is what the API and the pages call the state of a visit.
type VisitState string

// The states of a visit.
const (
	StateAuthorising  VisitState = "authorising"
	StateOpening      VisitState = "opening"
	StateOpen         VisitState = "open"
	StateCounting     VisitState = "counting"
	StateCharged      VisitState = "charged"
	StateNothingTaken VisitState = "nothing_taken"
	StateReview       VisitState = "review"
	StateOwed         VisitState = "owed"
	StateWaived       VisitState = "waived"
	StateRefunded     VisitState = "refunded"
	StateRestocked    VisitState = "restocked"
	StateServiced     VisitState = "serviced"
	StateAborted      VisitState = "aborted"
	StateUnknown      VisitState = "unknown"
)

// OrderLine is one line of a bill, priced by the price version that the resident saw.
type OrderLine struct {
	SKU   protocol.SKU
	Name  Text
	Qty   int
	Price protocol.Fen // of one unit
}

// Visit is one visit to one door, from the hold to the receipt.
type Visit struct {
	ID           protocol.VisitID
	Cabinet      protocol.CabinetID
	Compartment  protocol.Compartment
	Purpose      protocol.Purpose
	Person       protocol.UUID // resident, or staff for refill and service
	PriceVersion uint32
	Hold         protocol.Fen
	Phase        wire.Phase // last one heard of; empty before the lock was pulsed
	Outcome      Outcome
	Payment      Payment
	Code         protocol.Code // why it was aborted; before that, why the cabinet refused the grant that was shown to it
	Lines        []OrderLine   // never nil once it has an outcome; live basket before
	Put          []wire.Put    // refill under way: what the scales see so far
	Total        protocol.Fen
	Refunded     protocol.Fen // of what was captured, given back
	Forgiven     protocol.Fen // of what was owed, by a ruling on an objection or by a waiver
	Decided      bool         // a person decided the review
	Created      time.Time
	Ended        time.Time // zero while under way
	Asked        time.Time // since when a human is asked what it cost; zero where none was
	Pass         string    // the grant to be shown to the cabinet's reader, as its text; empty where there is none now
	PassEnds     time.Time // when it can no longer be used; zero where there was none
	By           string    // refill and service: the name of who asked for it
	Why          string    // service: in their own words
	Silent       bool      // the cabinet has not answered in time, and nothing proves that it opened or did not
}

// PassOver reports a visit whose grant could be shown, is over at now, and is not known to have been used.
func (v Visit) PassOver(now time.Time) bool {
	return !v.PassEnds.IsZero() && now.After(v.PassEnds) && v.Phase == "" && v.Ended.IsZero()
}

// Number is what a receipt is called by: the end of its id.
func (v Visit) Number() string { return ReceiptNumber(v.ID) }

// ReceiptNumber is the number of the receipt of a visit.
func ReceiptNumber(id protocol.VisitID) string {
	text := id.String()
	return text[len(text)-8:]
}

// TypedNumber reads the number of a receipt as a person types it: with spaces or hyphens, or the whole id of the visit.
// protocol.CodeMalformed where it is none.
func TypedNumber(typed string) (string, error) {
	number := strings.ToLower(strings.NewReplacer(" ", "", "-", "", "#", "").Replace(typed))
	if len(number) < 8 || strings.Trim(number, "0123456789abcdef") != "" {
		return "", protocol.Errorf(protocol.CodeMalformed, "number: want 8 characters of 0-9 and a-f")
	}
	return number[len(number)-8:], nil
}

// Paid reports a visit whose bill was captured or is owed, so that it may be objected to.
func (v Visit) Paid() bool {
	return v.Total > 0 && (v.Payment == PaymentCaptured || v.Payment == PaymentOwed)
}

// State derives the one word that the pages show.
func (v Visit) State() VisitState {
	switch v.Payment {
	case PaymentReview:
		if v.Decided {
			return StateCounting // the capture is on its way
		}
		return StateReview
	case PaymentCaptured:
		return StateCharged
	case PaymentOwed:
		return StateOwed
	case PaymentWaived:
		return StateWaived
	case PaymentRefunded:
		return StateRefunded
	}
	switch v.Outcome {
	case OutcomeAborted:
		return StateAborted
	case OutcomeNothingTaken:
		return StateNothingTaken
	case OutcomeRestocked:
		return StateRestocked
	case OutcomeServiced:
		return StateServiced
	case OutcomeSold:
		if v.Payment == PaymentUnknown {
			return StateUnknown
		}
		return StateCounting // the capture is on its way
	}
	if v.Pass != "" && v.Phase == "" {
		return StateOpening
	}
	if v.Payment == PaymentUnknown || (v.Silent || !v.PassEnds.IsZero()) && v.Phase == "" {
		return StateUnknown
	}
	switch v.Phase {
	case wire.PhaseOpening:
		return StateOpening
	case wire.PhaseOpen:
		return StateOpen
	case wire.PhaseCounting:
		return StateCounting
	}
	return StateAuthorising
}

// Bill is what a list of goods comes to.
type Bill struct {
	Lines []OrderLine
	Total protocol.Fen
	Known bool // each of the goods has a price; otherwise the total lacks some
}

// Review is a visit that a human must decide, with the cabinet's best guess.
type Review struct {
	Visit   Visit
	Place   Text
	Why     protocol.Code // uncertain, or what the cloud did not know (unknown article, price, planogram)
	Answer  settle.Answer // as the cabinet settled it
	Zero    time.Time     // that the steps of the answer count from; zero: not known
	Guess   []OrderLine   // the best guess, priced
	Bills   []Bill        // what each explanation of the answer would be charged, in their order
	Waives  time.Time     // when it is waived by itself
	Waiting time.Duration
}
