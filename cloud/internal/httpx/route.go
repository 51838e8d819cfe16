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
	Roles    []protocol.Role // who may otherwise
	Body     string          // the largest request body; empty: MaxBody
}

// Anyone may use the route, signed in or not.
func Anyone() Access { return Access{Anyone: true} }

// Residents alone may use the route.
func Residents() Access { return Access{Roles: []protocol.Role{protocol.RoleResident}} }

// Staff may use the route, all of them.
func Staff() Access {
	return Access{Roles: []protocol.Role{
		protocol.RoleRestocker, protocol.RoleManager, protocol.RoleTechnician, protocol.RoleSupport, protocol.RoleOwner, protocol.RoleAuditor,
	}}
}

// Attesters answer for food that a cabinet sells no more.
func Attesters() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleTechnician}}
}

// Deciders settle what nobody was sure of.
func Deciders() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleSupport, protocol.RoleOwner}}
}

// Responders do something about incidents: all who work here but those who only read.
func Responders() Access {
	return Access{Roles: []protocol.Role{
		protocol.RoleRestocker, protocol.RoleManager, protocol.RoleTechnician, protocol.RoleSupport, protocol.RoleOwner,
	}}
}

// Tills take cash for the chain.
func Tills() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleOwner}}
}

// Movers move goods in the books, as they did with their hands.
func Movers() Access {
	return Access{Roles: []protocol.Role{protocol.RoleRestocker, protocol.RoleManager, protocol.RoleOwner}}
}

// Accountants read what the books come to.
func Accountants() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleOwner, protocol.RoleAuditor}}
}

// Closers sign for a day, and take in what the payment provider states.
func Closers() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleOwner}}
}

// CaseReaders see what residents objected to and what is known of their visits: who decides it, and who looks after them.
func CaseReaders() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleSupport, protocol.RoleOwner, protocol.RoleAuditor}}
}

// Technicians open doors and calibrate what is behind them, without paying.
func Technicians() Access { return Access{Roles: []protocol.Role{protocol.RoleTechnician}} }

// Askers may ask a cabinet how it is: those who keep it running, or answer for it.
func Askers() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleTechnician, protocol.RoleSupport, protocol.RoleOwner}}
}

// Halters take cabinets off sale, put them on again, lock them out, and have them started again.
func Halters() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleTechnician, protocol.RoleOwner}}
}

// Releasers end a lock-out: it was for somebody's safety, and who knows the machine says that it is over.
func Releasers() Access {
	return Access{Roles: []protocol.Role{protocol.RoleTechnician, protocol.RoleOwner}}
}

// Planners change what the chain plans: its articles, prices, stores and planograms.
func Planners() Access {
	return Access{Roles: []protocol.Role{protocol.RoleManager, protocol.RoleOwner}}
}

// PlanReaders may read it: those who change it, and who are asked about it.
func PlanReaders() Access { return Askers() }

// Sending may send larger bodies than others do.
func (a Access) Sending(most string) Access {
	a.Body = most
	return a
}

// Allows reports whether a principal may use what the access is for.
func (a Access) Allows(p cloud.Principal) bool { return a.Anyone || slices.Contains(a.Roles, p.Role) }

// SignedIn may use the route: residents and staff.
func SignedIn() Access { return Access{Roles: append(Residents().Roles, Staff().Roles...)} }

// LoopbackOrStaff is for what operators read: from the machine itself without a session.
func LoopbackOrStaff() Access {
	a := Staff()
	a.Loopback = true
	return a
}

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
		e.Add(r.Method, r.Path, guard(r.Access, limit(r.Handler))).Name = accessPrefix + r.Access.String()
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
