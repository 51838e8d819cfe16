package cloud

import (
	"context"
	"time"

	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// SoldStep is how finely a night is told: the pieces of a curve of sales.
const SoldStep = 15 * time.Minute

// Sold is what a cabinet took in a piece of a night: the turnover of bills, less what was given back.
type Sold struct {
	Store   StoreID
	Cabinet protocol.CabinetID
	At      time.Time // when the piece begins
	Fen     protocol.Fen
	Bills   int
}

// SoldTable reads from the books what was sold.
type SoldTable interface {
	// Newest is the last entry of the books; zero where there is none.
	Newest() (protocol.UUID, error)
	// Of adds up what a store's entries of a day took, as far as they are not newer than one.
	Of(store StoreID, day ledger.Day, through protocol.UUID) ([]Sold, error)
	// After lists what the entries took that are newer than one, in their order, and the last that was looked at; at most so many
	// are.
	After(entry protocol.UUID, limit int) (sold []Sold, last protocol.UUID, err error)
	// Came lists visits, the newest first. Of the query the store is not looked at.
	Came(q CameQuery) ([]Came, error)
}

// Came is a visit in one word.
type Came struct {
	Visit   protocol.VisitID
	Cabinet protocol.CabinetID
	Purpose protocol.Purpose
	Outcome Outcome
	At      time.Time
	Ended   time.Time // zero while under way
}

// CameQuery asks for visits; what is empty does not narrow.
type CameQuery struct {
	Store    StoreID // whose cabinets they were at that stood with it then
	Cabinet  protocol.CabinetID
	From, To time.Time // of their beginning; To itself is out
	Outcome  Outcome
	Limit    int
}

// NightSold is what was sold in the night that it is: from noon to noon by the chain's clocks.
type NightSold struct {
	From, To time.Time
	Known    bool // everything is counted; else stores are left to be
	Now      []protocol.Fen
	Before   []protocol.Fen // of the same night a week ago, of as many pieces or more
	Bills    int
	Cabinets map[protocol.CabinetID]protocol.Fen // of one store alone
}

// Until adds up what was sold until a moment, now and a week before.
func (n NightSold) Until(at time.Time) (now, before protocol.Fen) {
	pieces := int(at.Sub(n.From) / SoldStep)
	for i, fen := range n.Now {
		if i <= pieces {
			now += fen
		}
	}
	for i, fen := range n.Before {
		if i < pieces {
			before += fen
		}
		if i == pieces { // Of the piece that has begun only its share counts.
			before += fen * protocol.Fen(at.Sub(n.From)%SoldStep) / protocol.Fen(SoldStep)
		}
	}
	return now, before
}

// NeedKind is what a person is needed for.
type NeedKind string

// The kinds of needs.
const (
	NeedGap      NeedKind = "gap"      // a neighbourhood is not served
	NeedIncident NeedKind = "incident" // something is wrong with a cabinet
	NeedReviews  NeedKind = "reviews"  // bills wait to be decided
	NeedDisputes NeedKind = "disputes" // residents' objections wait to be decided
	NeedRound    NeedKind = "round"    // a round is late
)

// Need is something that needs a person now.
type Need struct {
	Kind      NeedKind
	Store     StoreID // empty: none, or several
	Cabinet   protocol.CabinetID
	Since     time.Time
	Whom      string       // who has it; empty: nobody, or nobody knows
	Taken     bool         // somebody has it
	Urgent    bool         // somebody is woken for it
	Costs     bool         // what it costs is known
	Hour      protocol.Fen // sales that are expected in the hour that it is, and do not come
	Gap       *coverage.Gap
	Incidents []Incident // open ones of the cabinet, or of those that cause the gap, the most urgent first
	Reviews   int
	Guess     protocol.Fen // what the best guesses of the reviews come to
	Disputes  int
	Round     protocol.UUID
	Stops     int // of the round that are ahead
}

// Needs are what needs a person now, the dearest first.
type Needs struct {
	List []Need
	More int // incidents that were not looked at: there are too many
}

// Tonight tells what is sold, who came, and what needs a person now.
type Tonight interface {
	// Sold is what a store sold; an empty one means all.
	Sold(ctx context.Context, store StoreID) (NightSold, error)
	// Needs of a store; an empty one means all.
	Needs(ctx context.Context, store StoreID) (Needs, error)
	// Came lists visits, the newest first; CodeNotFound where there is no such store.
	Came(ctx context.Context, q CameQuery) ([]Came, error)
}
