package board

import (
	"time"

	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/mtsics"
)

// Text is how a scale that speaks in text writes its weight.
type Text interface {
	// Append appends what the scale sends for a reading.
	Append(dst []byte, r fieldbus.Reading) []byte
}

// TextScale is a scale with a line of its own that speaks in text. Its zero and creep tracking were switched off at the
// scale itself, where alone that can be done.
type TextScale struct {
	meter *meter
	text  Text
	every time.Duration // between two readings that it sends unasked; 0 where it is asked
	next  time.Time     // when it sends one
	sics  mtsics.Format
	asked *ascii.Lines // the commands that it hears; nil where it hears none
}

// NewStreaming makes a scale that sends its weight on its own, again and again.
func NewStreaming(spec ScaleSpec, text Text, every time.Duration) *TextScale {
	s := newTextScale(spec, text)
	s.every = every
	return s
}

// NewSICS makes a scale that speaks MT-SICS.
func NewSICS(spec ScaleSpec, format mtsics.Format) *TextScale {
	s := newTextScale(spec, sicsText{format})
	s.sics = format
	s.asked = ascii.NewLines(longestCommand, format.Parity)
	return s
}

const longestCommand = 40

func newTextScale(spec ScaleSpec, text Text) *TextScale {
	m := newMeter(spec.Converter, spec.CapacityG, spec.DivisionG)
	m.setTracking(tracking{})
	return &TextScale{meter: m, text: text}
}

// Said lists the weights that the scale has shown lately, by channel.
func (s *TextScale) Said() [][]protocol.Milligrams { return [][]protocol.Milligrams{s.meter.said} }

// Tracks is false: it was switched off at the scale.
func (s *TextScale) Tracks() bool { return false }

// Restart lets the scale lose its power for a moment; what was set at it stays.
func (s *TextScale) Restart() { s.next = time.Time{} }

// reading is what the scale shows; false where its converter is dead.
func (s *TextScale) reading(at time.Time) (fieldbus.Reading, bool) {
	grams, status := s.meter.gross(at)
	return fieldbus.Reading{
		Weight: protocol.FromGrams(grams), Unstable: status&StatusUnstable != 0, Over: status&StatusOverload != 0,
	}, status&StatusOverflow == 0
}

// Streams reports whether the scale speaks unasked.
func (s *TextScale) Streams() bool { return s.every > 0 }

// Speak sends a reading when it is time; a scale whose converter is dead sends nothing.
func (s *TextScale) Speak(at time.Time) (said []byte, again time.Duration) {
	if s.next.IsZero() || at.Sub(s.next) > s.every {
		s.next = at
	}
	if at.Before(s.next) {
		return nil, s.next.Sub(at)
	}
	s.next = s.next.Add(s.every)
	if r, ok := s.reading(at); ok {
		said = s.text.Append(nil, r)
	}
	return said, s.next.Sub(at)
}

// Answer obeys the commands that were heard; each line is one. A scale that sends on its own hears nothing.
func (s *TextScale) Answer(heard []byte, at time.Time) []byte {
	if s.asked == nil {
		return nil
	}
	var sent []byte
	for _, b := range heard {
		command, ended := s.asked.Push(b)
		if ended {
			sent = s.obey(string(command), at)
		}
	}
	return sent
}

// obey answers one command. Only those that weigh are known.
func (s *TextScale) obey(command string, at time.Time) []byte {
	r, ok := s.reading(at)
	switch {
	case command == "":
		return s.sics.Parity.Append(nil, "ET\r\n")
	case command != "SI" && command != "S":
		return s.sics.Parity.Append(nil, "ES\r\n")
	case !ok, command == "S" && r.Unstable:
		return s.sics.Parity.Append(nil, "S I\r\n")
	}
	return s.text.Append(nil, r)
}

type sicsText struct{ mtsics.Format }

func (t sicsText) Append(dst []byte, r fieldbus.Reading) []byte { return t.AppendReply(dst, r) }
