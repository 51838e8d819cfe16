package httpx

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
)

const (
	plainKnown  = "known"
	secureKnown = "__Host-known"
	// knownLife is how long a browser is known in which nobody of the staff signs in.
	knownLife = 180 * 24 * time.Hour
	// homeNetwork is how much of an IPv6 address one household or machine has: what is below is theirs to choose.
	homeNetwork = 64
)

func (s *sessions) known() string {
	if s.o.Secure {
		return secureKnown
	}
	return plainKnown
}

// SignInFrom is where a sign-in of the staff comes from.
func SignInFrom(c echo.Context) cloud.SignInFrom {
	from := cloud.SignInFrom{Device: Device(c.Request()), Address: c.RealIP()}
	if at, err := netip.ParseAddr(from.Address); err == nil && at.Is6() && !at.Is4In6() {
		if net, err := at.Prefix(homeNetwork); err == nil {
			from.Address = net.String()
		}
	}
	if cookie, err := c.Cookie(sessionsOf(c).known()); err == nil {
		from.Known = cookie.Value
	}
	return from
}

// SignedInHere has the browser known again by which somebody of the staff has just signed in.
func SignedInHere(c echo.Context, who cloud.Principal) error {
	s := sessionsOf(c)
	known, err := s.o.People.Remember(who.ID, SignInFrom(c).Known)
	if err != nil {
		return err
	}
	c.SetCookie(&http.Cookie{
		Name: s.known(), Value: known, Path: "/", MaxAge: int(knownLife.Seconds()), HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteStrictMode,
	})
	return nil
}
