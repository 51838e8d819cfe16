package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

type attestBody struct {
	Compartment protocol.Compartment `json:"compartment"`
	Why         string               `json:"why"`
}

// attest ends the stop of food that was too warm, at the word of whoever is signed in.
func (a *API) attest(c echo.Context) error {
	var body attestBody
	if err := read(c, &body); err != nil {
		return err
	}
	id := protocol.CabinetID(c.Param("id"))
	if id.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	err = a.o.Food.Attest(c.Request().Context(), cloud.Attestation{Cabinet: id, Compartment: body.Compartment, By: p.Name, Why: body.Why})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
