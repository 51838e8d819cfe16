// Package grant is the signed permission to open one door once. It builds, signs, reads and checks grants; it does not
// remember which were used: that is the cabinet's journal.
package grant

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"allhours/protocol"
)

// Version of the binary layout.
const Version = 1

// Lengths in bytes of the layout below; a grant is always Size long.
const (
	bodySize = 1 + 4 + protocol.MaxCabinetID + 1 + 1 + 16 + 16 + 16 + 16 + 8 + 8 + 4 + 4
	Size     = bodySize + ed25519.SignatureSize
)

// MaxOnline is the longest life of a grant that is bound to a connection by its challenge.
const MaxOnline = 60 * time.Second

const (
	textPrefix = "AH1."
	// A signature made for a grant can never pass for one made for another kind of message.
	signingContext = "allhours grant 1\x00"
)

// Token is 16 random bytes: a nonce, a challenge or a resident's pseudonym.
type Token [16]byte

// IsZero reports a token that was never set.
func (t Token) IsZero() bool { return t == Token{} }

// Grant lets one subject open one door of one cabinet once. Layout, big endian, in this order:
// version 1, key id 4, cabinet 16 (ASCII, zero padded), compartment 1, purpose 1, visit 16, subject 16, nonce 16,
// challenge 16, not-before 8 and not-after 8 (UTC ms), limit 4 (fen), price version 4, Ed25519 signature 64.
type Grant struct {
	KeyID        uint32
	Cabinet      protocol.CabinetID
	Compartment  protocol.Compartment
	Purpose      protocol.Purpose
	Visit        protocol.VisitID
	Subject      Token
	Nonce        Token
	Challenge    Token // of the connection it is sent over; zero for a grant that may be used offline
	NotBefore    time.Time
	NotAfter     time.Time
	LimitFen     protocol.Fen
	PriceVersion uint32
}

// Signer signs with one key; the cloud alone has one.
type Signer struct {
	KeyID uint32
	Key   ed25519.PrivateKey
}

// Sign gives the binary form of the grant under the signer's key.
func (s Signer) Sign(g Grant) ([]byte, error) {
	g.KeyID = s.KeyID
	if err := g.validate(); err != nil {
		return nil, err
	}
	b := g.body()
	return append(b, ed25519.Sign(s.Key, signed(b))...), nil
}

// Text gives the form that a QR reader sends as one line of ASCII.
func Text(raw []byte) string { return textPrefix + base64.RawURLEncoding.EncodeToString(raw) }

// FromText reads the text form back into bytes; the bytes are not checked.
func FromText(text string) ([]byte, error) {
	rest, ok := strings.CutPrefix(text, textPrefix)
	if !ok {
		return nil, protocol.Errorf(protocol.CodeMalformed, "grant text: want it to begin with %s", textPrefix)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeMalformed, "grant text: not base64url: %v", err)
	}
	return raw, nil
}

// Keys are the cloud's public keys by id.
type Keys map[uint32]ed25519.PublicKey

// Open checks length, version, key, signature, cabinet and purpose, in this order, and gives the grant; one that is meant
// for another cabinet comes with its error, so that it can be told whose it is. Its time, nonce and visit are still to be
// checked: the first with CheckTime, the others by burning it.
func (k Keys) Open(raw []byte, cabinet protocol.CabinetID) (Grant, error) {
	if len(raw) != Size {
		return Grant{}, protocol.Errorf(protocol.CodeMalformed, "grant: want %d bytes, got %d", Size, len(raw))
	}
	if raw[0] != Version {
		return Grant{}, protocol.Errorf(protocol.CodeUnsupported, "grant: version %d: want %d", raw[0], Version)
	}
	g := parse(raw)
	key, ok := k[g.KeyID]
	if !ok {
		return Grant{}, protocol.Errorf(protocol.CodeUnknownKey, "grant: key %d is not known here", g.KeyID)
	}
	if !ed25519.Verify(key, signed(raw[:bodySize]), raw[bodySize:]) {
		return Grant{}, protocol.Errorf(protocol.CodeBadSignature, "grant: signature does not match key %d", g.KeyID)
	}
	if g.Cabinet != cabinet {
		return g, protocol.Errorf(protocol.CodeOtherCabinet, "grant: for cabinet %s, this is %s", g.Cabinet, cabinet)
	}
	return g, g.validate()
}

// CheckTime reports whether the grant may be used at now, the cloud's time as far as the cabinet knows it. A grant that
// is bound to a connection lives MaxOnline at most.
func (g Grant) CheckTime(now time.Time) error {
	switch {
	case now.Before(g.NotBefore):
		return protocol.Errorf(protocol.CodeNotYet, "grant: not before %s, now %s", g.NotBefore, now)
	case now.After(g.NotAfter):
		return protocol.Errorf(protocol.CodeExpired, "grant: not after %s, now %s", g.NotAfter, now)
	case !g.Challenge.IsZero() && now.Sub(g.NotBefore) > MaxOnline:
		return protocol.Errorf(protocol.CodeExpired, "grant: bound to a connection and older than %s", MaxOnline)
	}
	return nil
}

func (g Grant) validate() error {
	if err := g.Cabinet.Validate(); err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "grant: %v", err)
	}
	switch {
	case !g.Purpose.Valid():
		return protocol.Errorf(protocol.CodeMalformed, "grant: purpose %d: want 1, 2 or 3", g.Purpose)
	case g.Compartment == 0:
		return protocol.Errorf(protocol.CodeMalformed, "grant: compartment 0: doors are numbered from 1")
	case g.Visit.IsZero() || g.Nonce.IsZero():
		return protocol.Errorf(protocol.CodeMalformed, "grant: visit and nonce must be set")
	case !g.NotAfter.After(g.NotBefore):
		return protocol.Errorf(protocol.CodeMalformed, "grant: not-after %s is not after not-before %s", g.NotAfter, g.NotBefore)
	case g.LimitFen < 0 || g.LimitFen > 1<<32-1:
		return protocol.Errorf(protocol.CodeMalformed, "grant: limit %d fen does not fit 4 bytes", g.LimitFen)
	}
	return nil
}

func (g Grant) body() []byte {
	b := make([]byte, 0, Size)
	b = append(b, Version)
	b = binary.BigEndian.AppendUint32(b, g.KeyID)
	var cabinet [protocol.MaxCabinetID]byte
	copy(cabinet[:], g.Cabinet)
	b = append(b, cabinet[:]...)
	b = append(b, byte(g.Compartment), byte(g.Purpose))
	b = append(b, g.Visit[:]...)
	b = append(b, g.Subject[:]...)
	b = append(b, g.Nonce[:]...)
	b = append(b, g.Challenge[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(g.NotBefore.UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, uint64(g.NotAfter.UnixMilli()))
	b = binary.BigEndian.AppendUint32(b, uint32(g.LimitFen))
	return binary.BigEndian.AppendUint32(b, g.PriceVersion)
}

func parse(raw []byte) Grant {
	var g Grant
	next := func(n int) []byte {
		b := raw[:n]
		raw = raw[n:]
		return b
	}
	next(1)
	g.KeyID = binary.BigEndian.Uint32(next(4))
	g.Cabinet = protocol.CabinetID(bytes.TrimRight(next(protocol.MaxCabinetID), "\x00"))
	g.Compartment = protocol.Compartment(next(1)[0])
	g.Purpose = protocol.Purpose(next(1)[0])
	copy(g.Visit[:], next(16))
	copy(g.Subject[:], next(16))
	copy(g.Nonce[:], next(16))
	copy(g.Challenge[:], next(16))
	g.NotBefore = time.UnixMilli(int64(binary.BigEndian.Uint64(next(8)))).UTC()
	g.NotAfter = time.UnixMilli(int64(binary.BigEndian.Uint64(next(8)))).UTC()
	g.LimitFen = protocol.Fen(binary.BigEndian.Uint32(next(4)))
	g.PriceVersion = binary.BigEndian.Uint32(next(4))
	return g
}

func signed(body []byte) []byte { return append([]byte(signingContext), body...) }
