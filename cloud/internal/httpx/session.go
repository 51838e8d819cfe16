package httpx

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

const (
	sessionKey   = "httpx.session"
	plainCookie  = "session"
	secureCookie = "__Host-session" // the prefix binds it to this host and to TLS
)

// CookieLife is how long the browser keeps a session cookie; the session itself may end sooner.
const CookieLife = 90 * 24 * time.Hour

// sessions finds out who sends a request when somebody asks, and only once.
type sessions struct {
	o    Options
	deed cloud.DeedUnderWay // what the request is

	asked     bool
	principal cloud.Principal
	err       error
}

func withSessions(o Options) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(sessionKey, &sessions{o: o})
			return next(c)
		}
	}
}

func sessionsOf(c echo.Context) *sessions {
	s, ok := c.Get(sessionKey).(*sessions)
	if !ok {
		return &sessions{asked: true, err: protocol.Errorf(cloud.CodeNoSession, "no sessions on this route")}
	}
	return s
}

func (s *sessions) cookie() string {
	if s.o.Secure {
		return secureCookie
	}
	return plainCookie
}

// PrincipalOf finds the holder of the request's session; CodeNoSession where there is none.
func PrincipalOf(c echo.Context) (cloud.Principal, error) {
	s := sessionsOf(c)
	if s.asked {
		return s.principal, s.err
	}
	s.asked = true
	token := Token(c)
	if token == "" {
		s.err = protocol.Errorf(cloud.CodeNoSession, "no session cookie")
		return s.principal, s.err
	}
	s.principal, s.err = s.o.People.Session(c.Request().Context(), token)
	return s.principal, s.err
}

// Still reports whether whoever sent a request is signed in as they were then, for answers that take long. A request of nobody
// stays one of nobody.
func Still(c echo.Context) bool {
	s := sessionsOf(c)
	if !s.asked || s.err != nil {
		return true
	}
	now, err := s.o.People.Session(c.Request().Context(), Token(c))
	return err == nil && now == s.principal
}

// Token is the session token that came with the request, or "".
func Token(c echo.Context) string {
	cookie, err := c.Cookie(sessionsOf(c).cookie())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// SetSession hands a new session to the browser.
func SetSession(c echo.Context, token string) { setCookie(c, token, int(CookieLife.Seconds())) }

// DropSession takes the session from the browser; the session itself is ended with People.SignOut.
func DropSession(c echo.Context) { setCookie(c, "", -1) }

func setCookie(c echo.Context, value string, maxAge int) {
	s := sessionsOf(c)
	c.SetCookie(&http.Cookie{
		Name: s.cookie(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteLaxMode,
	})
}
