package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// newLog writes text; to the journal of systemd, which keeps the time itself, each line begins with its priority.
func newLog(out io.Writer, level slog.Level) *slog.Logger {
	file, isFile := out.(*os.File)
	if !isFile || !journalled(file, os.Getenv("JOURNAL_STREAM")) {
		return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(newPriorities(out, level))
}

// journalled reports whether a file is the stream that systemd says its journal reads: a program that was started from a
// service may have another one.
func journalled(file *os.File, stream string) bool {
	var st unix.Stat_t
	return stream != "" && unix.Fstat(int(file.Fd()), &st) == nil && stream == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}

// priorities writes records as the journal reads them: "<3>msg=... ".
type priorities struct {
	slog.Handler // writes to line

	mu   *sync.Mutex // with what follows it is shared by all that descend from one
	line *bytes.Buffer
	out  io.Writer
}

func newPriorities(out io.Writer, level slog.Level) *priorities {
	line := &bytes.Buffer{}
	bare := func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}
	text := slog.NewTextHandler(line, &slog.HandlerOptions{Level: level, ReplaceAttr: bare})
	return &priorities{Handler: text, mu: &sync.Mutex{}, line: line, out: out}
}

// priority is how syslog counts a level.
func priority(l slog.Level) int {
	switch {
	case l >= slog.LevelError:
		return 3
	case l >= slog.LevelWarn:
		return 4
	case l >= slog.LevelInfo:
		return 6
	}
	return 7
}

func (p *priorities) Handle(ctx context.Context, r slog.Record) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line.Reset()
	fmt.Fprintf(p.line, "<%d>", priority(r.Level))
	if err := p.Handler.Handle(ctx, r); err != nil {
		return err
	}
	_, err := p.out.Write(p.line.Bytes())
	return err
}

func (p *priorities) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &priorities{Handler: p.Handler.WithAttrs(attrs), mu: p.mu, line: p.line, out: p.out}
}

func (p *priorities) WithGroup(name string) slog.Handler {
	return &priorities{Handler: p.Handler.WithGroup(name), mu: p.mu, line: p.line, out: p.out}
}
