package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
)

type checklistAnswer struct {
	Points []cloud.HandoverPoint `json:"points"`
	Signed *signedAnswer         `json:"signed"` // null: never handed over
}

type signedAnswer struct {
	By     string                `json:"by"`
	At     time.Time             `json:"at"`
	Points []cloud.HandoverPoint `json:"points"`
}

type signBody struct {
	Ticks map[cloud.HandoverItem]bool   `json:"ticks"`
	Why   map[cloud.HandoverItem]string `json:"why"`
}

func describeSigned(h cloud.Handover) *signedAnswer {
	return &signedAnswer{By: h.By, At: h.At.UTC(), Points: h.Points}
}

func (a *API) checklist(c echo.Context) error {
	id, _, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	list, err := a.o.Handovers.Checklist(c.Request().Context(), id)
	if err != nil {
		return err
	}
	d := checklistAnswer{Points: list.Points}
	if list.Signed != nil {
		d.Signed = describeSigned(*list.Signed)
	}
	return answer(c, http.StatusOK, d)
}

// handOver keeps the word of whoever is signed in.
func (a *API) handOver(c echo.Context) error {
	var body signBody
	if err := read(c, &body); err != nil {
		return err
	}
	id, p, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	h, err := a.o.Handovers.HandOver(c.Request().Context(), cloud.SignHandover{Cabinet: id, By: p.Name, Ticks: body.Ticks, Why: body.Why})
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, describeSigned(h))
}
