package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// afterSignIn is where staff go who came from nowhere else.
const afterSignIn = "/tonight"

// homeOf is where one of the staff begins.
func homeOf(who cloud.Principal) string {
	if who.Role == protocol.RoleRestocker {
		return walkPath
	}
	return afterSignIn
}

// staffSignInView is the page on which staff sign in.
type staffSignInView struct {
	Name    string
	Next    string
	Problem *told
	Support string
}

func (p *Pages) staffSignIn(c echo.Context) error {
	return p.showStaffSignIn(c, staffSignInView{Next: localPath(c.QueryParam("next"), afterSignIn)}, http.StatusOK)
}

func (p *Pages) showStaffSignIn(c echo.Context, view staffSignInView, status int) error {
	view.Support = p.support(c)
	return p.show(c, screen{
		Template: "staff-signin", Face: "plain", Title: p.view(c).say("staff.signin.head"), Path: "/staff/signin",
		Status: status, Data: view,
	})
}

func (p *Pages) staffSession(c echo.Context) error {
	view := staffSignInView{Name: c.FormValue("name"), Next: localPath(c.FormValue("next"), afterSignIn)}
	token, who, err := p.People.SignInStaff(c.Request().Context(), view.Name, c.FormValue("password"), httpx.SignInFrom(c))
	httpx.SignedInAs(c, who, err)
	if err != nil {
		code := protocol.CodeOf(err)
		kind, known := httpx.KindOf(code)
		if !known {
			return err
		}
		problem := p.view(c).tellCode(code)
		view.Problem = &problem
		return p.showStaffSignIn(c, view, kind.Status)
	}
	return p.admitted(c, cloud.Admitted{Token: token, Who: who}, view.Next)
}
