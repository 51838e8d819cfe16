package sim

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// diary keeps what both sides log, with the time since it began, for whoever repeats a seed.
type diary struct {
	began time.Time
	mu    *sync.Mutex
	lines *[]string
	with  []slog.Attr
}

func newDiary() diary { return diary{began: time.Now(), mu: &sync.Mutex{}, lines: &[]string{}} }

// Enabled is a slog.Handler's.
func (d diary) Enabled(context.Context, slog.Level) bool { return true }

// Handle is a slog.Handler's.
func (d diary) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%10.3f %-5s", time.Since(d.began).Seconds(), r.Level)
	show := func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %s=%v", a.Key, a.Value)
		return true
	}
	for _, a := range d.with {
		fmt.Fprintf(&b, " [%v]", a.Value)
	}
	b.WriteString(" " + r.Message)
	r.Attrs(show)
	d.mu.Lock()
	defer d.mu.Unlock()
	*d.lines = append(*d.lines, b.String())
	return nil
}

// WithAttrs is a slog.Handler's.
func (d diary) WithAttrs(attrs []slog.Attr) slog.Handler {
	d.with = append(d.with[:len(d.with):len(d.with)], attrs...)
	return d
}

// WithGroup is a slog.Handler's.
func (d diary) WithGroup(string) slog.Handler { return d }

func (d diary) show(t *testing.T) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t.Log("what happened:\n" + strings.Join(*d.lines, "\n"))
}
