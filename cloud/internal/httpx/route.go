package httpx

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"allhours/cloud"
	"allhours/protocol"
)

// Access says who may use a route, and how much they may send.
type Access struct {
	Anyone   bool            // no session is needed
	Loopback bool            // nor on the machine itself
	Can      Capability      // that is needed otherwise
	Roles    []protocol.Role // who has it
	Body     string          // the largest request body; empty: MaxBody
}

// Sending may send larger bodies than others do.
func (a Access) Sending(most string) Access {
	a.Body = most
	return a
}

// Allows reports whether a principal may use what the access is for.
func (a Access) Allows(p cloud.Principal) bool { return a.Anyone || slices.Contains(a.Roles, p.Role) }

// IsStaff reports whether a principal works here.
func IsStaff(p cloud.Principal) bool { return slices.Contains(Staff().Roles, p.Role) }

func (a Access) String() string {
	if a.Anyone {
		return "anyone"
	}
	names := make([]string, 0, len(a.Roles)+1)
	if a.Loopback {
		names = append(names, "loopback")
	}
	for _, r := range a.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ",")
}

// Route is one line of a table of routes; none can be mounted without naming who may use it.
type Route struct {
	Method, Path string
	Access       Access
	Handler      echo.HandlerFunc
}

const accessPrefix = "access:"

// Mount adds routes, each behind its access. Echo's name of the route tells the access, so that a test can walk them.
func Mount(e *echo.Echo, routes []Route) {
	for _, r := range routes {
		limit := middleware.BodyLimit(cmp.Or(r.Access.Body, MaxBody))
		e.Add(r.Method, r.Path, kept(r, guard(r.Access, bounded(r, limit(r.Handler))))).Name = accessPrefix + r.Access.String()
	}
}

// Unguarded lists routes that were not added with Mount, or whose table line names nobody.
func Unguarded(e *echo.Echo) []string {
	var found []string
	for _, r := range e.Routes() {
		access, ok := strings.CutPrefix(r.Name, accessPrefix)
		if !ok || access == "" {
			found = append(found, r.Method+" "+r.Path)
		}
	}
	return found
}

func guard(a Access, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if a.Anyone || a.Loopback && onThisMachine(c.Request()) {
			return next(c)
		}
		p, err := PrincipalOf(c)
		if err != nil {
			return err
		}
		if !slices.Contains(a.Roles, p.Role) {
			return protocol.Errorf(cloud.CodeForbidden, "%s %s is not for the role %s", c.Request().Method, c.Path(), p.Role)
		}
		return next(c)
	}
}

// onThisMachine is false behind a proxy on the same machine, whose clients are elsewhere.
func onThisMachine(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && remote.Addr().Unmap().IsLoopback() && IsLoopback(r.Host)
}

// IsLoopback reports whether a host, with or without a port, is this machine itself. A name other than localhost is not:
// what it resolves to may change.
func IsLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
