package claim

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"allhours/protocol"
)

// alphabet has no letter that is taken for a digit or another letter (I, L, O, U are left out).
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const (
	codeLength = 16 // characters of 5 bits: 75 random bits, and one character that tells a slip of the finger
	groupOf    = 4
)

// Code is what a person reads in one place and types in another: 16 characters of the alphabet.
type Code string

// NewCode makes a code of 75 random bits.
func NewCode(entropy io.Reader) (Code, error) {
	raw := make([]byte, codeLength)
	if _, err := io.ReadFull(entropy, raw[:codeLength-1]); err != nil {
		return "", fmt.Errorf("new claim code: %w", err)
	}
	values := raw[:codeLength-1]
	for i := range values {
		values[i] &= 31
	}
	raw[codeLength-1] = check(values)
	for i, v := range raw {
		raw[i] = alphabet[v]
	}
	return Code(raw), nil
}

// ParseCode reads a code as people type it: in small letters, with or without the hyphens, with O for 0 and I or L for 1.
// It has protocol.CodeMalformed for what cannot be a code; one wrong character, or any two that were swapped, is noticed.
func ParseCode(text string) (Code, error) {
	plain := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if len(plain) != codeLength {
		return "", protocol.Errorf(protocol.CodeMalformed, "claim code: %d characters: want %d, such as %s", len(plain), codeLength, Code("0123456789ABCDEF"))
	}
	values := make([]byte, codeLength)
	for i := range values {
		v := strings.IndexByte(alphabet, plain[i])
		if v < 0 {
			return "", protocol.Errorf(protocol.CodeMalformed, "claim code: character %d is in no code: want digits and letters without I, L, O and U", i+1)
		}
		values[i] = byte(v)
	}
	if check(values[:codeLength-1]) != values[codeLength-1] {
		return "", protocol.Errorf(protocol.CodeMalformed, "claim code: a character is wrong, or two are swapped: want it as it was printed")
	}
	return Code(plain), nil
}

// String groups the characters by four.
func (c Code) String() string {
	var groups []string
	for at := 0; at < len(c); at += groupOf {
		groups = append(groups, string(c[at:min(at+groupOf, len(c))]))
	}
	return strings.Join(groups, "-")
}

// Hash is what the cloud keeps of a code. Nobody can try 75 bits out, so that it needs no salt and no costs.
func (c Code) Hash() [sha256.Size]byte {
	return sha256.Sum256([]byte("allhours claim code 1\x00" + string(c)))
}

// check weighs each character with another power of 2 in the field of 32 elements, so that no change of one character and
// no swap of two leaves it as it was.
func check(values []byte) byte {
	var sum byte
	for _, v := range values {
		sum = double(sum ^ v)
	}
	return sum
}

// double multiplies by x modulo x^5 + x^2 + 1.
func double(v byte) byte {
	v <<= 1
	if v&32 != 0 {
		v ^= 0b100101
	}
	return v
}
