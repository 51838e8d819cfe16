package cloud

import (
	"time"

	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// MaxNote is the length of a note of the staff, in bytes.
const MaxNote = 500

// NoStory is the story of a decision whose lines a person put together, and of one that waives.
const NoStory = -1

// Decision is what a person made of a review. It stands.
type Decision struct {
	Visit  protocol.VisitID
	By     string // the name of a member of the staff; empty: nobody decided in time
	At     time.Time
	Story  int // the explanation of the answer that was taken; NoStory for none
	Waived bool
	Lines  []OrderLine // billed; none where nothing was taken, or where it is waived
	Total  protocol.Fen
	Note   string
}

// Settled is what a cabinet told, as a person decided it: by one of its explanations, or by other lines.
func (d Decision) Settled(told settle.Answer) settle.Answer {
	if d.Story >= 0 && d.Story < len(told.Why) {
		told.Why = told.Why[d.Story : d.Story+1]
		told.Lines = told.Why[0].Lines
		return told
	}
	told.Why, told.Lines = nil, make([]settle.Line, 0, len(d.Lines))
	for _, l := range d.Lines {
		told.Lines = append(told.Lines, settle.Line{SKU: l.SKU, Qty: l.Qty})
	}
	if !ledger.Believable(told) {
		told.Strays = nil
	}
	return told
}

// Moves books a decision about an order: what the best guess took comes back to its shelves, and what the person holds to be true
// leaves them and is billed. What is waived would have cost what the best guess did, and its goods are lost. guessed is what that
// moved; homes are where the articles lay.
func (d Decision) Moves(o Order, cabinet protocol.CabinetID, store StoreID, homes ledger.Homes, guessed []ledger.Posting) []ledger.Posting {
	if !d.Waived {
		goods := append(ledger.Return(guessed), ledger.Leave(cabinet, homes, d.Settled(o.Answer), ledger.Sold(cabinet))...)
		return append(ledger.Sum(goods), ledger.Bill(d.Visit, string(store), d.Total)...)
	}
	var undecided []ledger.Posting
	for _, p := range ledger.Sum(guessed) {
		if p.Account == ledger.Undecided(d.Visit) {
			undecided = append(undecided, p)
		}
	}
	return append(ledger.Waive(string(store), o.Total), ledger.Pass(undecided, ledger.Lost)...)
}

// DecideReview is how a person decides: by one of the answer's explanations, by lines of their own, or by waiving.
type DecideReview struct {
	Visit protocol.VisitID
	By    string
	Role  protocol.Role // of who decides: what support may waive has a limit
	Story int           // NoStory: the lines count
	Lines []settle.Line // none: nothing was taken
	Waive bool
	Note  string
}

// Decisions keep what persons decided.
type Decisions interface {
	// Add has CodeConflict where the visit was decided.
	Add(d Decision) error
	Find(visit protocol.VisitID) (d Decision, found bool, err error)
}
