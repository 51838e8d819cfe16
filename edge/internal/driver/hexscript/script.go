package hexscript

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"allhours/edge/internal/bus/bustest"
)

// step is one line of a script.
type step struct {
	number int
	kind   byte
	text   string
	bytes  string
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
			var b []byte
			b, err = hex.DecodeString(strings.ReplaceAll(s.text, " ", ""))
			s.bytes = string(b)
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

// script is what is left of one.
type script struct {
	t     *testing.T
	mu    sync.Mutex
	steps []step
}

// take gives the next step, which must be of that kind; false at the end.
func (s *script) take(kind byte) (step, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if next, ok := s.next(kind); ok {
		return next, true
	}
	if len(s.steps) > 0 {
		s.t.Errorf("line %d: the script goes on with %c %s, the driver does not", s.steps[0].number, s.steps[0].kind, s.steps[0].text)
		s.steps = nil
	}
	return step{}, false
}

// next gives the next step if it is of that kind.
func (s *script) next(kind byte) (step, bool) {
	if len(s.steps) == 0 || s.steps[0].kind != kind {
		return step{}, false
	}
	next := s.steps[0]
	s.steps = s.steps[1:]
	return next, true
}

// answer checks what the driver sent and plays what follows it in the script.
func (s *script) answer(frame string) []bustest.Part {
	want, ok := s.take('>')
	if !ok || frame != want.bytes {
		s.t.Errorf("line %d: sent % X, want %s", want.number, frame, want.text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var parts []bustest.Part
	for after := time.Duration(0); ; {
		delay := usualDelay
		if d, ok := s.next('~'); ok {
			delay = d.delay
		}
		reply, ok := s.next('<')
		if !ok {
			return parts
		}
		after += delay
		parts = append(parts, bustest.Part{After: after, Bytes: reply.bytes})
	}
}
