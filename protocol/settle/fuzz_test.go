package settle_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// FuzzVisit feeds door and readings in any order, at any time, of any weight: there is always an answer, and it keeps
// to the rules.
func FuzzVisit(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 0, 0, 0, 0, 2, 0, 100, 3, 255, 255, 128, 1, 0, 7})
	calm := []byte{}
	for i := range 40 {
		calm = append(calm, 2, byte(i%3), 100, 20, 40, 0)
	}
	f.Add(calm)
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := settle.New(shelves(), settle.Config{})
		if err != nil {
			t.Fatal(err)
		}
		var at int64
		for len(data) >= 6 {
			at += int64(int8(data[2])) * 4
			weight := protocol.Milligrams(int16(binary.LittleEndian.Uint16(data[3:]))) * 1000
			switch data[0] % 8 {
			case 0:
				v.Door(at, data[1]%2 == 0)
			case 1:
				v.Calm(at)
				v.Basket()
				v.Steps()
			case 3:
				v.Read(at, int(int8(data[1])), settle.Sample{Weight: weight})
			case 4:
				v.Read(math.MaxInt64-at, int(data[1])%3, settle.Sample{Weight: math.MaxInt64, OK: true})
			default:
				v.Read(at, int(data[1])%3, settle.Sample{Weight: weight, OK: true})
			}
			data = data[6:]
		}
		hold(t, v.Decide())
	})
}

// hold checks what every answer must keep to.
func hold(t *testing.T, a settle.Answer) {
	t.Helper()
	if a.Decision != settle.Bill && a.Decision != settle.Review {
		t.Errorf("decision %q", a.Decision)
	}
	if a.Decision == settle.Bill && (len(a.Faults) > 0 || a.Confidence < settle.DefaultBillConfidence) {
		t.Errorf("a bill with faults %v and confidence %v", a.Faults, a.Confidence)
	}
	if math.IsNaN(a.Confidence) || a.Confidence < 0 || a.Confidence > 1.000001 {
		t.Errorf("confidence %v", a.Confidence)
	}
	if a.Lines == nil || !slices.IsSortedFunc(a.Lines, func(x, y settle.Line) int {
		if x.SKU < y.SKU {
			return -1
		}
		return 1
	}) {
		t.Errorf("lines %v", a.Lines)
	}
	for _, l := range a.Levels {
		for _, u := range l.Units {
			if u.Qty < 0 {
				t.Errorf("%d units of %s on %s", u.Qty, u.SKU, l.Platform)
			}
		}
	}
}
