package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// caseView is one case with everything that helps to decide it.
type caseView struct {
	reviewView
	Before, After string // paths of its neighbours; "" where there are none
	Place         string
	Late          string // somebody else was faster
	Decided       *decidedView
	Visitor       string
	Last          visitList
	Stock         []stockRow
	Still         []stockRow // articles that no story moves
	Curves        curvesView
	Opened        int64 // milliseconds, for how long it was looked at
	Cabinet       protocol.CabinetID
}

// decidedView is a decision that stands.
type decidedView struct {
	Say   string
	Lines []billLine
	Total protocol.Fen
	Note  string
}

// stockRow is one article on one platform.
type stockRow struct {
	Platform protocol.PlatformID
	Name     string
	Before   int
	After    []int
	Book     int
	Weight   string
}

func (p *Pages) openCase(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	return p.showCase(c, id, false)
}

// showCase shows a case; late tells a reader that it was decided while they looked at it.
func (p *Pages) showCase(c echo.Context, id protocol.VisitID, late bool) error {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("case: %w", err)
	}
	found, err := p.Cases.Case(ctx, id, boundOf(c))
	if err != nil {
		return err
	}
	cab, err := p.Fleet.Cabinet(ctx, found.Visit.Cabinet)
	if err != nil {
		return fmt.Errorf("case: %w", err)
	}
	goods, err := p.Fleet.Goods(ctx, found.Visit.Cabinet)
	if err != nil {
		return fmt.Errorf("case: %w", err)
	}
	view, err := p.caseView(c, found, cab, goods, zone(chain))
	if err != nil {
		return err
	}
	s := screen{
		Template: "review", Face: "staff", Title: v.say("case.title", view.Where), Say: view.Why, Path: "/reviews/" + id.String(), Nav: "reviews",
		Styles: []string{"uPlot.min.css"}, Scripts: []string{"uPlot.iife.min.js", "review.js"},
	}
	if late && view.Decided != nil {
		view.Late, s.Status = v.say("case.late", view.Decided.Say), http.StatusConflict
	}
	s.Data = view
	return p.show(c, s)
}

func (p *Pages) caseView(c echo.Context, found cloud.Case, cab cloud.CabinetView, goods []cloud.ShelfGood, loc *time.Location) (caseView, error) {
	v := p.view(c)
	view := caseView{
		reviewView: v.reviewView(found.Review, cab, goods, loc), Before: casePath(found.Before), After: casePath(found.After),
		Visitor: v.sayVisitor(found.Visitor), Last: visitList{Rows: v.visitRows(found.Visitor.Last, []cloud.CabinetView{cab}, loc, p.Now())},
		Opened: p.Now().UnixMilli(), Cabinet: cab.ID,
	}
	if found.Taken > 0 {
		view.Taken = v.say("case.taken", found.Taken)
	}
	if found.Place > 0 {
		view.Place = v.say("case.place", found.Place, found.Open)
	}
	for _, s := range found.Stock {
		row := stockRow{s.Platform, v.lang.Pick(s.Name), s.Before, s.After, s.Book, v.say("stand.noweight")}
		if s.Weighed {
			row.Weight = v.say("stand.weight", kilograms(s.Weight))
		}
		if s.Moved {
			view.Stock = append(view.Stock, row)
		} else {
			view.Still = append(view.Still, row)
		}
	}
	if found.Decision != nil {
		view.Decided = v.decidedView(*found.Decision, loc)
	} else if mayDecide(c) {
		view.Decide = v.decideView(found, goods)
	}
	var err error
	view.Curves, err = p.curvesView(c, found, v.teller(found.Review, goods, loc))
	return view, err
}

func casePath(id protocol.VisitID) string {
	if id.IsZero() {
		return ""
	}
	return "/reviews/" + id.String()
}

// sayVisitor tells what is known of the resident, who stays unnamed.
func (v *view) sayVisitor(of cloud.Visitor) string {
	if of.Visits == 0 {
		return v.say("visitor.unknown")
	}
	if of.Visits == 1 {
		return v.say("visitor.first")
	}
	return v.say("visitor.say", of.Visits, of.Reviewed, of.Waived)
}

func (v *view) decidedView(d cloud.Decision, loc *time.Location) *decidedView {
	by := d.By
	if by == "" {
		by = v.say("decided.nobody")
	}
	at := v.clock(moment{At: d.At.In(loc), Day: true})
	view := &decidedView{Total: d.Total, Note: d.Note}
	view.Lines, _ = v.billLines(d.Lines, nil)
	switch {
	case d.Waived && d.By == "":
		view.Say = v.say("decided.late", at)
	case d.Waived:
		view.Say = v.say("decided.waived", by, at)
	case len(d.Lines) == 0:
		view.Say = v.say("decided.none", by, at)
	default:
		view.Say = v.say("decided.billed", by, at, d.Total)
	}
	return view
}

// look notes that a person has a case before them.
func (p *Pages) look(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	if err := p.noteLook(c, id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (p *Pages) noteLook(c echo.Context, id protocol.VisitID) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	opened, err := strconv.ParseInt(c.FormValue("opened"), 10, 64)
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "opened: want milliseconds")
	}
	return p.Cases.Look(c.Request().Context(), id, who.Name, time.UnixMilli(opened))
}

// curvesView is what is drawn of the scales, and the same as a table.
type curvesView struct {
	Say    string // where there is no recording
	Here   bool
	Waits  bool
	Ask    bool // the reader may ask for it again
	URL    string
	Clock  int64 // of the visit's zero, milliseconds since midnight; -1: not known
	Marks  []markView
	Table  []curveRow
	Unread string // the recording is here and cannot be read
}

// markView is a step as it is marked in the curve of its platform.
type markView struct {
	At       int64
	Platform protocol.PlatformID
	Say      string
}

type curveRow struct {
	Platform                protocol.PlatformID
	First, Last, Difference string
	Moved                   bool
}

// tableColumns is how finely a recording is read for its table: only the calm beginning and end are told.
const tableColumns = 60

func (p *Pages) curvesView(c echo.Context, found cloud.Case, t teller) (curvesView, error) {
	id := found.Visit.ID
	view := curvesView{URL: "/api/v1/visits/" + id.String() + "/curves", Clock: -1, Marks: t.marks(found.Answer.Why)}
	if !t.zero.IsZero() {
		midnight := time.Date(t.zero.Year(), t.zero.Month(), t.zero.Day(), 0, 0, 0, 0, t.zero.Location())
		view.Clock = t.zero.Sub(midnight).Milliseconds()
	}
	if who, err := httpx.PrincipalOf(c); err == nil {
		view.Ask = httpx.Askers().Allows(who)
	}
	switch found.Recording {
	case cloud.RecordingWaiting:
		view.Waits, view.Say = true, t.say("curves.waiting")
		if found.Away {
			view.Say = t.say("curves.away")
		}
	case cloud.RecordingUnasked:
		view.Say = t.say("curves.unasked")
	case cloud.RecordingNone:
		view.Say = t.say("curves.none")
	case cloud.RecordingHere:
		view.Here = true
		curves, err := p.Cases.Curves(c.Request().Context(), id, tableColumns)
		if err != nil {
			p.Logger.Warn("curves", "visit", id, "error", err)
			view.Here, view.Say = false, t.say("curves.broken")
			return view, nil
		}
		for _, curve := range curves.Platforms {
			if first, last, known := curve.Ends(); known {
				view.Table = append(view.Table, curveRow{
					curve.Platform, strconv.FormatFloat(first, 'f', 0, 64), strconv.FormatFloat(last, 'f', 0, 64), fmt.Sprintf("%+.0f", last-first), curve.Moved,
				})
			}
		}
	}
	return view, nil
}

// marks are the changes of all explanations, each told as the likeliest one that has it tells it.
func (t teller) marks(why []settle.Explanation) (marks []markView) {
	seen := map[place]bool{}
	for _, e := range why {
		mine := map[place]int{} // where its marks are
		for _, s := range e.Steps {
			at := place{s.At, s.Platform}
			if s.At == 0 || seen[at] {
				continue
			}
			say := t.say("mark.other")
			if s.SKU != "" && s.Qty != 0 {
				say = fmt.Sprintf("%+d %s", s.Qty, t.name(s.SKU))
			}
			if i, known := mine[at]; known {
				marks[i].Say += " " + say
				continue
			}
			mine[at] = len(marks)
			marks = append(marks, markView{s.At, s.Platform, say})
		}
		for at := range mine {
			seen[at] = true
		}
	}
	return marks
}
