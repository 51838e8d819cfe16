package aandd_test

import (
	"errors"
	"strings"
	"testing"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/aandd"
)

var grams = aandd.Format{Unit: fieldbus.Grams, Decimals: 1, Width: 7}

func TestLinesAreReadAndWritten(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       fieldbus.Reading
	}{
		{"a stable weight", "ST,+00123.4  g", fieldbus.Reading{Weight: 123_400}},
		{"a moving one", "US,+00123.4  g", fieldbus.Reading{Weight: 123_400, Unstable: true}},
		{"a negative one", "ST,-00000.1  g", fieldbus.Reading{Weight: -100}},
		{"overload", "OL,+9999999", fieldbus.Reading{Over: true}},
	} {
		got, err := grams.Parse([]byte(c.line))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
		if again := string(grams.AppendLine(nil, c.want)); again != c.line+"\r\n" {
			t.Errorf("%s is written %q, want %q", c.name, again, c.line)
		}
	}
	kilograms := aandd.Format{Unit: fieldbus.Kilograms, Decimals: 3, Width: 8}
	if got, err := kilograms.Parse([]byte("ST,+0012.345 kg")); err != nil || got.Weight != 12_345_000 {
		t.Errorf("in kilograms: %+v, %v", got, err)
	}
}

func TestWhatIsNoWeight(t *testing.T) {
	for _, c := range []struct{ name, line string }{
		{"a count of pieces", "QT,+00000012 PC"},
		{"another unit", "ST,+00123.4 kg"},
		{"a unit out of its place", "ST,+00123.4 g "},
		{"a character lost", "ST,+0123.4  g"},
		{"a character twice", "ST,+000123.4  g"},
		{"a point that has moved", "ST,+0012.34  g"},
		{"no sign", "ST,000123.4  g"},
		{"a digit that is none", "ST,+001:3.4  g"},
		{"two lines in one", "ST,+00123.4  gST,+00123.4  g"},
		{"half a line", "ST,+001"},
		{"overload with a weight", "OL,+0012345"},
		{"overload alone", "OL,"},
		{"nothing", ""},
	} {
		if got, err := grams.Parse([]byte(c.line)); !errors.Is(err, aandd.ErrForeign) || got != (fieldbus.Reading{}) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// TestWhatAChangedBitCanDo writes down what the form of a line protects and what not: only digits of the number can be
// changed unnoticed, never the state, the sign or the point.
func TestWhatAChangedBitCanDo(t *testing.T) {
	const line = "ST,+00123.4  g"
	unnoticed := 0
	for bit := range 8 * len(line) {
		changed := []byte(line)
		changed[bit/8] ^= 1 << (bit % 8)
		got, err := grams.Parse(changed)
		if err != nil {
			continue
		}
		unnoticed++
		if at := bit / 8; at < 4 || at > 10 || got.Unstable || got.Over || got.Weight < 0 {
			t.Errorf("bit %d: %q is %+v", bit, changed, got)
		}
	}
	if unnoticed != 21 {
		t.Errorf("%d of %d single bits change the weight unnoticed, want 21", unnoticed, 8*len(line))
	}
}

// FuzzParse holds that noise never crashes the parser and that what it takes is what a scale would have sent.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"ST,+00123.4  g", "US,-00123.4  g", "OL,+9999999"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := grams.Parse(line)
		if err != nil || r.Over || strings.HasPrefix(string(line[3:]), "-00000.0") {
			return
		}
		if again := string(grams.AppendLine(nil, r)); again != string(line)+"\r\n" {
			t.Fatalf("took %q for %+v, which is sent %q", line, r, again)
		}
	})
}
