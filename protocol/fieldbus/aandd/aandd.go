// Package aandd reads and writes the lines that A&D scales send on their own, such as "ST,+00123.4  g": a state, a number
// of a fixed width and a unit of three characters, ended by CR LF.
//
// The lines have no checksum, so their form is all that protects them: width, decimals and unit must be those that the
// scale is known to have. The package does no I/O and keeps no state.
package aandd

import (
	"errors"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
)

// ErrForeign says that a line is no weight in this format.
var ErrForeign = errors.New("a&d: not a weight in this format")

// Lengths within a line.
const (
	headLen = 3 // "ST,"
	unitLen = 3

	// MaxLine is the longest line that a scale sends, without its end.
	MaxLine = 32
)

// Format is how one scale shows its weight.
type Format struct {
	Unit     fieldbus.Unit
	Decimals int
	Width    int // of the number, with its point and without its sign
}

// Parse reads a line without its end. QT, a count of pieces, is no weight.
func (f Format) Parse(line []byte) (fieldbus.Reading, error) {
	if len(line) < headLen {
		return fieldbus.Reading{}, ErrForeign
	}
	head, rest := string(line[:headLen]), line[headLen:]
	switch {
	case head == "OL," && over(rest):
		return fieldbus.Reading{Over: true}, nil
	case head != "ST," && head != "US,", len(rest) != 1+f.Width+unitLen, string(rest[1+f.Width:]) != f.unit():
		return fieldbus.Reading{}, ErrForeign
	}
	count, ok := ascii.Zeros(rest[1:1+f.Width], f.Decimals)
	switch {
	case !ok:
		return fieldbus.Reading{}, ErrForeign
	case rest[0] == '-':
		count = -count
	case rest[0] != '+':
		return fieldbus.Reading{}, ErrForeign
	}
	return fieldbus.Reading{Weight: f.Unit.Weight(count, f.Decimals), Unstable: head == "US,"}, nil
}

// over tells whether the rest of a line is the number that stands for none: nothing but nines.
func over(rest []byte) bool {
	if len(rest) < 2 || rest[0] != '+' && rest[0] != '-' {
		return false
	}
	for _, c := range rest[1:] {
		if c != '9' {
			return false
		}
	}
	return true
}

func (f Format) unit() string { return "   "[:unitLen-len(f.Unit)] + string(f.Unit) }

// AppendLine appends the line that tells a reading, with its end.
func (f Format) AppendLine(dst []byte, r fieldbus.Reading) []byte {
	count, sign := f.Unit.Count(r.Weight, f.Decimals), byte('+')
	if count < 0 {
		count, sign = -count, '-'
	}
	switch {
	case r.Over:
		return append(append(dst, "OL,"...), string(sign)+"9999999\r\n"...)
	case r.Unstable:
		dst = append(dst, "US,"...)
	default:
		dst = append(dst, "ST,"...)
	}
	dst = ascii.AppendZeros(append(dst, sign), count, f.Decimals, f.Width)
	return append(append(dst, f.unit()...), "\r\n"...)
}
