package web

import (
	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
)

// onSite is a service visit as whoever stands before the cabinet sees it.
type onSite struct {
	Under  bool // the door was released, and nothing is settled
	Say    string
	Art    string
	Scales []scaleRow
}

func (v *view) onSite(visit cloud.Visit, cab cloud.CabinetView) *onSite {
	o := &onSite{Scales: v.scaleRows(cab, visit.Compartment)}
	switch visit.State() {
	case cloud.StateOpening:
		o.Under, o.Say, o.Art = true, v.say("visit.service.opening"), "pull"
	case cloud.StateOpen:
		o.Under, o.Say, o.Art = true, v.say("visit.service.open"), "open"
	case cloud.StateCounting:
		o.Under, o.Say, o.Art = true, v.say("visit.service.counting"), "ready"
	}
	return o
}

// tellUnanswered tells of a service visit on which nobody knows whether the door opened.
func (v *view) tellUnanswered(view *visitView) {
	view.Told = told{What: v.say("visit.service.unknown"), Money: v.say("visit.service.after"), Now: v.say("visit.service.unknown.now")}
	view.Art = "pull"
}

// traceView is the recording of a visit, as far as it is here.
type traceView struct{ There, Waits, Refused bool }

// traceOf is nil for a reader who may not fetch one, and for a visit that is not over.
func (p *Pages) traceOf(c echo.Context, visit cloud.Visit, who cloud.Principal) (*traceView, error) {
	if !httpx.Askers().Allows(who) || visit.Ended.IsZero() || visit.Outcome == cloud.OutcomeAborted {
		return nil, nil
	}
	tasks, err := p.Tasks.Latest(c.Request().Context(), visit.Cabinet, tasksLooked)
	if err != nil {
		return nil, err
	}
	var t traceView
	t.There, t.Waits, t.Refused, err = p.askedOf(c, tasks, nil).trace(visit.ID)
	return &t, err
}
