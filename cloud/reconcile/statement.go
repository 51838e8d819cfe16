package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// MoneyKind is which way the provider moved money.
type MoneyKind string

// The kinds. A fee moves none of a resident's.
const (
	Capture MoneyKind = "capture"
	Refund  MoneyKind = "refund"
	Fee     MoneyKind = "fee"
)

// Stated is one line of a provider's statement.
type Stated struct {
	Key      string       `json:"key"` // its own, the same whenever the line is read
	At       time.Time    `json:"at"`
	Kind     MoneyKind    `json:"kind"`
	Order    string       `json:"order_number"` // the op that the money was taken by
	Refund   string       `json:"refund_number"`
	Amount   protocol.Fen `json:"amount_fen"`
	Fee      protocol.Fen `json:"fee_fen"`
	Merchant string       `json:"merchant"`
}

// number is what the line and the operation behind it are both known by, however the provider writes it.
func (s Stated) number() number {
	text := s.Order
	if s.Kind == Refund {
		text = s.Refund
	}
	return number{s.Kind, strings.ToLower(strings.ReplaceAll(text, "-", ""))}
}

type number struct {
	kind MoneyKind
	text string
}

// Booked is an operation that was done, by our own book.
type Booked struct {
	Op     protocol.UUID    `json:"op"`
	Visit  protocol.VisitID `json:"visit"`
	Kind   MoneyKind        `json:"kind"`
	Number string           `json:"number"` // that the statement knows it by: of the order, or of the refund
	Amount protocol.Fen     `json:"amount_fen"`
	Day    ledger.Day       `json:"day"` // that it was booked on
}

// MatchState is what became of a line or an operation.
type MatchState string

// The states. Matched on another day is no fault: the two sides write their days at different moments.
const (
	Matched       MatchState = "matched"
	OtherDay      MatchState = "other_day"
	MissingHere   MatchState = "missing_here"   // stated, and our book knows nothing of it
	MissingThere  MatchState = "missing_there"  // done by our book, and not stated
	NotYet        MatchState = "not_yet"        // done by our book, and not stated as far as there is a statement
	AmountDiffers MatchState = "amount_differs" //
	Twice         MatchState = "twice"          // stated more than once
	OtherMerchant MatchState = "other_merchant"
	FeeOnly       MatchState = "fee"
)

// Fault reports a state that a person must look at.
func (s MatchState) Fault() bool {
	switch s {
	case Matched, OtherDay, FeeOnly, NotYet:
		return false
	}
	return true
}

// Pair is a line of the statement beside the operation that it is of; one of them may be missing.
type Pair struct {
	State  MatchState `json:"state"`
	Stated *Stated    `json:"stated"`
	Booked *Booked    `json:"booked"`
	Day    ledger.Day `json:"day,omitempty"` // of the statement's line, by the chain's clocks; empty where there is none
}

// Gap is by how much the statement says more than our book, in fen; what lies on another day counts for the day asked.
func (p Pair) Gap(day ledger.Day) protocol.Fen {
	var gap protocol.Fen
	if p.Stated != nil && p.Day == day {
		gap += signed(p.Stated.Kind, p.Stated.Amount)
	}
	if p.Booked != nil && p.Booked.Day == day {
		gap -= signed(p.Booked.Kind, p.Booked.Amount)
	}
	return gap
}

func signed(k MoneyKind, amount protocol.Fen) protocol.Fen {
	switch k {
	case Capture:
		return amount
	case Refund:
		return -amount
	}
	return 0
}

// Matching is what two sides are matched by. Stated has every line of the day asked, and those of other days that name an
// operation of that day; Booked the other way round.
type Matching struct {
	Day      ledger.Day
	Merchant string // ours; empty: any
	Stated   []Stated
	Booked   []Booked
	DayOf    func(time.Time) ledger.Day
	Whole    bool // there is a statement of the whole day: what is not in it is missing
}

// Match pairs a day's statement with its operations. Every line and every operation of the day comes in exactly one pair;
// faults come first.
func (m Matching) Match() []Pair {
	ours := make(map[number]*Booked, len(m.Booked))
	for i := range m.Booked {
		b := &m.Booked[i]
		ours[number{b.Kind, b.Number}] = b
	}
	lines := slices.Clone(m.Stated)
	slices.SortStableFunc(lines, func(a, b Stated) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key, b.Key)) })
	taken := make(map[number]bool, len(lines))
	var pairs []Pair
	for i := range lines {
		p := m.line(&lines[i], ours, taken)
		if p.Day == m.Day || p.Booked != nil && p.Booked.Day == m.Day && p.State != Twice {
			pairs = append(pairs, p)
		}
	}
	for i := range m.Booked {
		b := &m.Booked[i]
		if b.Day != m.Day || taken[number{b.Kind, b.Number}] {
			continue
		}
		state := NotYet
		if m.Whole {
			state = MissingThere
		}
		pairs = append(pairs, Pair{State: state, Booked: b})
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int { return cmp.Compare(rank(a.State), rank(b.State)) })
	return pairs
}

func (m Matching) line(s *Stated, ours map[number]*Booked, taken map[number]bool) Pair {
	p := Pair{Stated: s, Day: m.DayOf(s.At)}
	switch at := s.number(); {
	case m.Merchant != "" && s.Merchant != m.Merchant:
		p.State = OtherMerchant
	case s.Kind == Fee:
		p.State = FeeOnly
	case ours[at] == nil:
		p.State = MissingHere
	case taken[at]:
		p.State, p.Booked = Twice, ours[at]
	default:
		taken[at], p.Booked = true, ours[at]
		p.State = Matched
		if s.Amount != p.Booked.Amount {
			p.State = AmountDiffers
		} else if p.Booked.Day != p.Day {
			p.State = OtherDay
		}
	}
	return p
}

// rank puts faults first.
func rank(s MatchState) int {
	return slices.Index([]MatchState{MissingHere, AmountDiffers, Twice, OtherMerchant, MissingThere, NotYet, OtherDay, FeeOnly, Matched}, s)
}

// Sum adds the lines of one day up as the provider stated them.
func Sum(pairs []Pair, day ledger.Day) Paid {
	var sum Paid
	for _, p := range pairs {
		if p.Stated == nil || p.Day != day {
			continue
		}
		sum.Lines++
		sum.Fees += p.Stated.Fee
		switch p.Stated.Kind {
		case Capture:
			sum.Captured += p.Stated.Amount
		case Refund:
			sum.Refunded += p.Stated.Amount
		}
	}
	return sum
}
