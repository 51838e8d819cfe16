package bus_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
)

// baud of the tests' lines: a byte takes 1.04 ms, the silence 3.65 ms.
const baud = 9600

var errUnplugged = errors.New("input/output error")

// sent is one frame that a board heard, and when.
type sent struct {
	at    time.Time
	frame string
}

// board is the other side of a line: it hears frames and plays their answers. It is a port that behaves as the real one:
// a read that times out returns (0, nil), a stuck write returns never, Close frees a read but no write.
type board struct {
	answer func(frame string) []part // what to play after a frame; nil for silence

	mu      sync.Mutex
	heard   []sent
	coming  []part
	changed chan struct{} // closed and replaced whenever something comes or the cable is pulled
	pulled  bool
	stuck   chan struct{} // a write waits until it is closed; nil: writes pass
	timeout time.Duration
	resets  int // of the input buffer
	accepts int // bytes of each frame that a write takes before it fails; negative: all, and it does not fail
}

// part is bytes that arrive at a moment, given as the time after the frame that they answer.
type part struct {
	after time.Duration
	bytes string
	at    time.Time
}

func newBoard(answer func(frame string) []part) *board {
	return &board{answer: answer, changed: make(chan struct{}), accepts: -1}
}

func (b *board) open(context.Context) (edge.Port, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pulled {
		return nil, errUnplugged
	}
	return b, nil
}

func (b *board) plug(in bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pulled = !in
	b.signal()
}

func (b *board) signal() {
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *board) Write(frame []byte) (int, error) {
	b.mu.Lock()
	stuck := b.stuck
	b.mu.Unlock()
	if stuck != nil {
		<-stuck
		return 0, errUnplugged
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pulled {
		return 0, errUnplugged
	}
	if b.accepts >= 0 {
		return b.accepts, errUnplugged
	}
	now := time.Now()
	b.heard = append(b.heard, sent{now, string(frame)})
	for _, p := range b.answer(string(frame)) {
		p.at = now.Add(p.after)
		b.coming = append(b.coming, p)
	}
	slices.SortStableFunc(b.coming, func(a, b part) int { return a.at.Compare(b.at) })
	b.signal()
	return len(frame), nil
}

func (b *board) Read(buf []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	end := time.Now().Add(b.timeout)
	for {
		next := end
		switch {
		case b.pulled:
			return 0, errUnplugged
		case len(b.coming) > 0 && !b.coming[0].at.After(time.Now()):
			n := copy(buf, b.coming[0].bytes)
			if b.coming[0].bytes = b.coming[0].bytes[n:]; b.coming[0].bytes == "" {
				b.coming = b.coming[1:]
			}
			return n, nil
		case !time.Now().Before(end):
			return 0, nil
		case len(b.coming) > 0 && b.coming[0].at.Before(end):
			next = b.coming[0].at
		}
		b.await(next)
	}
}

// await waits unlocked until something changed or the moment came.
func (b *board) await(moment time.Time) {
	changed := b.changed
	b.mu.Unlock()
	defer b.mu.Lock()
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

func (b *board) ResetInputBuffer() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.resets++
	for len(b.coming) > 0 && !b.coming[0].at.After(time.Now()) {
		b.coming = b.coming[1:]
	}
	return nil
}

func (b *board) SetReadTimeout(d time.Duration) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timeout = d
	return nil
}

func (b *board) Close() error { return nil }

func (b *board) frames() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var frames []string
	for _, s := range b.heard {
		frames = append(frames, s.frame)
	}
	return frames
}

// ask is an exchange of a toy protocol: a frame of 4 characters is answered by its first two in capitals and "ok", and
// "##" in place of "ok" is damage.
func ask(frame string, attempts int) bus.Exchange {
	head := strings.ToUpper(frame[:2])
	return bus.Exchange{
		Frame: []byte(frame), ReplyLen: 4, Attempts: attempts,
		Need: func(received []byte) (int, error) {
			n := min(len(received), 2)
			if string(received[:n]) != head[:n] {
				return 0, errors.New("foreign")
			}
			return 4, nil
		},
		Check: func(frame []byte) error {
			if string(frame[2:]) != "ok" {
				return errors.New("damaged")
			}
			return nil
		},
	}
}

// polite answers every frame after 10 ms.
func polite(frame string) []part {
	return []part{{after: 10 * time.Millisecond, bytes: strings.ToUpper(frame[:2]) + "ok"}}
}

// start runs a line for the test's board and stops it at the end.
func start(t *testing.T, b *board, cfg bus.Config) *bus.Line {
	t.Helper()
	cfg.Name, cfg.Baud = "test", baud
	line := bus.New(cfg, b.open)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { line.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		synctest.Wait()
	})
	synctest.Wait()
	return line
}
