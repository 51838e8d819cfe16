package server

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/store"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
)

type visitState struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Total int    `json:"total_fen"`
	Lines []struct {
		SKU string `json:"sku"`
		Qty int    `json:"qty"`
	} `json:"lines"`
}

func TestAResidentIsChargedWhatTheCabinetSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.connect()
		b, _ := r.signIn("+8613900007777")
		var v visitState
		b.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &v)
		synctest.Wait()
		if g := c.grant(); g.Visit.String() != v.ID || g.LimitFen != 5000 || g.Subject == (grant.Token{}) {
			t.Fatalf("grant %+v", g)
		}
		c.sells(settle.Line{SKU: "1001", Qty: 2})
		time.Sleep(time.Second)
		b.want(200, "GET", "/api/v1/visits/"+v.ID, "", &v)
		if v.State != "charged" || v.Total != 400 || len(v.Lines) != 1 || v.Lines[0].Qty != 2 {
			t.Fatalf("got %+v", v)
		}
		other, _ := r.signIn("+8613900008888")
		other.want(404, "GET", "/api/v1/visits/"+v.ID, "", nil)
	})
}

func TestARestartLosesNeitherSessionNorVisit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.connect()
		b, _ := r.signIn("+8613900007777")
		var v visitState
		b.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &v)
		synctest.Wait()
		command := c.command
		r.stop()
		r.start()
		again := r.connect()
		again.command = command
		again.sells(settle.Line{SKU: "1001", Qty: 1})
		time.Sleep(time.Second)
		b.want(200, "GET", "/api/v1/visits/"+v.ID, "", &v)
		if v.State != "charged" || v.Total != 200 {
			t.Fatalf("got %+v", v)
		}
	})
}

// TestNoPersonIsToldToLogMetricOrCabinet is canaries: whatever names a person or lets one in must not show up.
func TestNoPersonIsToldToLogMetricOrCabinet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.connect()
		b, code := r.signIn("+8613951477268")
		b.want(401, "POST", "/api/v1/auth/session", `{"phone":"+8613951477268","code":"`+code+`"}`, nil)
		b.want(400, "POST", "/api/v1/auth/code", `{"phone":"8613951477268"}`, nil)
		b.want(401, "POST", "/api/v1/auth/staff", `{"name":"13951477268","password":"hunter-canary"}`, nil)
		b.send("GET", "/c/xs-01?phone=13951477268", "")
		b.send("GET", "/13951477268", "")
		var v visitState
		b.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &v)
		synctest.Wait()
		c.sells(settle.Line{SKU: "1001", Qty: 1})
		time.Sleep(5 * time.Minute) // The receipt is told to the closed page's reader meanwhile.
		if err := r.server.Admin().AddStaff(t.Context(), "manager", protocol.RoleManager, "correct horse"); err != nil {
			t.Fatal(err)
		}
		m := &browser{rig: r}
		m.want(200, "POST", "/api/v1/auth/staff", `{"name":"manager","password":"correct horse"}`, nil)
		metrics := m.send("GET", "/metrics", "").Body.String()
		if !strings.Contains(metrics, "allhours_http_requests_total") || !strings.Contains(r.log.String(), "route=/api/v1/visits") ||
			!strings.Contains(c.told(), "AH1.") || !strings.Contains(r.log.String(), "kind=code to=139****7268") || !strings.Contains(r.log.String(), "kind=receipt") {
			t.Fatalf("the test does not look where it should: %d, %d, %d bytes", len(metrics), len(r.log.String()), len(c.told()))
		}
		token := b.cookies[0].Value
		places := map[string]string{"log": r.log.String(), "metrics": metrics, "messages to the cabinet": c.told()}
		for place, text := range places {
			for what, secret := range map[string]string{
				"phone": "13951477268", "end of the phone": "77268", "token": token, "password": "hunter-canary", "staff's password": "correct horse",
				"code": "=" + code, "quoted code": `"` + code + `"`, "code in a text": " " + code + " ", "mqtt password": r.papers.Password, "claim code": r.papers.Code,
			} {
				if strings.Contains(text, secret) {
					t.Errorf("the %s is in the %s", what, place)
				}
			}
		}
		if person := c.grant().Subject; strings.Contains(r.log.String(), v.ID+" "+string(person[:])) {
			t.Error("the log ties a visit to a person")
		}
	})
}

func TestEveryRouteNamesWhoMayUseIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		e, ok := r.server.Handler().(*echo.Echo)
		if !ok || len(e.Routes()) < 20 {
			t.Fatalf("%T with too few routes", r.server.Handler())
		}
		if found := httpx.Unguarded(e); len(found) != 0 {
			t.Errorf("routes that name nobody: %v", found)
		}
		stranger := &browser{rig: r}
		resident, _ := r.signIn("+8613900007777")
		for _, route := range e.Routes() {
			roles := strings.TrimPrefix(route.Name, "access:")
			if roles == "anyone" || strings.HasSuffix(route.Path, "/live") {
				continue
			}
			path := strings.NewReplacer(":id", "01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f", ":visit", "01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f", ":cabinet", "xs-01").Replace(route.Path)
			if got := stranger.send(route.Method, path, "{}").Code; got != 401 && got != 303 {
				t.Errorf("%s %s answers a stranger with %d", route.Method, path, got)
			}
			if strings.Contains(roles, "resident") {
				continue
			}
			if got := resident.send(route.Method, path, "{}").Code; got != 403 && got != 303 {
				t.Errorf("%s %s, for %s, answers a resident with %d", route.Method, path, roles, got)
			}
		}
	})
}

func TestDataIsServedOnce(t *testing.T) {
	data := t.TempDir()
	first, err := New(t.Context(), Options{Data: data, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), Options{Data: data, Demo: true}); !errors.Is(err, store.ErrTaken) {
		t.Fatalf("a second server on the same data: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := New(t.Context(), Options{Data: data, Demo: true})
	if err != nil {
		t.Fatalf("after the first one has ended: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestListenersThatAreRefused(t *testing.T) {
	cases := []struct {
		name, address string
		tls, demo     bool
		want          string
	}{
		{"everywhere without TLS", "0.0.0.0:0", false, false, "--http 0.0.0.0:0 is not on loopback: want --tls-cert and --tls-key"},
		{"everywhere by an empty host", ":0", false, false, "not on loopback"},
		{"everywhere in the demo", "0.0.0.0:0", false, true, "not on loopback"},
		{"everywhere in the demo, with TLS", "0.0.0.0:0", true, true, "--demo shows sign-in codes and binds loopback only"},
		{"a name that may point anywhere", "example.invalid:0", false, true, "not on loopback"},
		{"loopback", "127.0.0.1:0", false, true, ""},
		{"loopback with TLS", "127.0.0.1:0", true, false, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l, err := Listen("http", c.address, c.tls, c.demo)
			if err == nil {
				defer l.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := New(t.Context(), Options{Data: t.TempDir(), HTTP: l, Demo: true}); err == nil {
		t.Fatal("a listener that somebody else opened everywhere was taken")
	}
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = Listen("mqtt", l.Addr().String(), false, true)
	if err == nil || !strings.Contains(err.Error(), "--mqtt "+l.Addr().String()) || !strings.Contains(err.Error(), "in use") {
		t.Fatalf("got %v", err)
	}
}

func TestWithoutTheDemoNothingIsSimulated(t *testing.T) {
	_, err := New(t.Context(), Options{Data: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "--demo") {
		t.Fatalf("got %v", err)
	}
}

func TestKeysLieOutsideTheDatabaseAndAreTheirOwnersOnly(t *testing.T) {
	data := t.TempDir()
	s, err := New(t.Context(), Options{Data: data, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	found, err := filepath.Glob(filepath.Join(data, "keys", "*"))
	if err != nil || len(found) != 2 {
		t.Fatalf("got %v, %v", found, err)
	}
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// TestTheServerEndsInOrder has a phone watch while the server ends: its stream is closed, and nobody waits for it.
func TestTheServerEndsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newPipes()
		s, err := New(t.Context(), Options{Data: t.TempDir(), HTTP: door, Demo: true, OneConnection: true})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		synctest.Wait()
		if _, err := s.Admin().Apply(ctx, []byte(document)); err != nil {
			t.Fatal(err)
		}
		if err := s.Admin().AddStaff(ctx, "manager", "manager", "correct horse"); err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return door.dial() }}}
		defer client.CloseIdleConnections()
		in, err := client.Post("http://memory/api/v1/auth/staff", "application/json", strings.NewReader(`{"name":"manager","password":"correct horse"}`))
		if err != nil {
			t.Fatal(err)
		}
		in.Body.Close()
		ask, err := http.NewRequest(http.MethodGet, "http://memory/tonight/live", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cookie := range in.Cookies() {
			ask.AddCookie(cookie)
		}
		stream, err := client.Do(ask)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Body.Close()
		lines := bufio.NewScanner(stream.Body)
		lines.Buffer(nil, 1<<20)
		if stream.StatusCode != 200 || !lines.Scan() {
			t.Fatalf("the stream: %d, %v", stream.StatusCode, lines.Err())
		}
		begun := time.Now()
		cancel()
		for lines.Scan() {
			continue
		}
		if err := <-ended; err != nil {
			t.Fatalf("run: %v", err)
		}
		if took := time.Since(begun); took >= drain {
			t.Errorf("it took %s to end", took)
		}
		time.Sleep(time.Minute)
	})
}
