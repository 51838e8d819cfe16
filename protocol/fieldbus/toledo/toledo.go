// Package toledo reads and writes the continuous output of Mettler Toledo scales and of the many that copy it: STX, three
// status words, six digits of weight, six of tare, CR and, where the scale is set so, a checksum.
//
// It does no I/O and reads no clock. Without the checksum only the form protects a frame.
package toledo

import (
	"errors"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
)

var (
	// ErrForeign says that the bytes are no frame in this format.
	ErrForeign = errors.New("toledo: not a weight in this format")
	// ErrChecksum says that the frame's checksum is wrong.
	ErrChecksum = errors.New("toledo: checksum is wrong")
)

const (
	stx      = 0x02
	cr       = 0x0D
	digits   = 6
	plainLen = 1 + 3 + 2*digits + 1

	// MaxFrame is the length of the longest frame.
	MaxFrame = plainLen + 1
)

// Bits of the status words.
const (
	wordAPoint    = 0x07 // 2 for no decimals, 3 for one, and so on
	wordAAlways   = 0x28 // increments of 1, and a bit that is always set
	wordBNet      = 1 << 0
	wordBNegative = 1 << 1
	wordBOver     = 1 << 2
	wordBMotion   = 1 << 3
	wordBKilogram = 1 << 4
	wordBAlways   = 1 << 5
	wordCUnit     = 0x07 // 0: as word B has it; 1: grams
	wordCGrams    = 0x01
	wordCTenfold  = 1 << 4 // the display is expanded: a digit more than the format has
	wordCAlways   = 1 << 5

	pointOfNone = 2
)

// Format is how one scale shows its weight.
type Format struct {
	Unit     fieldbus.Unit
	Decimals int // 0 to 5
	Checksum bool
	Parity   ascii.Parity
}

// MaxDecimals is how many decimals three bits can tell.
const MaxDecimals = 5

func (f Format) frameLen() int {
	if f.Checksum {
		return MaxFrame
	}
	return plainLen
}

// Frames finds frames in a stream of bytes. It holds at most one.
type Frames struct {
	format Format
	held   []byte
}

// NewFrames finds frames of a format.
func NewFrames(f Format) *Frames { return &Frames{format: f, held: make([]byte, 0, MaxFrame)} }

// Push takes the next byte and gives the frame that it ends, without parity bits, valid until the next call. ended tells
// that as many bytes as a frame has have come since an STX, whatever they are: frame is nil where they are none, and the
// search goes on behind that STX.
func (s *Frames) Push(b byte) (frame []byte, ended bool) {
	c, ok := s.format.Parity.Strip(b)
	if !ok {
		c = 0xFF // it is no part of any frame
	}
	if len(s.held) == s.format.frameLen() {
		s.held = s.held[:0]
	}
	s.held = append(s.held, c)
	if s.held[0] != stx {
		s.held = s.held[:0]
		return nil, false
	}
	switch {
	case len(s.held) < s.format.frameLen():
		return nil, false
	case s.held[plainLen-1] == cr:
		return s.held, true
	}
	s.skip()
	return nil, true
}

// skip drops bytes up to the next that may begin a frame.
func (s *Frames) skip() {
	for i := 1; i < len(s.held); i++ {
		if s.held[i] == stx {
			s.held = append(s.held[:0], s.held[i:]...)
			return
		}
	}
	s.held = s.held[:0]
}

// Reset forgets a frame that has begun.
func (s *Frames) Reset() { s.held = s.held[:0] }

// Parse reads a frame without parity bits. The weight is the gross one: a tare that was set at the scale is added again.
func (f Format) Parse(frame []byte) (fieldbus.Reading, error) {
	if len(frame) != f.frameLen() || frame[0] != stx || frame[plainLen-1] != cr {
		return fieldbus.Reading{}, ErrForeign
	}
	if f.Checksum && frame[plainLen] != checksum(frame[:plainLen]) {
		return fieldbus.Reading{}, ErrChecksum
	}
	a, b, c := frame[1], frame[2], frame[3]
	switch {
	case a&0x80 != 0 || b&0x80 != 0 || c&0x80 != 0, int(a&wordAPoint) != pointOfNone+f.Decimals, c&wordCTenfold != 0, !f.unitFits(b, c):
		return fieldbus.Reading{}, ErrForeign
	case b&wordBOver != 0:
		return fieldbus.Reading{Over: true}, nil
	}
	shown, okShown := number(frame[4 : 4+digits])
	tare, okTare := number(frame[4+digits : 4+2*digits])
	if !okShown || !okTare {
		return fieldbus.Reading{}, ErrForeign
	}
	if b&wordBNegative != 0 {
		shown = -shown
	}
	if b&wordBNet != 0 {
		shown += tare
	}
	return fieldbus.Reading{Weight: f.Unit.Weight(shown, f.Decimals), Unstable: b&wordBMotion != 0}, nil
}

func (f Format) unitFits(b, c byte) bool {
	if f.Unit == fieldbus.Grams {
		return c&wordCUnit == wordCGrams
	}
	return c&wordCUnit == 0 && b&wordBKilogram != 0
}

// number reads six digits; scales leave zeros in front out or not.
func number(text []byte) (int64, bool) {
	if text[0] == ' ' {
		return ascii.Spaces(text, 0)
	}
	return ascii.Zeros(text, 0)
}

// checksum is what makes the sum of the low seven bits of all bytes, itself included, zero.
func checksum(frame []byte) byte {
	sum := byte(0)
	for _, c := range frame {
		sum += c & 0x7F
	}
	return -sum & 0x7F
}

// AppendFrame appends the frame that tells a reading, without a tare.
func (f Format) AppendFrame(dst []byte, r fieldbus.Reading) []byte {
	a, b, c := wordAAlways|byte(pointOfNone+f.Decimals), byte(wordBAlways), byte(wordCAlways)
	if f.Unit == fieldbus.Grams {
		c |= wordCGrams
	} else {
		b |= wordBKilogram
	}
	count := f.Unit.Count(r.Weight, f.Decimals)
	if count < 0 {
		b |= wordBNegative
		count = -count
	}
	if r.Over {
		b |= wordBOver
	}
	if r.Unstable {
		b |= wordBMotion
	}
	frame := ascii.AppendZeros([]byte{stx, a, b, c}, count, 0, digits)
	frame = append(ascii.AppendZeros(frame, 0, 0, digits), cr)
	if f.Checksum {
		frame = append(frame, checksum(frame))
	}
	return f.Parity.Append(dst, string(frame))
}
