package ingest

import (
	"bytes"
	"unicode/utf8"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// Limits of what an event may say and still be believed. What is beyond them is set aside, or judged by a person.
const (
	mostCounted = 1 << 53 // a counter above it has not been counted
	mostTold    = 1000    // platforms of one event
)

// sane refuses a body that can be read and cannot be true. A settlement whose quantities cannot be is not refused: its visit
// must have an end, which a person gives it.
func sane(body wire.Body) error {
	now, told := countersOf(body)
	if told && (now.Openings > mostCounted || now.Units > mostCounted || now.Fen < 0 || now.Fen > mostCounted) {
		return protocol.Errorf(protocol.CodeMalformed, "counters %+v: want what can be counted", now)
	}
	switch b := body.(type) {
	case wire.SettledBody:
		if len(b.Answer.Levels) > mostTold {
			return protocol.Errorf(protocol.CodeMalformed, "levels of %d platforms: want %d at most", len(b.Answer.Levels), mostTold)
		}
	case wire.StockBody:
		if len(b.Levels) > mostTold {
			return protocol.Errorf(protocol.CodeMalformed, "levels of %d platforms: want %d at most", len(b.Levels), mostTold)
		}
	}
	return nil
}

// legible makes text of a body that has bytes which are none: databases differ in what they do with those, and what is kept
// must be the same everywhere.
func legible(e wire.Event) wire.Event {
	if !utf8.Valid(e.Body) {
		e.Body = bytes.ToValidUTF8(e.Body, []byte("\uFFFD"))
	}
	return e
}
