package broker

import (
	"context"
	"log/slog"
)

// quiet passes on the library's warnings without the packets that it likes to attach: they may hold passwords.
type quiet struct{ next slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.next.Enabled(ctx, level)
}

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	kept := slog.NewRecord(r.Time, slog.LevelDebug, "mqtt: "+r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" || a.Key == "listener" {
			kept.AddAttrs(a)
		}
		return true
	})
	if !q.next.Enabled(ctx, kept.Level) {
		return nil
	}
	return q.next.Handle(ctx, kept)
}

func (q quiet) WithAttrs([]slog.Attr) slog.Handler { return q }

func (q quiet) WithGroup(string) slog.Handler { return q }
