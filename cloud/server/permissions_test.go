package server

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/api"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/web"
	"allhours/protocol"
)

// callers are the columns of testdata/permissions.txt; nobody has no role.
var callers = []struct {
	letter byte
	role   protocol.Role
}{
	{'n', ""},
	{'r', protocol.RoleResident},
	{'s', protocol.RoleRestocker},
	{'t', protocol.RoleTechnician},
	{'u', protocol.RoleSupport},
	{'m', protocol.RoleManager},
	{'o', protocol.RoleOwner},
	{'a', protocol.RoleAuditor},
}

// readPermissions is who may use each route, by its method and pattern.
func readPermissions(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open("testdata/permissions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	who := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || fields[0] == "#" || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 3 || len(fields[2]) != len(callers) || strings.Trim(fields[2], "-nrstumoa") != "" {
			t.Fatalf("a line that says nobody: %q", lines.Text())
		}
		who[fields[0]+" "+fields[1]] = fields[2]
	}
	return who
}

// roles knows everybody by a token that is the name of the role.
type roles struct{ cloud.People }

func (roles) Session(_ context.Context, token string) (cloud.Principal, error) {
	role, store, _ := strings.Cut(token, ".")
	return cloud.Principal{ID: protocol.UUID{1}, Role: protocol.Role(role), Name: role, Bound: cloud.Bound(store)}, nil
}

// notebook is an audit log in memory.
type notebook struct {
	cloud.Trail
	mu    sync.Mutex
	deeds []cloud.Deed
}

func (n *notebook) Begin(ctx context.Context, _ *cloud.DeedUnderWay) context.Context { return ctx }

func (n *notebook) Keep(_ context.Context, d cloud.Deed) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.deeds = append(n.deeds, d)
	return nil
}

// streets are stores of a fleet in which all that is called x-1 is of the store north.
type streets struct{}

func (streets) StoreOf(_ context.Context, kind cloud.PlaceKind, id string) (cloud.StoreID, error) {
	if id != "x-1" || kind == "" {
		return "", protocol.Errorf(cloud.CodeNotFound, "no %s %s", kind, id)
	}
	return "north", nil
}

// hollow is every route of pages and API behind its own guard, with nothing in it.
func hollow(log *notebook) (*echo.Echo, []httpx.Route) {
	e := httpx.New(httpx.Options{People: roles{}, Trail: log, Places: streets{}, Logger: slog.New(slog.DiscardHandler)})
	all := slices.Concat(web.New(web.Options{}).Routes(), api.New(api.Options{Metrics: http.NotFoundHandler()}).Routes())
	for i := range all {
		all[i].Handler = func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }
	}
	httpx.Mount(e, all)
	return e, all
}

var parameters = regexp.MustCompile(`:\w+`)

func knock(e *echo.Echo, r httpx.Route, role protocol.Role, site string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(r.Method, parameters.ReplaceAllString(r.Path, "x-1"), nil)
	if role != "" {
		request.AddCookie(&http.Cookie{Name: "session", Value: string(role)})
	}
	if site != "" {
		request.Header.Set("Sec-Fetch-Site", site)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, request)
	return w
}

func TestEveryRouteIsForThoseWhomTheListNames(t *testing.T) {
	listed := readPermissions(t)
	e, all := hollow(&notebook{})
	for _, r := range all {
		name := r.Method + " " + r.Path
		who, known := listed[name]
		if !known {
			t.Errorf("%s, for %s, is not in testdata/permissions.txt: decide who may use it and write it down", name, r.Access)
			continue
		}
		delete(listed, name)
		for i, c := range callers {
			w := knock(e, r, c.role, "")
			want := http.StatusNoContent
			switch {
			case who[i] == c.letter:
			case c.role == "":
				want = http.StatusUnauthorized
			default:
				want = http.StatusForbidden
			}
			if w.Code != want {
				t.Errorf("%s answers %q with %d, want %d", name, c.role, w.Code, want)
			}
			if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s answers %q with the policy %q", name, c.role, policy)
			}
		}
	}
	for name := range listed {
		t.Errorf("%s is listed, and there is no such route", name)
	}
}

func TestTheServerHasTheRoutesOfTheTablesAndNoOther(t *testing.T) {
	s, err := New(t.Context(), Options{Data: t.TempDir(), Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	listed := readPermissions(t)
	for _, r := range s.Handler().(*echo.Echo).Routes() {
		if _, known := listed[r.Method+" "+r.Path]; !known {
			t.Errorf("%s %s is served, and nobody decided for whom", r.Method, r.Path)
		}
	}
}

// readLimited is what those may use who are limited to stores, and how it is held to these: id, query or handler.
func readLimited(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/limited.txt")
	if err != nil {
		t.Fatal(err)
	}
	how := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 3 || !slices.Contains([]string{"id", "query", "handler"}, fields[2]) {
			t.Fatalf("a line that says nothing: %q", line)
		}
		how[fields[0]+" "+fields[1]] = fields[2]
	}
	return how
}

// TestWhoIsLimitedToStoresReachesNothingOfAnother walks every route as a manager and a restocker of the store that it is about, and
// as those of another one.
func TestWhoIsLimitedToStoresReachesNothingOfAnother(t *testing.T) {
	limited := readLimited(t)
	e, all := hollow(&notebook{})
	for _, r := range all {
		name := r.Method + " " + r.Path
		how, open := limited[name]
		delete(limited, name)
		for _, role := range []protocol.Role{protocol.RoleManager, protocol.RoleRestocker} {
			if may := r.Access.Allows(cloud.Principal{Role: role}); !may || r.Access.Anyone && !open {
				continue
			}
			own, other := knock(e, r, role+".north", ""), knock(e, r, role+".south", "")
			want := [2]int{http.StatusForbidden, http.StatusForbidden}
			switch how {
			case "id":
				want = [2]int{http.StatusNoContent, http.StatusForbidden}
			case "query": // Nothing is asked for yet.
				want = [2]int{http.StatusSeeOther, http.StatusSeeOther}
				if strings.HasPrefix(r.Path, "/api/") {
					want = [2]int{http.StatusForbidden, http.StatusForbidden}
				}
			case "handler":
				want = [2]int{http.StatusNoContent, http.StatusNoContent}
			}
			if own.Code != want[0] || other.Code != want[1] {
				t.Errorf("%s answers a %s of its store with %d, and one of another with %d; want %v", name, role, own.Code, other.Code, want)
			}
			if at := own.Header().Get("Location"); own.Code == http.StatusSeeOther && !strings.HasSuffix(at, "?store=north") {
				t.Errorf("%s leads a %s to %q", name, role, at)
			}
			if how != "query" {
				continue
			}
			r.Path += "?store=north"
			own, other = knock(e, r, role+".north", ""), knock(e, r, role+".south", "")
			if own.Code != http.StatusNoContent || other.Code != http.StatusForbidden {
				t.Errorf("%s for a store answers its %s with %d, and another's with %d", name, role, own.Code, other.Code)
			}
			r.Path = strings.TrimSuffix(r.Path, "?store=north")
		}
	}
	for name := range limited {
		t.Errorf("%s is listed, and there is no such route", name)
	}
}

// ofTheirOwn are routes by which somebody who only reads changes nothing but their own sign-in, or asks in a body what must not stand in an
// address.
var ofTheirOwn = regexp.MustCompile(`^\w+ (/account/.*|/support/find|/api/v1/support/search)$`)

func TestAnAuditorChangesNothing(t *testing.T) {
	for name, who := range readPermissions(t) {
		open := who[0] == 'n' // What anyone may do is a resident's, or a sign-in.
		if method, _, _ := strings.Cut(name, " "); method == "GET" || open || ofTheirOwn.MatchString(name) {
			continue
		}
		if strings.Contains(who, "a") {
			t.Errorf("%s lets an auditor in", name)
		}
	}
}

func TestNoOtherSiteMakesABrowserChangeAnything(t *testing.T) {
	log := &notebook{}
	e, all := hollow(log)
	for _, r := range all {
		if r.Method == http.MethodGet {
			continue
		}
		role := protocol.RoleOwner
		if len(r.Access.Roles) > 0 {
			role = r.Access.Roles[0]
		}
		for _, site := range []string{"cross-site", "same-site"} {
			if w := knock(e, r, role, site); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String()+w.Header().Get("Content-Type"), "cross_origin") {
				t.Errorf("%s %s, sent from %s, is answered with %d %s", r.Method, r.Path, site, w.Code, w.Body)
			}
		}
	}
	if len(log.deeds) != 0 {
		t.Errorf("%d deeds of other sites are told as the staff's", len(log.deeds))
	}
}

func TestEveryChangeByTheStaffIsInTheAuditLog(t *testing.T) {
	log := &notebook{}
	e, all := hollow(log)
	for _, r := range all {
		for _, role := range []protocol.Role{protocol.RoleOwner, protocol.RoleTechnician, protocol.RoleAuditor, protocol.RoleResident, ""} {
			log.deeds = nil
			w := knock(e, r, role, "")
			told := r.Method != http.MethodGet && !r.Access.Anyone && role != "" && role != protocol.RoleResident
			if !told {
				if len(log.deeds) != 0 {
					t.Errorf("%s %s by %q is told: %+v", r.Method, r.Path, role, log.deeds)
				}
				continue
			}
			if len(log.deeds) != 1 {
				t.Errorf("%s %s by %s is told %d times", r.Method, r.Path, role, len(log.deeds))
				continue
			}
			want := cloud.DeedDone
			if w.Code == http.StatusForbidden {
				want = string(cloud.CodeForbidden)
			}
			d := log.deeds[0]
			if d.Name != string(role) || d.Role != role || d.Route != r.Path || d.Method != r.Method || d.Did != string(r.Access.Can) || d.Outcome != want || d.Request == "" || d.At.IsZero() {
				t.Errorf("%s %s by %s, answered with %d, is told as %+v", r.Method, r.Path, role, w.Code, d)
			}
			if strings.Contains(r.Path, ":") && !strings.Contains(d.Target, " x-1") {
				t.Errorf("%s %s is told without its target: %q", r.Method, r.Path, d.Target)
			}
		}
	}
}
