package people

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
)

// KeySize is the length of the key file in bytes: half of it authenticates, half encrypts.
const KeySize = 64

// vault hides phones and codes.
type vault struct {
	mac  []byte
	aead cipher.AEAD
}

func newVault(key []byte) (*vault, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("people: key of %d bytes: want %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key[KeySize/2:])
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return &vault{mac: key[:KeySize/2], aead: aead}, nil
}

// NewKey makes the content of a key file.
func NewKey() ([]byte, error) {
	key := make([]byte, KeySize)
	_, err := rand.Read(key)
	return key, err
}

// tag authenticates a text for one use; a MAC, and no bare hash: phones and codes are few enough to be tried out.
func (v *vault) tag(use string, parts ...string) []byte {
	m := hmac.New(sha256.New, v.mac)
	m.Write([]byte(use))
	for _, p := range parts {
		m.Write([]byte{0})
		m.Write([]byte(p))
	}
	return m.Sum(nil)
}

// seal encrypts a phone, bound to the person that it belongs to.
func (v *vault) seal(phone string, owner protocol.UUID) ([]byte, error) {
	nonce := make([]byte, v.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal phone: %w", err)
	}
	return v.aead.Seal(nonce, nonce, []byte(phone), owner[:]), nil
}

// open reads what seal wrote.
func (v *vault) open(sealed []byte, owner protocol.UUID) (string, error) {
	size := v.aead.NonceSize()
	if len(sealed) < size {
		return "", errors.New("what is sealed is too short")
	}
	plain, err := v.aead.Open(nil, sealed[:size], sealed[size:], owner[:])
	if err != nil {
		return "", errors.New("what is sealed cannot be opened with this key")
	}
	return string(plain), nil
}

// normal reads a phone in E.164; spaces and hyphens between the digits are forgiven.
func normal(phone string) (string, error) {
	phone = strings.NewReplacer(" ", "", "-", "").Replace(phone)
	digits, ok := strings.CutPrefix(phone, "+")
	good := ok && len(digits) >= 8 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
	if !good {
		return "", protocol.Errorf(cloud.CodeBadPhone, "want E.164: +, the country and the number, 8 to 15 digits")
	}
	return phone, nil
}
