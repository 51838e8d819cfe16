package web

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// secondPath is where a sign-in goes on after the password.
const secondPath = "/staff/second"

// passkeyNamed is what a passkey is called that nobody gave a name.
const passkeyNamed = "Passkey"

// maxPasskeyReply bounds what a browser sends of a passkey.
const maxPasskeyReply = 32 << 10

// secondRoutes are the steps of a sign-in after the password. Whoever takes them is not signed in yet: the token of what has begun is
// looked at by each.
func (p *Pages) secondRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: secondPath, Access: httpx.Anyone(), Handler: p.second},
		{Method: post, Path: secondPath + "/password", Access: httpx.Anyone(), Handler: p.choosePassword},
		{Method: post, Path: secondPath + "/code", Access: httpx.Anyone(), Handler: p.proveCode},
		{Method: post, Path: secondPath + "/app", Access: httpx.Anyone(), Handler: p.enrolApp},
		{Method: post, Path: "/staff/passkey/ask", Access: httpx.Anyone(), Handler: p.askPasskey},
		{Method: post, Path: "/staff/passkey", Access: httpx.Anyone(), Handler: p.takePasskey},
	}
}

// secondView is the step that a sign-in is at, or a second step that is being set up.
type secondView struct {
	Name    string
	Next    string
	Step    cloud.SignInStep
	Problem *told
	Support string
	Keys    bool // passkeys can be used here
	App     bool // the member's second step is an app; without it, it is passkeys alone
	Forced  bool // the chain wants a second step of this role
	Action  string
	Own     bool // whoever is signed in proves with the password that it is them
	Secret  cloud.AppSecret
	QR      template.HTML
	Done    string // where it goes on
}

// admitted hands the session on to the browser and goes where it may go now.
func (p *Pages) admitted(c echo.Context, a cloud.Admitted, next string) error {
	if err := opened(c, a); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, onward(a.Who, next))
}

// opened hands a new session to the browser, which is known from then on where the sign-in is complete.
func opened(c echo.Context, a cloud.Admitted) error {
	if a.Token == "" {
		return nil
	}
	httpx.SetSession(c, a.Token)
	if a.Who.Step != "" {
		return nil
	}
	return httpx.SignedInHere(c, a.Who)
}

func onward(who cloud.Principal, next string) string {
	switch {
	case who.Step != "":
		return secondPath + "?next=" + queryEscape(next)
	case next == afterSignIn:
		return homeOf(who)
	}
	return next
}

func (p *Pages) second(c echo.Context) error {
	return p.showSecond(c, localPath(c.QueryParam("next"), afterSignIn), nil)
}

// showSecond shows the step that is next, with what went wrong at it.
func (p *Pages) showSecond(c echo.Context, next string, failed error) error {
	ctx, v := c.Request().Context(), p.view(c)
	who, err := p.OwnSignIn.Pending(ctx, httpx.Token(c))
	if err != nil {
		return c.Redirect(http.StatusSeeOther, "/staff/signin?next="+queryEscape(next))
	}
	view := secondView{Name: who.Name, Next: next, Step: who.Step, Support: p.support(c), Keys: p.Passkeys.PasskeysAt(c.Request().Host), Done: next}
	if next == afterSignIn {
		view.Done = homeOf(who)
	}
	switch who.Step {
	case cloud.StepSecond:
		member, err := p.Staff.Member(ctx, who.ID)
		if err != nil {
			return err
		}
		view.App, view.Keys = member.App, view.Keys && member.Passkeys > 0
	case cloud.StepEnrol:
		view.Forced, view.Action = true, secondPath+"/app"
		if err := p.offerApp(c, &view); err != nil {
			return err
		}
	}
	s := screen{Template: "second", Styles: []string{"people.css"}, Face: "plain", Title: v.say("second.head." + string(who.Step)), Path: secondPath, Data: view, Scripts: passkeyScripts(view.Keys)}
	if failed != nil {
		code := protocol.CodeOf(failed)
		kind, known := httpx.KindOf(code)
		if !known {
			return failed
		}
		httpx.Failed(c, failed)
		problem := v.tellStep(code)
		view.Problem, s.Status = &problem, kind.Status
		s.Data = view
	}
	return p.show(c, s)
}

// tellStep says what is wrong with what was typed at a step: what there is to say to a resident does not fit.
func (v *view) tellStep(code protocol.Code) told {
	switch code {
	case cloud.CodeBadCode:
		return told{What: v.say("second.badcode"), Now: v.say("second.badcode.now")}
	case cloud.CodeBadPassword:
		return told{What: v.say("second.badown"), Now: v.say("second.badown.now")}
	case protocol.CodeMalformed:
		return told{What: v.say("second.badpassword"), Now: v.say("second.badpassword.now")}
	}
	return v.tellCode(code)
}

func passkeyScripts(keys bool) []string {
	if !keys {
		return nil
	}
	return []string{"passkey.js"}
}

func (p *Pages) offerApp(c echo.Context, view *secondView) (err error) {
	if view.Secret, err = p.AppCodes.OfferApp(c.Request().Context(), httpx.Token(c)); err != nil {
		return err
	}
	view.QR, err = qrCode(view.Secret.URI)
	return err
}

func nextOf(c echo.Context) string { return localPath(c.FormValue("next"), afterSignIn) }

func (p *Pages) choosePassword(c echo.Context) error {
	a, err := p.OwnSignIn.ChoosePassword(c.Request().Context(), httpx.Token(c), c.FormValue("old"), c.FormValue("password"))
	stepped(c, cloud.DidPassword, a, err)
	if err != nil {
		return p.showSecond(c, nextOf(c), err)
	}
	return p.admitted(c, a, nextOf(c))
}

// stepped tells the audit log of a step. A step that failed for want of a session is nobody's.
func stepped(c echo.Context, word string, a cloud.Admitted, err error) {
	if a.Who.Name == "" || protocol.CodeOf(err) == cloud.CodeTooMany {
		return
	}
	httpx.By(c, a.Who)
	httpx.Did(c, word, "")
	if err != nil {
		httpx.Failed(c, err)
	}
}

func (p *Pages) proveCode(c echo.Context) error {
	a, err := p.AppCodes.ProveCode(c.Request().Context(), httpx.Token(c), c.FormValue("code"))
	if err != nil {
		stepped(c, cloud.DidSignInFail, a, err)
		return p.showSecond(c, nextOf(c), err)
	}
	stepped(c, cloud.DidSignIn, a, nil)
	return p.admitted(c, a, nextOf(c))
}

// enrolApp sets an app up: at a sign-in that asks for it, or of a member's own accord. The codes that stand in for it are shown once.
func (p *Pages) enrolApp(c echo.Context) error {
	recovery, a, err := p.AppCodes.EnrolApp(c.Request().Context(), httpx.Token(c), c.FormValue("own"), c.FormValue("sealed"), c.FormValue("code"))
	stepped(c, cloud.DidSecond, a, err)
	if err != nil {
		if _, own := httpx.PrincipalOf(c); own == nil {
			return p.showApp(c, err)
		}
		return p.showSecond(c, nextOf(c), err)
	}
	if err := opened(c, a); err != nil {
		return err
	}
	return p.showRecovery(c, recovery, onward(a.Who, nextOf(c)))
}

// recoveryView are codes that are shown once.
type recoveryView struct {
	Codes []string
	Next  string
}

func (p *Pages) showRecovery(c echo.Context, codes []string, next string) error {
	return p.show(c, screen{
		Template: "recovery", Face: "plain", Title: p.view(c).say("recovery.head"), Path: accountPath, Data: recoveryView{Codes: codes, Next: next}, Styles: []string{"people.css", "print.css"},
	})
}

// passkeyBody is what the script sends.
type passkeyBody struct {
	Enrol bool            `json:"enrol"`
	Own   string          `json:"own"` // password, of who is signed in already
	Name  string          `json:"name"`
	Next  string          `json:"next"`
	Reply json.RawMessage `json:"reply"`
}

func readPasskey(c echo.Context) (body passkeyBody, err error) {
	if err := json.NewDecoder(http.MaxBytesReader(c.Response(), c.Request().Body, maxPasskeyReply)).Decode(&body); err != nil {
		return body, protocol.Errorf(protocol.CodeMalformed, "body: want one JSON object")
	}
	return body, nil
}

// askPasskey gives the options that the browser's own interface takes.
func (p *Pages) askPasskey(c echo.Context) error {
	body, err := readPasskey(c)
	if err != nil {
		return err
	}
	options, err := p.Passkeys.AskPasskey(c.Request().Context(), httpx.Token(c), body.Own, body.Enrol)
	if err != nil {
		if who, own := httpx.PrincipalOf(c); own == nil {
			stepped(c, cloud.DidSecond, cloud.Admitted{Who: who}, err)
		}
		return httpx.WriteProblem(c, httpx.ProblemOf(err, p.view(c).lang))
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSONBlob(http.StatusOK, options)
}

// takePasskey takes what the browser made of them, and says where to go.
func (p *Pages) takePasskey(c echo.Context) error {
	body, err := readPasskey(c)
	if err != nil {
		return err
	}
	name, word := "", cloud.DidSignIn
	if body.Enrol {
		name, word = passkeyName(body.Name), cloud.DidSecond
	}
	a, err := p.Passkeys.TakePasskey(c.Request().Context(), httpx.Token(c), name, body.Reply)
	if err != nil && !body.Enrol {
		word = cloud.DidSignInFail
	}
	stepped(c, word, a, err)
	if err != nil {
		return httpx.WriteProblem(c, httpx.ProblemOf(err, p.view(c).lang))
	}
	if err := opened(c, a); err != nil {
		return err
	}
	next := onward(a.Who, localPath(body.Next, afterSignIn))
	if body.Enrol {
		next = accountPath
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusOK, map[string]string{"next": next})
}

func passkeyName(typed string) string {
	name := strings.TrimSpace(typed)
	if name == "" || len(name) > 64 {
		return passkeyNamed
	}
	return name
}
