package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const (
	// beatEvery tells the script that the line is alive; a comment would not reach it.
	beatEvery = 10 * time.Second
	// staffPace keeps a busy fleet from drawing the manager's page more often than an eye can follow.
	staffPace = 500 * time.Millisecond
)

// stream is one live page: render gives the inside as it is now, changed says when it is worth rendering again.
type stream struct {
	changed <-chan struct{}
	pace    time.Duration // least time between two renderings
	again   time.Duration // renders also without a change; 0: never
	render  func() (screen, error)
}

// serve sends the inside of the page whenever it differs from what the reader has, until the page says that it will
// change no more. A page that cannot be rendered any longer ends the stream: the browser then asks for it plainly.
func (p *Pages) serve(c echo.Context, s stream) error {
	first, err := s.render()
	if err != nil {
		return err
	}
	out, err := httpx.OpenStream(c)
	if err != nil {
		return err
	}
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	end := time.NewTimer(httpx.StreamLife)
	defer end.Stop()
	sent := httpx.LastEventID(c.Request())
	for current := first; ; {
		if sent, err = p.sendIfNew(c, out, current, sent); err != nil || current.Live == "" {
			return nil //nolint:nilerr // The reader is gone; there is nobody to tell.
		}
		if !s.wait(c, out, beat.C, end.C) {
			return nil
		}
		if current, err = s.render(); err != nil {
			p.Logger.Warn("live page", "route", c.Path(), "error", err)
			return nil
		}
	}
}

// wait returns true when the page is worth rendering again, false when the stream is over, or its reader's session.
func (s stream) wait(c echo.Context, out *httpx.Stream, beat, end <-chan time.Time) bool {
	var again <-chan time.Time
	if s.again > 0 {
		again = time.After(s.again)
	}
	for {
		select {
		case <-c.Request().Context().Done():
			return false
		case <-end:
			return false
		case <-beat:
			if !httpx.Still(c) || out.Send("beat", "", []byte(".")) != nil {
				return false
			}
		case <-again:
			return httpx.Still(c)
		case _, open := <-s.changed:
			if !open {
				return false
			}
			if s.pace > 0 {
				time.Sleep(s.pace)
			}
			return httpx.Still(c)
		}
	}
}

func (p *Pages) sendIfNew(c echo.Context, out *httpx.Stream, s screen, sent string) (string, error) {
	inside, err := p.view(c).inside(s)
	if err != nil {
		p.Logger.Error("live page", "route", c.Path(), "error", err)
		return sent, err
	}
	sum := sha256.Sum256(inside)
	id := hex.EncodeToString(sum[:8])
	if id == sent {
		return sent, nil
	}
	return id, out.Send("", id, bytes.TrimSpace(inside))
}

func (p *Pages) visitLive(c echo.Context) error {
	visit, who, err := p.visitOf(c)
	if err != nil {
		return err
	}
	changed, cancel := p.Visits.Watch(visit.ID)
	defer cancel()
	again := time.Duration(0)
	if visit.Purpose == protocol.PurposeService { // Its scales are told by the cabinet, not by the visit.
		again = time.Second
	}
	return p.serve(c, stream{changed: changed, again: again, render: func() (screen, error) {
		now, err := p.Visits.Visit(c.Request().Context(), visit.ID)
		if err != nil {
			return screen{}, err
		}
		return p.visitScreen(c, now, who)
	}})
}
