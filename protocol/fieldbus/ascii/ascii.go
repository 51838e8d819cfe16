// Package ascii holds what devices that speak in text have in common: lines that end in CR, in LF or in both, numbers of a
// fixed width, and bytes of seven bits with a parity bit.
//
// It is strict on purpose: text without a checksum is protected by its form alone. It does no I/O and reads no clock.
package ascii

// Parity is what the eighth bit of a byte is for.
type Parity string

// Parities. With Even and Odd a byte carries seven bits, and its highest bit tells whether one of them was changed; the
// line itself then has eight bits and no parity.
const (
	Eight Parity = ""
	Even  Parity = "even"
	Odd   Parity = "odd"
)

// Known reports whether the parity is one of those above.
func (p Parity) Known() bool { return p == Eight || p == Even || p == Odd }

// Strip gives the character of a received byte; false where its parity is wrong.
func (p Parity) Strip(b byte) (c byte, ok bool) {
	if p == Eight {
		return b, true
	}
	return b & 0x7F, p.dress(b&0x7F) == b
}

// Append appends text as it goes over the wire. Text of seven bits only can have a parity.
func (p Parity) Append(dst []byte, text string) []byte {
	for i := range len(text) {
		dst = append(dst, p.dress(text[i]))
	}
	return dst
}

func (p Parity) dress(c byte) byte {
	if p == Eight {
		return c
	}
	ones := byte(0)
	for rest := c; rest != 0; rest >>= 1 {
		ones ^= rest & 1
	}
	if (p == Even) == (ones == 1) {
		return c | 0x80
	}
	return c
}

// Ends of lines.
const (
	CR = '\r'
	LF = '\n'
)

// Lines finds lines of printable characters in a stream of bytes. A line with anything else in it, with a wrong parity or
// with too many characters is dropped whole, up to its end. It holds at most one line.
type Lines struct {
	parity Parity
	max    int
	held   []byte
	bad    bool
}

// NewLines finds lines of at most max characters, without their end.
func NewLines(limit int, parity Parity) *Lines {
	return &Lines{parity: parity, max: limit, held: make([]byte, 0, limit)}
}

// Push takes the next byte and gives the line that it ends. The line is valid until the next call. ended tells that a
// line has ended, whole or not; the end of an empty line, such as the LF after a CR, is none.
func (l *Lines) Push(b byte) (line []byte, ended bool) {
	c, ok := l.parity.Strip(b)
	switch {
	case ok && (c == CR || c == LF):
		whole := !l.bad && len(l.held) > 0
		ended = l.bad || whole
		if whole {
			line = l.held
		}
		l.Reset()
		return line, ended
	case !ok || c < ' ' || c > '~' || len(l.held) == l.max:
		l.bad = true
	case !l.bad:
		l.held = append(l.held, c)
	}
	return nil, false
}

// Reset forgets a line that has begun.
func (l *Lines) Reset() { l.held, l.bad = l.held[:0], false }

// Zeros reads digits of which none is left out in front, such as 00123.4, with exactly so many decimals.
func Zeros(text []byte, decimals int) (count int64, ok bool) {
	point := len(text)
	if decimals > 0 {
		point = len(text) - decimals - 1
	}
	if point < 1 || len(text) > maxDigits {
		return 0, false
	}
	for i, c := range text {
		switch {
		case i == point && c == '.':
		case i != point && c >= '0' && c <= '9':
			count = 10*count + int64(c-'0')
		default:
			return 0, false
		}
	}
	return count, true
}

// maxDigits keeps a count within 64 bits.
const maxDigits = 18

// Spaces reads a number that stands at the right of its field, such as "   -123.4", with exactly so many decimals and no
// zero in front that could be left out.
func Spaces(text []byte, decimals int) (count int64, ok bool) {
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	if count, ok = Zeros(text, decimals); !ok {
		return 0, false
	}
	if text[0] == '0' && len(text) > 1 && text[1] != '.' {
		return 0, false
	}
	if negative {
		return -count, true
	}
	return count, true
}

// AppendZeros writes what Zeros reads, width characters wide with the point; count is not negative.
func AppendZeros(dst []byte, count int64, decimals, width int) []byte {
	from := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; i >= from; i-- {
		if decimals > 0 && i == len(dst)-1-decimals {
			dst[i] = '.'
			continue
		}
		dst[i] = byte('0' + count%10)
		count /= 10
	}
	return dst
}

// AppendSpaces writes what Spaces reads, width characters wide with sign and point.
func AppendSpaces(dst []byte, count int64, decimals, width int) []byte {
	rest, size := max(count, -count), 1
	for n := rest / 10; n > 0; n /= 10 {
		size++
	}
	size = max(size, decimals+1)
	if decimals > 0 {
		size++
	}
	negative := count < 0
	for range width - size {
		dst = append(dst, ' ')
	}
	if negative && size < width {
		dst[len(dst)-1] = '-'
	}
	return AppendZeros(dst, rest, decimals, size)
}
