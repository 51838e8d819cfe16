package httpx

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"
)

const requestIDKey = "httpx.request"

// RequestID is the id that the answer and the log line of a request share.
func RequestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var raw [8]byte
		_, _ = rand.Read(raw[:]) // crypto/rand never fails.
		id := hex.EncodeToString(raw[:])
		c.Set(requestIDKey, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// access logs and counts each request by its route's pattern. Paths, queries, addresses and user agents stay out: they may
// say who somebody is.
func access(o Options) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			err := next(c)
			if err != nil {
				explain := func(c echo.Context) error { c.Error(err); return nil }
				if failed := recovered(explain)(c); failed != nil { // The page that explains errors has failed as well.
					err = failed
					writeError(c, err)
				}
			}
			route, status, took := c.Path(), c.Response().Status, time.Since(start)
			if route == "" {
				route = "none"
			}
			if o.Observe != nil {
				o.Observe(knownMethod(c.Request().Method), route, status, took)
			}
			level, attrs := slog.LevelDebug, []slog.Attr{
				slog.String("request", RequestID(c)), slog.String("method", knownMethod(c.Request().Method)), slog.String("route", route),
				slog.Int("status", status), slog.Duration("took", took),
			}
			if status >= 500 {
				level = slog.LevelWarn
			}
			if err != nil && status >= 500 {
				attrs = append(attrs, slog.Any("error", err))
			}
			o.Logger.LogAttrs(c.Request().Context(), level, "request", attrs...)
			return nil
		}
	}
}

// knownMethod keeps a client from choosing what is logged or becomes a label.
func knownMethod(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "other"
}
