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
	Created  time.Time
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
	Expires time.Time
}

// Store keeps people. A row that is not there has cloud.CodeNotFound, one that is there twice cloud.CodeConflict.
type Store interface {
	Residents
	Crew
	Codes
	Sessions
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
	// Holder is the person of a session as that person is now; CodeNotFound where it is not there or has expired by now.
	Holder(ctx context.Context, hash []byte, now time.Time) (cloud.Principal, error)
	DropSession(ctx context.Context, hash []byte) error
}
