package web

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
)

// prefsLife is how long the choice of language and colours is remembered.
const prefsLife = 365 * 24 * time.Hour

// homeView is the front page: which of the faces does the reader want?
type homeView struct {
	Demo     bool
	Cabinets []homeCabinet
	Staff    bool // someone of the staff is signed in
}

type homeCabinet struct {
	Cabinet cloud.CabinetView
	QR      template.HTML
}

func (p *Pages) home(c echo.Context) error {
	view := homeView{Demo: p.Demo}
	if who, err := httpx.PrincipalOf(c); err == nil {
		view.Staff = httpx.IsStaff(who)
	}
	if p.Demo {
		cabinets, err := p.Fleet.Cabinets(c.Request().Context())
		if err != nil {
			return fmt.Errorf("front page: %w", err)
		}
		for _, cab := range cabinets[:min(len(cabinets), 12)] {
			code, err := qrCode(c.Scheme() + "://" + c.Request().Host + cabinetPath(cab.ID))
			if err != nil {
				return fmt.Errorf("front page: %w", err)
			}
			view.Cabinets = append(view.Cabinets, homeCabinet{Cabinet: cab, QR: code})
		}
	}
	return p.show(c, screen{Template: "home", Face: "plain", Title: p.view(c).say("home.head"), Path: "/", Data: view})
}

// setPrefs remembers language and colours, and goes back to where the reader was.
func (p *Pages) setPrefs(c echo.Context) error {
	if l := httpx.Lang(c.FormValue("lang")); slices.Contains(languages, l) {
		p.remember(c, langCookie, string(l))
		if who, err := httpx.PrincipalOf(c); err == nil {
			p.learnLang(c, who, l)
		}
	}
	if theme := c.FormValue("theme"); slices.Contains(themes, theme) {
		p.remember(c, themeCookie, theme)
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("back"), "/"))
}

func (p *Pages) remember(c echo.Context, name, value string) {
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(prefsLife.Seconds()),
		HttpOnly: true, Secure: c.Scheme() == "https", SameSite: http.SameSiteLaxMode,
	})
}

// localPath takes a path of this server only, so that no link can send a reader elsewhere.
func localPath(path, otherwise string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) || strings.ContainsFunc(path, unicode.IsControl) {
		return otherwise
	}
	return path
}

func queryEscape(s string) string { return url.QueryEscape(s) }
