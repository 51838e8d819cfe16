package web

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// quiet is the empty margin in modules that readers need.
const quiet = 4

// qrCode draws the code, dark on light in either theme, because readers expect it so: one stroke for each run of dark
// modules, since a page with a code goes over bad lines too.
func qrCode(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("qr code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		fmt.Fprintf(&path, "M%d %d.5", quiet, y+quiet)
		for x, gap := 0, 0; x < code.Size; {
			run := 0
			for code.Black(x+run, y) {
				run++
			}
			if run == 0 {
				x, gap = x+1, gap+1
				continue
			}
			if gap > 0 {
				fmt.Fprintf(&path, "m%d 0", gap)
			}
			fmt.Fprintf(&path, "h%d", run)
			x, gap = x+run, 0
		}
	}
	size := code.Size + 2*quiet
	// Nothing of the text itself gets into the drawing.
	return template.HTML(fmt.Sprintf( //nolint:gosec
		`<svg class="qr" viewBox="0 0 %d %d" aria-hidden="true"><path fill="#fff" d="M0 0h%dv%dH0z"/><path stroke="#14181f" d="%s"/></svg>`,
		size, size, size, size, path.String())), nil
}
