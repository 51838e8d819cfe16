package wire

import (
	"encoding/json"

	"allhours/protocol"
)

// Unreadable is the type of an event whose envelope the receiver could not read. No cabinet writes one: it is made where the event
// arrives, in the place of the one that was sent, which is its body word for word. So it can be kept and acknowledged, and a second
// arrival makes the same of it.
const Unreadable EventType = "unreadable"

// envelope is an event of which nothing is believed yet.
type envelope struct {
	Journal, Seq, Boot, At, Up, Clock json.RawMessage
}

// salvage reads a batch in which something is wrong, event by event.
func salvage(plain []byte, from protocol.CabinetID) ([]Event, error) {
	var raws []json.RawMessage
	if err := json.Unmarshal(plain, &raws); err != nil {
		return nil, protocol.Errorf(protocol.CodeMalformed, "batch: %v", err)
	}
	if len(raws) == 0 || len(raws) > MaxBatchEvents {
		return nil, protocol.Errorf(protocol.CodeMalformed, "batch of %d events: want 1 to %d", len(raws), MaxBatchEvents)
	}
	batch := make([]Event, len(raws))
	var first error
	for i, raw := range raws {
		var flaw error
		if batch[i], flaw = strictly(raw, from); flaw != nil {
			batch[i] = leniently(raw, from)
			if first == nil {
				first = protocol.Errorf(protocol.CodeOf(flaw), "event %d: %v", i, flaw)
			}
		}
	}
	if !placed(batch) {
		return nil, first
	}
	return batch, nil
}

// strictly reads an event as it should be.
func strictly(raw json.RawMessage, from protocol.CabinetID) (Event, error) {
	var e Event
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, protocol.Errorf(protocol.CodeMalformed, "envelope: %v", err)
	}
	return e, e.flaw(from)
}

// leniently makes an unreadable event of what was sent, with what of its place and time can be read.
func leniently(raw json.RawMessage, from protocol.CabinetID) Event {
	e := Event{V: Version, Cabinet: from, Type: Unreadable, Body: raw}
	var sent envelope
	if json.Unmarshal(raw, &sent) != nil {
		return e
	}
	for field, into := range map[*json.RawMessage]any{
		&sent.Journal: &e.Journal, &sent.Seq: &e.Seq, &sent.Boot: &e.Boot, &sent.At: &e.At, &sent.Up: &e.Up, &sent.Clock: &e.Clock,
	} {
		_ = json.Unmarshal(*field, into) // What cannot be read stays unset.
	}
	if e.Seq > mostSeq {
		e.Seq = 0
	}
	return e
}

// placed gives the events without a journal or a sequence number those that follow from their neighbours: a cabinet sends what is
// consecutive, of its one journal. It is false where the neighbours do not say.
func placed(batch []Event) bool {
	var journal protocol.UUID
	var base uint64 // of the event before the first; it wraps around below 0, and so does what is added to it
	lost, known, one, consecutive := false, false, true, true
	for i, e := range batch {
		lost = lost || e.Seq == 0 || e.Journal.IsZero()
		if !e.Journal.IsZero() {
			one = one && (journal.IsZero() || journal == e.Journal)
			journal = e.Journal
		}
		if e.Seq != 0 {
			consecutive = consecutive && (!known || e.Seq-uint64(i) == base)
			base, known = e.Seq-uint64(i), true
		}
	}
	if !lost {
		return true
	}
	if !known || !one || !consecutive || journal.IsZero() || base == 0 || base > mostSeq {
		return false
	}
	for i := range batch {
		batch[i].Journal, batch[i].Seq = journal, base+uint64(i)
	}
	return true
}

// Flaw is why an unreadable event could not be read; nil for one that can be read now, and for every other event.
func (e Event) Flaw() error {
	if e.Type != Unreadable {
		return nil
	}
	_, err := strictly(e.Body, e.Cabinet)
	return err
}

// decodeUnreadable reads the body of what was sent, whatever is wrong around it: a person may say that it counts.
func decodeUnreadable(raw json.RawMessage) (Body, error) {
	var sent struct {
		V    int
		Type EventType
		Body json.RawMessage
	}
	switch err := json.Unmarshal(raw, &sent); {
	case err == nil && sent.V != Version:
		return nil, protocol.Errorf(protocol.CodeUnsupported, "version %d: want %d", sent.V, Version)
	case err != nil:
		return nil, protocol.Errorf(protocol.CodeMalformed, "body of %s: %v", Unreadable, err)
	case sent.Type == Unreadable:
		return nil, protocol.Errorf(protocol.CodeMalformed, "body of %s: it is one itself", Unreadable)
	}
	return DecodeBody(sent.Type, sent.Body)
}
