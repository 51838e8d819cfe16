package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// attestView asks whether the food behind one door is fit to be sold.
type attestView struct {
	Cabinet     protocol.CabinetID
	Compartment protocol.Compartment
}

// attestViews are the doors that are locked for their temperature, for a reader who may answer for them.
func attestViews(may rights, cab cloud.CabinetView) (doors []attestView) {
	t := cab.Presence.Telemetry
	if !may.Attest || cab.State == cloud.CabinetAway || t == nil {
		return nil
	}
	for _, door := range t.Compartments {
		if door.Why.Warmth() {
			doors = append(doors, attestView{cab.ID, door.Compartment})
		}
	}
	return doors
}

// attest takes the reader's word to the cabinet.
func (p *Pages) attest(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	door, err := strconv.ParseUint(c.FormValue("compartment"), 10, 8)
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "compartment: want a number")
	}
	id := protocol.CabinetID(c.Param("cabinet"))
	if id.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	word := cloud.Attestation{Cabinet: id, Compartment: protocol.Compartment(door), By: who.Name, Why: c.FormValue("why")}
	if err := p.Food.Attest(c.Request().Context(), word); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/cabinets/"+string(id))
}
