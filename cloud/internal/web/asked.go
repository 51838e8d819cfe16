package web

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// tracesShown is how many recordings a page lists.
const tracesShown = 20

// asked are the latest tasks of one cabinet, as a page tells of them.
type asked struct {
	p     *Pages
	c     echo.Context
	v     *view
	tasks []cloud.Task
	zone  *time.Location
}

// askedView is a task in words.
type askedView struct {
	ID    protocol.UUID
	There bool // it was asked
	Done  bool
	Say   string // what became of it, unless it is well done
	At    moment
}

// testView is a self-test.
type testView struct {
	askedView
	Head string
	Rows []checkRow
}

type checkRow struct {
	Icon, Tone, Title, Say string
}

type tracesView struct {
	askedView
	Rows []traceRow
	Rest int
}

type traceRow struct {
	Visit protocol.VisitID
	At    moment
	Size  string
	There bool // it was fetched
	Waits bool
}

func (p *Pages) askedOf(c echo.Context, tasks []cloud.Task, loc *time.Location) asked {
	return asked{p: p, c: c, v: p.view(c), tasks: tasks, zone: loc}
}

func (a asked) tell(t cloud.Task) askedView {
	w := askedView{ID: t.ID, There: true, At: moment{At: t.Done.In(a.zone), Day: true}}
	switch t.State(a.p.Now()) {
	case cloud.TaskDone:
		w.Done = true
	case cloud.TaskWaiting:
		w.Say = a.v.say("service.waiting", a.v.ago(a.p.Now().Sub(t.Asked)))
	case cloud.TaskExpired:
		w.Say = a.v.say("service.expired")
	case cloud.TaskRefused:
		w.Say = a.v.say("service.refused", a.v.whyRefused(t.Code))
	}
	return w
}

// whyRefused says why a cabinet did not do what it was asked for; a code without words of its own is named.
func (v *view) whyRefused(code protocol.Code) string {
	key := "service.refused." + string(code)
	if _, known := v.texts[key]; !known {
		return string(code)
	}
	return v.say(key)
}

// newest is the latest task of a kind.
func (a asked) newest(k wire.TaskKind) askedView {
	for _, t := range a.tasks {
		if t.Kind == k {
			return a.tell(t)
		}
	}
	return askedView{Say: a.v.say("service.none")}
}

// result reads what a cabinet told; false where it cannot be read.
func (a asked) result(id protocol.UUID, into any) (bool, error) {
	packed, err := a.p.Tasks.Result(a.c.Request().Context(), id)
	if err != nil {
		return false, err
	}
	plain, err := wire.UnpackResult(packed)
	return err == nil && json.Unmarshal(plain, into) == nil, nil
}

func (a asked) test() (testView, error) {
	w := testView{askedView: a.newest(wire.TaskSelfTest)}
	if !w.Done {
		return w, nil
	}
	var s wire.SelfTest
	if ok, err := a.result(w.ID, &s); err != nil || !ok {
		return w, err
	}
	w.Head = a.v.say("service.test.at", a.v.clock(w.At), s.Versions.Agent, a.v.span(time.Duration(s.UpMS)*time.Millisecond))
	for _, c := range s.Checks {
		w.Rows = append(w.Rows, a.v.checkRow(c))
	}
	return w, nil
}

func (v *view) checkRow(c wire.Check) checkRow {
	row := checkRow{Icon: "check", Tone: "leaf", Title: c.Item, Say: c.Word}
	switch c.Verdict {
	case wire.VerdictDoubt:
		row.Icon, row.Tone = "question", "amber"
	case wire.VerdictBad:
		row.Icon, row.Tone = "alert", "clay"
	case wire.VerdictUnknown:
		row.Icon, row.Tone = "question", "soft"
	}
	key := "check." + c.Item
	if _, known := v.texts[key+"."+c.Word]; !known { // A newer cabinet's word.
		return row
	}
	values := make([]any, len(c.Values))
	for i, value := range c.Values {
		values[i] = value
		if c.Item == "sale" {
			values[i] = v.tellCode(protocol.Code(value)).What
		}
	}
	row.Title, row.Say = v.say("check.title", v.say(key), c.Subject), v.say(key+"."+c.Word, values...)
	return row
}

func (a asked) traces() (tracesView, error) {
	w := tracesView{askedView: a.newest(wire.TaskTraces)}
	if !w.Done {
		return w, nil
	}
	var list wire.TraceList
	if ok, err := a.result(w.ID, &list); err != nil || !ok {
		return w, err
	}
	for i, k := range list.Traces {
		if i == tracesShown {
			w.Rest = len(list.Traces) - tracesShown
			break
		}
		row := traceRow{Visit: k.Visit, At: moment{At: timeOf(k.Visit).In(a.zone), Day: true}, Size: a.v.say("service.trace.kb", (k.Bytes+1023)/1024)}
		var err error
		if row.There, row.Waits, _, err = a.trace(k.Visit); err != nil {
			return w, err
		}
		w.Rows = append(w.Rows, row)
	}
	return w, nil
}

// timeOf is when a visit's id was made.
func timeOf(id protocol.UUID) time.Time {
	var ms int64
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms)
}

// trace tells whether the recording of a visit is here, on its way, or was refused.
func (a asked) trace(visit protocol.VisitID) (there, waits, refused bool, err error) {
	if there, err = a.p.Tasks.HasTrace(a.c.Request().Context(), visit); there || err != nil {
		return there, false, false, err
	}
	for _, t := range a.tasks {
		var args wire.TraceArgs
		if t.Kind == wire.TaskTrace && json.Unmarshal(t.Args, &args) == nil && args.Visit == visit {
			state := t.State(a.p.Now())
			return false, state == cloud.TaskWaiting, state == cloud.TaskRefused, nil
		}
	}
	return false, false, false, nil
}

// calibrations are the latest, each with its error before and after.
func (a asked) calibrations() (all []askedView) {
	for _, t := range a.tasks {
		if t.Kind != wire.TaskCalibrate || len(all) == calibrationsTop {
			continue
		}
		w := a.tell(t)
		var args wire.CalibrateArgs
		var made wire.Calibrated
		if err := json.Unmarshal(t.Args, &args); err != nil {
			continue
		}
		if !w.Done {
			w.Say = a.v.say("service.calibrating", args.Platform, w.Say)
		} else if ok, err := a.result(t.ID, &made); err == nil && ok {
			w.Say = a.v.say("service.calibrated", args.Platform, signedGrams(made.Before-args.Mass), signedGrams(made.After-args.Mass))
		}
		all = append(all, w)
	}
	return all
}

func signedGrams(m protocol.Milligrams) string { return strconv.FormatFloat(m.Grams(), 'f', 1, 64) }

// ask asks the cabinet for what the reader chose, and leads back to where its answer will be.
func (p *Pages) ask(c echo.Context) error {
	who, id, err := readerAt(c)
	if err != nil {
		return err
	}
	kind := wire.TaskKind(c.FormValue("kind"))
	args, err := argsFrom(c, kind)
	if err != nil {
		return err
	}
	if kind == wire.TaskCalibrate && !httpx.Servicers().Allows(who) {
		return protocol.Errorf(cloud.CodeForbidden, "%s may not calibrate", who.Role)
	}
	if _, err := p.Tasks.Ask(c.Request().Context(), cloud.AskTask{Cabinet: id, Kind: kind, Args: args, By: who.Name}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("back"), "/cabinets/"+string(id)+"/service#"+string(kind)))
}

func argsFrom(c echo.Context, kind wire.TaskKind) (any, error) {
	switch kind {
	case wire.TaskSelfTest, wire.TaskTraces:
		return struct{}{}, nil
	case wire.TaskLogs:
		return wire.LogsArgs{Lines: logLines}, nil
	case wire.TaskTrace:
		visit, err := protocol.ParseUUID(c.FormValue("visit"))
		if err != nil {
			return nil, protocol.Errorf(protocol.CodeMalformed, "visit: %v", err)
		}
		return wire.TraceArgs{Visit: visit}, nil
	case wire.TaskCalibrate:
		grams, err := strconv.ParseFloat(c.FormValue("grams"), 64)
		if err != nil || !(grams >= 0 && grams <= math.MaxInt32) {
			return nil, protocol.Errorf(protocol.CodeMalformed, "grams: want a number")
		}
		return wire.CalibrateArgs{Platform: protocol.PlatformID(c.FormValue("platform")), Mass: protocol.FromGrams(grams)}, nil
	}
	return nil, protocol.Errorf(protocol.CodeMalformed, "kind: nothing of that name is asked for here")
}

// readLog shows a log as it is.
func (p *Pages) readLog(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("task"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no task has such an id")
	}
	ctx := c.Request().Context()
	t, err := p.Tasks.Task(ctx, id)
	if err == nil && (t.Kind != wire.TaskLogs || t.Cabinet != protocol.CabinetID(c.Param("cabinet"))) {
		err = protocol.Errorf(cloud.CodeNotFound, "task %s is no log of this cabinet", id)
	}
	if err != nil {
		return err
	}
	packed, err := p.Tasks.Result(ctx, id)
	if err != nil {
		return err
	}
	plain, err := wire.UnpackResult(packed)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", plain)
}

// visitTrace gives the recording of a visit to be replayed.
func (p *Pages) visitTrace(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no visit has such an id")
	}
	packed, err := p.Tasks.Trace(c.Request().Context(), id)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+id.String()+`.jsonl.gz"`)
	return c.Blob(http.StatusOK, "application/gzip", packed)
}
