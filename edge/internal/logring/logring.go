// Package logring keeps the last lines of the program's own log in memory, so that they can be asked for where no system
// keeps a log, or nobody can reach it. It refuses to grow, and forgets everything when the program ends.
package logring

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// Ring keeps lines up to so many bytes, the newest. Safe for concurrent use.
type Ring struct {
	most int

	mu    sync.Mutex
	lines []string
	size  int
}

// New makes an empty ring of so many bytes at most.
func New(most int) *Ring { return &Ring{most: most} }

// Write implements io.Writer: it takes one line.
func (r *Ring) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, string(line[:min(len(line), r.most)]))
	r.size += len(r.lines[len(r.lines)-1])
	old := 0
	for r.size > r.most {
		r.size -= len(r.lines[old])
		r.lines[old] = ""
		old++
	}
	r.lines = r.lines[old:]
	return len(line), nil
}

// Last gives the newest lines, oldest first, each with its end; all of them where n is 0.
func (r *Ring) Last(n int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := 0
	if n > 0 {
		from = max(len(r.lines)-n, 0)
	}
	return strings.Join(r.lines[from:], "")
}

// Beside gives a handler that writes to next, and to the ring whatever is no less than information.
func (r *Ring) Beside(next slog.Handler) slog.Handler {
	return tee{next, slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelInfo})}
}

// tee is two handlers as one.
type tee struct{ next, ring slog.Handler }

// Enabled implements slog.Handler.
func (t tee) Enabled(ctx context.Context, l slog.Level) bool {
	return t.next.Enabled(ctx, l) || t.ring.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (t tee) Handle(ctx context.Context, r slog.Record) error {
	if t.ring.Enabled(ctx, r.Level) {
		if err := t.ring.Handle(ctx, r.Clone()); err != nil {
			return err
		}
	}
	if t.next.Enabled(ctx, r.Level) {
		return t.next.Handle(ctx, r)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (t tee) WithAttrs(attrs []slog.Attr) slog.Handler {
	return tee{t.next.WithAttrs(attrs), t.ring.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (t tee) WithGroup(name string) slog.Handler {
	return tee{t.next.WithGroup(name), t.ring.WithGroup(name)}
}
