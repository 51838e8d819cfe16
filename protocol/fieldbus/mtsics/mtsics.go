// Package mtsics reads and writes the part of MT-SICS that weighing needs: the command SI, which asks for the weight as it
// is now, and what a scale answers to it.
//
// The answers have no checksum and no address, so their form is all that protects them: unit and decimals must be those
// that the scale is known to have. The package does no I/O and keeps no state.
package mtsics

import (
	"errors"
	"fmt"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
)

// Ask is the command for the weight at once, stable or not.
const Ask = "SI\r\n"

var (
	// ErrForeign says that the bytes are no answer to Ask in this format.
	ErrForeign = errors.New("mt-sics: not a weight in this format")
	// ErrBusy says that the scale cannot weigh now, for example while it is being zeroed.
	ErrBusy = errors.New("mt-sics: the scale cannot weigh now")
	// ErrRefused says that the scale did not understand or did not take the command.
	ErrRefused = errors.New("mt-sics: the scale refused the command")
)

// Lengths of answers, CR and LF included.
const (
	fieldLen  = 10 // of the number
	headLen   = 4  // "S S "
	shortLen  = 5  // "S I\r\n"
	refuseLen = 4  // "ES\r\n"
)

// Format is how one scale shows its weight.
type Format struct {
	Unit     fieldbus.Unit
	Decimals int
	Parity   ascii.Parity
}

// AppendAsk appends the command as it goes over the wire.
func (f Format) AppendAsk(dst []byte) []byte { return f.Parity.Append(dst, Ask) }

// ReplyLen is the length of an answer with a weight.
func (f Format) ReplyLen() int { return headLen + fieldLen + 1 + len(f.Unit) + len("\r\n") }

// Need tells from the first bytes of an answer how long it is; ErrForeign as soon as they cannot begin one.
func (f Format) Need(received []byte) (int, error) {
	var head [3]byte
	for i := range min(len(received), len(head)) {
		c, ok := f.Parity.Strip(received[i])
		if !ok {
			return 0, ErrForeign
		}
		head[i] = c
	}
	switch {
	case len(received) == 0:
		return refuseLen, nil
	case head[0] == 'E':
		return refuseLen, nil
	case head[0] != 'S' || len(received) > 1 && head[1] != ' ':
		return 0, ErrForeign
	case len(received) < len(head):
		return shortLen, nil
	case head[2] == 'S' || head[2] == 'D':
		return f.ReplyLen(), nil
	case head[2] == 'I' || head[2] == '+' || head[2] == '-':
		return shortLen, nil
	}
	return 0, ErrForeign
}

// Parse reads a whole answer. Its error is ErrForeign, ErrBusy or ErrRefused; the last two are the scale's own word.
func (f Format) Parse(frame []byte) (fieldbus.Reading, error) {
	text := make([]byte, len(frame))
	for i, b := range frame {
		c, ok := f.Parity.Strip(b)
		if !ok {
			return fieldbus.Reading{}, ErrForeign
		}
		text[i] = c
	}
	switch string(text) {
	case "S I\r\n":
		return fieldbus.Reading{}, ErrBusy
	case "S +\r\n", "S -\r\n":
		return fieldbus.Reading{Over: true}, nil
	case "ES\r\n", "ET\r\n", "EL\r\n":
		return fieldbus.Reading{}, fmt.Errorf("%w: %s", ErrRefused, text[:2])
	}
	tail := " " + string(f.Unit) + "\r\n"
	if len(text) != f.ReplyLen() || string(text[headLen+fieldLen:]) != tail {
		return fieldbus.Reading{}, ErrForeign
	}
	head := string(text[:headLen])
	if head != "S S " && head != "S D " {
		return fieldbus.Reading{}, ErrForeign
	}
	count, ok := ascii.Spaces(text[headLen:headLen+fieldLen], f.Decimals)
	if !ok {
		return fieldbus.Reading{}, ErrForeign
	}
	return fieldbus.Reading{Weight: f.Unit.Weight(count, f.Decimals), Unstable: head == "S D "}, nil
}

// AppendReply appends the answer that tells a reading.
func (f Format) AppendReply(dst []byte, r fieldbus.Reading) []byte {
	if r.Over {
		sign := "+"
		if r.Weight < 0 {
			sign = "-"
		}
		return f.Parity.Append(dst, "S "+sign+"\r\n")
	}
	text := []byte("S S ")
	if r.Unstable {
		text = []byte("S D ")
	}
	text = ascii.AppendSpaces(text, f.Unit.Count(r.Weight, f.Decimals), f.Decimals, fieldLen)
	return f.Parity.Append(dst, string(text)+" "+string(f.Unit)+"\r\n")
}
