package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// incidentsShown bounds a list of incidents.
const incidentsShown = 500

type incidentAnswer struct {
	Number    int                  `json:"number"`
	Cabinet   protocol.CabinetID   `json:"cabinet"`
	Kind      cloud.IncidentKind   `json:"kind"`
	Urgency   cloud.Urgency        `json:"urgency"`
	Subject   string               `json:"subject"`
	Detail    string               `json:"detail"`
	Count     int                  `json:"count"`
	First     time.Time            `json:"first"`
	Last      time.Time            `json:"last"`
	Opened    time.Time            `json:"opened"`
	Taken     *time.Time           `json:"taken,omitempty"`
	Whom      string               `json:"assigned_to,omitempty"`
	Escalated *time.Time           `json:"escalated,omitempty"`
	Closed    *time.Time           `json:"closed,omitempty"`
	Cause     cloud.IncidentCause  `json:"cause,omitempty"` // empty of one that ended by itself
	Steps     []incidentStepAnswer `json:"steps,omitempty"`
}

type incidentStepAnswer struct {
	At    time.Time           `json:"at"`
	Did   cloud.IncidentDid   `json:"did"`
	By    string              `json:"by,omitempty"` // empty: a rule
	Whom  string              `json:"assigned_to,omitempty"`
	Cause cloud.IncidentCause `json:"cause,omitempty"`
	Words string              `json:"words,omitempty"`
}

type incidentsAnswer struct {
	Incidents []incidentAnswer `json:"incidents"`
	Ended     int              `json:"ended"`            // in thirty days
	Detect    float64          `json:"detect_mean_secs"` // from what happened until it was noticed
	Repair    float64          `json:"repair_mean_secs"` // from then until it was over
}

type incidentActBody struct {
	Did   cloud.IncidentDid   `json:"did"`
	Whom  string              `json:"assign_to"`
	Cause cloud.IncidentCause `json:"cause"`
	Words string              `json:"words"`
}

func (a *API) incidentRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: Base + "/incidents", Access: httpx.Staff(), Handler: a.incidents},
		{Method: http.MethodGet, Path: Base + "/incidents/:id", Access: httpx.Staff(), Handler: a.incident},
		{Method: http.MethodPost, Path: Base + "/incidents/:id/steps", Access: httpx.Responders(), Handler: a.actOnIncident},
	}
}

func (a *API) incidents(c echo.Context) error {
	ctx := c.Request().Context()
	found, err := a.o.Incidents.List(ctx, cloud.IncidentQuery{
		Over: c.QueryParam("state") == "over", Store: cloud.StoreID(strings.Clone(c.QueryParam("store"))),
		Kind: cloud.IncidentKind(strings.Clone(c.QueryParam("kind"))), Limit: incidentsShown,
	})
	if err != nil {
		return err
	}
	kinds, err := a.o.Incidents.Times(ctx, a.o.Now().Add(-cloud.IncidentsTimed))
	if err != nil {
		return err
	}
	times := cloud.TimesOf(kinds)
	detect, repair := times.Means()
	list := incidentsAnswer{Incidents: []incidentAnswer{}, Ended: times.Ended, Detect: detect.Seconds(), Repair: repair.Seconds()}
	for _, i := range found {
		list.Incidents = append(list.Incidents, describeIncident(cloud.IncidentStory{Incident: i}))
	}
	return answer(c, http.StatusOK, list)
}

func incidentNumber(c echo.Context) (int, error) {
	number, err := strconv.Atoi(c.Param("id"))
	if err != nil {
		return 0, protocol.Errorf(cloud.CodeNotFound, "no incident has such a number")
	}
	return number, nil
}

func (a *API) incident(c echo.Context) error {
	number, err := incidentNumber(c)
	if err != nil {
		return err
	}
	story, err := a.o.Incidents.Story(c.Request().Context(), number)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeIncident(story))
}

// actOnIncident takes what the reader does with it.
func (a *API) actOnIncident(c echo.Context) error {
	number, err := incidentNumber(c)
	if err != nil {
		return err
	}
	var body incidentActBody
	if err := read(c, &body); err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	story, err := a.o.Incidents.Act(c.Request().Context(), cloud.IncidentAct{
		Number: number, Did: body.Did, By: p.Name, Whom: body.Whom, Cause: body.Cause, Words: body.Words,
	})
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeIncident(story))
}

func describeIncident(s cloud.IncidentStory) incidentAnswer {
	i := s.Incident
	told := incidentAnswer{
		Number: i.Number, Cabinet: i.Cabinet, Kind: i.Kind, Urgency: i.Kind.Care().Urgency, Subject: i.Subject, Detail: i.Detail, Count: i.Count,
		First: i.First.UTC(), Last: i.Last.UTC(), Opened: i.Opened.UTC(), Taken: known(i.Taken), Whom: i.Whom, Escalated: known(i.Escalated),
		Closed: known(i.Closed), Cause: i.Cause,
	}
	for _, step := range s.Steps {
		told.Steps = append(told.Steps, incidentStepAnswer{step.At.UTC(), step.Did, step.By, step.Whom, step.Cause, step.Words})
	}
	return told
}

// known is a moment, and nothing where there was none.
func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
