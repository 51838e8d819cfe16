package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"allhours/firmware-sim/control"
)

func askHands(t *testing.T, f *folder, path string) (int, string) {
	t.Helper()
	h := hands{folder: f, cabinets: []control.Info{{ID: "xs-01", Layout: "shelves"}, {ID: "xs-02", Layout: "lanes"}}}
	w := httptest.NewRecorder()
	h.handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(text)
}

func TestHandsReachTheCabinetWhereverItListensNow(t *testing.T) {
	f := &folder{root: t.TempDir()}
	for _, name := range []string{"first", "second"} {
		boards := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, name+" life at "+r.URL.Path) // the recorder takes everything
		}))
		defer boards.Close()
		if err := write(f.cabinet("xs-01", "control.addr"), []byte(strings.TrimPrefix(boards.URL, "http://")+"\n")); err != nil {
			t.Fatal(err)
		}
		if code, body := askHands(t, f, "/cabinets/xs-01/truth"); code != http.StatusOK || body != name+" life at /cabinets/xs-01/truth" {
			t.Fatalf("%d %s", code, body)
		}
	}
}

func TestHandsTellWhyACabinetCannotBeReached(t *testing.T) {
	f := &folder{root: t.TempDir()}
	gone := httptest.NewServer(nil)
	gone.Close()
	if err := write(f.cabinet("xs-02", "control.addr"), []byte(strings.TrimPrefix(gone.URL, "http://"))); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, path string
		code       int
		detail     string
	}{
		{"a cabinet that nobody built", "/cabinets/xs-99/truth", http.StatusNotFound, "there is no cabinet"},
		{"boards that were not started yet", "/cabinets/xs-01/truth", http.StatusServiceUnavailable, "the boards of xs-01 are not running"},
		{"boards that died", "/cabinets/xs-02/truth", http.StatusBadGateway, "the boards of xs-02 do not answer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if code, body := askHands(t, f, c.path); code != c.code || !strings.Contains(body, c.detail) {
				t.Fatalf("%d %s", code, body)
			}
		})
	}
}

func TestHandsListAllCabinets(t *testing.T) {
	const want = `[{"id":"xs-01","layout":"shelves"},{"id":"xs-02","layout":"lanes"}]` + "\n"
	if code, body := askHands(t, &folder{root: t.TempDir()}, "/cabinets"); code != http.StatusOK || body != want {
		t.Fatalf("%d %s", code, body)
	}
}
