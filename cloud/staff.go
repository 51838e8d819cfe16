package cloud

import (
	"context"
	"time"

	"allhours/protocol"
)

// SignInStep is what somebody of the staff who gave the password has still to do before they are signed in.
type SignInStep string

// The steps, in the order in which they are taken.
const (
	StepPassword SignInStep = "password" // choose a password of their own, in place of the one to start with
	StepSecond   SignInStep = "second"   // show that the telephone or the key is theirs as well
	StepEnrol    SignInStep = "enrol"    // say which one that will be
)

// StaffMember is somebody who works here, as the owner sees them.
type StaffMember struct {
	ID       protocol.UUID
	Name     string
	Role     protocol.Role
	Bound    Bound
	Created  time.Time
	SignedIn time.Time // last; zero: never
	Blocked  time.Time // since; zero: not
	Starting time.Time // until when the password that they were given lets them in; zero: they have one of their own
	App      bool      // an authenticator app is their second step
	Passkeys int       // or a passkey
	Recovery int       // codes that stand in for either, not used yet
	Sessions int
}

// Second reports whether the member has a second step.
func (m StaffMember) Second() bool { return m.App || m.Passkeys > 0 }

// StaffSession is one place where somebody of the staff is signed in.
type StaffSession struct {
	ID      string // names it, and is of no use for signing in
	Opened  time.Time
	Expires time.Time
	Device  string // browser and system; empty: not known
	This    bool   // that of whoever asks
}

// Passkey is one that somebody of the staff signs in with.
type Passkey struct {
	ID      string
	Name    string
	Created time.Time
	Used    time.Time // last; zero: never
}

// StaffList is what is known of who works here.
type StaffList interface {
	Members(ctx context.Context) ([]StaffMember, error)
	// Member finds one; CodeNotFound where there is none.
	Member(ctx context.Context, id protocol.UUID) (StaffMember, error)
}

// StaffCare is what an owner does about who works here. Whatever takes rights away ends the sessions at once. Errors of all:
// CodeNotFound, and CodeLastOwner where nobody would be left who could do this.
type StaffCare interface {
	// Hire adds a member with a password to start with. Errors: protocol.CodeMalformed, also where the role cannot be limited;
	// CodeConflict where the name is taken.
	Hire(ctx context.Context, name string, role protocol.Role, bound Bound) (id protocol.UUID, starting string, err error)
	// ChangeRole lifts the limit to stores where the role can have none.
	ChangeRole(ctx context.Context, id protocol.UUID, role protocol.Role) error
	// Limit lets a member see to some stores only. Errors: protocol.CodeMalformed where the role cannot be limited.
	Limit(ctx context.Context, id protocol.UUID, bound Bound) error
	Block(ctx context.Context, id protocol.UUID, blocked bool) error
	// Renew gives another password to start with, in place of the one that is forgotten or known to others.
	Renew(ctx context.Context, id protocol.UUID) (starting string, err error)
	// DropSecond takes the second step away, with the passkeys and the recovery codes.
	DropSecond(ctx context.Context, id protocol.UUID) error
}

// StaffSessions are where members are signed in.
type StaffSessions interface {
	// Sessions lists those of the token's holder, the newest first.
	Sessions(ctx context.Context, token string) ([]StaffSession, error)
	// EndSession ends one of them by its id; all others with an empty one.
	EndSession(ctx context.Context, token, id string) error
	// EndAll ends every session of a member.
	EndAll(ctx context.Context, member protocol.UUID) error
}

// Admitted is where a step of a sign-in led to: the session's new token, and what is still to do.
type Admitted struct {
	Token string // empty: the session is the one it was
	Who   Principal
}

// OwnSignIn is what somebody of the staff does about their own password. The token may be that of a sign-in under way.
type OwnSignIn interface {
	// Pending finds who has begun to sign in, with the step that is next; CodeNoSession where nobody has.
	Pending(ctx context.Context, token string) (Principal, error)
	// ChoosePassword replaces the password, and ends every other session. Errors: CodeBadPassword where the old one is wrong,
	// protocol.CodeMalformed where the new one is too short, or the old one again; CodeTooMany.
	ChoosePassword(ctx context.Context, token, old, password string) (Admitted, error)
}

// AppSecret is what an authenticator app is set up with.
type AppSecret struct {
	Text   string // for typing
	URI    string // for the camera
	Sealed string // gives it back to EnrolApp
}

// AppCodes are second steps by the code of an authenticator app (RFC 6238), or by a recovery code in its place.
type AppCodes interface {
	// OfferApp makes a new secret; nothing is kept of it before EnrolApp.
	OfferApp(ctx context.Context, token string) (AppSecret, error)
	// EnrolApp keeps the secret, once a code proves that the app has it, and makes new recovery codes. Whoever is signed in
	// proves with the password that it is them. Errors: CodeBadPassword, CodeBadCode, CodeTooMany.
	EnrolApp(ctx context.Context, token, password, sealed, code string) (recovery []string, a Admitted, err error)
	// ProveCode takes the step of a sign-in. Errors: CodeBadCode, CodeTooMany.
	ProveCode(ctx context.Context, token, code string) (Admitted, error)
	// NewRecovery replaces the recovery codes of whoever has a second step. Errors: CodeBadPassword, CodeTooMany.
	NewRecovery(ctx context.Context, token, password string) ([]string, error)
}

// PasskeySteps are second steps by a passkey (WebAuthn). Options and replies are the JSON of the browser's own interface.
type PasskeySteps interface {
	// PasskeysAt reports whether the browser can use passkeys at this host.
	PasskeysAt(host string) bool
	Passkeys(ctx context.Context, token string) ([]Passkey, error)
	// AskPasskey makes the options of a sign-in, or with enrol those of a new passkey, for which whoever is signed in proves with
	// the password that it is them. Errors: CodeBadPassword, CodeTooMany.
	AskPasskey(ctx context.Context, token, password string, enrol bool) (options []byte, err error)
	// TakePasskey keeps the new passkey under a name, or takes the step of a sign-in where the name is empty. Errors:
	// CodeBadCode, CodeTooMany.
	TakePasskey(ctx context.Context, token, name string, reply []byte) (Admitted, error)
	// DropPasskey forgets one. Errors: CodeBadPassword, CodeTooMany, CodeNotFound where there is none.
	DropPasskey(ctx context.Context, token, password, id string) error
}
