package control

import (
	"net/http"

	"allhours/firmware-sim/cabinet"
	"allhours/protocol"
)

// Devices is the scales, readers and temperature controllers.
type Devices interface {
	// Scales tells what the scales have said lately.
	Scales() []cabinet.ScaleReport
	// Show holds a code before a reader; an error says why it cannot.
	Show(reader int, text string) error
	// Warm brings a controller's probe to a temperature, or cuts its wire; an error says why it cannot.
	Warm(controller, probe int, to protocol.DeciCelsius, cut bool) error
}

// ShowOrder is the body of a request to hold a code before a reader.
type ShowOrder struct {
	Reader int    `json:"reader"` // index among the cabinet's readers
	Text   string `json:"text"`
}

// WarmOrder is the body of a request to warm or to cool what a probe hangs in.
type WarmOrder struct {
	Controller int                  `json:"controller"` // index among the cabinet's temperature controllers
	Probe      int                  `json:"probe"`
	Celsius    protocol.DeciCelsius `json:"dc"`  // tenths of a degree
	Cut        bool                 `json:"cut"` // its wire
}

func (p *Port) scales(w http.ResponseWriter, _ *http.Request) { answer(w, p.cabinet.Scales()) }

func (p *Port) show(w http.ResponseWriter, r *http.Request) {
	var order ShowOrder
	if err := decode(r, &order); err != nil {
		Problem(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := p.cabinet.Show(order.Reader, order.Text); err != nil {
		Problem(w, statusOf(err), err.Error())
		return
	}
	answer(w, order)
}

func (p *Port) warm(w http.ResponseWriter, r *http.Request) {
	var order WarmOrder
	if err := decode(r, &order); err != nil {
		Problem(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := p.cabinet.Warm(order.Controller, order.Probe, order.Celsius, order.Cut); err != nil {
		Problem(w, statusOf(err), err.Error())
		return
	}
	answer(w, order)
}
