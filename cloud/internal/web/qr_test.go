package web

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

func TestTheDrawingOfACodeHasEachDarkModuleAndNoOther(t *testing.T) {
	text := "AH1." + strings.Repeat("Abc0_-", 39)
	want, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := qrCode(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(drawn) > 12_000 {
		t.Errorf("the drawing takes %d bytes", len(drawn))
	}
	dark := map[[2]int]bool{}
	x, y := 0, 0
	path := regexp.MustCompile(`stroke="#14181f" d="([^"]+)"`).FindStringSubmatch(string(drawn))[1]
	for _, move := range regexp.MustCompile(`M(\d+) (\d+)\.5|m(\d+) 0|h(\d+)`).FindAllStringSubmatch(path, -1) {
		n := func(i int) int { v, _ := strconv.Atoi(move[i]); return v }
		switch move[0][0] {
		case 'M':
			x, y = n(1)-quiet, n(2)-quiet
		case 'm':
			x += n(3)
		default:
			for range n(4) {
				dark[[2]int{x, y}] = true
				x++
			}
		}
	}
	for y := range want.Size {
		for x := range want.Size {
			if dark[[2]int{x, y}] != want.Black(x, y) {
				t.Fatalf("module %d,%d is wrong", x, y)
			}
		}
	}
	if !strings.Contains(string(drawn), fmt.Sprintf(`viewBox="0 0 %d %d"`, want.Size+8, want.Size+8)) {
		t.Error("it lacks its quiet margin")
	}
}
