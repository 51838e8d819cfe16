package cloud

import (
	"context"
	"time"

	"allhours/protocol"
)

// Deed is what somebody of the staff did, or tried to, as the audit log keeps it: never what a request said, nor a resident's name.
type Deed struct {
	Number  int64 // they follow each other without a gap, from 1
	At      time.Time
	Who     protocol.UUID // zero: the operator, or nobody who is known
	Name    string
	Role    protocol.Role // at that time; DeedOperator for the administrator's tool
	Did     string        // the word for it
	Method  string        // of the request, or DeedTool
	Route   string        // its pattern
	Target  string        // what it was about: ids
	Outcome string        // DeedDone, or why not
	Request string        // its id, which the log has too
	Seal    string        // of this deed and, by its seal, all before it
}

// What deeds have in common.
const (
	DeedDone                   = "ok"
	DeedTool                   = "fleetctl"
	DeedOperator protocol.Role = "operator"
)

// Words for deeds that a route alone does not name.
const (
	DidSignIn      = "signed_in"
	DidSignInStep  = "sign_in_step"
	DidSignInFail  = "sign_in_failed"
	DidSignOut     = "signed_out"
	DidPassword    = "password_changed"
	DidSecond      = "second_step_set"
	DidSecondLess  = "second_step_removed"
	DidRecovery    = "recovery_codes"
	DidEndSessions = "sessions_ended"
	DidHire        = "hired"
	DidRole        = "role_changed"
	DidLimit       = "limited"
	DidBlock       = "blocked"
	DidUnblock     = "unblocked"
	DidRenew       = "password_renewed"
)

// DeedWords lists those.
func DeedWords() []string {
	return []string{
		DidSignIn, DidSignInStep, DidSignInFail, DidSignOut, DidPassword, DidSecond, DidSecondLess, DidRecovery, DidEndSessions,
		DidHire, DidRole, DidLimit, DidBlock, DidUnblock, DidRenew,
	}
}

// DeedQuery says which deeds are wanted; what is empty narrows nothing.
type DeedQuery struct {
	Name   string
	Did    string
	From   time.Time
	To     time.Time // before it
	Before int64     // number; 0: the newest
	Limit  int
}

// Trail is the audit log: it grows, and nothing in it changes.
type Trail interface {
	// Begin gives the context of a deed under way: its record is written with the first thing that the deed changes in the books.
	Begin(ctx context.Context, u *DeedUnderWay) context.Context
	// Keep adds a deed that is over; number and seal are made here.
	Keep(ctx context.Context, d Deed) error
	// Deeds lists some, the newest first.
	Deeds(ctx context.Context, q DeedQuery) ([]Deed, error)
}
