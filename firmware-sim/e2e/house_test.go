package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	paho   = "github.com/eclipse/paho.mqtt.golang"
	mochi  = "github.com/mochi-mqtt/server/v2"
	echo   = "github.com/labstack/echo/v4"
	serial = "go.bug.st/serial"
	sqlite = "github.com/mattn/go-sqlite3"
	goose  = "github.com/pressly/goose/v3"
	pgx    = "github.com/jackc/pgx/v5"
	fuse   = "github.com/hanwen/go-fuse/v2"
	keys   = "github.com/go-webauthn/webauthn"
)

// listed is what `go list -json` says of one package.
type listed struct {
	ImportPath   string
	Standard     bool
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Standard,GoFiles,Imports,TestImports,XTestImports", "allhours/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func room(path string) string {
	rest, ours := strings.CutPrefix(path, "allhours/")
	if !ours {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func within(path string, folders ...string) bool {
	for _, folder := range folders {
		if path == "allhours/"+folder || strings.HasPrefix(path, "allhours/"+folder+"/") {
			return true
		}
	}
	return false
}

func standard(path string) bool {
	return !strings.Contains(strings.Split(path, "/")[0], ".") && room(path) == ""
}

// rooms says which other rooms a room's code may import.
var rooms = map[string][]string{
	"protocol":     {"protocol"},
	"edge":         {"protocol", "edge"},
	"cloud":        {"protocol", "cloud"},
	"firmware-sim": {"protocol", "firmware-sim"},
}

func TestARoomImportsOnlyWhatItMay(t *testing.T) {
	for _, p := range packages(t) {
		imports := p.Imports
		if !within(p.ImportPath, "firmware-sim/e2e") {
			imports = append(append(imports, p.TestImports...), p.XTestImports...)
		}
		for _, imported := range imports {
			if r := room(imported); r != "" && !slices.Contains(rooms[room(p.ImportPath)], r) && !e2eDoor(p.ImportPath, imported) {
				t.Errorf("%s imports %s: %s may import %v", p.ImportPath, imported, room(p.ImportPath), rooms[room(p.ImportPath)])
			}
			if room(p.ImportPath) == "protocol" && room(imported) == "" && !standard(imported) {
				t.Errorf("%s imports %s: protocol may use the standard library only", p.ImportPath, imported)
			}
		}
	}
}

// e2eDoor lets the whole-system tests, and nothing else of firmware-sim, through the one public door of each side and to its
// rules, such as cloud/forecast.
func e2eDoor(from, to string) bool {
	return within(from, "firmware-sim/e2e") && within(to, "edge/agent", "cloud/server", "cloud", "edge") && !strings.Contains(to, "/internal/")
}

// homes says where a library may be imported, tests aside.
var homes = map[string][]string{
	paho:   {"edge/internal/uplink", "cloud/internal/broker"},
	mochi:  {"cloud/internal/broker", "edge/internal/fakecloud"},
	echo:   {"cloud/internal/httpx", "cloud/internal/api", "cloud/internal/web"},
	serial: {"edge/internal/bus"},
	sqlite: {"edge/internal/journal", "cloud/internal/store/sqlite"},
	goose:  {"cloud/internal/store"},
	pgx:    {"cloud/internal/store/postgres", "cloud/internal/store/postgrestest"},
	fuse:   {"edge/internal/fraildisk"},
	keys:   {"cloud/internal/people"},
}

// propped says what is there for tests alone: no program may be built with it.
var propped = []string{"allhours/edge/internal/fraildisk", "allhours/edge/internal/fakecloud"}

func TestNoProgramIsBuiltWithWhatTestsStandOn(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if slices.Contains(propped, imported) {
				t.Errorf("%s imports %s, which is there for tests", p.ImportPath, imported)
			}
		}
	}
}

func TestALibraryStaysInItsHome(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for library, folders := range homes {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !within(p.ImportPath, folders...) {
					t.Errorf("%s imports %s, which stays in %v", p.ImportPath, imported, folders)
				}
			}
		}
	}
}

// pure packages hold rules: no I/O, no clock of their own, no goroutine helpers.
var pure = []string{"protocol", "edge/session", "edge/health", "cloud/audit", "cloud/forecast", "cloud/ledger", "cloud/picking", "firmware-sim/demand", "firmware-sim/physics"}

var impure = []string{"net", "net/http", "os", "os/exec", "database/sql", "log/slog", "sync", "context", "io/fs", "syscall"}

func TestPurePackagesReachForNothingOutside(t *testing.T) {
	for _, p := range packages(t) {
		if !within(p.ImportPath, pure...) {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(impure, imported) {
				t.Errorf("%s imports %s: it is a package of rules", p.ImportPath, imported)
			}
		}
	}
}

func TestStoresAndHTTPNeverMeet(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if within(p.ImportPath, "cloud/internal/store") && (imported == "net/http" || imported == echo) {
				t.Errorf("%s imports %s: a store knows nothing of HTTP", p.ImportPath, imported)
			}
			if within(p.ImportPath, "cloud/internal/httpx", "cloud/internal/api", "cloud/internal/web") &&
				(within(imported, "cloud/internal/store") || imported == "database/sql") {
				t.Errorf("%s imports %s: pages and API go through the services", p.ImportPath, imported)
			}
		}
	}
}

// floors are versions below which a flaw is known that meets us: echo before 4.15.4 let %2F bypass a route
// (CVE-2026-55677).
var floors = map[string][3]int{echo: {4, 15, 4}}

func TestNoLibraryIsOlderThanItsKnownFlaw(t *testing.T) {
	for library, floor := range floors {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", library).Output()
		if err != nil {
			t.Fatalf("go list -m %s: %v", library, err)
		}
		var have [3]int
		if _, err := fmt.Sscanf(string(out), "v%d.%d.%d", &have[0], &have[1], &have[2]); err != nil {
			t.Fatalf("version of %s: %q: %v", library, out, err)
		}
		if slices.Compare(have[:], floor[:]) < 0 {
			t.Errorf("%s is at %v, want %v or later", library, have, floor)
		}
	}
}
