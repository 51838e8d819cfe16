package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// coverageRoutes are those that tell whether neighbourhoods were served.
func (a *API) coverageRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: Base + "/coverage", Access: httpx.Staff(), Handler: a.coverage},
		{Method: http.MethodGet, Path: Base + "/coverage/:store", Access: httpx.Staff(), Handler: a.storeCoverage},
		{Method: http.MethodPut, Path: Base + "/coverage/:store/needs", Access: httpx.Planners(), Handler: a.putNeeds},
	}
}

// sumAnswer is how long a time was in each state, in milliseconds.
type sumAnswer struct {
	Open      int64 `json:"open_ms"`
	Covered   int64 `json:"covered_ms"`
	Uncovered int64 `json:"uncovered_ms"`
	Unknown   int64 `json:"unknown_ms"`
}

func describeSum(s coverage.Sum) sumAnswer {
	return sumAnswer{s.Open, s.Covered, s.Uncovered, s.Unknown}
}

// servedAnswer is a store in one line; known is false while it is being worked out.
type servedAnswer struct {
	Store       cloud.StoreID `json:"store"`
	Name        string        `json:"name"`
	Known       bool          `json:"known"`
	Now         string        `json:"now"`
	Day         sumAnswer     `json:"last_24_hours"`
	Week        sumAnswer     `json:"week"`
	LostTonight *protocol.Fen `json:"lost_24_hours_fen,omitempty"` // nil: nobody knows yet
	Lost        *protocol.Fen `json:"lost_week_fen,omitempty"`
}

func (a *API) coverage(c echo.Context) error {
	heads, err := a.o.Coverage.Stores(c.Request().Context())
	if err != nil {
		return err
	}
	lang := httpx.AcceptLanguage(c.Request())
	list := make([]servedAnswer, 0, len(heads))
	for _, h := range heads {
		told := servedAnswer{
			Store: h.Store.ID, Name: lang.Pick(h.Store.Name), Known: h.Known, Now: h.Now.String(), Day: describeSum(h.Night), Week: describeSum(h.Week),
		}
		if h.Costs {
			told.LostTonight, told.Lost = &h.LostTonight, &h.Lost
		}
		list = append(list, told)
	}
	return answer(c, http.StatusOK, map[string]any{"stores": list})
}

// pieceAnswer is a time in which nothing changed.
type pieceAnswer struct {
	From       time.Time         `json:"from"`
	To         time.Time         `json:"to"`
	State      string            `json:"state"`
	Categories map[string]string `json:"categories"`
	Cabinets   map[string]string `json:"cabinets"`
}

type causeAnswer struct {
	Why         coverage.Why         `json:"why"`
	Cabinet     protocol.CabinetID   `json:"cabinet,omitempty"`
	Compartment protocol.Compartment `json:"compartment,omitempty"`
	Platform    protocol.PlatformID  `json:"platform,omitempty"`
	SKU         protocol.SKU         `json:"sku,omitempty"`
	Category    string               `json:"category,omitempty"`
	Code        string               `json:"code,omitempty"`
	Ref         string               `json:"ref,omitempty"`
	Since       *time.Time           `json:"since,omitempty"`
	Known       *time.Time           `json:"known,omitempty"`
}

type gapAnswer struct {
	From       time.Time     `json:"from"`
	To         time.Time     `json:"to"`
	All        bool          `json:"all"`
	Categories []string      `json:"categories"`
	Lost       *protocol.Fen `json:"lost_fen,omitempty"` // nil: nobody knows yet
	Causes     []causeAnswer `json:"causes"`
}

type servedDayAnswer struct {
	Day    ledger.Day    `json:"day"`
	Sum    sumAnswer     `json:"sum"`
	Pieces []pieceAnswer `json:"pieces"`
}

type correctionAnswer struct {
	Day    ledger.Day    `json:"day"`
	At     time.Time     `json:"at"`
	From   time.Time     `json:"from"`
	To     time.Time     `json:"to"`
	Before sumAnswer     `json:"before"`
	After  sumAnswer     `json:"after"`
	Kind   coverage.Kind `json:"kind"`
	Ref    string        `json:"ref"`
}

// storeCoverage tells a store's last days; days is how many, 8 where it is left out.
func (a *API) storeCoverage(c echo.Context) error {
	days := 8
	if text := c.QueryParam("days"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > cloud.ServedMost {
			return protocol.Errorf(protocol.CodeMalformed, "days %q: want 1 to %d", text, cloud.ServedMost)
		}
		days = n
	}
	of, err := a.o.Coverage.Store(c.Request().Context(), cloud.StoreID(c.Param("store")), cloud.ServedQuery{Days: days})
	if err != nil {
		return err
	}
	list := make([]servedDayAnswer, 0, len(of.Days))
	for n, d := range of.Days {
		day := servedDayAnswer{Day: of.Dates[n], Sum: describeSum(d.Sum()), Pieces: make([]pieceAnswer, 0, len(d.Pieces))}
		for _, p := range d.Pieces {
			day.Pieces = append(day.Pieces, describePiece(of, p))
		}
		list = append(list, day)
	}
	gaps := make([]gapAnswer, 0, len(of.Gaps))
	for _, g := range of.Gaps {
		gaps = append(gaps, describeGap(of, g))
	}
	corrections := make([]correctionAnswer, 0, len(of.Corrections))
	for _, x := range of.Corrections {
		corrections = append(corrections, correctionAnswer{x.Day, x.At, x.From, x.To, describeSum(x.Before), describeSum(x.After), x.Kind, x.Ref})
	}
	return answer(c, http.StatusOK, map[string]any{"days": list, "gaps": gaps, "corrections": corrections})
}

func describePiece(of cloud.Served, p coverage.Piece) pieceAnswer {
	told := pieceAnswer{From: utc(p.From), To: utc(p.To), State: p.State.String(), Categories: map[string]string{}, Cabinets: map[string]string{}}
	for _, c := range p.Categories {
		told.Categories[c.Category] = c.State.String()
	}
	for n, cab := range p.Cabinets {
		if cab.Here {
			told.Cabinets[string(of.Cabinets[n].ID)] = cab.State.String()
		}
	}
	return told
}

func describeGap(of cloud.Served, g coverage.Gap) gapAnswer {
	told := gapAnswer{From: utc(g.From), To: utc(g.To), All: g.All, Categories: append([]string{}, g.Categories...), Causes: make([]causeAnswer, 0, len(g.Causes))}
	if of.Age.Days > 0 {
		lost := protocol.Fen(g.Lost)
		told.Lost = &lost
	}
	for _, c := range g.Causes {
		cause := causeAnswer{
			Why: c.Why, Cabinet: c.Cabinet, Compartment: c.Compartment, Platform: c.Platform, SKU: c.SKU, Category: c.Category, Code: c.Code, Ref: c.Ref,
		}
		if c.Made != 0 {
			since, known := utc(c.Since), utc(c.Made)
			cause.Since, cause.Known = &since, &known
		}
		told.Causes = append(told.Causes, cause)
	}
	return told
}

func utc(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// putNeeds says which categories are essential for a store from now on; null: all that have a marked article.
func (a *API) putNeeds(c echo.Context) error {
	var asked struct {
		Categories []string `json:"categories"`
	}
	if err := read(c, &asked); err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := a.o.Coverage.SetNeeds(c.Request().Context(), cloud.StoreID(c.Param("store")), asked.Categories, who.Name); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
