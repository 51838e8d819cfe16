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
	sessionsOf(c).deed.Tell(func(d *cloud.Deed) {
		d.Did = word
		if target != "" {
			d.Target = target
		}
	})
}

// By says who a request is of where its session does not: a sign-in, or one that failed.
func By(c echo.Context, who cloud.Principal) {
	sessionsOf(c).deed.Tell(who.Does)
}

// Failed says why a request came to nothing, where its page tells that itself.
func Failed(c echo.Context, err error) {
	sessionsOf(c).deed.Tell(func(d *cloud.Deed) { d.Outcome = string(codeOf(err)) })
}

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

// kept tells the audit log of every request of the staff that may change something, also of those that were refused. The record of
// one that changes something is part of the change; others are written down when they are over.
func kept(r Route, next echo.HandlerFunc) echo.HandlerFunc {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return next
	}
	return func(c echo.Context) error {
		s := sessionsOf(c)
		if s.o.Trail == nil {
			return next(c)
		}
		who, unknown := PrincipalOf(c) // before the handler, which may end the session
		s.deed.Tell(func(d *cloud.Deed) {
			d.At, d.Method, d.Route, d.Request, d.Target = s.o.Now(), r.Method, r.Path, RequestID(c), targetOf(c)
			if unknown == nil && IsStaff(who) {
				who.Does(d)
				d.Did = string(r.Access.Can) // What is open to anyone is told by its handler, where it is worth telling.
			}
		})
		c.SetRequest(c.Request().WithContext(s.o.Trail.Begin(c.Request().Context(), &s.deed)))
		err := next(c)
		ended(c, err)
		return err
	}
}

// ended tells the log what a request came to, where its record does not say that.
func ended(c echo.Context, err error) {
	s := sessionsOf(c)
	d, kept, written := s.deed.End()
	d.Outcome = outcomeOf(c, d, err)
	same := written && d.Outcome == cloud.DeedDone && d.Did == kept.Did
	if d.Did == "" || d.Role == protocol.RoleResident || same {
		return
	}
	if err := s.o.Trail.Keep(c.Request().Context(), d); err != nil {
		s.o.Logger.LogAttrs(c.Request().Context(), slog.LevelError, "a deed of the staff is not in the audit log",
			slog.String("request", d.Request), slog.String("route", d.Route), slog.Any("error", err))
	}
}

func outcomeOf(c echo.Context, d cloud.Deed, err error) string {
	switch status := c.Response().Status; {
	case err != nil:
		return string(codeOf(err))
	case d.Outcome != "":
		return d.Outcome
	case status >= http.StatusBadRequest:
		return strconv.Itoa(status)
	}
	return cloud.DeedDone
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
