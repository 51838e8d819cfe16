package drivertest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"allhours/edge"
)

// Reader is a reader of codes under test, the twin's first.
type Reader struct {
	Twin    *Twin
	Board   edge.Reader
	MaxLine int
}

const (
	codesInScene = 4
	scanWithin   = 300 * time.Millisecond // that a scan is waited for while the line goes wrong
)

// ReaderSuite plays every scene: no scan is told that is part of a code, or two of them, or too long, or anything but
// printable; and the first code that is shown after the fault is read whole. A code has no checksum on the wire: with bits
// turned over another text of the same form may be told, which a grant's signature finds.
func ReaderSuite(t *testing.T, r Reader) {
	for i, scene := range lineScenes("0000") {
		t.Run(scene.Name, func(t *testing.T) {
			var shown []string
			show := func(text string) {
				shown = append(shown, text)
				r.Twin.order("/reader", map[string]any{"reader": 0, "text": text})
			}
			for _, f := range scene.Faults {
				r.Twin.Break(f)
			}
			for n := range codesInScene {
				show(fmt.Sprintf("AH1.%02d-%d-a-code-that-is-long-enough-to-be-cut", i, n))
				r.judge(t, scene, shown)
			}
			for _, f := range scene.Faults {
				r.Twin.Mend(f)
			}
			r.readsAgain(t, func(n int) string {
				show(fmt.Sprintf("AH1.%02d-again-%d", i, n))
				return shown[len(shown)-1]
			})
		})
	}
}

func (r Reader) next(t *testing.T, within time.Duration) (string, bool) {
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	scan, err := r.Board.Next(ctx)
	return scan.Text, err == nil
}

// judge holds what is told to what was shown.
func (r Reader) judge(t *testing.T, scene Scene, shown []string) {
	t.Helper()
	text, ok := r.next(t, scanWithin)
	for ; ok; text, ok = r.next(t, time.Millisecond) {
		printable := !slices.ContainsFunc([]byte(text), func(c byte) bool { return c < ' ' || c > '~' })
		if len(text) == 0 || len(text) > r.MaxLine || !printable {
			t.Errorf("told %q", text)
		}
		if !scene.spoilsText() && !slices.Contains(shown, text) {
			t.Errorf("told %q, which was never shown", text)
		}
	}
}

// spoilsText tells whether other text may arrive than was sent.
func (s Scene) spoilsText() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Kind == "line_flips" || f.Kind == "line_babble" })
}

// readsAgain holds that codes are read again: the line may still have to be opened.
func (r Reader) readsAgain(t *testing.T, show func(n int) string) {
	t.Helper()
	n := 0
	Await(t, time.Minute, "a code is read", func() bool {
		want := show(n)
		n++
		for text, ok := r.next(t, scanWithin); ok; text, ok = r.next(t, scanWithin) {
			if text == want {
				return true
			}
		}
		return false
	})
}
