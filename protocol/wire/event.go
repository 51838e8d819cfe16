package wire

import (
	"crypto/sha256"
	"encoding/json"

	"allhours/protocol"
)

// Limits of one batch of events.
const (
	MaxBatchEvents = 200
	MaxBatchBytes  = 64 << 10 // uncompressed
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

// DecodeBatch reads the payload of up/event. Each event must be of version 1, of the cabinet that sent it and of a
// sequence number above 0; the bodies are left for Body to read, so that one bad event does not hide the others.
func DecodeBatch(payload []byte, from protocol.CabinetID) ([]Event, error) {
	return new(Unpacker).DecodeBatch(payload, from)
}

// DecodeBatch is as the function of that name.
func (u *Unpacker) DecodeBatch(payload []byte, from protocol.CabinetID) ([]Event, error) {
	var batch []Event
	if err := u.Decode(payload, &batch); err != nil {
		return nil, err
	}
	if len(batch) == 0 || len(batch) > MaxBatchEvents {
		return nil, protocol.Errorf(protocol.CodeMalformed, "batch of %d events: want 1 to %d", len(batch), MaxBatchEvents)
	}
	for i, e := range batch {
		switch {
		case e.V != Version:
			return nil, protocol.Errorf(protocol.CodeUnsupported, "event %d: version %d: want %d", i, e.V, Version)
		case e.Cabinet != from:
			return nil, protocol.Errorf(protocol.CodeOtherCabinet, "event %d: of cabinet %q, sent by %q", i, e.Cabinet, from)
		case e.Seq == 0 || e.Seq > 1<<62 || e.Journal.IsZero():
			return nil, protocol.Errorf(protocol.CodeMalformed, "event %d: journal %s seq %d: want both set", i, e.Journal, e.Seq)
		}
	}
	return batch, nil
}
