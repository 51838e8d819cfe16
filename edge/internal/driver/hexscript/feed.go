package hexscript

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/bus"
)

// RunFeed replays scripts of a device that speaks unasked. In these a line with < comes where a call could, and after the
// time of ~ or 5 ms; nothing is ever sent, so there is no line with >. The call "lost" is the port's loss.
func RunFeed(t *testing.T, pattern string, start func(t *testing.T) (bus.Listener, Call)) {
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
			synctest.Test(t, func(t *testing.T) { playFeed(t, parse(t, string(text)), start) })
		})
	}
}

func playFeed(t *testing.T, steps []step, start func(*testing.T) (bus.Listener, Call)) {
	listener, call := start(t)
	delay, got, called := usualDelay, "", ""
	for _, s := range steps {
		switch s.kind {
		case '~':
			delay = s.delay
		case '<':
			<-time.After(delay)
			listener.Hear([]byte(s.bytes), time.Now())
			delay = usualDelay
		case '$':
			if s.text == "lost" {
				listener.Lost()
				continue
			}
			called, got = s.text, call(t.Context(), s.text)
		case '=':
			if got != s.text {
				t.Errorf("line %d: %s returned %q, want %q", s.number, called, got, s.text)
			}
		default:
			t.Fatalf("line %d: nothing is ever sent to a device that speaks unasked", s.number)
		}
	}
}
