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
// It tests drivers only; it keeps no line time.
package hexscript

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
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
	port := &port{t: t, steps: steps}
	line := bus.New(bus.Config{Name: "script", Baud: 9600}, func(context.Context) (edge.Port, error) { return port, nil })
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { line.Run(ctx) })
	call := start(t, line)
	for {
		next, more := port.take('$')
		if !more {
			break
		}
		got := call(ctx, next.text)
		want, ok := port.take('=')
		if !ok || got != want.text {
			t.Errorf("line %d: %s returned %q, want %q", next.number, next.text, got, want.text)
		}
	}
	cancel()
	running.Wait()
	synctest.Wait()
}

// step is one line of a script.
type step struct {
	number int
	kind   byte
	text   string
	bytes  []byte
	delay  time.Duration
}

func parse(t *testing.T, text string) []step {
	t.Helper()
	var steps []step
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		s := step{number: i + 1, kind: line[0], text: strings.TrimSpace(line[1:])}
		var err error
		switch s.kind {
		case '$', '=':
		case '>', '<':
			s.bytes, err = hex.DecodeString(strings.ReplaceAll(s.text, " ", ""))
		case '~':
			s.delay, err = time.ParseDuration(s.text)
		default:
			err = fmt.Errorf("unknown mark %q", s.kind)
		}
		if err != nil {
			t.Fatalf("line %d: %v", s.number, err)
		}
		steps = append(steps, s)
	}
	return steps
}
