package cloud

import (
	"context"

	"allhours/protocol"
)

// BeginVisit asks for a door. Key is the caller's Idempotency-Key; with the same key and request the same visit comes back.
type BeginVisit struct {
	Person      protocol.UUID
	Cabinet     protocol.CabinetID
	Compartment protocol.Compartment // 0: the cabinet's only or first one
	Key         string
}

// Visits is what pages and API may do with visits.
type Visits interface {
	// Begin holds the money, writes the visit, signs the grant and sends it once. Errors: CodeUnknownCabinet, CodeCabinetBusy,
	// CodeCabinetAway, CodeDoorNotShut, protocol.CodeNotSelling, protocol.CodeOffSale, protocol.CodeLockedOut, protocol.CodeTooWarm, protocol.CodeColdUnknown, CodeDebt, CodePaymentRefused, CodePaymentUnknown, CodeKeyReused.
	Begin(ctx context.Context, b BeginVisit) (Visit, error)
	// Visit finds one; CodeUnknownVisit where there is none.
	Visit(ctx context.Context, id protocol.VisitID) (Visit, error)
	// Latest lists visits, newest first. An empty cabinet or a zero person means any.
	Latest(ctx context.Context, cabinet protocol.CabinetID, person protocol.UUID, limit int) ([]Visit, error)
	// Watch sends after every change of the visit, and drops what the reader is too slow for; cancel ends it.
	Watch(id protocol.VisitID) (changed <-chan struct{}, cancel func())
	// Decide ends a review; the same decision again changes nothing. Errors: CodeUnknownVisit, CodeConflict where it is not
	// in review or was decided otherwise, protocol.CodeMalformed, CodeUnknownArticle, CodeUnknownPrice.
	Decide(ctx context.Context, d DecideReview) (Visit, error)
	// Reviews lists the undecided cases, the longest waiting first.
	Reviews(ctx context.Context, of Bound, limit int) ([]Review, error) // of some stores; limit 0: all
}

// Fleet is what pages and API may know of cabinets.
type Fleet interface {
	Chain(ctx context.Context) (Chain, error)
	Stores(ctx context.Context) ([]Store, error)
	Cabinets(ctx context.Context) ([]CabinetView, error)
	// Cabinet finds one; CodeUnknownCabinet where there is none.
	Cabinet(ctx context.Context, id protocol.CabinetID) (CabinetView, error)
	// Goods lists what a cabinet holds by book, in the planogram's order.
	Goods(ctx context.Context, id protocol.CabinetID) ([]ShelfGood, error)
	// WatchFleet sends after a change of any cabinet or visit, at most a few times a second.
	WatchFleet() (changed <-chan struct{}, cancel func())
}

// Food is what staff may do about food that a cabinet sells no more.
type Food interface {
	// Attest brings a person's word to the cabinet and waits for its answer. Errors: CodeUnknownCabinet, CodeCabinetAway,
	// protocol.CodeMalformed without a reason, protocol.CodeStale where there is nothing to attest, protocol.CodeTooWarm where
	// the air is above its limit now, and what else a cabinet refuses a command for.
	Attest(ctx context.Context, a Attestation) error
}

// Principal is who a session belongs to.
type Principal struct {
	ID   protocol.UUID
	Role protocol.Role
	Name string     // staff: their name; resident: the masked phone
	Step SignInStep // staff: what is still to do before they are signed in; empty: nothing

	Bound Bound // staff: the stores that they are limited to
}

// Does says whose deed it is.
func (p Principal) Does(d *Deed) { d.Who, d.Name, d.Role = p.ID, p.Name, p.Role }

// SignInFrom is where a sign-in of the staff comes from.
type SignInFrom struct {
	Device  string // the browser and its system, in words; see StaffSession
	Address string // in the network
	Known   string // what Remember gave to this browser; may be anything
}

// People signs residents and staff in and out. Tokens are opaque and random; only their hashes are stored.
type People interface {
	// RequestCode sends a sign-in code to the phone (E.164). In the demo, and only there, the code comes back.
	// Errors: CodeBadPhone, CodeTooMany.
	RequestCode(ctx context.Context, phone string) (demoCode string, err error)
	// SignIn trades a code for a session. Errors: CodeBadPhone, CodeBadCode, CodeTooMany.
	SignIn(ctx context.Context, phone, code string) (token string, p Principal, err error)
	// SignInStaff checks name and password; where p has a step that is still to do, the token is good for that alone. With an
	// error, p is whoever has the name, if anybody has. Errors: CodeBadPassword, CodeBlocked, CodeTooMany.
	SignInStaff(ctx context.Context, name, password string, from SignInFrom) (token string, p Principal, err error)
	// Remember gives the browser of somebody who has signed in what it is known by the next time, beside what it had before.
	Remember(member protocol.UUID, known string) (string, error)
	// Session finds the holder of a token; CodeNoSession where there is none, CodeSecondStep where a step is still to do.
	Session(ctx context.Context, token string) (Principal, error)
	SignOut(ctx context.Context, token string) error
}

// Callers finds residents who call.
type Callers interface {
	// ByPhone finds a resident by the phone (E.164) for a member of the staff; the name that comes back is masked. Errors:
	// CodeBadPhone, CodeNotFound, CodeTooMany.
	ByPhone(ctx context.Context, staff, phone string) (Principal, error)
}
