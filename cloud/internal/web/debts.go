package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const (
	debtsPath  = "/debts"
	debtsShown = 200
)

// debtsView is what is owed and not charged by itself until somebody has looked.
type debtsView struct {
	Head   string
	Rows   []debtRow
	More   int
	Asked  bool // the payment service has told what it took since the backup
	May    bool // the reader lets single ones be charged
	MayAll bool // and all of them
}

// debtRow is one of them.
type debtRow struct {
	Visit    protocol.VisitID
	Person   protocol.UUID
	Where    string
	Since    moment
	Why      string
	Amount   protocol.Fen
	Disputed bool // the payment service contradicts the books: one by one
}

// restingDebts lists them.
func (p *Pages) restingDebts(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return err
	}
	found, err := p.Debts.Resting(ctx, debtsShown)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	view := debtsView{
		Head: v.say("debts.none"), Asked: found.Asked, More: found.All - len(found.Debts),
		May: found.Asked && mayDecide(c), MayAll: found.Asked && slices.Contains(httpx.Closers().Roles, who.Role),
	}
	if found.All > 0 {
		view.Head = v.count("debts.head", found.All)
	}
	restored := false
	for _, d := range found.Debts {
		row := debtRow{
			Visit: d.Visit, Person: d.Person, Where: string(d.Cabinet), Since: moment{At: d.Since.In(zone(chain)), Day: true}, Why: v.say("debts.why." + string(d.Rests)), Amount: d.Amount,
			Disputed: d.Rests == cloud.RestContradicted,
		}
		if cab, err := p.Fleet.Cabinet(ctx, d.Cabinet); err == nil { // One that is gone is shown by its id.
			row.Where = v.where(cab)
		}
		restored = restored || d.Rests == cloud.RestRestored
		view.Rows = append(view.Rows, row)
	}
	view.MayAll = view.MayAll && restored
	return p.show(c, screen{Template: "debts", Face: "staff", Title: view.Head, Say: view.Head, Path: debtsPath, Nav: "disputes", Data: view})
}

// resumeAll lets those be charged again that rest since the books were restored.
func (p *Pages) resumeAll(c echo.Context) error {
	if _, err := p.Debts.ResumeAll(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, debtsPath)
}

// resumeOne lets one be charged again.
func (p *Pages) resumeOne(c echo.Context) error {
	visit, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	if err := p.Debts.Resume(c.Request().Context(), visit); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, debtsPath)
}

// debtRoutes are the debts that rest.
func (p *Pages) debtRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/debts", Access: httpx.CaseReaders(), Handler: p.restingDebts},
		{Method: post, Path: "/debts/resume", Access: httpx.Closers(), Handler: p.resumeAll},
		{Method: post, Path: "/debts/:visit/resume", Access: httpx.Deciders(), Handler: p.resumeOne},
	}
}
