package people

import (
	"context"
	"time"

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

// SessionRow is a session with its holder.
type SessionRow struct {
	Hash    []byte
	Person  protocol.UUID
	Role    protocol.Role
	Name    string // what Principal.Name shows
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
	// PutCode replaces the phone's code and its tries.
	PutCode(ctx context.Context, c CodeRow) error
	// TryCode counts a try and gives the code; CodeNotFound where there is none that lives, or after tries of them.
	TryCode(ctx context.Context, phoneMAC []byte, tries int, now time.Time) (CodeRow, error)
	// UseCode removes the code; CodeNotFound where somebody was quicker.
	UseCode(ctx context.Context, c CodeRow) error
}

// Sessions are found by the hash of their token.
type Sessions interface {
	// AddSession also forgets what has expired by now.
	AddSession(ctx context.Context, s SessionRow, now time.Time) error
	// Session has CodeNotFound for one that is not there or has expired by now.
	Session(ctx context.Context, hash []byte, now time.Time) (SessionRow, error)
	DropSession(ctx context.Context, hash []byte) error
}
