package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// hoursRoutes are those by which stores are open otherwise than usual.
func (a *API) hoursRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: Base + "/hours", Access: httpx.Staff(), Handler: a.hours},
		{Method: http.MethodPost, Path: Base + "/hours", Access: httpx.Planners(), Handler: a.setHours},
		{Method: http.MethodDelete, Path: Base + "/hours/:id", Access: httpx.Planners(), Handler: a.takeHoursBack},
	}
}

// specialAnswer is when some stores are open otherwise on some days.
type specialAnswer struct {
	ID     protocol.UUID   `json:"id"`
	Stores []cloud.StoreID `json:"stores"`
	From   ledger.Day      `json:"from"`
	To     ledger.Day      `json:"to"`
	Hours  []hoursAnswer   `json:"hours"`
	Reason string          `json:"reason"`
	By     string          `json:"by"`
	Made   time.Time       `json:"made"`
	Ended  *time.Time      `json:"taken_back"`
	Ender  string          `json:"taken_back_by,omitempty"`
}

func describeSpecial(h cloud.SpecialHours) specialAnswer {
	told := specialAnswer{ID: h.ID, Stores: some(h.Stores), From: h.From, To: h.To, Hours: describeHours(h.Hours), Reason: h.Reason, By: h.By, Made: h.Made, Ender: h.Ender}
	if !h.Ended.IsZero() {
		told.Ended = &h.Ended
	}
	return told
}

func (a *API) hours(c echo.Context) error {
	said, err := a.o.Hours.List(c.Request().Context())
	if err != nil {
		return err
	}
	all := make([]specialAnswer, 0, len(said))
	for _, h := range said {
		all = append(all, describeSpecial(h))
	}
	return answer(c, http.StatusOK, map[string]any{"hours": all})
}

// hoursChangeAnswer is what special hours change of a day of a store.
type hoursChangeAnswer struct {
	Store  cloud.StoreID `json:"store"`
	Day    ledger.Day    `json:"day"`
	Before []hoursAnswer `json:"before"`
	After  []hoursAnswer `json:"after"`
	Told   bool          `json:"told"`
}

// setHours says when stores are open otherwise. With dry_run it only tells what that would change.
func (a *API) setHours(c echo.Context) error {
	var asked struct {
		Stores []cloud.StoreID `json:"stores"`
		From   ledger.Day      `json:"from"`
		To     ledger.Day      `json:"to"`
		Hours  []hoursAnswer   `json:"hours"`
		Reason string          `json:"reason"`
		DryRun bool            `json:"dry_run"`
	}
	if err := read(c, &asked); err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if asked.To == "" {
		asked.To = asked.From
	}
	hours, err := readHours(asked.Hours)
	if err != nil {
		return err
	}
	h := cloud.SpecialHours{Stores: asked.Stores, From: asked.From, To: asked.To, Hours: hours, Reason: asked.Reason, By: who.Name}
	changes, err := a.o.Hours.Preview(c.Request().Context(), h)
	if err != nil {
		return err
	}
	told := make([]hoursChangeAnswer, 0, len(changes))
	for _, x := range changes {
		told = append(told, hoursChangeAnswer{x.Store.ID, x.Day, describeHours(x.Before), describeHours(x.After), x.Told})
	}
	if asked.DryRun {
		return answer(c, http.StatusOK, map[string]any{"changes": told})
	}
	if h, err = a.o.Hours.Set(c.Request().Context(), h); err != nil {
		return err
	}
	return answer(c, http.StatusCreated, map[string]any{"hours": describeSpecial(h), "changes": told})
}

func (a *API) takeHoursBack(c echo.Context) error {
	var id protocol.UUID
	if err := id.UnmarshalText([]byte(c.Param("id"))); err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no special hours %q", c.Param("id"))
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := a.o.Hours.TakeBack(c.Request().Context(), id, who.Name); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// readHours reads spans of a day; 24:00 is its end.
func readHours(all []hoursAnswer) ([]cloud.Hours, error) {
	hours := make([]cloud.Hours, 0, len(all))
	for _, h := range all {
		open, err := minuteOf(h.Open)
		if err != nil {
			return nil, err
		}
		shut, err := minuteOf(h.Close)
		if err != nil {
			return nil, err
		}
		hours = append(hours, cloud.Hours{Open: open, Close: shut})
	}
	return hours, nil
}

func minuteOf(text string) (int, error) {
	if text == "24:00" {
		return 24 * 60, nil
	}
	at, err := time.Parse("15:04", text)
	if err != nil {
		return 0, protocol.Errorf(protocol.CodeMalformed, "hours: want times as 07:30")
	}
	return at.Hour()*60 + at.Minute(), nil
}
