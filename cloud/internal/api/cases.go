package api

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// columnsWanted is how finely curves are drawn for who does not say it.
const columnsWanted = 600

type figuresAnswer struct {
	At          time.Time `json:"at"`
	Open        int       `json:"open"`
	OldestS     float64   `json:"oldest_s"`
	Decided     int       `json:"decided_7d"`
	MedianS     float64   `json:"median_wait_s"`
	P90S        float64   `json:"p90_wait_s"`
	Visits      int       `json:"visits_7d"`
	SpentS      float64   `json:"looked_at_s"`
	PerThousand *float64  `json:"minutes_per_1000_visits,omitempty"`
}

type curvesAnswer struct {
	Start     int64         `json:"start_ms"`
	Step      float64       `json:"step_ms"`
	Columns   int           `json:"columns"`
	Doors     []doorAnswer  `json:"doors"`
	Platforms []curveAnswer `json:"platforms"`
}

type doorAnswer struct {
	At   int64 `json:"at_ms"`
	Open bool  `json:"open"`
}

type curveAnswer struct {
	Platform protocol.PlatformID `json:"platform"`
	Moved    bool                `json:"moved"`
	Low      []*float64          `json:"low"` // grams; null where nothing was read
	High     []*float64          `json:"high"`
}

// reviewFigures are how the queue of reviews fares.
func (a *API) reviewFigures(c echo.Context) error {
	f, err := a.o.Cases.Figures(c.Request().Context())
	if err != nil {
		return err
	}
	d := figuresAnswer{
		At: f.At.UTC(), Open: f.Open, OldestS: f.Oldest.Seconds(), Decided: f.Decided, MedianS: f.Median.Seconds(), P90S: f.P90.Seconds(),
		Visits: f.Visits, SpentS: f.Spent.Seconds(),
	}
	if n, known := f.PerThousand(); known {
		d.PerThousand = &n
	}
	return answer(c, http.StatusOK, d)
}

// curves are the weights of a visit whose recording is here.
func (a *API) curves(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no visit has such an id")
	}
	columns := columnsWanted
	if wanted := c.QueryParam("columns"); wanted != "" {
		if columns, err = strconv.Atoi(wanted); err != nil || columns < 1 {
			return protocol.Errorf(protocol.CodeMalformed, "columns: want a number of 1 or more")
		}
	}
	curves, err := a.o.Cases.Curves(c.Request().Context(), id, columns)
	if err != nil {
		return err
	}
	d := curvesAnswer{Start: curves.Start, Step: curves.Step, Columns: curves.Columns, Doors: []doorAnswer{}, Platforms: []curveAnswer{}}
	for _, door := range curves.Doors {
		d.Doors = append(d.Doors, doorAnswer(door))
	}
	for _, p := range curves.Platforms {
		d.Platforms = append(d.Platforms, curveAnswer{Platform: p.Platform, Moved: p.Moved, Low: orNull(p.Low), High: orNull(p.High)})
	}
	return answer(c, http.StatusOK, d)
}

// orNull writes what is not known as JSON can, and the rest to a tenth of a gram.
func orNull(values []float64) []*float64 {
	out := make([]*float64, len(values))
	for i, v := range values {
		if !math.IsNaN(v) {
			tenth := math.Round(v*10) / 10
			out[i] = &tenth
		}
	}
	return out
}
