package people

import (
	"context"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
)

// Resident is somebody who shops. The phone is known by its MAC and kept sealed.
type Resident struct {
	ID        protocol.UUID
	Pseudonym grant.Token // the subject of this person's grants
	PhoneMAC  []byte
	Phone     []byte // sealed
	Masked    string // for show: the last four digits
	Created   time.Time
}

// Staff is somebody who works here.
type Staff struct {
	ID       protocol.UUID
	Name     string
	Role     protocol.Role
	Password string // argon2id, encoded
	Bound    cloud.Bound
	Created  time.Time

	Blocked  time.Time // since; zero: not
	Starting time.Time // until when the password is good to start with; zero: it is the person's own
	SignedIn time.Time // last
	App      []byte    // the authenticator app's secret, sealed; none: there is no app
	Passkeys int
	Recovery int // codes that are not used
	Sessions int // only of Members and Member
}

func (m Staff) principal() cloud.Principal {
	return cloud.Principal{ID: m.ID, Role: m.Role, Name: m.Name, Bound: m.Bound}
}

// CodeRow is a sign-in code that was sent and not used yet.
type CodeRow struct {
	PhoneMAC []byte
	CodeMAC  []byte
	Expires  time.Time
}

// Session is a session as it is stored.
type Session struct {
	Hash    []byte
	Person  protocol.UUID
	Opened  time.Time
	Expires time.Time
	Step    cloud.SignInStep // what is still to do before it is one
	Device  string           // as its browser says; of the staff only
}

// Passkey is a passkey with what the library keeps of it.
type Passkey struct {
	cloud.Passkey
	Person     protocol.UUID
	Credential []byte // JSON
}

// Store keeps people. A row that is not there has cloud.CodeNotFound, one that is there twice cloud.CodeConflict.
type Store interface {
	Residents
	Crew
	Rights
	Seconds
	Keys
	Codes
	Sessions
	SessionsOf
	Deeds
}

// Residents are found by phone or by id.
type Residents interface {
	AddResident(ctx context.Context, r Resident) error
	ResidentByPhone(ctx context.Context, phoneMAC []byte) (Resident, error)
	Resident(ctx context.Context, id protocol.UUID) (Resident, error)
}

// Crew are the people who work here, found by name.
type Crew interface {
	AddStaff(ctx context.Context, s Staff) error
	StaffByName(ctx context.Context, name string) (Staff, error)
	Member(ctx context.Context, id protocol.UUID, now time.Time) (Staff, error)
	// Members lists them by name.
	Members(ctx context.Context, now time.Time) ([]Staff, error)
}

// Rights are what of a member is changed. With each of these go all sessions of the member but the one that is kept; an empty
// hash keeps none. cloud.CodeLastOwner where no owner would be left who is not blocked.
type Rights interface {
	// SetRole lifts the limit to stores where the role can have none.
	SetRole(ctx context.Context, id protocol.UUID, role protocol.Role) error
	SetBound(ctx context.Context, id protocol.UUID, bound cloud.Bound) error
	// SetBlocked lets the member in again where since is zero.
	SetBlocked(ctx context.Context, id protocol.UUID, since time.Time) error
	// SetPassword takes one that is good until a time; zero: for good.
	SetPassword(ctx context.Context, id protocol.UUID, password string, until time.Time, keep []byte) error
	DropSecond(ctx context.Context, id protocol.UUID) error
}

// Seconds are what members show beside their password, but for passkeys.
type Seconds interface {
	// SetApp keeps the sealed secret of an authenticator app, of which the code of a time step was just used.
	SetApp(ctx context.Context, id protocol.UUID, sealed []byte, step int64) error
	// UseApp moves the member's last time step on; CodeNotFound where that one or a later one was used.
	UseApp(ctx context.Context, id protocol.UUID, step int64) error
	// SetRecovery replaces the recovery codes, of which only MACs are kept.
	SetRecovery(ctx context.Context, id protocol.UUID, macs [][]byte) error
	// UseRecovery marks one as used; CodeNotFound where there is none that is not.
	UseRecovery(ctx context.Context, id protocol.UUID, mac []byte, now time.Time) error
}

// Keys are passkeys.
type Keys interface {
	AddPasskey(ctx context.Context, k Passkey) error
	PasskeysOf(ctx context.Context, id protocol.UUID) ([]Passkey, error)
	// UsePasskey keeps what the library makes of its last use.
	UsePasskey(ctx context.Context, k Passkey) error
	// DropPasskey ends every session of the person but one, for it is not known which of them the passkey opened.
	DropPasskey(ctx context.Context, person protocol.UUID, id string, keep []byte) error
}

// Codes are the sign-in codes under way, one for each phone.
type Codes interface {
	// PutCode replaces the phone's code and its tries, and adds the message that brings it.
	PutCode(ctx context.Context, c CodeRow, letter cloud.OutMessage) error
	// TryCode counts a try and gives the code; CodeNotFound where there is none that lives, or after tries of them.
	TryCode(ctx context.Context, phoneMAC []byte, tries int, now time.Time) (CodeRow, error)
	// UseCode removes the code; CodeNotFound where somebody was quicker.
	UseCode(ctx context.Context, c CodeRow) error
}

// Sessions are found by the hash of their token.
type Sessions interface {
	// AddSession also forgets what has expired by now.
	AddSession(ctx context.Context, s Session, now time.Time) error
	// Forget forgets what has expired by now.
	Forget(ctx context.Context, now time.Time) error
	// Holder is the person of a session as that person is now, with the session's step; CodeNotFound where it is not there, has
	// expired by now, or is of somebody who is blocked.
	Holder(ctx context.Context, hash []byte, now time.Time) (cloud.Principal, error)
	DropSession(ctx context.Context, hash []byte) error
	// Challenge keeps what the next reply of a passkey must answer, Answered gives it once.
	Challenge(ctx context.Context, hash []byte, challenge string) error
	Answered(ctx context.Context, hash []byte) (string, error)
}

// SessionsOf are those of one member.
type SessionsOf interface {
	// Admit opens a first session of a member whose password is still the one that was checked, and Advance replaces a session by
	// one that is farther, on the same device; both note when the member signed in where nothing is left to do. CodeNotFound where another password
	// was set meanwhile, or the session is over.
	Admit(ctx context.Context, s Session, password string) error
	Advance(ctx context.Context, old []byte, s Session) error
	SessionsOf(ctx context.Context, person protocol.UUID, now time.Time) ([]Session, error)
	// EndSession ends one of a member by the beginning of its hash, in hexadecimal.
	EndSession(ctx context.Context, person protocol.UUID, id string) error
	// EndSessions ends all of them but one.
	EndSessions(ctx context.Context, person protocol.UUID, keep []byte) error
}

// Deeds are what the staff did.
type Deeds interface {
	// AddDeed gives the deed its number and the seal that is made of it and the one before.
	AddDeed(ctx context.Context, d cloud.Deed, seal func(before string, d cloud.Deed) string) error
	FindDeeds(ctx context.Context, q cloud.DeedQuery) ([]cloud.Deed, error)
}
