// Package hexscript replays recorded serial traffic against a driver, under fake time.
//
// A script is a text file; blank lines and lines that begin with # are comments:
//
//	$ read                     call the driver; what follows is what must happen on the line
//	> 01 03 00 50 00 02 C4 1A  it must send exactly this
//	~ 20ms                     the board takes that long before its next bytes, instead of 5 ms
//	< 01 03 04 00 00 00 84 FA 50   it answers so; without this line it is silent
//	= 132000                   what the call must have returned, as the test writes it
//
// Devices that speak unasked have scripts of their own, see [RunFeed].
//
// It tests drivers only; it keeps no line time.
package hexscript

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

// usualDelay is what a board takes where the script does not say.
const usualDelay = 5 * time.Millisecond

// Call runs one call of a script and gives its result as the script's author writes it.
type Call func(ctx context.Context, call string) string

// Run replays each script that matches the pattern as a test of its own. start makes the driver.
func Run(t *testing.T, pattern string, start func(t *testing.T, line *bus.Line) Call) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no script matches %s: %v", pattern, err)
	}
	for _, file := range files {
		name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), ".hex"), "_", " ")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { replay(t, parse(t, string(text)), start) })
		})
	}
}

func replay(t *testing.T, steps []step, start func(*testing.T, *bus.Line) Call) {
	script := &script{t: t, steps: steps}
	board := bustest.NewBoard(script.answer)
	line := bustest.Start(t, bus.Config{Name: "script", Baud: 9600}, board.Open)
	synctest.Wait()
	call := start(t, line)
	for {
		next, more := script.take('$')
		if !more {
			return
		}
		got := call(t.Context(), next.text)
		want, ok := script.take('=')
		if !ok || got != want.text {
			t.Errorf("line %d: %s returned %q, want %q", next.number, next.text, got, want.text)
		}
	}
}
