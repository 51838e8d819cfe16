package wire

import (
	"crypto/sha256"
	"encoding/json"
	"slices"

	"allhours/protocol"
)

// Limits of one batch of events.
const (
	MaxBatchEvents = 200
	MaxBatchBytes  = 64 << 10 // uncompressed
	mostSeq        = 1 << 62
)

// Event is one journalled fact of a cabinet. (Cabinet, Journal, Seq) is unique for ever.
type Event struct {
	V       int                `json:"v"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Journal protocol.UUID      `json:"journal"`
	Seq     uint64             `json:"seq"`   // from 1, grows by one within a journal, across boots
	Boot    uint32             `json:"boot"`  // starts counted in the journal
	At      int64              `json:"at"`    // UTC milliseconds as the cabinet believed
	Up      int64              `json:"up"`    // milliseconds since boot, by the monotonic clock
	Clock   bool               `json:"clock"` // At was known to be right when it was written
	Type    EventType          `json:"type"`
	Body    json.RawMessage    `json:"body"`
}

// Hash is what the inbox keeps of an event: the same key with another hash is quarantined.
func (e Event) Hash() [sha256.Size]byte {
	_, hash := e.Text()
	return hash
}

// Text is the event as it is stored, and its hash.
func (e Event) Text() (text []byte, hash [sha256.Size]byte) {
	text, err := json.Marshal(e)
	if err != nil { // A RawMessage that is no JSON: such an event hashes like its body alone.
		text = e.Body
	}
	return text, sha256.Sum256(text)
}

// DecodeBatch reads the payload of up/event: events of version 1, of the cabinet that sent them and of a sequence number above 0.
// The bodies are left for DecodeBody, so that one bad event does not hide the others. An event whose envelope cannot be read is
// Unreadable in its place; a payload that is no batch, or in which such a place is not known, is an error.
func DecodeBatch(payload []byte, from protocol.CabinetID) ([]Event, error) {
	return new(Unpacker).DecodeBatch(payload, from)
}

// DecodeBatch is as the function of that name.
func (u *Unpacker) DecodeBatch(payload []byte, from protocol.CabinetID) ([]Event, error) {
	plain, err := u.inflate(payload)
	if err != nil {
		return nil, err
	}
	var batch []Event
	err = json.Unmarshal(plain, &batch)
	if err == nil && len(batch) > 0 && len(batch) <= MaxBatchEvents && !slices.ContainsFunc(batch, func(e Event) bool { return e.flaw(from) != nil }) {
		return batch, nil
	}
	return salvage(plain, from)
}

// flaw is what is wrong with the envelope of an event of a cabinet; nil where nothing is.
func (e Event) flaw(from protocol.CabinetID) error {
	switch {
	case e.V != Version:
		return protocol.Errorf(protocol.CodeUnsupported, "version %d: want %d", e.V, Version)
	case e.Cabinet != from:
		return protocol.Errorf(protocol.CodeOtherCabinet, "of cabinet %q, sent by %q", e.Cabinet, from)
	case e.Seq == 0 || e.Seq > mostSeq || e.Journal.IsZero():
		return protocol.Errorf(protocol.CodeMalformed, "journal %s seq %d: want both set", e.Journal, e.Seq)
	}
	return nil
}
