package toledo_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/toledo"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	checked = toledo.Format{Unit: fieldbus.Kilograms, Decimals: 2, Checksum: true}
	plain   = toledo.Format{Unit: fieldbus.Kilograms, Decimals: 2}
	sample  = "02 2C 30 20 30 30 31 32 33 34 30 30 30 30 30 30 0D"
)

func TestFramesAreRead(t *testing.T) {
	inGrams := toledo.Format{Unit: fieldbus.Grams, Decimals: 1}
	for _, c := range []struct {
		name   string
		format toledo.Format
		frame  string
		want   fieldbus.Reading
	}{
		{"with its checksum", checked, sample + " 2B", fieldbus.Reading{Weight: 12_340_000}},
		{"without", plain, sample, fieldbus.Reading{Weight: 12_340_000}},
		{"in motion", plain, "02 2C 38 20 30 30 31 32 33 34 30 30 30 30 30 30 0D", fieldbus.Reading{Weight: 12_340_000, Unstable: true}},
		{"negative", plain, "02 2C 32 20 30 30 30 30 30 31 30 30 30 30 30 30 0D", fieldbus.Reading{Weight: -10_000}},
		{"net of a tare", plain, "02 2C 31 20 30 30 31 30 30 30 30 30 30 32 33 34 0D", fieldbus.Reading{Weight: 12_340_000}},
		{"net below nothing", plain, "02 2C 33 20 30 30 30 31 30 30 30 30 30 33 30 30 0D", fieldbus.Reading{Weight: 2_000_000}},
		{"out of range", plain, "02 2C 34 20 30 30 31 32 33 34 30 30 30 30 30 30 0D", fieldbus.Reading{Over: true}},
		{"spaces in front", plain, "02 2C 30 20 20 20 31 32 33 34 20 20 20 20 20 30 0D", fieldbus.Reading{Weight: 12_340_000}},
		{"in grams", inGrams, "02 2B 20 21 30 30 31 32 33 34 30 30 30 30 30 30 0D", fieldbus.Reading{Weight: 123_400}},
	} {
		if got, err := c.format.Parse(unhex(t, c.frame)); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
	if got := checked.AppendFrame(nil, fieldbus.Reading{Weight: 12_340_000}); string(got) != string(unhex(t, sample+" 2B")) {
		t.Errorf("written % X", got)
	}
}

func TestWhatIsNoWeight(t *testing.T) {
	for _, c := range []struct {
		name   string
		format toledo.Format
		frame  string
		want   error
	}{
		{"a wrong checksum", checked, sample + " 2A", toledo.ErrChecksum},
		{"another number of decimals", plain, "02 2B 30 20 30 30 31 32 33 34 30 30 30 30 30 30 0D", toledo.ErrForeign},
		{"pounds", plain, "02 2C 20 20 30 30 31 32 33 34 30 30 30 30 30 30 0D", toledo.ErrForeign},
		{"an expanded display", plain, "02 2C 30 30 30 30 31 32 33 34 30 30 30 30 30 30 0D", toledo.ErrForeign},
		{"a digit that is none", plain, "02 2C 30 20 30 30 31 3A 33 34 30 30 30 30 30 30 0D", toledo.ErrForeign},
		{"a tare that is none", plain, "02 2C 30 20 30 30 31 32 33 34 30 30 30 30 30 41 0D", toledo.ErrForeign},
		{"a byte short", plain, "02 2C 30 20 30 30 31 32 33 34 30 30 30 30 30 0D", toledo.ErrForeign},
		{"an eighth bit", plain, "02 AC 30 20 30 30 31 32 33 34 30 30 30 30 30 30 0D", toledo.ErrForeign},
	} {
		if got, err := c.format.Parse(unhex(t, c.frame)); !errors.Is(err, c.want) || got != (fieldbus.Reading{}) {
			t.Errorf("%s: %+v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestFramesAreFoundInAStream(t *testing.T) {
	frame, sum := string(unhex(t, sample)), "\x2B"
	for _, c := range []struct {
		name   string
		stream string
		frames int
		ends   int
	}{
		{"one after the other", frame + sum + frame + sum, 2, 2},
		{"after noise", "\x00\xFFab" + frame + sum, 1, 1},
		{"after half a frame", frame[:9] + frame + sum, 1, 2},
		{"after a frame that lost a byte", frame[:5] + frame[6:] + sum + frame + sum + frame + sum, 2, 3},
		{"after a frame that gained one", frame[:5] + frame[4:] + sum + frame + sum, 1, 2},
	} {
		frames, ends := 0, 0
		finder := toledo.NewFrames(checked)
		for _, b := range []byte(c.stream) {
			found, ended := finder.Push(b)
			if ended {
				ends++
			}
			if found == nil {
				continue
			}
			if got, err := checked.Parse(found); err != nil || got.Weight != 12_340_000 {
				t.Errorf("%s: %+v, %v", c.name, got, err)
			}
			frames++
		}
		if frames != c.frames || ends != c.ends {
			t.Errorf("%s: %d frames and %d ends, want %d and %d", c.name, frames, ends, c.frames, c.ends)
		}
	}
}

func TestWithParityNoSingleBitGoesUnnoticed(t *testing.T) {
	f := plain
	f.Parity = ascii.Even
	sent := f.AppendFrame(nil, fieldbus.Reading{Weight: 12_340_000})
	for bit := range 8 * len(sent) {
		changed := append([]byte(nil), sent...)
		changed[bit/8] ^= 1 << (bit % 8)
		finder := toledo.NewFrames(f)
		for _, b := range changed {
			found, _ := finder.Push(b)
			if found == nil {
				continue
			}
			if got, err := f.Parse(found); err == nil {
				t.Errorf("bit %d changed unnoticed: %+v", bit, got)
			}
		}
	}
}

// FuzzStream holds that noise never crashes the search and that every weight that it gives came in a frame of its form.
func FuzzStream(f *testing.F) {
	f.Add(unhex(f, sample+" 2B"), true)
	f.Add(unhex(f, sample+sample), false)
	f.Fuzz(func(t *testing.T, stream []byte, sum bool) {
		format := plain
		format.Checksum = sum
		finder := toledo.NewFrames(format)
		for _, b := range stream {
			frame, ended := finder.Push(b)
			if frame == nil {
				continue
			}
			if !ended {
				t.Fatalf("a frame % X that has not ended", frame)
			}
			r, err := format.Parse(frame)
			if err == nil && (r.Weight < -20_000_000_000 || r.Weight > 20_000_000_000) {
				t.Fatalf("% X weighs %d mg", frame, r.Weight)
			}
		}
	})
}

// FuzzRoundTrip holds that any weight that fits is read as it was sent.
func FuzzRoundTrip(f *testing.F) {
	f.Add(int64(1234), true, true)
	f.Fuzz(func(t *testing.T, count int64, unstable, sum bool) {
		format := plain
		format.Checksum = sum
		sent := fieldbus.Reading{Weight: protocol.Milligrams(count % 1_000_000 * 10_000), Unstable: unstable}
		if got, err := format.Parse(format.AppendFrame(nil, sent)); err != nil || got != sent {
			t.Fatalf("sent %+v, read %+v, %v", sent, got, err)
		}
	})
}
