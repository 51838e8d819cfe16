package web

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const accountPath = "/account"

// accountRoutes are what everybody of the staff does about their own sign-in, and the steps of one that is under way.
func (p *Pages) accountRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return append([]httpx.Route{
		{Method: get, Path: accountPath, Access: httpx.Themselves(), Handler: p.account},
		{Method: post, Path: accountPath + "/password", Access: httpx.Themselves(), Handler: p.changePassword},
		{Method: post, Path: accountPath + "/sessions", Access: httpx.Themselves(), Handler: p.endSession},
		{Method: get, Path: accountPath + "/app", Access: httpx.Themselves(), Handler: p.app},
		{Method: post, Path: accountPath + "/app", Access: httpx.Themselves(), Handler: p.enrolApp},
		{Method: post, Path: accountPath + "/recovery", Access: httpx.Themselves(), Handler: p.newRecovery},
		{Method: post, Path: accountPath + "/passkeys", Access: httpx.Themselves(), Handler: p.dropPasskey},
	}, p.secondRoutes()...)
}

// accountView is one's own page.
type accountView struct {
	Name     string
	Role     string
	Done     string
	Problem  *told
	Sessions []sessionLine
	Others   int
	App      bool
	Keys     bool // passkeys can be made here
	Passkeys []passkeyLine
	Recovery int
	Second   bool
}

type sessionLine struct {
	ID     string
	Device string
	Since  moment
	Until  moment
	This   bool
}

type passkeyLine struct {
	ID, Name string
	Since    moment
	Used     moment
}

// accountDone are what was just done on the page.
func accountDone() []string { return []string{"password", "sessions", "passkey"} }

func (p *Pages) account(c echo.Context) error { return p.showAccount(c, nil) }

func (p *Pages) showAccount(c echo.Context, failed error) error {
	ctx, v, token := c.Request().Context(), p.view(c), httpx.Token(c)
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	member, err := p.Staff.Member(ctx, who.ID)
	if err != nil {
		return err
	}
	sessions, err := p.Sessions.Sessions(ctx, token)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	passkeys, err := p.Passkeys.Passkeys(ctx, token)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	loc := zone(chain)
	view := accountView{
		Name: who.Name, Role: v.say("people.role." + string(who.Role)), Keys: p.Passkeys.PasskeysAt(c.Request().Host),
		App: member.App, Recovery: member.Recovery, Second: member.Second(), Others: len(sessions) - 1,
	}
	for _, s := range sessions {
		view.Sessions = append(view.Sessions, sessionLine{ID: s.ID, Device: s.Device, Since: moment{At: s.Opened.In(loc), Day: true}, Until: moment{At: s.Expires.In(loc), Day: true}, This: s.This})
	}
	for _, k := range passkeys {
		view.Passkeys = append(view.Passkeys, passkeyLine{ID: k.ID, Name: k.Name, Since: v.dayMoment(k.Created, loc), Used: v.dayMoment(k.Used, loc)})
	}
	if done := c.QueryParam("done"); slices.Contains(accountDone(), done) {
		view.Done = v.say("account.done." + done)
	}
	s := screen{Template: "account", Styles: []string{"people.css"}, Face: "staff", Title: v.say("account.head"), Path: accountPath, Nav: "account", Data: view, Scripts: passkeyScripts(view.Keys)}
	if failed != nil {
		kind, known := httpx.KindOf(protocol.CodeOf(failed))
		if !known {
			return failed
		}
		httpx.Failed(c, failed)
		problem := v.tellStep(protocol.CodeOf(failed))
		view.Problem, s.Status = &problem, kind.Status
		s.Data = view
	}
	return p.show(c, s)
}

func (p *Pages) changePassword(c echo.Context) error {
	httpx.Did(c, cloud.DidPassword, "")
	if _, err := p.OwnSignIn.ChoosePassword(c.Request().Context(), httpx.Token(c), c.FormValue("old"), c.FormValue("password")); err != nil {
		return p.showAccount(c, err)
	}
	return c.Redirect(http.StatusSeeOther, accountPath+"?done=password")
}

func (p *Pages) endSession(c echo.Context) error {
	httpx.Did(c, cloud.DidEndSessions, "")
	if err := p.Sessions.EndSession(c.Request().Context(), httpx.Token(c), c.FormValue("session")); err != nil && protocol.CodeOf(err) != cloud.CodeNotFound {
		return err
	}
	return c.Redirect(http.StatusSeeOther, accountPath+"?done=sessions")
}

func (p *Pages) app(c echo.Context) error { return p.showApp(c, nil) }

// showApp is the page on which an app is set up of one's own accord.
func (p *Pages) showApp(c echo.Context, failed error) error {
	v := p.view(c)
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	view := secondView{Name: who.Name, Next: accountPath, Step: cloud.StepEnrol, Action: accountPath + "/app", Own: true}
	if err := p.offerApp(c, &view); err != nil {
		return err
	}
	s := screen{Template: "second", Styles: []string{"people.css"}, Face: "plain", Title: v.say("second.head.enrol"), Path: accountPath + "/app", Data: view}
	if failed != nil {
		kind, known := httpx.KindOf(protocol.CodeOf(failed))
		if !known {
			return failed
		}
		problem := v.tellStep(protocol.CodeOf(failed))
		view.Problem, s.Status = &problem, kind.Status
		s.Data = view
	}
	return p.show(c, s)
}

func (p *Pages) newRecovery(c echo.Context) error {
	httpx.Did(c, cloud.DidRecovery, "")
	codes, err := p.AppCodes.NewRecovery(c.Request().Context(), httpx.Token(c), c.FormValue("own"))
	if err != nil {
		return p.showAccount(c, err)
	}
	return p.showRecovery(c, codes, accountPath)
}

func (p *Pages) dropPasskey(c echo.Context) error {
	httpx.Did(c, cloud.DidSecondLess, "passkey")
	if err := p.Passkeys.DropPasskey(c.Request().Context(), httpx.Token(c), c.FormValue("own"), c.FormValue("passkey")); err != nil && protocol.CodeOf(err) != cloud.CodeNotFound {
		return p.showAccount(c, err)
	}
	return c.Redirect(http.StatusSeeOther, accountPath+"?done=passkey")
}
