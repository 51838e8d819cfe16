package claim

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"allhours/protocol"
	"allhours/protocol/grant"
)

// Version of the request and the papers.
const Version = 1

// A signature made for a claim can never pass for one made for another kind of message.
const signingContext = "allhours claim 1\x00"

const secretSize = 32 // bytes of a password

// Request (POST /api/v1/claim) asks for the papers of the cabinet that the code was printed for. It may be sent again as it
// is, when its answer was lost: all that is in it is the device's choice, and the signature binds it together.
type Request struct {
	V        int           `json:"v"`
	Code     Code          `json:"code"`
	Key      []byte        `json:"key"`      // the device's public key, Ed25519
	Journal  protocol.UUID `json:"journal"`  // that the device will write from now on
	Password string        `json:"password"` // for the broker, 32 bytes in base64url
	Sig      []byte        `json:"sig"`
}

// NewRequest makes and signs a request. The password follows from key and code: asking again asks for the same.
func NewRequest(code Code, key ed25519.PrivateKey, journal protocol.UUID) Request {
	secret := hmac.New(sha256.New, key.Seed())
	secret.Write([]byte("allhours broker password 1\x00" + string(code)))
	r := Request{
		V: Version, Code: code, Key: key.Public().(ed25519.PublicKey), Journal: journal,
		Password: base64.RawURLEncoding.EncodeToString(secret.Sum(nil)),
	}
	r.Sig = ed25519.Sign(key, r.signed())
	return r
}

// signed has parts of fixed lengths only, once the request is well formed.
func (r Request) signed() []byte {
	b := append([]byte(signingContext), r.Code...)
	b = append(b, r.Key...)
	b = append(b, r.Journal[:]...)
	return append(b, r.Password...)
}

// Check reports what is wrong with a request in itself: protocol.CodeUnsupported, CodeMalformed or CodeBadSignature.
func (r Request) Check() error {
	if r.V != Version {
		return protocol.Errorf(protocol.CodeUnsupported, "claim: version %d: want %d", r.V, Version)
	}
	code, err := ParseCode(string(r.Code))
	if err != nil {
		return err
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(r.Password)
	switch {
	case code != r.Code:
		return protocol.Errorf(protocol.CodeMalformed, "claim: code: want it without hyphens, in capitals")
	case len(r.Key) != ed25519.PublicKeySize || len(r.Sig) != ed25519.SignatureSize:
		return protocol.Errorf(protocol.CodeMalformed, "claim: key of %d bytes, signature of %d", len(r.Key), len(r.Sig))
	case r.Journal.IsZero():
		return protocol.Errorf(protocol.CodeMalformed, "claim: want the id of the device's journal")
	case err != nil || len(secret) != secretSize:
		return protocol.Errorf(protocol.CodeMalformed, "claim: password: want %d bytes in base64url", secretSize)
	case !ed25519.Verify(r.Key, r.signed(), r.Sig):
		return protocol.Errorf(protocol.CodeBadSignature, "claim: the signature does not match the key")
	}
	return nil
}

// Papers are what a cabinet knows of the fleet after its claim, beside the password that it chose.
type Papers struct {
	V       int                `json:"v"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Shard   uint8              `json:"shard"`
	MQTT    Broker             `json:"mqtt"`
	Keys    []PublicKey        `json:"keys"`
}

// Broker is where the cabinet connects, and as whom.
type Broker struct {
	URL  string `json:"url"` // tcp:// or tls://host:port; without a host it is on the machine that the claim was sent to
	User string `json:"user"`
}

// PublicKey checks what the cloud signs.
type PublicKey struct {
	ID     uint32 `json:"id"`
	Public string `json:"public"` // 32 bytes in base64
}

// GrantKeys are the keys by id; protocol.CodeMalformed where one is no key, or there is none.
func (p Papers) GrantKeys() (grant.Keys, error) {
	keys := make(grant.Keys, len(p.Keys))
	for _, k := range p.Keys {
		raw, err := base64.StdEncoding.DecodeString(k.Public)
		if err != nil || len(raw) != ed25519.PublicKeySize {
			return nil, protocol.Errorf(protocol.CodeMalformed, "papers: key %d: want %d bytes in base64", k.ID, ed25519.PublicKeySize)
		}
		keys[k.ID] = raw
	}
	if len(keys) == 0 || len(keys) != len(p.Keys) {
		return nil, protocol.Errorf(protocol.CodeMalformed, "papers: %d keys under %d ids: want one or more, each once", len(p.Keys), len(keys))
	}
	return keys, nil
}
