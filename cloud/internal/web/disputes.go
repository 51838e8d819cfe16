package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// casesShown bounds each list of objections.
const casesShown = 50

// disputesPath is the list of a store, or of all that the reader sees to; below is "/lines.csv" for its table.
func disputesPath(store cloud.StoreID, below string) string {
	return atStore("/disputes"+below, store)
}

func disputePath(id protocol.UUID) string { return "/disputes/" + id.String() }

// disputesView is the list of objections.
type disputesView struct {
	Store   *cloud.Store // nil: of all stores that the reader sees to
	OfStore string       // the address of its page
	CSV     string
	Resting int // debts that wait for somebody to look; told of the whole chain alone
	Open    []caseRow
	Decided []caseRow
}

// caseRow is one objection in a list.
type caseRow struct {
	ID    protocol.UUID
	At    moment
	Where string
	Lines []string
	Who   string // of the staff, who asked in the resident's stead
	Again bool
	Sum   protocol.Fen // of the bill
	Told  string
	Wait  string
	Stuck bool // the provider has refused to give back
}

// deskRoutes are what residents object to, and whom support looks after.
func (p *Pages) deskRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/disputes", Access: httpx.CaseReaders(), Handler: p.disputes},
		{Method: get, Path: "/disputes/lines.csv", Access: httpx.CaseReaders(), Handler: p.disputesTable},
		{Method: get, Path: "/disputes/:dispute", Access: httpx.CaseReaders(), Handler: p.dispute},
		{Method: post, Path: "/disputes/:dispute", Access: httpx.Deciders(), Handler: p.rule},
		{Method: post, Path: "/disputes/:dispute/retry", Access: httpx.Deciders(), Handler: p.retryRefund},
		{Method: get, Path: "/owed", Access: httpx.CaseReaders(), Handler: p.owed},
		{Method: get, Path: "/owed/list.csv", Access: httpx.CaseReaders(), Handler: p.owedTable},
		{Method: get, Path: "/support", Access: httpx.CaseReaders(), Handler: p.callers},
		{Method: post, Path: "/support/find", Access: httpx.CaseReaders(), Handler: p.findCaller},
		{Method: get, Path: "/support/:visit", Access: httpx.CaseReaders(), Handler: p.supportVisit},
		{Method: post, Path: "/support/:visit/refund", Access: httpx.Deciders(), Handler: p.refund},
		{Method: post, Path: "/support/:visit/note", Access: httpx.Deciders(), Handler: p.note},
	}
}

func (p *Pages) disputes(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	of, store, err := p.narrowed(c)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("disputes: %w", err)
	}
	view, path := disputesView{CSV: disputesPath("", "/lines.csv")}, disputesPath("", "")
	if store != nil {
		view.Store, view.OfStore, view.CSV, path = store, storePath(store.ID), disputesPath(store.ID, "/lines.csv"), disputesPath(store.ID, "")
	}
	for _, list := range []struct {
		open bool
		into *[]caseRow
	}{{true, &view.Open}, {false, &view.Decided}} {
		cases, err := p.Disputes.Cases(ctx, of, list.open, casesShown)
		if err != nil {
			return fmt.Errorf("disputes: %w", err)
		}
		for _, d := range cases {
			row, err := p.caseRow(c, d, chain)
			if err != nil {
				return err
			}
			*list.into = append(*list.into, row)
		}
	}
	if of == "" {
		resting, err := p.Debts.Resting(ctx, 1)
		if err != nil {
			return fmt.Errorf("disputes: %w", err)
		}
		view.Resting = resting.All
	}
	title := v.say("disputes.none")
	if len(view.Open) > 0 {
		title = v.count("disputes.open", len(view.Open))
	}
	return p.show(c, screen{
		Template: "disputes", Face: "staff", Title: title, Say: title, Path: path, Nav: "disputes", Data: view,
	})
}

func (p *Pages) caseRow(c echo.Context, d cloud.DisputeCase, chain cloud.Chain) (caseRow, error) {
	v := p.view(c)
	cab, err := p.Fleet.Cabinet(c.Request().Context(), d.Visit.Cabinet)
	if err != nil {
		return caseRow{}, fmt.Errorf("disputes: %w", err)
	}
	row := caseRow{
		ID: d.ID, At: moment{At: d.At.In(zone(chain)), Day: true}, Where: v.where(cab), Lines: v.disputed(d.Dispute, d.Visit.Visit),
		Who: d.By, Again: d.Again, Sum: d.Visit.Total, Wait: v.say("review.waiting", v.span(max(p.Now().Sub(d.At), 0))), Stuck: stuck(d.Dispute),
	}
	if d.Ruling != nil {
		row.Told = v.sayRuling(*d.Ruling)
	}
	return row, nil
}

func (v *view) where(cab cloud.CabinetView) string {
	return v.lang.Pick(cab.StoreName) + " · " + v.say("cabinet.number", cab.Number)
}

// stuck reports a ruling of which the provider has refused something that nobody has asked for again.
func stuck(d cloud.Dispute) bool { return d.Ruling != nil && d.Unasked() > 0 }

// disputeView is an objection with everything that bears on it.
type disputeView struct {
	Dispute cloud.Dispute
	At      moment
	Where   string
	Lines   []string
	Again   bool
	Paid    string
	Remedy  *remedyView // nil: it is decided, or not for the reader
	Manager bool        // a manager must decide, and the reader is none
	Told    string
	Decided moment
	Goods   []string
	Refunds []string
	Retry   protocol.Fen // that the provider has refused; 0: nothing
	Story   storyList
}

func (p *Pages) dispute(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("dispute"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no objection has such an id")
	}
	ctx, v := c.Request().Context(), p.view(c)
	d, err := p.Disputes.Case(ctx, id)
	if err != nil {
		return err
	}
	desk, err := p.deskOf(c, d.Visit.ID)
	if err != nil {
		return err
	}
	view := v.disputeView(d, desk)
	if view.Remedy != nil {
		view.Manager = desk.who.Role == protocol.RoleSupport && d.Again
		if view.Manager || !mayDecide(c) {
			view.Remedy = nil
		} else {
			view.Remedy.Limit = v.limited(desk.who, desk.chain.Disputing)
		}
	}
	if !mayDecide(c) {
		view.Retry = 0
	}
	title := v.say("dispute.title", desk.cab.Number, desk.story.Visit.Number())
	return p.show(c, screen{Template: "dispute", Face: "staff", Title: title, Path: disputePath(id), Nav: "disputes", Data: view})
}

func (v *view) disputeView(d cloud.DisputeCase, desk desk) disputeView {
	loc := zone(desk.chain)
	view := disputeView{
		Dispute: d.Dispute, At: moment{At: d.At.In(loc), Day: true}, Where: v.where(desk.cab), Lines: v.disputed(d.Dispute, d.Visit.Visit), Again: d.Again,
		Paid: v.sayMoney(desk.story), Story: v.storyList(desk),
	}
	r := d.Ruling
	if r == nil {
		view.Remedy = v.remedyOf(d.Dispute, desk.story, desk.cab)
		return view
	}
	view.Told, view.Decided = v.sayRuling(*r), moment{At: r.At.In(loc), Day: true}
	for _, l := range r.Lines {
		fate := v.say("fate." + string(l.Goods))
		if l.Goods == cloud.FateMisplaced {
			fate = v.say("fate.misplaced", l.Platform)
		}
		view.Goods = append(view.Goods, v.say("ruling.line", v.billed(d.Visit.Visit, l.SKU), l.Qty, fate, l.Amount))
	}
	for _, op := range d.Refunds {
		view.Refunds = append(view.Refunds, v.say("op.refund."+string(op.State), op.Amount))
	}
	if stuck(d.Dispute) {
		view.Retry = d.Unasked()
	}
	return view
}

// sayMoney tells where the money of a visit stands.
func (v *view) sayMoney(story cloud.VisitStory) string {
	say := v.say("story.money.billed", story.Visit.Total, v.say("payment."+string(story.Visit.Payment)))
	if story.Owed > 0 {
		say += v.say("story.money.owed", story.Owed)
	}
	if story.Visit.Refunded > 0 {
		say += v.say("story.money.refunded", story.Visit.Refunded)
	}
	if story.Visit.Forgiven > 0 {
		say += v.say("story.money.forgiven", story.Visit.Forgiven)
	}
	return say
}

// rule takes the reader's decision.
func (p *Pages) rule(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("dispute"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no objection has such an id")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	d, err := p.Disputes.Case(ctx, id)
	if err != nil {
		return err
	}
	story, err := p.Support.Story(ctx, d.Visit.ID)
	if err != nil {
		return err
	}
	// The same decision once more says what it said: what it has given back itself does not count.
	story.Disputes = slices.DeleteFunc(slices.Clone(story.Disputes), func(o cloud.Dispute) bool { return o.ID == id })
	lines, err := remedy(c, story, d.Lines)
	if err != nil {
		return err
	}
	if _, err := p.Disputes.Rule(ctx, cloud.RuleDispute{
		Dispute: id, By: who.Name, Role: who.Role, Lines: lines, Reason: strings.TrimSpace(c.FormValue("reason")),
	}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, disputePath(id))
}

// retryRefund asks the provider again for what it has refused.
func (p *Pages) retryRefund(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("dispute"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no objection has such an id")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if _, err := p.Support.Retry(c.Request().Context(), id, who, strings.TrimSpace(c.FormValue("reason"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, disputePath(id))
}
