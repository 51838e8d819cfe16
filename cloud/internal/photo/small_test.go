package photo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

// half is a picture that is red on its left and blue on its right.
func half(width, height int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, map[bool]color.RGBA{true: {200, 0, 0, 255}, false: {0, 0, 200, 255}}[x < width/2])
		}
	}
	return m
}

func encoded(t *testing.T, m image.Image, asPNG bool) []byte {
	t.Helper()
	var out bytes.Buffer
	err := jpeg.Encode(&out, m, nil)
	if asPNG {
		out.Reset()
		err = png.Encode(&out, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAPictureIsMadeSmallAndNothingElseOfItIsKept(t *testing.T) {
	s := New(Options{})
	place := []byte("30.1842N 120.2641E")
	wide := encoded(t, half(2600, 1300), false)
	for _, c := range []struct {
		name          string
		raw           []byte
		width, height int
	}{
		{"a large one", append(bytes.Clone(wide), place...), 1280, 640},
		{"a tall one", encoded(t, half(30, 2560), true), 15, 1280},
		{"a small one stays as large as it is", encoded(t, half(64, 48), true), 64, 48},
	} {
		got, err := s.small(t.Context(), c.raw)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		m, err := jpeg.Decode(bytes.NewReader(got))
		if err != nil || m.Bounds().Dx() != c.width || m.Bounds().Dy() != c.height || bytes.Contains(got, place) {
			t.Fatalf("%s: %v, %v", c.name, m.Bounds(), err)
		}
		left, right := color.RGBAModel.Convert(m.At(c.width/4, c.height/2)).(color.RGBA), color.RGBAModel.Convert(m.At(c.width*3/4, c.height/2)).(color.RGBA)
		if left.R < 150 || left.B > 60 || right.B < 150 || right.R > 60 {
			t.Errorf("%s: left %v, right %v", c.name, left, right)
		}
		if again, err := s.small(t.Context(), c.raw); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: it came to other bytes the second time, %v", c.name, err)
		}
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	s := New(Options{})
	good := encoded(t, half(64, 48), false)
	huge := encoded(t, image.NewGray(image.Rect(0, 0, 6000, 5000)), true)
	for name, raw := range map[string][]byte{
		"nothing": nil, "a page": []byte("<html>"), "a picture that was cut": good[:len(good)/2], "the beginning of one alone": good[:3], "another kind": []byte("GIF89a........"), "more pixels than any phone needs": huge,
	} {
		if _, err := s.small(t.Context(), raw); protocol.CodeOf(err) != cloud.CodeNoPicture {
			t.Errorf("%s: %v", name, err)
		}
	}
}
