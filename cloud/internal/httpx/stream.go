package httpx

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	streamWrite = 10 * time.Second // a reader that takes longer is gone
	streamRetry = 2 * time.Second  // after which a browser connects again
	// StreamPing keeps proxies and phones from taking a quiet stream for a dead one.
	StreamPing = 15 * time.Second
	// StreamLife ends a stream, so that its session is checked again.
	StreamLife = 10 * time.Minute
)

// Stream sends server-sent events to one reader.
type Stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// LastEventID is the id of the newest event that a reader has seen who connects again, or "". A script that connects again by
// itself cannot set a header, and says it in the address.
func LastEventID(r *http.Request) string {
	return cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("last"))
}

// OpenStream answers with an event stream and lifts the server's write deadline from it.
func OpenStream(c echo.Context) (*Stream, error) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set(echo.HeaderCacheControl, "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(http.StatusOK)
	s := &Stream{w: c.Response(), control: http.NewResponseController(c.Response())}
	return s, s.write(fmt.Appendf(nil, "retry: %d\n\n", streamRetry.Milliseconds()))
}

// Send writes one event. An empty id or name is left out; data may have several lines.
func (s *Stream) Send(name, id string, data []byte) error {
	var b bytes.Buffer
	for _, field := range [][2]string{{"id", id}, {"event", name}} {
		if field[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", field[0], strings.NewReplacer("\n", " ", "\r", " ").Replace(field[1]))
		}
	}
	for line := range bytes.Lines(data) {
		fmt.Fprintf(&b, "data: %s\n", bytes.TrimRight(line, "\r\n"))
	}
	b.WriteByte('\n')
	return s.write(b.Bytes())
}

// Ping writes a comment, which readers ignore.
func (s *Stream) Ping() error { return s.write([]byte(": ping\n\n")) }

func (s *Stream) write(b []byte) error {
	// A connection in memory may know no deadlines; then there is none to lift either.
	if err := s.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("event stream: %w", err)
	}
	if _, err := s.w.Write(b); err != nil {
		return fmt.Errorf("event stream: %w", err)
	}
	if err := s.control.Flush(); err != nil {
		return fmt.Errorf("event stream: %w", err)
	}
	return nil
}
