package cloud

import (
	"time"

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

// DecideReview is how a person decides: by one of the answer's explanations, by lines of their own, or by waiving.
type DecideReview struct {
	Visit protocol.VisitID
	By    string
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
