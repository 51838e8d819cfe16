package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"allhours/protocol/claim"
)

// claim gives a cabinet its papers. The device needs no session: it has a code, and proves a key of its own.
func (a *API) claim(c echo.Context) error {
	var body claim.Request
	if err := read(c, &body); err != nil {
		return err
	}
	papers, err := a.o.Claims.Claim(c.Request().Context(), body, c.RealIP())
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, papers)
}
