package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
)

type noticeAnswer struct {
	Version string       `json:"version"` // what a consent names
	Page    string       `json:"page"`    // the notice in words
	Kept    []keptAnswer `json:"kept"`
}

type keptAnswer struct {
	Kind    cloud.KeptKind `json:"kind"`
	Seconds int64          `json:"seconds"` // how long it is kept; 0: without end
}

// privacy tells what is kept of residents, and which version of the notice they are to agree to.
func (a *API) privacy(c echo.Context) error {
	n, err := a.o.Privacy.Notice(c.Request().Context())
	if err != nil {
		return err
	}
	d := noticeAnswer{Version: n.Version, Page: "/privacy", Kept: []keptAnswer{}}
	for _, k := range n.Kept {
		d.Kept = append(d.Kept, keptAnswer{Kind: k.Kind, Seconds: int64(k.Period / time.Second)})
	}
	return answer(c, http.StatusOK, d)
}
