package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// pullTime is how long a released lock waits for the pull; the ring on the page counts it down.
const pullTime = 10 * time.Second

// billLine is one line of a basket or a receipt.
type billLine struct {
	SKU      protocol.SKU
	Name     string
	Category string
	Qty      int
	Price    protocol.Fen
	Sum      protocol.Fen
}

// visitView is the page of one visit.
type visitView struct {
	Visit     cloud.Visit
	State     cloud.VisitState
	Cabinet   cloud.CabinetView
	Chain     cloud.Chain
	Lines     []billLine
	Units     int
	Over      bool // the basket is worth more than the hold
	Left      int  // whole seconds until the lock closes again
	Began     moment
	Ended     moment
	Told      told // states that are told in three parts
	Art       string
	Hold      string // what becomes of the hold
	ShowLines bool
	Retry     bool
	Back      bool
	Key       string
	Staff     bool
	Nearby    *cloud.CabinetView // where the same visit would fare better
	Support   string
	Payment   string
	Pass      *passView // the grant is shown to the cabinet's reader
	Service   *onSite   // a service visit
	Trace     *traceView
	Purses    string // where staff see what the resident has and owes; empty: not for this reader
	Objected  *objectionsView
	Receipts  *receiptsView
}

// visitOf finds a visit for its reader. Another's visit is told from none at all by nobody.
func (p *Pages) visitOf(c echo.Context) (cloud.Visit, cloud.Principal, error) {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return cloud.Visit{}, who, err
	}
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return cloud.Visit{}, who, protocol.Errorf(cloud.CodeUnknownVisit, "%v", err)
	}
	visit, err := p.Visits.Visit(c.Request().Context(), id)
	if err != nil {
		return cloud.Visit{}, who, fmt.Errorf("visit page: %w", err)
	}
	if visit.Person != who.ID && !httpx.IsStaff(who) {
		return cloud.Visit{}, who, protocol.Errorf(cloud.CodeUnknownVisit, "visit %s belongs to someone else", id)
	}
	return visit, who, nil
}

func (p *Pages) visit(c echo.Context) error {
	visit, who, err := p.visitOf(c)
	if protocol.CodeOf(err) == cloud.CodeNoSession {
		return p.showVisitSignIn(c, p.signInForThe(c))
	}
	if err != nil {
		return err
	}
	s, err := p.visitScreen(c, visit, who)
	if err != nil {
		return err
	}
	return p.show(c, s)
}

// visitScreen is what the page of a visit shows right now.
func (p *Pages) visitScreen(c echo.Context, visit cloud.Visit, who cloud.Principal) (screen, error) {
	view, err := p.visitView(c, visit, who)
	if err != nil {
		return screen{}, err
	}
	p.seen(c, visit, who)
	v := p.view(c)
	s := screen{
		Template: "visit", Face: "resident", Path: visitPath(visit.ID), Title: v.say("visit.title", view.Cabinet.Number),
		Say: v.sayVisit(view), Data: view,
	}
	switch view.State {
	case cloud.StateAuthorising, cloud.StateOpening, cloud.StateOpen, cloud.StateCounting:
		if view.Pass != nil { // It must stand still while it is read.
			s.Live, s.Refresh = s.Path+"/live", 20
			break
		}
		s.Live, s.Refresh = s.Path+"/live", 1
	case cloud.StateUnknown:
		s.Live, s.Refresh = s.Path+"/live", 3
	case cloud.StateReview:
		s.Poll, s.Refresh = true, 30
	default:
		if view.Objected.waits() {
			s.Poll, s.Refresh = true, 30
		}
	}
	return s, nil
}

func (p *Pages) visitView(c echo.Context, visit cloud.Visit, who cloud.Principal) (visitView, error) {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return visitView{}, fmt.Errorf("visit page: %w", err)
	}
	cab, err := p.Fleet.Cabinet(ctx, visit.Cabinet)
	if err != nil {
		return visitView{}, fmt.Errorf("visit page: %w", err)
	}
	goods, err := p.Fleet.Goods(ctx, visit.Cabinet)
	if err != nil {
		return visitView{}, fmt.Errorf("visit page: %w", err)
	}
	loc := zone(chain)
	view := visitView{
		Visit: visit, State: visit.State(), Cabinet: cab, Chain: chain, Support: chain.SupportPhone, Key: newKey(), Staff: httpx.IsStaff(who),
		Over:    visit.Total > visit.Hold && visit.Hold > 0,
		Left:    secondsLeft(p.Now().Sub(visit.Created)),
		Began:   moment{At: visit.Created.In(loc), Day: true},
		Payment: v.say("payment." + string(visit.Payment)),
	}
	if !visit.Ended.IsZero() {
		view.Ended = moment{At: visit.Ended.In(loc), Day: true}
	}
	view.Lines, view.Units = v.billLines(visit.Lines, goods)
	if view.Pass, err = v.passOf(visit, who, loc); err != nil {
		return visitView{}, err
	}
	if visit.Pass != "" && view.Pass == nil {
		view.State = cloud.StateUnknown
	}
	if visit.Purpose == protocol.PurposeService {
		view.Service = v.onSite(visit, cab)
	}
	if view.Trace, err = p.traceOf(c, visit, who); err != nil {
		return visitView{}, err
	}
	if visit.Purpose == protocol.PurposePurchase && !visit.Person.IsZero() && mayDecide(c) && who.Bound == "" {
		view.Purses = pursesPath(visit.Person)
	}
	if view.Receipts, err = p.receiptsOf(c, visit, who); err != nil {
		return visitView{}, err
	}
	if view.Objected, err = p.objectionsOf(c, visit, who, view.Lines, loc); err != nil {
		return visitView{}, err
	}
	v.tellVisit(&view)
	if view.Service != nil && view.State == cloud.StateUnknown {
		v.tellUnanswered(&view)
	} else if visit.PassOver(p.Now()) {
		v.tellPassOver(&view)
	}
	if view.State == cloud.StateAborted && !ofThePerson[visit.Code] {
		view.Nearby = p.nearby(ctx, cab)
	}
	return view, nil
}

// secondsLeft counts from the moment that the door was asked for, which is a little before it was released: the page
// rather shows a second too few.
func secondsLeft(since time.Duration) int {
	left := pullTime - since
	return int(min(max(left, 0), pullTime).Round(time.Second) / time.Second)
}

func (v *view) billLines(lines []cloud.OrderLine, goods []cloud.ShelfGood) (bill []billLine, units int) {
	categories := map[protocol.SKU]string{}
	for _, g := range goods {
		categories[g.Article.SKU] = g.Article.Category
	}
	for _, l := range lines {
		units += l.Qty
		bill = append(bill, billLine{
			SKU: l.SKU, Name: v.lang.Pick(l.Name), Category: categories[l.SKU], Qty: l.Qty, Price: l.Price, Sum: l.Price * protocol.Fen(l.Qty),
		})
	}
	return bill, units
}

// tellVisit fills what is told in three parts.
func (v *view) tellVisit(view *visitView) {
	visit, state := view.Visit, view.State
	view.Art = "ready"
	switch state {
	case cloud.StateAborted:
		view.Told, view.Art = v.tellCode(visit.Code), "stopped"
		view.Retry = worthRetrying[visit.Code] && visit.Purpose == protocol.PurposePurchase && !view.Staff
		view.Back = true
		view.Hold = v.holdAfterAbort(visit)
	case cloud.StateNothingTaken:
		view.Told, view.Back = v.tellState("visit.nothing_taken", ""), true
	case cloud.StateReview:
		view.Told = v.tellState("visit.review", "")
		view.Hold = v.reviewEnd(view)
	case cloud.StateOwed:
		view.Told, view.ShowLines, view.Art = v.tellState("visit.owed", money(visit.Total)), true, "stopped"
	case cloud.StateWaived:
		view.Told, view.ShowLines = v.tellState("visit.waived", ""), len(view.Lines) > 0
	case cloud.StateRefunded:
		view.Told, view.ShowLines = v.tellState("visit.refunded", money(visit.Total)), true
	case cloud.StateUnknown:
		view.Told, view.Art = v.tellState("visit.unknown", whole(visit.Hold)), "pull"
		if visit.Outcome == cloud.OutcomeSold {
			view.Told, view.Art, view.ShowLines = v.tellState("visit.paying", money(visit.Total)), "ready", true
		}
	case cloud.StateRestocked, cloud.StateServiced:
		view.Told = told{What: v.say("visit." + string(state) + ".head"), Money: v.say("visit.staff.money"), Now: v.say("visit.staff.now")}
	}
}

func (v *view) tellState(prefix, amount string) told {
	return told{What: v.say(prefix+".head", amount), Money: v.say(prefix+".money", amount), Now: v.say(prefix+".now", amount)}
}

func (v *view) holdAfterAbort(visit cloud.Visit) string {
	switch {
	case visit.Hold == 0:
		return ""
	case visit.Payment == cloud.PaymentNone:
		return v.say("visit.aborted.released", whole(visit.Hold))
	}
	return v.say("visit.aborted.releasing", whole(visit.Hold))
}

// reviewEnd says when a review that nobody decided is waived.
func (v *view) reviewEnd(view *visitView) string {
	if view.Visit.Asked.IsZero() || view.Chain.WaiveAfter <= 0 {
		return ""
	}
	return v.say("visit.review.waive", v.clock(moment{At: view.Visit.Asked.Add(view.Chain.WaiveAfter).In(view.Ended.At.Location()), Day: true}))
}

// sayVisit is what a screen reader hears of a change.
func (v *view) sayVisit(view visitView) string {
	if view.Pass != nil {
		return v.say("visit.pass.head") + " " + view.Pass.Refused
	}
	if view.Service != nil && view.Service.Under {
		return view.Service.Say
	}
	switch view.State {
	case cloud.StateAuthorising, cloud.StateOpening, cloud.StateCounting:
		return v.say("visit." + string(view.State) + ".head")
	case cloud.StateOpen:
		return v.say("visit.open.head") + " · " + v.count("visit.open.items", view.Units) + " · " + money(view.Visit.Total)
	case cloud.StateCharged:
		return v.say("visit.charged.head") + " " + money(view.Visit.Total) + " " + v.say("visit.charged.more")
	}
	return view.Told.What + " " + view.Told.Money
}

// signInForThe begins a sign-in that ends at the visit's page.
func (p *Pages) signInForThe(c echo.Context) *signInView {
	v := p.view(c)
	return p.newSignIn(c, "/v/"+c.Param("visit"), newKey(), v.say("signin.visit.phone"), v.say("signin.see"))
}

func (p *Pages) showVisitSignIn(c echo.Context, s *signInView) error {
	return p.show(c, screen{
		Template: "visit-signin", Face: "resident", Title: p.view(c).say("signin.visit.head"), Say: s.say(p.view(c)),
		Path: s.Base, Status: http.StatusUnauthorized, Data: s,
	})
}

func (p *Pages) sendVisitCode(c echo.Context) error {
	s := p.signInForThe(c)
	p.requestCode(c, s)
	return p.showVisitSignIn(c, s)
}

func (p *Pages) signInForVisit(c echo.Context) error {
	s := p.signInForThe(c)
	if _, ok := p.tradeCode(c, s); !ok {
		return p.showVisitSignIn(c, s)
	}
	return c.Redirect(http.StatusSeeOther, s.Base)
}
