package httpx

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// Did gives a request the word that the audit log has for it, in place of the capability that the route needs. A target is an id,
// and empty where the route's own parameters say it all.
func Did(c echo.Context, word, target string) {
	s := sessionsOf(c)
	s.deed.Did, s.deed.Target = word, target
}

// By says who a request is of where its session does not: a sign-in, or one that failed.
func By(c echo.Context, who cloud.Principal) {
	s := sessionsOf(c)
	s.deed.Who, s.deed.Name, s.deed.Role = who.ID, who.Name, who.Role
}

// Failed says why a request came to nothing, where its page tells that itself.
func Failed(c echo.Context, err error) { sessionsOf(c).deed.Outcome = string(codeOf(err)) }

// SignedInAs tells the audit log how a sign-in of the staff went. What is throttled is not written: nobody can make the log grow
// as fast as they can ask.
func SignedInAs(c echo.Context, who cloud.Principal, err error) {
	By(c, who)
	switch code := protocol.CodeOf(err); {
	case code == cloud.CodeTooMany:
	case code == cloud.CodeSecondStep, err == nil && who.Step != "":
		Did(c, cloud.DidSignInStep, "")
	case err != nil:
		Did(c, cloud.DidSignInFail, "")
		Failed(c, err)
	default:
		Did(c, cloud.DidSignIn, "")
	}
}

// SignedOut tells it that somebody of the staff ends their session.
func SignedOut(c echo.Context) {
	if who, err := PrincipalOf(c); err == nil && IsStaff(who) {
		Did(c, cloud.DidSignOut, "")
	}
}

// kept tells the audit log of every request of the staff that may change something, also of those that were refused.
func kept(r Route, next echo.HandlerFunc) echo.HandlerFunc {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return next
	}
	return func(c echo.Context) error {
		who, unknown := PrincipalOf(c) // before the handler, which may end the session
		err := next(c)
		if unknown == nil && IsStaff(who) && sessionsOf(c).deed.Name == "" {
			By(c, who)
		}
		keep(c, r, err)
		return err
	}
}

func keep(c echo.Context, r Route, err error) {
	s := sessionsOf(c)
	d := s.deed
	if d.Did == "" {
		d.Did = string(r.Access.Can)
	}
	// What is open to anyone is told by its handler, where it is worth telling.
	if s.o.Trail == nil || d.Did == "" || s.deed.Did == "" && d.Name == "" || d.Role == protocol.RoleResident {
		return
	}
	d.At, d.Method, d.Route, d.Request = s.o.Now(), r.Method, r.Path, RequestID(c)
	if d.Target == "" {
		d.Target = targetOf(c)
	}
	switch status := c.Response().Status; {
	case err != nil:
		d.Outcome = string(codeOf(err))
	case d.Outcome != "":
	case status >= http.StatusBadRequest:
		d.Outcome = strconv.Itoa(status)
	default:
		d.Outcome = cloud.DeedDone
	}
	if err := s.o.Trail.Keep(c.Request().Context(), d); err != nil {
		s.o.Logger.LogAttrs(c.Request().Context(), slog.LevelError, "a deed of the staff is not in the audit log",
			slog.String("request", d.Request), slog.String("route", d.Route), slog.Any("error", err))
	}
}

// targetOf is the ids in a route's path.
func targetOf(c echo.Context) string {
	var parts []string
	for i, name := range c.ParamNames() {
		value := c.ParamValues()[i]
		if len(value) > 64 || strings.Trim(value, idLetters) != "" {
			value = "?"
		}
		parts = append(parts, name+" "+value)
	}
	return strings.Join(parts, ", ")
}

// idLetters are what ids are made of; a value with anything else in it is not written down.
const idLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
