package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

type serviceBody struct {
	Compartment protocol.Compartment `json:"compartment"`
	Why         string               `json:"why"`
}

// service opens a door for whoever repairs, tests or calibrates what is behind it.
func (a *API) service(c echo.Context) error {
	var body serviceBody
	if err := read(c, &body); err != nil {
		return err
	}
	id, p, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	key := c.Request().Header.Get("Idempotency-Key")
	if len(key) > maxKey {
		return protocol.Errorf(protocol.CodeMalformed, "Idempotency-Key of %d bytes: want %d at most", len(key), maxKey)
	}
	v, err := a.o.Doors.Service(c.Request().Context(), cloud.ServiceVisit{
		Person: p.ID, By: p.Name, Cabinet: id, Compartment: body.Compartment, Why: body.Why, Key: strings.Clone(key),
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, Base+"/visits/"+v.ID.String())
	return answer(c, http.StatusCreated, begunAnswer{ID: v.ID, State: v.State()})
}

// cabinetAndWho are the cabinet of the path and whoever is signed in.
func cabinetAndWho(c echo.Context) (protocol.CabinetID, cloud.Principal, error) {
	id := protocol.CabinetID(c.Param("id"))
	if id.Validate() != nil {
		return "", cloud.Principal{}, protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	p, err := httpx.PrincipalOf(c)
	return id, p, err
}
