package cloud

import "testing"

func TestABarCodeHasItsCheckDigit(t *testing.T) {
	for code, want := range map[Barcode]bool{
		"6901234567892": true, "4006381333931": true, "96385074": true, "036000291452": true, "0036000291452": true,
		"6901234567890": false, "9638507": false, "96385075": false, "690123456789": false, "69012345678920": false, "": false, "690123456789X": false, "６９０１２": false,
	} {
		if code.Valid() != want {
			t.Errorf("%q is valid: %v", code, !want)
		}
	}
	if a, b := Barcode("036000291452").Plain(), Barcode("0036000291452").Plain(); a != b {
		t.Errorf("%s and %s are one number", a, b)
	}
}

func TestAWayOnFootIsAboutAThirdLongerThanTheStraightLine(t *testing.T) {
	gate := Spot{Latitude: 30_206_500, Longitude: 120_233_000}
	for _, c := range []struct {
		name string
		to   Spot
		want int
	}{
		{"a thousandth of a degree to the north", Spot{Latitude: 30_207_500, Longitude: 120_233_000}, 145},
		{"a thousandth of a degree to the west, where the circles are smaller", Spot{Latitude: 30_206_500, Longitude: 120_232_000}, 125},
		{"nowhere", gate, 0},
	} {
		if there, back := gate.Metres(c.to), c.to.Metres(gate); there != c.want || back != there {
			t.Errorf("%s: %d m there and %d m back, want %d", c.name, there, back, c.want)
		}
	}
}
