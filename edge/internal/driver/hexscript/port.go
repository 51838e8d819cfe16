package hexscript

import (
	"bytes"
	"slices"
	"sync"
	"testing"
	"time"
)

// port is a serial port on whose other side a script plays the board.
type port struct {
	t *testing.T

	mu      sync.Mutex
	steps   []step
	coming  []chunk
	timeout time.Duration
}

// chunk is bytes that arrive at a moment.
type chunk struct {
	at    time.Time
	bytes []byte
}

// take gives the next step, if it is of that kind.
func (p *port) take(kind byte) (step, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next(kind)
}

func (p *port) next(kind byte) (step, bool) {
	if len(p.steps) == 0 {
		return step{}, false
	}
	s := p.steps[0]
	if s.kind != kind {
		if kind != '<' && kind != '~' {
			p.t.Errorf("line %d: the script goes on with %c %s, the driver does not", s.number, s.kind, s.text)
			p.steps = nil
		}
		return step{}, false
	}
	p.steps = p.steps[1:]
	return s, true
}

// Write checks what is sent and lets the board's answers come.
func (p *port) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	want, ok := p.next('>')
	if !ok || !bytes.Equal(b, want.bytes) {
		p.t.Errorf("line %d: sent % X, want %s", want.number, b, want.text)
	}
	at := time.Now()
	for {
		delay := usualDelay
		if d, ok := p.next('~'); ok {
			delay = d.delay
		}
		reply, ok := p.next('<')
		if !ok {
			return len(b), nil
		}
		at = at.Add(delay)
		p.coming = append(p.coming, chunk{at, reply.bytes})
		slices.SortStableFunc(p.coming, func(a, b chunk) int { return a.at.Compare(b.at) })
	}
}

// Read waits for the next bytes or for the timeout.
func (p *port) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	end := time.Now().Add(p.timeout)
	if len(p.coming) == 0 || p.coming[0].at.After(end) {
		p.sleepUntil(end)
		return 0, nil
	}
	p.sleepUntil(p.coming[0].at)
	n := copy(b, p.coming[0].bytes)
	if p.coming[0].bytes = p.coming[0].bytes[n:]; len(p.coming[0].bytes) == 0 {
		p.coming = p.coming[1:]
	}
	return n, nil
}

// sleepUntil waits with the script unlocked, so that the test can look at it.
func (p *port) sleepUntil(moment time.Time) {
	p.mu.Unlock()
	defer p.mu.Lock()
	<-time.After(time.Until(moment))
}

// ResetInputBuffer drops what has arrived by now.
func (p *port) ResetInputBuffer() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.coming) > 0 && !p.coming[0].at.After(time.Now()) {
		p.coming = p.coming[1:]
	}
	return nil
}

// SetReadTimeout bounds the next reads.
func (p *port) SetReadTimeout(d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timeout = d
	return nil
}

// Close ends nothing: the script's end is the test's.
func (p *port) Close() error { return nil }
