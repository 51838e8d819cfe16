package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

type phoneBody struct {
	Phone string `json:"phone"`
}

type codeBody struct {
	Phone   string `json:"phone"`
	Code    string `json:"code"`
	Consent string `json:"consent"` // the version of the privacy notice that the resident agreed to; "": none
}

type staffBody struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	Code     string `json:"code"` // of an authenticator app, or a recovery code; only where there is a second step
}

type codeAnswer struct {
	DemoCode string `json:"demo_code,omitempty"` // with --demo only
}

type sessionAnswer struct {
	Name string        `json:"name"`
	Role protocol.Role `json:"role"`
}

func (a *API) requestCode(c echo.Context) error {
	var body phoneBody
	if err := read(c, &body); err != nil {
		return err
	}
	code, err := a.o.People.RequestCode(c.Request().Context(), body.Phone)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, codeAnswer{DemoCode: code})
}

func (a *API) signIn(c echo.Context) error {
	var body codeBody
	if err := read(c, &body); err != nil {
		return err
	}
	token, p, err := a.o.People.SignIn(c.Request().Context(), body.Phone, body.Code)
	if err == nil && body.Consent != "" {
		err = a.o.Privacy.Agree(c.Request().Context(), p.ID, body.Consent)
	}
	return a.signedIn(c, token, p, err)
}

func (a *API) signInStaff(c echo.Context) error {
	var body staffBody
	if err := read(c, &body); err != nil {
		return err
	}
	ctx := c.Request().Context()
	token, p, err := a.o.People.SignInStaff(ctx, body.Name, body.Password, httpx.SignInFrom(c))
	if err == nil && p.Step == cloud.StepSecond && body.Code != "" {
		var in cloud.Admitted
		in, err = a.o.Second.ProveCode(ctx, token, body.Code)
		token, p = in.Token, in.Who
	}
	if err == nil && p.Step != "" {
		err = errors.Join(a.o.People.SignOut(ctx, token), protocol.Errorf(cloud.CodeSecondStep, "the step %s is still to do", p.Step))
	}
	httpx.SignedInAs(c, p, err)
	if err == nil {
		err = httpx.SignedInHere(c, p)
	}
	return a.signedIn(c, token, p, err)
}

func (a *API) signedIn(c echo.Context, token string, p cloud.Principal, err error) error {
	if err != nil {
		return err
	}
	httpx.SetSession(c, token)
	return answer(c, http.StatusOK, sessionAnswer{Name: p.Name, Role: p.Role})
}

// signOut ends the session and takes the cookie away; without a session there is nothing to do.
func (a *API) signOut(c echo.Context) error {
	httpx.SignedOut(c)
	if token := httpx.Token(c); token != "" {
		if err := a.o.People.SignOut(c.Request().Context(), token); err != nil {
			return err
		}
	}
	httpx.DropSession(c)
	return c.NoContent(http.StatusNoContent)
}
