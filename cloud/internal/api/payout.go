package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

type payOutBody struct {
	Amount protocol.Fen `json:"fen"`
	Note   string       `json:"note"` // of staff
}

// payOut gives the reader back what they paid ahead, the way that it came.
func (a *API) payOut(c echo.Context) error {
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	return a.giveOut(c, cloud.PayOut{Person: p.ID})
}

// payOutOf does it for a resident who asked somebody of the staff.
func (a *API) payOutOf(c echo.Context) error { return a.giveOutOf(c, false) }

// handOutOf books what a till handed out.
func (a *API) handOutOf(c echo.Context) error { return a.giveOutOf(c, true) }

func (a *API) giveOutOf(c echo.Context, till bool) error {
	person, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "%v", err)
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	return a.giveOut(c, cloud.PayOut{Person: person, Till: till, By: p.Name})
}

func (a *API) giveOut(c echo.Context, out cloud.PayOut) (err error) {
	if out.Key, err = keyOf(c); err != nil {
		return err
	}
	var body payOutBody
	if err := read(c, &body); err != nil {
		return err
	}
	out.Amount = body.Amount
	if out.By != "" {
		out.Note = body.Note
	}
	purse, err := a.o.Money.PayOut(c.Request().Context(), out)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describePurse(purse, out.By != ""))
}
