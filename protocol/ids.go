package protocol

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// MaxCabinetID is the longest cabinet id in bytes; the grant's binary layout reserves exactly so many.
const MaxCabinetID = 16

// CabinetID names one cabinet for its whole life, also when its box, boards or scales are replaced.
// It is 1 to 16 characters of a-z, 0-9 and '-'.
type CabinetID string

// Validate reports why the id cannot be used in a topic or a grant.
func (id CabinetID) Validate() error {
	if id == "" || len(id) > MaxCabinetID {
		return fmt.Errorf("cabinet id %q: want 1 to %d characters, got %d", string(id), MaxCabinetID, len(id))
	}
	if i := strings.IndexFunc(string(id), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	}); i >= 0 {
		return fmt.Errorf("cabinet id %q: want a-z, 0-9 and '-' only, got %q at %d", string(id), id[i], i)
	}
	return nil
}

// Compartment numbers the doors of one cabinet from 1: one door, one lock and its platforms.
type Compartment uint8

// PlatformID names one weighed surface of a cabinet: a lane's tray ("A1") or a whole shelf ("S1").
type PlatformID string

// SKU is the store's own article number, not a bar code.
type SKU string

// UUID is a 16-byte identifier in binary; its text form is the usual 36 characters in lower case.
type UUID [16]byte

// NewUUID makes a version 7 UUID (RFC 9562, section 5.7): 48 bits of UTC milliseconds, then random bits from entropy.
func NewUUID(now time.Time, entropy io.Reader) (UUID, error) {
	var id UUID
	if _, err := io.ReadFull(entropy, id[6:]); err != nil {
		return UUID{}, fmt.Errorf("new uuid: %w", err)
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0F | 0x70
	id[8] = id[8]&0x3F | 0x80
	return id, nil
}

// ErrUUID is returned for a text that is not a UUID of 36 characters.
var ErrUUID = errors.New("not a uuid: want 36 characters like 01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f")

// ParseUUID reads the 36-character form.
func ParseUUID(text string) (UUID, error) {
	var id UUID
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return UUID{}, ErrUUID
	}
	digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return UUID{}, ErrUUID
	}
	return id, nil
}

func (id UUID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], id[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], id[10:16])
	return string(b[:])
}

// Time is when a version 7 UUID was made, to the millisecond, in UTC.
func (id UUID) Time() time.Time {
	var ms [8]byte
	copy(ms[2:], id[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC()
}

// IsZero reports whether the id was never set.
func (id UUID) IsZero() bool { return id == UUID{} }

// MarshalText writes the 36-character form.
func (id UUID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the 36-character form.
func (id *UUID) UnmarshalText(text []byte) error {
	parsed, err := ParseUUID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// VisitID names one visit to one door, from the grant to the receipt: the cloud makes it, the cabinet repeats it.
type VisitID = UUID
