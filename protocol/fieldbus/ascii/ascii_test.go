package ascii_test

import (
	"slices"
	"testing"

	"allhours/protocol/fieldbus/ascii"
)

func TestParityNoticesEverySingleBit(t *testing.T) {
	for _, p := range []ascii.Parity{ascii.Even, ascii.Odd} {
		for _, sent := range p.Append(nil, "ST,+00123.4  g\r\n") {
			if _, ok := p.Strip(sent); !ok {
				t.Fatalf("%s: %02X was refused as it was sent", p, sent)
			}
			for bit := range 8 {
				if _, ok := p.Strip(sent ^ 1<<bit); ok {
					t.Errorf("%s: bit %d of %02X changed unnoticed", p, bit, sent)
				}
			}
		}
	}
	if got := ascii.Even.Append(nil, "AC"); got[0] != 'A' || got[1] != 'C'|0x80 {
		t.Errorf("even parity of AC: % X", got)
	}
}

// cut gives the lines that a stream of bytes holds, and how many ended.
func cut(l *ascii.Lines, stream string) (lines []string, ends int) {
	for i := range len(stream) {
		line, ended := l.Push(stream[i])
		if ended {
			ends++
		}
		if line != nil {
			lines = append(lines, string(line))
		}
	}
	return lines, ends
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         []string
		ends         int
	}{
		{"ended by CR", "one\rtwo\r", []string{"one", "two"}, 2},
		{"ended by CR LF", "one\r\ntwo\r\n", []string{"one", "two"}, 2},
		{"ended by LF", "one\ntwo\n", []string{"one", "two"}, 2},
		{"empty ones are none", "\r\n\r\n\n\r", nil, 0},
		{"what has no end is none", "one\rtw", []string{"one"}, 1},
		{"as long as a line may be", "12345678\r", []string{"12345678"}, 1},
		{"a longer one is dropped up to its end", "123456789abcdefghij\rtwo\r", []string{"two"}, 2},
		{"a byte that is no character spoils its line only", "o\x80ne\rtwo\rth\x00ree\r\x7f\r", []string{"two"}, 4},
	} {
		lines, ends := cut(ascii.NewLines(8, ascii.Eight), c.stream)
		if !slices.Equal(lines, c.want) || ends != c.ends {
			t.Errorf("%s: %q with %d ends, want %q with %d", c.name, lines, ends, c.want, c.ends)
		}
	}
}

func TestAForgottenBeginningIsNoPartOfTheNextLine(t *testing.T) {
	l := ascii.NewLines(8, ascii.Eight)
	cut(l, "o\x80ne")
	l.Reset()
	if lines, _ := cut(l, "two\r"); !slices.Equal(lines, []string{"two"}) {
		t.Errorf("%q", lines)
	}
}

func TestNumbers(t *testing.T) {
	type reader func([]byte, int) (int64, bool)
	for _, c := range []struct {
		name     string
		read     reader
		text     string
		decimals int
		count    int64
		ok       bool
	}{
		{"zeros in front", ascii.Zeros, "00123.4", 1, 1234, true},
		{"no decimals", ascii.Zeros, "001234", 0, 1234, true},
		{"a point in the wrong place", ascii.Zeros, "0012.34", 1, 0, false},
		{"a point where there is none", ascii.Zeros, "00123.4", 0, 0, false},
		{"no point", ascii.Zeros, "0001234", 1, 0, false},
		{"a letter", ascii.Zeros, "0012E.4", 1, 0, false},
		{"a space where a zero belongs", ascii.Zeros, " 0123.4", 1, 0, false},
		{"nothing before the point", ascii.Zeros, ".4", 1, 0, false},
		{"nothing", ascii.Zeros, "", 0, 0, false},
		{"more digits than a count holds", ascii.Zeros, "0000000000000000001", 0, 0, false},
		{"spaces in front", ascii.Spaces, "    100.00", 2, 10000, true},
		{"a negative one", ascii.Spaces, "    -12.34", 2, -1234, true},
		{"a nought", ascii.Spaces, "      0.00", 2, 0, true},
		{"zeros that could be left out", ascii.Spaces, "    012.34", 2, 0, false},
		{"a space within", ascii.Spaces, "    1 0.00", 2, 0, false},
		{"a sign alone", ascii.Spaces, "         -", 0, 0, false},
		{"spaces alone", ascii.Spaces, "          ", 0, 0, false},
	} {
		if count, ok := c.read([]byte(c.text), c.decimals); count != c.count || ok != c.ok {
			t.Errorf("%s: %q with %d decimals is %d, %v", c.name, c.text, c.decimals, count, ok)
		}
	}
}

// FuzzLines holds that noise never makes a line too long, of other characters, or after its end.
func FuzzLines(f *testing.F) {
	f.Add([]byte("one\r\ntwo\rthree\n"), false)
	f.Add(ascii.Even.Append(nil, "ST,+00123.4  g\r\n"), true)
	f.Fuzz(func(t *testing.T, stream []byte, even bool) {
		parity := ascii.Eight
		if even {
			parity = ascii.Even
		}
		l := ascii.NewLines(16, parity)
		for _, b := range stream {
			line, ended := l.Push(b)
			if line != nil && (!ended || len(line) == 0 || len(line) > 16) {
				t.Fatalf("line %q, ended %v", line, ended)
			}
			for _, c := range line {
				if c < ' ' || c > '~' {
					t.Fatalf("line %q", line)
				}
			}
		}
	})
}

// FuzzNumbers holds that what is written is read again.
func FuzzNumbers(f *testing.F) {
	f.Add(int64(1234), uint8(1))
	f.Add(int64(-5), uint8(3))
	f.Fuzz(func(t *testing.T, count int64, decimals uint8) {
		count, d := count%1_000_000, int(decimals%7)
		text := ascii.AppendSpaces(nil, count, d, 10)
		if got, ok := ascii.Spaces(text, d); len(text) != 10 || !ok || got != count {
			t.Fatalf("%d with %d decimals was written %q and read %d, %v", count, d, text, got, ok)
		}
		text = ascii.AppendZeros(nil, max(count, -count), d, 10)
		if got, ok := ascii.Zeros(text, d); len(text) != 10 || !ok || got != max(count, -count) {
			t.Fatalf("%d with %d decimals was written %q and read %d, %v", count, d, text, got, ok)
		}
	})
}
