package cloud

import (
	"context"
	"slices"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// What is kept of pictures: one is small, and a round has few.
const (
	MaxPhotoSide   = 1280 // pixels of the longer side
	MaxRoundPhotos = 60
)

// RoundPhoto is a picture that somebody took, at a stop of a round, of goods that are thrown away. That it was taken never changes; the
// picture itself is kept as long as the chain says.
type RoundPhoto struct {
	ID    protocol.UUID
	Round protocol.UUID
	Store StoreID
	Day   ledger.Day // of the round
	picking.Place
	At     time.Time     // when it came
	Person protocol.UUID // of the staff
	By     string        // their name
	Key    string        // made by whoever took it; one picture of a round for each
	Sum    string        // SHA-256 of what is kept of it, as hexadecimal: the same picture is kept once
	Gone   bool          // the picture was forgotten, for its time was over
}

// KeepPhoto asks for a picture to be kept.
type KeepPhoto struct {
	Person protocol.UUID
	By     string
	Round  protocol.UUID
	picking.Place
	Key     string
	Picture []byte // JPEG or PNG, of any size
}

// Shows reports a photo of what a movement wrote off.
func (p RoundPhoto) Shows(m Movement) bool {
	round, of := m.Round()
	return of && round == p.Round && m.Kind == MoveWriteOff && m.Note == WasteNote(p.Cabinet, p.Platform) &&
		slices.ContainsFunc(m.Lines, func(l MovedLine) bool { return l.SKU == p.SKU })
}

// WasteNote is what a round notes of what it writes off: from where it was taken.
func WasteNote(cabinet protocol.CabinetID, platform protocol.PlatformID) string {
	return string(cabinet) + " " + string(platform)
}

// PhotoQuery selects pictures; a zero field means any.
type PhotoQuery struct {
	Round    protocol.UUID
	Store    StoreID
	From, To ledger.Day
	Cabinet  protocol.CabinetID
	SKU      protocol.SKU
	Limit    int // 0: all
}

// RoundPhotos keep pictures of what is thrown away.
type RoundPhotos interface {
	// Keep decodes a picture, makes it small, and keeps what it shows and nothing else that came with it. The same key of a round
	// keeps the first. Errors: protocol.CodeMalformed, CodeNotFound, CodeNotAStop, CodeNoPicture for what cannot be decoded,
	// CodeRoundState before the round has left and where it has MaxRoundPhotos already, CodeKeyReused.
	Keep(ctx context.Context, k KeepPhoto) (RoundPhoto, error)
	// Photos lists them, the newest first.
	Photos(ctx context.Context, q PhotoQuery) ([]RoundPhoto, error)
	// Picture is a JPEG; CodeNotFound.
	Picture(ctx context.Context, sum string) ([]byte, error)
}

// RoundPhotoTable keeps pictures, and where each was taken.
type RoundPhotoTable interface {
	// Add keeps a picture once, whatever was taken of it; CodeConflict where the round has one of this key.
	Add(p RoundPhoto, picture []byte) error
	ByKey(round protocol.UUID, key string) (p RoundPhoto, found bool, err error)
	// List has the newest first.
	List(q PhotoQuery) ([]RoundPhoto, error)
	// Picture is false where there is none.
	Picture(sum string) (jpeg []byte, found bool, err error)
}
