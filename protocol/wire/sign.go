package wire

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"

	"allhours/protocol"
	"allhours/protocol/grant"
)

// Kind keeps a signature made for one kind of message from passing for another.
type Kind string

// The signed kinds.
const (
	KindAck    Kind = "ack"
	KindConfig Kind = "config"
	KindTask   Kind = "task"
)

func (k Kind) signed(payload []byte) []byte {
	return append([]byte("allhours "+string(k)+" 1\x00"), payload...)
}

// Seal signs a message and encodes it.
func Seal(k Kind, s grant.Signer, message any) ([]byte, error) {
	return new(Packer).Seal(k, s, message)
}

// Seal is as the function of that name.
func (p *Packer) Seal(k Kind, s grant.Signer, message any) ([]byte, error) {
	payload, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", k, err)
	}
	return p.Encode(Signed{KeyID: s.KeyID, Sig: ed25519.Sign(s.Key, k.signed(payload)), Payload: payload})
}

// Unseal checks the signature and reads the message.
func Unseal(k Kind, keys grant.Keys, raw []byte, message any) error {
	var s Signed
	if err := Decode(raw, &s); err != nil {
		return err
	}
	key, ok := keys[s.KeyID]
	if !ok {
		return protocol.Errorf(protocol.CodeUnknownKey, "%s: key %d is not known here", k, s.KeyID)
	}
	if !ed25519.Verify(key, k.signed(s.Payload), s.Sig) {
		return protocol.Errorf(protocol.CodeBadSignature, "%s: signature does not match key %d", k, s.KeyID)
	}
	if err := json.Unmarshal(s.Payload, message); err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "%s: %v", k, err)
	}
	return nil
}
