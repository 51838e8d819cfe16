package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// serviceView is a cabinet as who services it meets it.
type serviceView struct {
	Cabinet    cloud.CabinetView
	Say        string
	Servicer   bool // may open, calibrate and hand over
	Key        string
	UnderWay   *cloud.Visit // the reader's own service visit
	Doors      []serviceDoor
	Scales     []scaleRow
	Faults     []faultView
	Incidents  []incidentView // that are not over: each is closed on its own page
	Test       testView
	Logs       askedView
	Traces     tracesView
	Calibrated []askedView
	Handover   handoverView
}

type serviceDoor struct {
	Compartment protocol.Compartment
	State       string
}

// scaleRow is what a platform shows now.
type scaleRow struct {
	ID     protocol.PlatformID
	Weight string
	OK     bool
}

const (
	tasksLooked     = 50
	calibrationsTop = 5
	logLines        = 1000
)

func (p *Pages) service(c echo.Context) error {
	s, err := p.serviceScreen(c)
	if err != nil {
		return err
	}
	return p.show(c, s)
}

func (p *Pages) serviceLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.serve(c, stream{
		changed: changed, pace: staffPace, again: serviceRefresh,
		render: func() (screen, error) { return p.serviceScreen(c) },
	})
}

// serviceRefresh lets a technician see the scales move.
const serviceRefresh = 2 * time.Second

func (p *Pages) serviceScreen(c echo.Context) (screen, error) {
	v := p.view(c)
	view, err := p.serviceView(c)
	if err != nil {
		return screen{}, err
	}
	path := "/cabinets/" + string(view.Cabinet.ID) + "/service"
	return screen{
		Template: "service", Face: "staff", Title: v.say("service.title", view.Cabinet.Number, v.lang.Pick(view.Cabinet.Place)), Say: view.Say,
		Path: path, Live: path + "/live", Refresh: 5, Data: view,
	}, nil
}

func (p *Pages) serviceView(c echo.Context) (serviceView, error) {
	ctx, v := c.Request().Context(), p.view(c)
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return serviceView{}, err
	}
	cab, err := p.Fleet.Cabinet(ctx, protocol.CabinetID(c.Param("cabinet")))
	if err != nil {
		return serviceView{}, err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return serviceView{}, fmt.Errorf("service of %s: %w", cab.ID, err)
	}
	tasks, err := p.Tasks.Latest(ctx, cab.ID, tasksLooked)
	if err != nil {
		return serviceView{}, fmt.Errorf("service of %s: %w", cab.ID, err)
	}
	list, err := p.Handovers.Checklist(ctx, cab.ID)
	if err != nil {
		return serviceView{}, fmt.Errorf("service of %s: %w", cab.ID, err)
	}
	latest, err := p.Visits.Latest(ctx, cab.ID, who.ID, 1)
	if err != nil {
		return serviceView{}, fmt.Errorf("service of %s: %w", cab.ID, err)
	}
	view := serviceView{
		Cabinet: cab, Say: v.sayStanding(cab, p.Now().Sub(cab.Presence.LastSeen)), Servicer: httpx.Servicers().Allows(who), Key: string(cab.ID),
		Doors: v.serviceDoors(cab), Scales: v.scaleRows(cab, 0), Faults: v.faultsOf(cab), Handover: v.handoverView(list, zone(chain)),
	}
	names, err := p.goodsNames(ctx, cab.Incidents)
	if err != nil {
		return serviceView{}, fmt.Errorf("service of %s: %w", cab.ID, err)
	}
	own := func(i cloud.Incident) bool { return i.Kind.Care().Role == protocol.RoleTechnician }
	mended := slices.DeleteFunc(slices.Clone(cab.Incidents), func(i cloud.Incident) bool { return !own(i) })
	others := slices.DeleteFunc(slices.Clone(cab.Incidents), own)
	view.Incidents = v.incidentViews(slices.Concat(mended, others), names, zone(chain))
	if cab.State == cloud.CabinetReady && len(view.Faults) > 0 {
		view.Say = v.count("stand.ready.but", len(view.Faults))
	}
	if len(latest) == 1 { // A second press is the same visit until there is another.
		view.Key = latest[0].ID.String()
	}
	if len(latest) == 1 && latest[0].Purpose == protocol.PurposeService && latest[0].Ended.IsZero() {
		view.UnderWay = &latest[0]
	}
	asked := p.askedOf(c, tasks, zone(chain))
	view.Logs, view.Calibrated = asked.newest(wire.TaskLogs), asked.calibrations()
	if view.Test, err = asked.test(); err != nil {
		return serviceView{}, err
	}
	view.Traces, err = asked.traces()
	return view, err
}

func (v *view) serviceDoors(cab cloud.CabinetView) (doors []serviceDoor) {
	said := map[protocol.Compartment]wire.Door{}
	if t := cab.Presence.Telemetry; t != nil && cab.State != cloud.CabinetAway {
		for _, d := range t.Compartments {
			said[d.Compartment] = d.Door
		}
	}
	known := map[protocol.Compartment]bool{}
	for _, p := range cab.Platforms {
		if known[p.Compartment] {
			continue
		}
		known[p.Compartment] = true
		state := said[p.Compartment]
		if state == "" {
			state = wire.DoorStateUnknown
		}
		doors = append(doors, serviceDoor{p.Compartment, v.say("service.door." + string(state))})
	}
	return doors
}

// scaleRows are the weights of a compartment, or of all for 0; what is stale or not to be trusted is unknown.
func (v *view) scaleRows(cab cloud.CabinetView, only protocol.Compartment) (rows []scaleRow) {
	for _, b := range v.boards(cab, nil, cab.State == cloud.CabinetAway) {
		rows = append(rows, scaleRow{b.ID, b.Weight, b.OK})
	}
	kept := rows[:0]
	for i, p := range cab.Platforms {
		if only == 0 || p.Compartment == only {
			kept = append(kept, rows[i])
		}
	}
	return kept
}

// openForService opens a door for the reader, who is led to the visit's page.
func (p *Pages) openForService(c echo.Context) error {
	who, id, err := readerAt(c)
	if err != nil {
		return err
	}
	door, err := strconv.ParseUint(c.FormValue("compartment"), 10, 8)
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "compartment: want a number")
	}
	visit, err := p.Doors.Service(c.Request().Context(), cloud.ServiceVisit{
		Person: who.ID, By: who.Name, Cabinet: id, Compartment: protocol.Compartment(door), Why: c.FormValue("why"), Key: c.FormValue("key"),
	})
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, visitPath(visit.ID))
}

// readerAt is who is signed in, and the cabinet of the path.
func readerAt(c echo.Context) (cloud.Principal, protocol.CabinetID, error) {
	id := protocol.CabinetID(c.Param("cabinet"))
	if id.Validate() != nil {
		return cloud.Principal{}, "", protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	who, err := httpx.PrincipalOf(c)
	return who, id, err
}
