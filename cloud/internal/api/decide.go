package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// decideBody has exactly one of story, lines and waive.
type decideBody struct {
	Story *int           `json:"story"`
	Lines *[]settle.Line `json:"lines"` // empty: nothing was taken
	Waive bool           `json:"waive"`
	Note  string         `json:"note"`
}

// decide ends a review at the word of whoever is signed in.
func (a *API) decide(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	var body decideBody
	if err := read(c, &body); err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	d := cloud.DecideReview{Visit: id, By: p.Name, Role: p.Role, Story: cloud.NoStory, Waive: body.Waive, Note: body.Note}
	given := 0
	if body.Waive {
		given++
	}
	if body.Story != nil {
		d.Story, given = *body.Story, given+1
	}
	if body.Lines != nil {
		d.Lines, given = *body.Lines, given+1
	}
	if given != 1 {
		return protocol.Errorf(protocol.CodeMalformed, "body: want one of story, lines and waive")
	}
	v, err := a.o.Visits.Decide(c.Request().Context(), d)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeVisit(c, v, httpx.AcceptLanguage(c.Request())))
}
