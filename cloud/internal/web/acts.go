package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// actsView is what a reader may do to a cabinet, and what was done.
type actsView struct {
	Cabinet  protocol.CabinetID
	Halts    bool // may take it off sale and have it started again
	Releases bool
	Opens    bool // for service
	Services bool // may read the technician's page
	OffSale  bool // in force
	Locked   bool
	Away     bool
	Off      []reasonView
	Lock     []reasonView
	Doors    []serviceDoor
	Key      string
	Rows     []actRow
}

// actRow is one thing that somebody did to a cabinet, and how far it is.
type actRow struct {
	at    time.Time
	At    string
	What  string
	More  string
	State string
	Icon  string
	Tone  string
	Link  string
}

// Of what was done the page shows the newest.
const (
	actsRead  = 20
	actsShown = 12
)

func (p *Pages) actsView(ctx context.Context, v *view, may rights, cab cloud.CabinetView, chain cloud.Chain, visits []cloud.Visit) (actsView, error) {
	view := actsView{
		Halts: may.Halt, Releases: may.Release, Opens: may.Open, Services: may.Ask,
		Cabinet: cab.ID, Away: cab.State == cloud.CabinetAway, Off: v.reasonViews(protocol.CodeOffSale), Lock: v.reasonViews(protocol.CodeLockedOut),
		Doors: v.serviceDoors(cab), Key: string(cab.ID),
	}
	for _, h := range cab.Halts {
		view.OffSale, view.Locked = view.OffSale || h.Kind == protocol.CodeOffSale, view.Locked || h.Kind == protocol.CodeLockedOut
	}
	for _, visit := range visits { // A second press is the same visit until there is another.
		if visit.Purpose == protocol.PurposeService {
			view.Key = visit.ID.String()
			break
		}
	}
	var err error
	view.Rows, err = p.actRows(ctx, v, cab.ID, zone(chain), visits)
	return view, err
}

// actRows puts together what people did to a cabinet, the newest first.
func (p *Pages) actRows(ctx context.Context, v *view, id protocol.CabinetID, loc *time.Location, visits []cloud.Visit) ([]actRow, error) {
	halts, err := p.Halting.Story(ctx, id, actsRead)
	if err != nil {
		return nil, fmt.Errorf("halts of %s: %w", id, err)
	}
	tasks, err := p.Tasks.Latest(ctx, id, actsRead)
	if err != nil {
		return nil, fmt.Errorf("tasks of %s: %w", id, err)
	}
	var rows []actRow
	for _, h := range halts {
		rows = append(rows, v.haltRow(h, loc))
	}
	for _, t := range tasks {
		rows = append(rows, v.taskRow(t, p.Now()))
	}
	for _, visit := range visits {
		if visit.Purpose != protocol.PurposeService {
			continue
		}
		row := actRow{at: visit.Created, What: v.say("act.opened", visit.Compartment, visit.By), More: visit.Why, State: v.say("short." + string(visit.State())), Icon: "door", Link: visitPath(visit.ID)}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b actRow) int { return b.at.Compare(a.at) })
	rows = rows[:min(len(rows), actsShown)]
	for i := range rows {
		rows[i].At = v.clock(moment{At: rows[i].at.In(loc), Day: true})
	}
	return rows, nil
}

func (v *view) haltRow(h cloud.Halt, loc *time.Location) actRow {
	row := actRow{at: h.At, Icon: "stop", Tone: "amber", What: v.say("act.halt."+string(h.Kind), h.By), State: v.say("halt.reason." + string(h.Reason)), More: h.Note}
	if !h.Holds {
		row.Icon, row.Tone, row.What, row.State = "check", "leaf", v.say("act.resume."+string(h.Kind), h.By), ""
		if h.By == "" {
			row.What = v.say("act.resume.over")
		}
	}
	if h.Holds && !h.Until.IsZero() {
		row.State += " · " + v.say("halt.until", v.clock(moment{At: h.Until.In(loc), Day: true}))
	}
	return row
}

// taskRow tells of a task how far it is: asked, reached, done, refused or over.
func (v *view) taskRow(t cloud.Task, now time.Time) actRow {
	row := actRow{at: t.Asked, What: v.say("act.task."+string(t.Kind), t.By), Icon: "clock", Tone: "soft"}
	switch t.State(now) {
	case cloud.TaskDone:
		row.Icon, row.Tone, row.State = "check", "leaf", v.say("act.done", v.span(t.Done.Sub(t.Asked)))
	case cloud.TaskWaiting:
		row.State = v.say("act.asked", v.ago(now.Sub(t.Asked)))
		if !t.Reached.IsZero() {
			row.State = v.say("act.reached", v.ago(now.Sub(t.Reached)))
		}
		if t.Kind == wire.TaskRestart && !t.Reached.IsZero() {
			row.State = v.say("act.reached.restart", v.ago(now.Sub(t.Reached)))
		}
	case cloud.TaskExpired:
		row.Icon, row.Tone, row.State = "question", "amber", v.say("act.expired")
	case cloud.TaskRefused:
		row.Icon, row.Tone, row.State = "alert", "clay", v.say("act.refused", v.whyRefused(t.Code))
	}
	return row
}
