package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// told is what a reader is told when something did not go as wanted: what happened, what became of the money, and what
// to do now.
type told struct {
	What, Money, Now string
}

// tellCode says it for a code; a code without words of its own gets the general ones.
func (v *view) tellCode(code protocol.Code) told {
	prefix := "problem." + string(code)
	if _, known := v.texts[prefix+".what"]; !known {
		prefix = "problem.other"
	}
	return told{What: v.say(prefix + ".what"), Money: v.say(prefix + ".money"), Now: v.say(prefix + ".now")}
}

// worthRetrying are the codes after which the same button may well work; after any other it would only disappoint.
var worthRetrying = map[protocol.Code]bool{
	protocol.CodeMalformed: true, protocol.CodeExpired: true, protocol.CodeNotYet: true, protocol.CodeUnknownKey: true,
	protocol.CodeStaleChallenge: true, protocol.CodeUsed: true, protocol.CodeTimeUnknown: true, protocol.CodeBusy: true,
	protocol.CodeDoorOpen: true, protocol.CodeLockFailed: true, protocol.CodeNotPulled: true, protocol.CodePulseUnknown: true,
	protocol.CodeStale: true, cloud.CodeCabinetBusy: true, cloud.CodeCabinetAway: true, cloud.CodeDoorNotShut: true,
	cloud.CodePaymentRefused: true, cloud.CodePaymentUnknown: true, cloud.CodeConflict: true, httpx.CodeInternal: true, "": true,
}

// ofThePerson are the codes that would be the same at any other cabinet.
var ofThePerson = map[protocol.Code]bool{
	cloud.CodeDebt: true, cloud.CodePaymentRefused: true, cloud.CodePaymentUnknown: true, cloud.CodeTooMany: true,
	cloud.CodeForbidden: true, cloud.CodeNoSession: true, httpx.CodeInternal: true,
}

// problemView is a page about a problem that belongs to no cabinet.
type problemView struct {
	Problem told
	Support string
	Code    protocol.Code
	Request string // to be quoted on the phone
	SignIn  bool
}

// showProblem answers an error of a page in the page's own words.
func (p *Pages) showProblem(c echo.Context, problem httpx.Problem) error {
	if r := c.Request(); problem.Code == cloud.CodeNoSession && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		return c.Redirect(http.StatusSeeOther, "/staff/signin?next="+queryEscape(c.Request().URL.Path))
	}
	if r := c.Request(); problem.Code == cloud.CodeSecondStep && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		return c.Redirect(http.StatusSeeOther, secondPath+"?next="+queryEscape(r.URL.Path))
	}
	return p.problemScreen(c, problem.Code, problem.Status, problem.Instance)
}

// explainProblem is the page that a problem's type leads to.
func (p *Pages) explainProblem(c echo.Context) error {
	code := protocol.Code(c.Param("code"))
	if _, known := p.view(c).texts["problem."+string(code)+".what"]; !known {
		return protocol.Errorf(cloud.CodeNotFound, "no problem of that name")
	}
	return p.problemScreen(c, code, http.StatusOK, "")
}

func (p *Pages) problemScreen(c echo.Context, code protocol.Code, status int, request string) error {
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return err
	}
	v := p.view(c)
	view := problemView{
		Problem: v.tellCode(code), Support: chain.SupportPhone, Code: code, Request: request,
		SignIn: code == cloud.CodeNoSession || code == cloud.CodeForbidden,
	}
	return p.show(c, screen{
		Template: "problem", Face: "resident", Title: view.Problem.What, Say: view.Problem.What + " " + view.Problem.Money,
		Path: c.Request().URL.Path, Status: status, Data: view,
	})
}
