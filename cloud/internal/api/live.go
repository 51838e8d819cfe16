package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// live streams the visit after each change. An event's id is the hash of what it says: a reader that comes back with the
// newest one is not told again, and once the visit is over it is told to stay away (204).
func (a *API) live(c echo.Context) error {
	v, err := a.readable(c)
	if err != nil {
		return err
	}
	changed, cancel := a.o.Visits.Watch(v.ID)
	defer cancel()
	lang := httpx.AcceptLanguage(c.Request())
	// Read again, so that a change between the first reading and the watch is not missed.
	body, id, over, err := a.snapshot(c, v.ID, lang)
	if err != nil {
		return err
	}
	sent := httpx.LastEventID(c.Request())
	if over && sent == id {
		return c.NoContent(http.StatusNoContent)
	}
	stream, err := httpx.OpenStream(c)
	if err != nil {
		return nil // The reader has gone.
	}
	ping, end := time.NewTicker(httpx.StreamPing), time.NewTimer(httpx.StreamLife)
	defer ping.Stop()
	defer end.Stop()
	for {
		if id != sent {
			if stream.Send("visit", id, body) != nil {
				return nil
			}
			sent = id
		}
		if over {
			return nil
		}
		select {
		case <-changed:
			if !httpx.Still(c) {
				return nil
			}
			if body, id, over, err = a.snapshot(c, v.ID, lang); err != nil {
				return fmt.Errorf("live visit: %w", err)
			}
		case <-ping.C:
			if !httpx.Still(c) || stream.Ping() != nil {
				return nil
			}
		case <-end.C:
			return nil
		case <-c.Request().Context().Done():
			return nil
		}
	}
}

func (a *API) snapshot(c echo.Context, id protocol.VisitID, lang httpx.Lang) (body []byte, hash string, over bool, err error) {
	v, err := a.o.Visits.Visit(c.Request().Context(), id)
	if err != nil {
		return nil, "", false, err
	}
	if body, err = json.Marshal(describeVisit(c, v, lang)); err != nil {
		return nil, "", false, err
	}
	sum := sha256.Sum256(body)
	return body, hex.EncodeToString(sum[:8]), isOver(v.State()), nil
}

// isOver tells the states that a phone need not watch any longer; a review, a debt or an unknown payment still moves.
func isOver(s cloud.VisitState) bool {
	switch s {
	case cloud.StateCharged, cloud.StateNothingTaken, cloud.StateWaived, cloud.StateRefunded,
		cloud.StateRestocked, cloud.StateServiced, cloud.StateAborted:
		return true
	}
	return false
}
