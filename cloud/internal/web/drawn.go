package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud/internal/httpx"
)

const (
	// usualPace is the least time between two drawings of a page that many look at.
	usualPace = 500 * time.Millisecond
	// drawShare bounds what drawing a page over and over takes of a processor: an eighth.
	drawShare = 8
	// mostDrawn bounds how many pages are kept as they were drawn.
	mostDrawn = 200
)

// drawn is a page as it was drawn last.
type drawn struct {
	screen screen
	inside []byte
	pieces []piece
}

// piece is one part of it.
type piece struct {
	key  string
	html template.HTML
}

// easel holds a page that is worked out and drawn once for all who look at it at the same time.
type easel struct {
	mu   sync.Mutex // held while it is drawn
	made time.Time
	took time.Duration
	last drawn
}

// gallery are the pages that are drawn for many.
type gallery struct {
	mu     sync.Mutex
	easels map[string]*easel
}

func (g *gallery) easel(key string) *easel {
	g.mu.Lock()
	defer g.mu.Unlock()
	e, known := g.easels[key]
	if !known {
		if len(g.easels) >= mostDrawn || g.easels == nil {
			g.easels = make(map[string]*easel)
		}
		e = &easel{}
		g.easels[key] = e
	}
	return e
}

// draw gives a page that is laid out of parts, as it is now or was a moment ago. Everybody of one role who reads one language sees
// the same.
func (p *Pages) draw(c echo.Context, path string, lay func(ctx context.Context, v *view, may rights) (screen, error)) (drawn, error) {
	v, may := p.view(c), rightsOf(c)
	e := p.gallery.easel(path + " " + string(v.lang) + " " + may.key())
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.Pace >= 0 && time.Since(e.made) < max(p.pace(), drawShare*e.took) {
		return e.last, nil
	}
	began := time.Now()
	// Whoever waits for the same page must not lose it with the one who asked first.
	s, err := lay(context.WithoutCancel(c.Request().Context()), v, may)
	if err != nil {
		return drawn{}, err
	}
	d, err := v.drawn(s)
	if err != nil {
		return drawn{}, err
	}
	e.last, e.made, e.took = d, time.Now(), time.Since(began)
	return d, nil
}

func (p *Pages) pace() time.Duration {
	if p.Pace == 0 {
		return usualPace
	}
	return max(p.Pace, 0)
}

// drawn draws a screen part by part, and lays them out.
func (v *view) drawn(s screen) (drawn, error) {
	d, laid, hash := drawn{screen: s}, make(map[string]template.HTML, len(s.Parts)), sha256.New()
	for _, part := range s.Parts {
		html, err := v.fill(s.Template+"-"+part.Key, part.Data)
		if err != nil {
			return d, err
		}
		hash.Write([]byte(html))
		laid[part.Key] = html
		d.pieces = append(d.pieces, piece{part.Key, html})
	}
	d.screen.Data, d.screen.Drawn = laid, hex.EncodeToString(hash.Sum(nil)[:8])
	var err error
	d.inside, err = v.inside(d.screen)
	return d, err
}

// showDrawn answers with it.
func (p *Pages) showDrawn(c echo.Context, d drawn, err error) error {
	if err != nil {
		return err
	}
	return p.answer(c, d.screen, d.inside)
}

// servePieces follows a page that is drawn for many: a reader is sent what it lacks, and after that only what has changed.
func (p *Pages) servePieces(c echo.Context, s stream, draw func() (drawn, error)) error {
	current, err := draw()
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
	if httpx.LastEventID(c.Request()) != current.screen.Drawn {
		err = out.Send("", current.screen.Drawn, bytes.TrimSpace(current.inside))
	}
	for err == nil && s.wait(c, out, beat.C, end.C) {
		before := current
		if current, err = draw(); err != nil {
			p.Logger.Warn("live page", "route", c.Path(), "error", err)
			return nil
		}
		if changed := current.since(before); len(changed) > 0 {
			err = out.Send("pieces", current.screen.Drawn, changed)
		}
	}
	return nil //nolint:nilerr // The reader is gone; there is nobody to tell.
}

// since are the pieces that differ from those of an earlier drawing.
func (d drawn) since(before drawn) []byte {
	was := make(map[string]template.HTML, len(before.pieces))
	for _, p := range before.pieces {
		was[p.key] = p.html
	}
	var b bytes.Buffer
	for _, p := range d.pieces {
		if was[p.key] != p.html {
			b.WriteString(string(p.html))
		}
	}
	return bytes.TrimSpace(b.Bytes())
}
