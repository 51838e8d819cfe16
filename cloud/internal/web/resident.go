package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// goodLine is one article as the resident sees it: never its weight.
type goodLine struct {
	SKU      protocol.SKU
	Name     string
	Category string
	Price    protocol.Fen // 0: it is not sold here now
	Full     protocol.Fen // what it costs elsewhere
	Units    int
}

// Less reports goods that cost less here, for their date comes near.
func (g goodLine) Less() bool { return g.Price > 0 && g.Price < g.Full }

// offered is 1 of goods that can be bought now, else 0.
func (g goodLine) offered() int {
	if g.Units > 0 && !g.Unsold() {
		return 1
	}
	return 0
}

// Unsold reports goods that lie there and are not sold: their date is over.
func (g goodLine) Unsold() bool { return g.Price == 0 && g.Units > 0 }

// cabinetView is the resident's page of one cabinet.
type cabinetView struct {
	Cabinet cloud.CabinetView
	Goods   []goodLine
	Hold    protocol.Fen
	Support string
	Hours   string // of the store, where they differ today
	Key     string // makes a second press of the same button the same visit
	Step    string // "", phone, code or consent
	SignIn  *signInView
	Blocked *told // why the door cannot be opened now
	Shows   bool  // it has no line, and opens by a code on the phone
	Nearby  *cloud.CabinetView
	Retry   bool
}

// failureView tells that a door did not open.
type failureView struct {
	Cabinet cloud.CabinetView
	Problem told
	Hold    string
	Support string
	Key     string
	Nearby  *cloud.CabinetView
	Retry   bool
	Owes    bool // and can pay it
}

// newKey makes an Idempotency-Key for one form.
func newKey() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // crypto/rand never fails.
	return hex.EncodeToString(raw[:])
}

// keyOf is the key that came with a form; a form without one gets a fresh one.
func keyOf(c echo.Context) string {
	if key := c.FormValue("key"); key != "" && len(key) <= 64 {
		return key
	}
	return newKey()
}

func (p *Pages) cabinet(c echo.Context) error {
	ctx := c.Request().Context()
	cab, err := p.Fleet.Cabinet(ctx, protocol.CabinetID(c.Param("cabinet")))
	if err != nil {
		return err
	}
	if visit, under := p.visitUnderWay(c, cab.ID); under {
		return c.Redirect(http.StatusSeeOther, visitPath(visit.ID))
	}
	return p.showCabinet(c, cab, nil)
}

// showCabinet shows what is inside, with the one button or with a step of the sign-in in its place.
func (p *Pages) showCabinet(c echo.Context, cab cloud.CabinetView, signIn *signInView) error {
	ctx := c.Request().Context()
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("show cabinet: %w", err)
	}
	goods, err := p.goodsOf(ctx, p.view(c), cab.ID)
	if err != nil {
		return err
	}
	v := p.view(c)
	view := cabinetView{Cabinet: cab, Goods: goods, Hold: chain.Hold, Support: chain.SupportPhone, Key: newKey(), SignIn: signIn}
	today, err := p.Hours.Today(ctx)
	if err != nil {
		return fmt.Errorf("show cabinet: %w", err)
	}
	if h, special := today[cab.Store]; special {
		view.Hours = v.say("hours.resident", v.openHours(h.Hours), h.Reason)
	}
	s := screen{
		Template: "cabinet", Face: "resident", Path: cabinetPath(cab.ID), Status: http.StatusOK,
		Title: v.say("cabinet.title", v.lang.Pick(cab.Place), cab.Number),
	}
	halt := cab.Halt()
	switch {
	case halt != nil:
		blocked := v.tellHalt(*halt, zone(chain))
		view.Blocked, view.Nearby = &blocked, p.nearby(ctx, cab)
		s.Say, s.Poll, s.Refresh = blocked.What+" "+blocked.Money, true, 20
	case signIn != nil:
		view.Step, s.Say = signIn.step(), signIn.say(v)
	case cab.Shows:
		view.Shows = true
		s.Say, s.Poll, s.Refresh = v.say("cabinet.offline"), true, 20
	case cab.State != cloud.CabinetReady:
		blocked := v.tellCode(codeOfCabinet(cab))
		view.Blocked, view.Nearby = &blocked, p.nearby(ctx, cab)
		s.Say, s.Poll, s.Refresh = blocked.What+" "+blocked.Money, true, 5
	}
	s.Data = view
	return p.show(c, s)
}

// codeOfCabinet says why a cabinet does not open; of food that is too warm the resident hears.
func codeOfCabinet(cab cloud.CabinetView) protocol.Code {
	if t := cab.Presence.Telemetry; cab.State == cloud.CabinetStopped && t != nil {
		for _, c := range t.Compartments {
			if c.Why.Warmth() {
				return c.Why
			}
		}
	}
	return codeOfState(cab.State)
}

// codeOfState says why a cabinet in that state does not open.
func codeOfState(s cloud.CabinetState) protocol.Code {
	switch s {
	case cloud.CabinetBusy:
		return cloud.CodeCabinetBusy
	case cloud.CabinetOpen:
		return cloud.CodeDoorNotShut
	case cloud.CabinetStopped:
		return protocol.CodeNotSelling
	}
	return cloud.CodeCabinetAway
}

// goodsOf lists what is inside once per article: the same article on two shelves is one line for the resident.
func (p *Pages) goodsOf(ctx context.Context, v *view, id protocol.CabinetID) ([]goodLine, error) {
	goods, err := p.Fleet.Goods(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("goods of %s: %w", id, err)
	}
	at := map[protocol.SKU]int{}
	var lines []goodLine
	for _, g := range goods {
		if i, known := at[g.Article.SKU]; known {
			lines[i].Units += g.Units
			continue
		}
		at[g.Article.SKU] = len(lines)
		lines = append(lines, goodLine{
			SKU: g.Article.SKU, Name: v.lang.Pick(g.Article.Name), Category: g.Article.Category, Price: g.Price, Full: g.Article.Price, Units: g.Units,
		})
	}
	// What is gone stands below what can be taken.
	slices.SortStableFunc(lines, func(a, b goodLine) int { return cmp.Compare(b.offered(), a.offered()) })
	return lines, nil
}

// nearby finds another cabinet of the same store that is ready. Not knowing one is no reason to fail.
func (p *Pages) nearby(ctx context.Context, cab cloud.CabinetView) *cloud.CabinetView {
	all, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		p.Logger.Warn("nearby cabinets", "error", err)
		return nil
	}
	for _, other := range all {
		if other.Store == cab.Store && other.ID != cab.ID && other.State == cloud.CabinetReady {
			return &other
		}
	}
	return nil
}

// resident is who is signed in, if it is a resident: staff buy with their own phone.
func resident(c echo.Context) (cloud.Principal, bool) {
	who, err := httpx.PrincipalOf(c)
	return who, err == nil && who.Role == protocol.RoleResident
}

// visitUnderWay finds the reader's own visit at a cabinet that has not ended yet, so that a reload leads back to it.
func (p *Pages) visitUnderWay(c echo.Context, cab protocol.CabinetID) (cloud.Visit, bool) {
	who, signedIn := resident(c)
	if !signedIn {
		return cloud.Visit{}, false
	}
	latest, err := p.Visits.Latest(c.Request().Context(), cab, who.ID, 1)
	if err != nil || len(latest) == 0 || !latest[0].Ended.IsZero() || latest[0].PassOver(p.Now()) {
		return cloud.Visit{}, false
	}
	return latest[0], true
}

// open opens the door, or asks who it is first.
func (p *Pages) open(c echo.Context) error {
	cab, err := p.Fleet.Cabinet(c.Request().Context(), protocol.CabinetID(c.Param("cabinet")))
	if err != nil {
		return err
	}
	who, signedIn := resident(c)
	if !signedIn {
		return p.showCabinet(c, cab, p.signInAt(c, cab))
	}
	if err := p.agree(c, who); err != nil {
		return err
	}
	return p.begin(c, cab, who)
}

// begin asks for the door; whatever the answer, the reader gets a page that says so.
func (p *Pages) begin(c echo.Context, cab cloud.CabinetView, who cloud.Principal) error {
	switch err := p.Privacy.Agreed(c.Request().Context(), who.ID); {
	case protocol.CodeOf(err) == cloud.CodeConsentNeeded:
		return p.askConsent(c, cab)
	case err != nil:
		return err
	}
	visit, err := p.Visits.Begin(c.Request().Context(), cloud.BeginVisit{Person: who.ID, Cabinet: cab.ID, Key: keyOf(c)})
	if err != nil {
		return p.showFailure(c, cab, err)
	}
	return c.Redirect(http.StatusSeeOther, visitPath(visit.ID))
}

func (p *Pages) showFailure(c echo.Context, cab cloud.CabinetView, cause error) error {
	ctx := c.Request().Context()
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("show failure: %w", err)
	}
	code := protocol.CodeOf(cause)
	kind, known := httpx.KindOf(code)
	if !known {
		p.Logger.Error("begin visit", "cabinet", cab.ID, "error", cause)
		kind.Status = http.StatusInternalServerError
	}
	view := failureView{
		Cabinet: cab, Problem: p.view(c).tellRefusal(cause, zone(chain)), Support: chain.SupportPhone, Key: newKey(), Retry: worthRetrying[code],
		Owes: code == cloud.CodeDebt,
	}
	if !ofThePerson[code] {
		view.Nearby = p.nearby(ctx, cab)
	}
	return p.show(c, screen{
		Template: "failure", Face: "resident", Title: view.Problem.What, Say: view.Problem.What + " " + view.Problem.Money,
		Path: cabinetPath(cab.ID), Status: kind.Status, Data: view,
	})
}

func cabinetPath(id protocol.CabinetID) string { return "/c/" + string(id) }

func visitPath(id protocol.VisitID) string { return "/v/" + id.String() }
