package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// signInView is one of the two small steps of a resident's sign-in, at the foot of the page that needs it.
type signInView struct {
	Base    string // the page that it belongs to
	Key     string
	Head    string
	Button  string
	Phone   string // as it goes on to the next step
	Shown   string // as it is shown once a code was sent; "" before
	Demo    string // the code itself, in the demo only
	Problem *told
	Support string
	Version string // of the privacy notice that the box asks consent to
	Agreed  bool   // the box came ticked by the reader
	Asks    bool   // nothing else is asked: who that is is known
}

// newSignIn begins a sign-in at a page.
func (p *Pages) newSignIn(c echo.Context, base, key, head, button string) *signInView {
	version := p.noticeVersion(c)
	return &signInView{
		Base: base, Key: key, Support: p.support(c), Head: head, Button: button, Version: version, Agreed: version != "" && c.FormValue("consent") == version,
	}
}

func (s *signInView) step() string {
	switch {
	case s.Asks:
		return "consent"
	case s.Shown != "":
		return "code"
	}
	return "phone"
}

func (s *signInView) say(v *view) string {
	switch {
	case s.Problem != nil:
		return s.Problem.What
	case s.Shown != "":
		return v.say("signin.code.head", s.Shown)
	}
	return s.Head
}

// signInAt begins a sign-in that ends with an open door.
func (p *Pages) signInAt(c echo.Context, cab cloud.CabinetView) *signInView {
	v := p.view(c)
	return p.newSignIn(c, cabinetPath(cab.ID), keyOf(c), v.say("signin.phone.head"), v.say("signin.open"))
}

// support is the number to call; a page that cannot find it out is shown all the same.
func (p *Pages) support(c echo.Context) string {
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		p.Logger.Error("support phone", "error", err)
	}
	return chain.SupportPhone
}

func (p *Pages) sendCode(c echo.Context) error {
	cab, err := p.Fleet.Cabinet(c.Request().Context(), protocol.CabinetID(c.Param("cabinet")))
	if err != nil {
		return err
	}
	s := p.signInAt(c, cab)
	p.requestCode(c, s)
	return p.showCabinet(c, cab, s)
}

func (p *Pages) signInAndOpen(c echo.Context) error {
	cab, err := p.Fleet.Cabinet(c.Request().Context(), protocol.CabinetID(c.Param("cabinet")))
	if err != nil {
		return err
	}
	s := p.signInAt(c, cab)
	who, ok := p.tradeCode(c, s)
	if !ok {
		return p.showCabinet(c, cab, s)
	}
	return p.begin(c, cab, who)
}

// requestCode sends a code and takes the step on to it, or says what is wrong with the number.
func (p *Pages) requestCode(c echo.Context, s *signInView) {
	typed := c.FormValue("phone")
	phone := e164(typed)
	s.Phone = typed
	if !s.Agreed { // A phone is not taken without it.
		problem := p.view(c).tellCode(cloud.CodeConsentNeeded)
		s.Problem = &problem
		return
	}
	demo, err := p.People.RequestCode(c.Request().Context(), phone)
	if err != nil {
		s.Problem = p.tellSignIn(c, err)
		return
	}
	s.Phone, s.Shown = phone, spaced(phone)
	if p.Demo {
		s.Demo = demo
	}
}

// tradeCode ends a sign-in: the session goes to the browser, or the step says why not.
func (p *Pages) tradeCode(c echo.Context, s *signInView) (cloud.Principal, bool) {
	phone := e164(c.FormValue("phone"))
	s.Phone, s.Shown = phone, spaced(phone)
	token, who, err := p.People.SignIn(c.Request().Context(), phone, strings.TrimSpace(c.FormValue("code")))
	if err != nil {
		s.Problem = p.tellSignIn(c, err)
		return cloud.Principal{}, false
	}
	httpx.SetSession(c, token)
	if err := p.agree(c, who); err != nil { // It is asked again at the door.
		p.Logger.Warn("keep a consent", "error", err)
	}
	p.learnLang(c, who, p.view(c).lang)
	return who, true
}

func (p *Pages) tellSignIn(c echo.Context, err error) *told {
	code := protocol.CodeOf(err)
	if code == "" {
		// The cause may quote what was typed, which no log may hold.
		p.Logger.Error("sign in failed for a reason without a code")
	}
	t := p.view(c).tellCode(code)
	return &t
}

// e164 reads a number as people write it; eleven digits that begin with 1 are a Chinese mobile. What it is not sure of
// it leaves to be refused.
func e164(typed string) string {
	digits := strings.Map(func(r rune) rune {
		if r == '+' || (r >= '0' && r <= '9') {
			return r
		}
		if strings.ContainsRune(" -()\u3000\u00a0", r) {
			return -1
		}
		return 'x'
	}, typed)
	if len(digits) == 11 && digits[0] == '1' {
		return "+86" + digits
	}
	return digits
}

// spaced shows the number as it is read aloud.
func spaced(phone string) string {
	local, chinese := strings.CutPrefix(phone, "+86")
	switch {
	case !chinese || len(local) < 8 || strings.ContainsAny(local, " -"):
		return phone
	case len(local) == 11 && local[0] == '1':
		return local[:3] + " " + local[3:7] + " " + local[7:]
	}
	n := len(local)
	return "+86 " + local[:n-8] + " " + local[n-8:n-4] + " " + local[n-4:]
}

// signOut ends a session. What the restocker's pages have kept on this device goes with its reader, so that a restocker is first shown
// what of it has not reached the store.
func (p *Pages) signOut(c echo.Context) error {
	if who, err := httpx.PrincipalOf(c); err == nil && who.Role == protocol.RoleRestocker && c.FormValue("left") == "" {
		return c.Redirect(http.StatusSeeOther, walkPath+"/leave")
	}
	httpx.SignedOut(c)
	if token := httpx.Token(c); token != "" {
		if err := p.People.SignOut(c.Request().Context(), token); err != nil {
			p.Logger.Warn("sign out", "error", err)
		}
	}
	httpx.DropSession(c)
	c.Response().Header().Set("Clear-Site-Data", `"storage"`)
	return c.Redirect(http.StatusSeeOther, "/")
}
