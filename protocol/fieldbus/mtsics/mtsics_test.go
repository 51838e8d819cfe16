package mtsics_test

import (
	"errors"
	"testing"

	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/mtsics"
)

var grams = mtsics.Format{Unit: fieldbus.Grams, Decimals: 2}

func TestAnswersAreReadAndWritten(t *testing.T) {
	for _, c := range []struct {
		name, frame string
		want        fieldbus.Reading
	}{
		{"a stable weight", "S S     100.00 g\r\n", fieldbus.Reading{Weight: 100_000}},
		{"a moving one", "S D      99.98 g\r\n", fieldbus.Reading{Weight: 99_980, Unstable: true}},
		{"a negative one", "S S      -0.05 g\r\n", fieldbus.Reading{Weight: -50}},
		{"nothing on it", "S S       0.00 g\r\n", fieldbus.Reading{}},
		{"over its range", "S +\r\n", fieldbus.Reading{Over: true}},
	} {
		got, err := grams.Parse([]byte(c.frame))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
		if again := string(grams.AppendReply(nil, c.want)); again != c.frame {
			t.Errorf("%s is written %q, want %q", c.name, again, c.frame)
		}
	}
	if got, err := grams.Parse([]byte("S -\r\n")); err != nil || got != (fieldbus.Reading{Over: true}) {
		t.Errorf("under its range: %+v, %v", got, err)
	}
}

func TestWhatIsNoWeight(t *testing.T) {
	for _, c := range []struct {
		name, frame string
		want        error
	}{
		{"a scale that cannot weigh now", "S I\r\n", mtsics.ErrBusy},
		{"a command that it does not know", "ES\r\n", mtsics.ErrRefused},
		{"another unit", "S S     100.00 kg\r\n", mtsics.ErrForeign},
		{"another number of decimals", "S S     100.0 g\r\n", mtsics.ErrForeign},
		{"a point that has moved", "S S     10.000 g\r\n", mtsics.ErrForeign},
		{"a character too few", "S S    100.00 g\r\n", mtsics.ErrForeign},
		{"a character twice", "S S     1100.00 g\r\n", mtsics.ErrForeign},
		{"a space within the number", "S S     1 0.00 g\r\n", mtsics.ErrForeign},
		{"no end", "S S     100.00 g\r\r", mtsics.ErrForeign},
		{"the answer to another command", "T S     100.00 g\r\n", mtsics.ErrForeign},
	} {
		if got, err := grams.Parse([]byte(c.frame)); !errors.Is(err, c.want) || got != (fieldbus.Reading{}) {
			t.Errorf("%s: %+v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestTheLengthOfAnAnswerIsKnownFromItsHead(t *testing.T) {
	for _, c := range []struct {
		name, head string
		want       int // 0: foreign
	}{
		{"nothing yet", "", 4},
		{"a weight", "S S", 18},
		{"a moving weight", "S D   ", 18},
		{"overload", "S +", 5},
		{"cannot weigh now", "S I", 5},
		{"half a head", "S ", 5},
		{"a refusal", "E", 4},
		{"another command's answer", "T S", 0},
		{"noise", "\x00", 0},
		{"S and noise", "S#", 0},
		{"a state that there is none of", "S X", 0},
	} {
		need, err := grams.Need([]byte(c.head))
		if (err != nil) != (c.want == 0) || need != c.want {
			t.Errorf("%s: %d, %v; want %d", c.name, need, err, c.want)
		}
	}
}

func TestWithParityNoSingleBitGoesUnnoticed(t *testing.T) {
	f := mtsics.Format{Unit: fieldbus.Kilograms, Decimals: 3, Parity: ascii.Odd}
	frame := f.AppendReply(nil, fieldbus.Reading{Weight: 1_234_000})
	if got, err := f.Parse(frame); err != nil || got.Weight != 1_234_000 {
		t.Fatalf("%+v, %v", got, err)
	}
	for bit := range 8 * len(frame) {
		frame[bit/8] ^= 1 << (bit % 8)
		if got, err := f.Parse(frame); err == nil {
			t.Errorf("bit %d changed unnoticed: %+v", bit, got)
		}
		frame[bit/8] ^= 1 << (bit % 8)
	}
}

// FuzzParse holds that a master never crashes on noise, and that what it takes is what a scale would have sent.
func FuzzParse(f *testing.F) {
	f.Add([]byte("S S     100.00 g\r\n"))
	f.Add([]byte("S D      -1.00 g\r\n"))
	f.Add([]byte("S +\r\n"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		if need, err := grams.Need(frame); err == nil && (need < 4 || need > 18) {
			t.Fatalf("needs %d bytes after %q", need, frame)
		}
		r, err := grams.Parse(frame)
		if err != nil {
			return
		}
		if again := string(grams.AppendReply(nil, r)); again != string(frame) && !r.Over && string(frame[4:14]) != "     -0.00" {
			t.Fatalf("took %q for %+v, which is sent %q", frame, r, again)
		}
	})
}

// FuzzRoundTrip holds that any weight that fits is read as it was sent.
func FuzzRoundTrip(f *testing.F) {
	f.Add(int64(100_000), true)
	f.Fuzz(func(t *testing.T, tens int64, unstable bool) {
		sent := fieldbus.Reading{Weight: protocol.Milligrams(tens % 10_000_000 * 10), Unstable: unstable}
		got, err := grams.Parse(grams.AppendReply(nil, sent))
		if err != nil || got != sent {
			t.Fatalf("sent %+v, read %+v, %v", sent, got, err)
		}
	})
}
