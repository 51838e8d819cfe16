package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// tasksListed is how many tasks of a cabinet are listed.
const tasksListed = 50

type askBody struct {
	Kind     wire.TaskKind       `json:"kind"`
	Lines    int                 `json:"lines"`    // logs
	Visit    *protocol.VisitID   `json:"visit"`    // trace
	Platform protocol.PlatformID `json:"platform"` // calibrate
	Mass     protocol.Milligrams `json:"mass_mg"`  // calibrate; 0: nothing lies there
}

type tasksAnswer struct {
	Tasks []taskAnswer `json:"tasks"`
}

type taskAnswer struct {
	ID      protocol.UUID      `json:"id"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Kind    wire.TaskKind      `json:"kind"`
	State   cloud.TaskState    `json:"state"`
	By      string             `json:"by"`
	Asked   time.Time          `json:"asked"`
	Expires time.Time          `json:"expires"`
	Done    *time.Time         `json:"done,omitempty"`
	Code    protocol.Code      `json:"code,omitempty"`   // the cabinet's answer
	Result  any                `json:"result,omitempty"` // of the kind; the lines of a log as one text
}

// args of a kind that may be asked for here; what answers for food has a route of its own.
func (b askBody) args() (any, error) {
	switch b.Kind {
	case wire.TaskSelfTest, wire.TaskTraces:
		return struct{}{}, nil
	case wire.TaskLogs:
		return wire.LogsArgs{Lines: b.Lines}, nil
	case wire.TaskTrace:
		if b.Visit == nil {
			return nil, protocol.Errorf(protocol.CodeMalformed, "visit: want whose trace")
		}
		return wire.TraceArgs{Visit: *b.Visit}, nil
	case wire.TaskCalibrate:
		return wire.CalibrateArgs{Platform: b.Platform, Mass: b.Mass}, nil
	}
	return nil, protocol.Errorf(protocol.CodeMalformed, "kind: want selftest, logs, traces, trace or calibrate")
}

// ask asks a cabinet for something; the answer comes later, at the task's own address.
func (a *API) ask(c echo.Context) error {
	var body askBody
	if err := read(c, &body); err != nil {
		return err
	}
	id, p, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	args, err := body.args()
	if err != nil {
		return err
	}
	if body.Kind == wire.TaskCalibrate && !httpx.Servicers().Allows(p) {
		return protocol.Errorf(cloud.CodeForbidden, "%s may not calibrate", p.Role)
	}
	t, err := a.o.Tasks.Ask(c.Request().Context(), cloud.AskTask{Cabinet: id, Kind: body.Kind, Args: args, By: p.Name})
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, Base+"/tasks/"+t.ID.String())
	return answer(c, http.StatusAccepted, a.describeTask(t))
}

func (a *API) tasks(c echo.Context) error {
	id, _, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	all, err := a.o.Tasks.Latest(c.Request().Context(), id, tasksListed)
	if err != nil {
		return err
	}
	list := tasksAnswer{Tasks: make([]taskAnswer, 0, len(all))}
	for _, t := range all {
		list.Tasks = append(list.Tasks, a.describeTask(t))
	}
	return answer(c, http.StatusOK, list)
}

func (a *API) task(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no task has such an id")
	}
	t, err := a.o.Tasks.Task(c.Request().Context(), id)
	if err != nil {
		return err
	}
	d := a.describeTask(t)
	if !t.Result {
		return answer(c, http.StatusOK, d)
	}
	packed, err := a.o.Tasks.Result(c.Request().Context(), id)
	if err != nil {
		return err
	}
	plain, err := wire.UnpackResult(packed)
	if err != nil {
		return err
	}
	d.Result = string(plain)
	if t.Kind != wire.TaskLogs && json.Valid(plain) {
		d.Result = json.RawMessage(plain)
	}
	return answer(c, http.StatusOK, d)
}

func (a *API) describeTask(t cloud.Task) taskAnswer {
	d := taskAnswer{
		ID: t.ID, Cabinet: t.Cabinet, Kind: t.Kind, State: t.State(a.o.Now()), By: t.By, Asked: t.Asked.UTC(), Expires: t.Expires.UTC(), Code: t.Code,
	}
	if !t.Done.IsZero() {
		done := t.Done.UTC()
		d.Done = &done
	}
	return d
}

// trace is the recording of a visit that was fetched from its cabinet.
func (a *API) trace(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no visit has such an id")
	}
	packed, err := a.o.Tasks.Trace(c.Request().Context(), id)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+id.String()+`.jsonl.gz"`)
	return c.Blob(http.StatusOK, "application/gzip", packed)
}
