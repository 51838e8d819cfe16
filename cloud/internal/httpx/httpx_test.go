package httpx

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// crowd knows each person by a token that is the name of the role.
type crowd struct{ cloud.People }

func (crowd) Session(_ context.Context, token string) (cloud.Principal, error) {
	if token == "expired" {
		return cloud.Principal{}, protocol.Errorf(cloud.CodeNoSession, "expired")
	}
	return cloud.Principal{ID: protocol.UUID{1}, Role: protocol.Role(token)}, nil
}

func newApp(log io.Writer) *echo.Echo {
	handler := slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})
	return New(Options{People: crowd{}, Logger: slog.New(handler)})
}

func send(e *echo.Echo, method, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader("{}"))
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func as(role string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: plainCookie, Value: role}) }
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) Problem {
	t.Helper()
	var p Problem
	if got := w.Header().Get("Content-Type"); got != problemType {
		t.Fatalf("content type %q, body %q: want %s", got, w.Body, problemType)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryCodeThatThereIsHasAStatusAndATitleInBothLanguages(t *testing.T) {
	codes := codesIn(t, filepath.Join("..", "..", "codes.go"))
	codes = append(codes, codesIn(t, filepath.Join("..", "..", "..", "protocol", "codes.go"))...)
	if len(codes) < 30 {
		t.Fatalf("only %d codes found: the test reads the wrong place", len(codes))
	}
	seen := map[string]protocol.Code{}
	for _, code := range codes {
		kind, ok := KindOf(code)
		switch {
		case code == protocol.CodeOK:
			continue
		case !ok:
			t.Errorf("%s is not in the table", code)
		case kind.Status < 400 || kind.Status > 599 || kind.Title.Zh == "" || kind.Title.En == "":
			t.Errorf("%s: %+v", code, kind)
		case seen[kind.Title.En] != "":
			t.Errorf("%s and %s have the same title", code, seen[kind.Title.En])
		}
		seen[kind.Title.En] = code
	}
}

// codesIn reads the constants of a file, so that a new code cannot be forgotten.
func codesIn(t *testing.T, path string) []protocol.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []protocol.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) == 0 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		for _, value := range spec.Values {
			if literal, ok := value.(*ast.BasicLit); ok {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, protocol.Code(text))
			}
		}
		return true
	})
	return codes
}

func TestEachProblemHasATypeOfItsOwn(t *testing.T) {
	cases := []struct {
		name   string
		err    error
		code   protocol.Code
		status int
	}{
		{"an unknown cabinet", protocol.Errorf(cloud.CodeUnknownCabinet, "x"), "unknown_cabinet", 404},
		{"no session", protocol.Errorf(cloud.CodeNoSession, "x"), "no_session", 401},
		{"a busy cabinet", protocol.Errorf(cloud.CodeCabinetBusy, "x"), "cabinet_busy", 409},
		{"a cabinet that is away", protocol.Errorf(cloud.CodeCabinetAway, "x"), "cabinet_away", 503},
		{"a debt", protocol.Errorf(cloud.CodeDebt, "x"), "debt", 402},
		{"a door that is not shut", protocol.Errorf(cloud.CodeDoorNotShut, "x"), "door_not_shut", 409},
		{"an error deep inside", errors.New("disk on fire"), "internal", 500},
		{"a code of no table", protocol.Errorf("new", "x"), "internal", 500},
		{"an unknown address", echo.ErrNotFound, "not_found", 404},
		{"a wrong method", echo.ErrMethodNotAllowed, "method_not_allowed", 405},
		{"a body that is too large", echo.ErrStatusRequestEntityTooLarge, "too_large", 413},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := newApp(io.Discard)
			Mount(e, []Route{{http.MethodGet, "/api/x", Anyone(), func(echo.Context) error { return c.err }}})
			w := send(e, http.MethodGet, "/api/x", func(r *http.Request) { r.Header.Set("Accept-Language", "en-GB, zh;q=0.3") })
			p := problemOf(t, w)
			if p.Type != "/problems/"+string(c.code) || p.Status != c.status || w.Code != c.status || p.Code != c.code {
				t.Fatalf("got %d %+v", w.Code, p)
			}
			kind, _ := KindOf(c.code)
			if p.Title != kind.Title.En || p.Instance == "" || p.Instance != w.Header().Get("X-Request-Id") {
				t.Fatalf("got %+v, request id %s", p, w.Header().Get("X-Request-Id"))
			}
			if strings.Contains(w.Body.String(), "fire") {
				t.Fatal("an internal error tells what is inside")
			}
		})
	}
}

func TestALanguageIsChosenByWhatTheReaderWantsMost(t *testing.T) {
	for header, want := range map[string]Lang{
		"": Chinese, "en": English, "zh-CN,zh;q=0.9,en;q=0.8": Chinese, "en-US,en;q=0.9,zh;q=0.8": English,
		"fr": Chinese, "fr,en;q=0.1": English, "en;q=0": Chinese, "en;q=nonsense": Chinese,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", header)
		if got := AcceptLanguage(r); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}

func TestOnlyTheNamedRolesPass(t *testing.T) {
	e := newApp(io.Discard)
	ok := func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }
	Mount(e, []Route{
		{http.MethodGet, "/api/anyone", Anyone(), ok},
		{http.MethodGet, "/api/residents", Residents(), ok},
		{http.MethodGet, "/api/staff", Staff(), ok},
		{http.MethodGet, "/api/signed-in", SignedIn(), ok},
	})
	cases := []struct {
		path, who string
		want      int
	}{
		{"/api/anyone", "", 204},
		{"/api/anyone", "resident", 204},
		{"/api/residents", "", 401},
		{"/api/residents", "resident", 204},
		{"/api/residents", "manager", 403},
		{"/api/staff", "", 401},
		{"/api/staff", "resident", 403},
		{"/api/staff", "manager", 204},
		{"/api/staff", "auditor", 204},
		{"/api/signed-in", "", 401},
		{"/api/signed-in", "resident", 204},
		{"/api/signed-in", "technician", 204},
		{"/api/signed-in", "expired", 401},
		{"/api/staff", "king", 403},
	}
	for _, c := range cases {
		change := as(c.who)
		if c.who == "" {
			change = nil
		}
		if w := send(e, http.MethodGet, c.path, change); w.Code != c.want {
			t.Errorf("%s as %q: got %d, want %d", c.path, c.who, w.Code, c.want)
		}
	}
	if found := Unguarded(e); len(found) != 0 {
		t.Errorf("unguarded: %v", found)
	}
	e.GET("/api/forgotten", ok)
	if found := Unguarded(e); len(found) != 1 {
		t.Errorf("a route without roles is not found: %v", found)
	}
}

func TestOperatorsReadFromTheMachineItselfOnly(t *testing.T) {
	e := newApp(io.Discard)
	Mount(e, []Route{{http.MethodGet, "/metrics", LoopbackOrStaff(), func(c echo.Context) error { return c.NoContent(204) }}})
	cases := []struct {
		name, remote, host, forwarded, who string
		want                               int
	}{
		{"from the machine itself", "127.0.0.1:5000", "127.0.0.1:8080", "", "", 204},
		{"from the machine itself, IPv6", "[::1]:5000", "localhost:8080", "", "", 204},
		{"from elsewhere", "192.0.2.1:5000", "127.0.0.1:8080", "", "", 401},
		{"through a proxy on the machine", "127.0.0.1:5000", "127.0.0.1:8080", "192.0.2.1", "", 401},
		{"through a proxy that keeps the host", "127.0.0.1:5000", "fleet.example", "", "", 401},
		{"by a page that made a name point here", "127.0.0.1:5000", "evil.example:8080", "", "", 401},
		{"by staff from elsewhere", "192.0.2.1:5000", "fleet.example", "", "manager", 204},
		{"by a resident from elsewhere", "192.0.2.1:5000", "fleet.example", "", "resident", 403},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := send(e, http.MethodGet, "/metrics", func(r *http.Request) {
				r.RemoteAddr, r.Host = c.remote, c.host
				if c.forwarded != "" {
					r.Header.Set("X-Forwarded-For", c.forwarded)
				}
				if c.who != "" {
					as(c.who)(r)
				}
			})
			if w.Code != c.want {
				t.Fatalf("got %d, want %d", w.Code, c.want)
			}
		})
	}
}

func TestUnsafeRequestsOfOtherSitesAreRefused(t *testing.T) {
	e := newApp(io.Discard)
	ok := func(c echo.Context) error { return c.NoContent(204) }
	Mount(e, []Route{{http.MethodPost, "/api/x", Anyone(), ok}, {http.MethodGet, "/api/x", Anyone(), ok}})
	cases := []struct {
		name, method, site, origin string
		want                       int
	}{
		{"of the same site", "POST", "same-origin", "http://example.com", 204},
		{"typed by the user", "POST", "none", "", 204},
		{"of another site", "POST", "cross-site", "http://evil.example", 403},
		{"of a neighbour on the same domain", "POST", "same-site", "http://other.example.com", 403},
		{"of an old browser from another site", "POST", "", "http://evil.example", 403},
		{"of an old browser from this site", "POST", "", "http://example.com", 204},
		{"of a page without an origin", "POST", "", "null", 403},
		{"of a program", "POST", "", "", 204},
		{"safe, of another site", "GET", "cross-site", "http://evil.example", 204},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := send(e, c.method, "http://example.com/api/x", func(r *http.Request) {
				for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
					if value != "" {
						r.Header.Set(name, value)
					}
				}
			})
			if w.Code != c.want {
				t.Fatalf("got %d %s, want %d", w.Code, w.Body, c.want)
			}
			if c.want == 403 && problemOf(t, w).Code != CodeCrossOrigin {
				t.Fatalf("got %s", w.Body)
			}
		})
	}
}

func TestEveryAnswerForbidsWhatThePagesDoNotNeed(t *testing.T) {
	e := newApp(io.Discard)
	Mount(e, []Route{{http.MethodGet, "/", Anyone(), func(c echo.Context) error { return c.String(200, "x") }}})
	for _, target := range []string{"/", "/api/none"} {
		h := send(e, http.MethodGet, target, nil).Header()
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", target, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s: %v", target, h)
		}
	}
}

func TestTheSessionCookieIsOutOfReach(t *testing.T) {
	for _, secure := range []bool{false, true} {
		e := New(Options{People: crowd{}, Logger: slog.New(slog.DiscardHandler), Secure: secure})
		Mount(e, []Route{{http.MethodPost, "/in", Anyone(), func(c echo.Context) error {
			SetSession(c, "manager")
			return c.NoContent(204)
		}}, {http.MethodGet, "/who", Staff(), func(c echo.Context) error { return c.NoContent(204) }}})
		cookies := send(e, http.MethodPost, "/in", nil).Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("cookies: %v", cookies)
		}
		c := cookies[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure != secure || c.Domain != "" {
			t.Errorf("secure %v: %+v", secure, c)
		}
		if strings.HasPrefix(c.Name, "__Host-") != secure {
			t.Errorf("secure %v: name %s", secure, c.Name)
		}
		if w := send(e, http.MethodGet, "/who", func(r *http.Request) { r.AddCookie(c) }); w.Code != 204 {
			t.Errorf("secure %v: the cookie does not sign in: %d", secure, w.Code)
		}
	}
}

func TestTheLogNamesRoutesAndNeverPaths(t *testing.T) {
	var log bytes.Buffer
	e := newApp(&log)
	Mount(e, []Route{{http.MethodGet, "/api/visits/:id", Anyone(), func(echo.Context) error { return nil }}})
	send(e, http.MethodGet, "/api/visits/canary-7?phone=canary-8", func(r *http.Request) { r.Header.Set("User-Agent", "canary-9") })
	send(e, http.MethodGet, "/api/canary-1", nil)
	send(e, "CANARY-2", "/api/visits/x", nil)
	if !strings.Contains(log.String(), "route=/api/visits/:id") {
		t.Fatalf("the route is not in the log: %s", log.String())
	}
	if strings.Contains(strings.ToLower(log.String()), "canary") || strings.Contains(log.String(), "192.0.2") {
		t.Fatalf("the log tells too much: %s", log.String())
	}
}

func TestAPanicIsAnswered(t *testing.T) {
	var log bytes.Buffer
	e := newApp(&log)
	Mount(e, []Route{{http.MethodGet, "/api/x", Anyone(), func(echo.Context) error { panic("oh") }}})
	if p := problemOf(t, send(e, http.MethodGet, "/api/x", nil)); p.Status != 500 {
		t.Fatalf("got %+v", p)
	}
	if !strings.Contains(log.String(), "panic: oh") {
		t.Fatal("the panic is not in the log")
	}
}

func TestAPanicOfThePageThatExplainsErrorsIsAnsweredToo(t *testing.T) {
	var log bytes.Buffer
	e := newApp(&log)
	PageErrors(e, func(echo.Context, Problem) error { panic("worse") })
	if p := problemOf(t, send(e, http.MethodGet, "/nowhere", nil)); p.Status != 500 {
		t.Fatalf("got %+v", p)
	}
	if !strings.Contains(log.String(), "panic: worse") {
		t.Fatal("the panic is not in the log")
	}
}

func TestABodyBeyondTheLimitIsRefused(t *testing.T) {
	e := newApp(io.Discard)
	Mount(e, []Route{{http.MethodPost, "/api/x", Anyone(), func(c echo.Context) error {
		_, err := io.ReadAll(c.Request().Body)
		return err
	}}})
	for _, known := range []bool{true, false} {
		w := send(e, http.MethodPost, "/api/x", func(r *http.Request) {
			r.Body = io.NopCloser(bytes.NewReader(make([]byte, 65<<10)))
			r.ContentLength = -1
			if known {
				r.ContentLength = 65 << 10
			}
		})
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("length known %v: got %d", known, w.Code)
		}
	}
}

func TestAStreamSendsEventsAsTheyCome(t *testing.T) {
	e := newApp(io.Discard)
	step := make(chan struct{})
	Mount(e, []Route{{http.MethodGet, "/api/live", Anyone(), func(c echo.Context) error {
		s, err := OpenStream(c)
		if err != nil {
			return err
		}
		if err := s.Send("visit", LastEventID(c.Request())+"1", []byte("{\n}")); err != nil {
			return err
		}
		<-step
		return s.Ping()
	}}})
	server := httptest.NewUnstartedServer(e)
	server.Config.WriteTimeout = time.Nanosecond // over at once, but lifted for streams
	server.Start()
	defer server.Close()
	r, err := http.NewRequest(http.MethodGet, server.URL+"/api/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", "4")
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q", got)
	}
	lines := bufio.NewScanner(answer.Body)
	want := []string{"retry: 2000", "", "id: 41", "event: visit", "data: {", "data: }", ""}
	for _, line := range want { // Read while the handler still runs.
		if !lines.Scan() || lines.Text() != line {
			t.Fatalf("got %q, want %q", lines.Text(), line)
		}
	}
	close(step)
	if !lines.Scan() || lines.Text() != ": ping" {
		t.Fatalf("got %q (%v), want a ping after the server's write timeout", lines.Text(), lines.Err())
	}
}

func TestLoopbackIsKnownByAddressAndNotByHope(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1:8080": true, "127.8.9.10:1": true, "[::1]:80": true, "localhost:80": true, "localhost": true, "[::ffff:127.0.0.1]:80": true,
		":8080": false, "0.0.0.0:80": false, "[::]:80": false, "192.168.1.5:80": false, "example.com:80": false, "localhost.example:80": false,
	} {
		if got := IsLoopback(host); got != want {
			t.Errorf("%s: got %v", host, got)
		}
	}
}
