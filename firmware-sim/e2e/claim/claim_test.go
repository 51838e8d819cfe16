// Package claim claims a cabinet through the built programs, as a technician does: a code is printed, typed at a new box, and
// the box sells. Then its data folder is copied, and a second box is claimed in its place.
package claim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/phone"
	"allhours/firmware-sim/street"
)

const id = "xs-01"

const plan = `{
 "chain": {"name_zh": "邻里", "name_en": "Linli", "support_phone": "0571-1234", "hold_fen": 5000, "time_zone": "Asia/Shanghai"},
 "stores": [{"id": "s1", "name_zh": "一店", "name_en": "First", "hours": [{"open": "07:00", "close": "22:00"}]}],
 "articles": [
  {"sku": "1001", "name_zh": "水", "name_en": "Water", "category": "water", "zone": "ambient", "unit_mg": 571000, "sd_mg": 900,
   "price_fen": 200, "cost_fen": 114, "shelf_life_days": 540, "essential": true, "vat_percent": 13, "min_age": 0, "case_size": 24}],
 "cabinets": [{"id": "xs-01", "store": "s1", "number": 3, "place_zh": "门口", "place_en": "Gate", "layout": "shelves",
  "platforms": [{"id": "S1", "compartment": 1, "capacity_mg": 20000000, "division_mg": 1000, "goods": [{"sku": "1001", "stock": 8}]}]}]
}`

// rig is a fleet's service and the boards of one cabinet.
type rig struct {
	*testing.T
	bin, dir string
	fleet    string // address of the pages
	sim      string // address of the hands
}

// limit is far longer than anything takes here; it only ends a test that would wait for ever.
const limit = time.Minute

func newRig(t *testing.T) *rig {
	t.Helper()
	bin, err := filepath.Abs("../../../bin")
	if err != nil {
		t.Fatal(err)
	}
	ports, err := street.FreePorts(2)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, bin: bin, dir: t.TempDir(), fleet: fmt.Sprintf("http://127.0.0.1:%d", ports[0])}
	r.write("plan.json", []byte(plan))
	r.ctl("apply", filepath.Join(r.dir, "plan.json"))
	boards, err := json.Marshal(cabinet.Plan{
		Cabinet: id, Layout: cabinet.Shelves, Seed: 7, Baud: 115200, ResponseUS: 2000, Platforms: []cabinet.Platform{{
			ID: "S1", Capacity: 20_000_000, Division: 1000, Goods: []cabinet.Good{{SKU: "1001", Unit: 571_000, SD: 900, Stock: 8}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.write("boards.json", boards)
	r.start("fleetd", "--demo", "--data", r.path("fleet"), "--http", r.fleet[len("http://"):], "--mqtt", fmt.Sprintf("127.0.0.1:%d", ports[1]))
	r.start("firmware-sim", "--dir", r.dir)
	r.until("the service and the boards are there", func() bool {
		address, err := os.ReadFile(r.path("control.addr"))
		r.sim = "http://" + strings.TrimSpace(string(address))
		return err == nil && r.state() != ""
	})
	return r
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) write(name string, text []byte) {
	r.Helper()
	if err := os.WriteFile(r.path(name), text, 0o600); err != nil {
		r.Fatal(err)
	}
}

// run runs a program to its end and gives what it printed.
func (r *rig) run(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(r.bin, program), args...).CombinedOutput()
	return string(out), err
}

func (r *rig) ctl(args ...string) string {
	r.Helper()
	out, err := r.run("fleetctl", append([]string{"--data", r.path("fleet")}, args...)...)
	if err != nil {
		r.Fatalf("fleetctl %v: %v: %s", args, err, out)
	}
	return out
}

// start runs a program until stop, or until the test ends.
func (r *rig) start(program string, args ...string) (stop func()) {
	r.Helper()
	var log bytes.Buffer
	cmd := exec.Command(filepath.Join(r.bin, program), args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	stop = func() {
		if cmd.ProcessState != nil {
			return
		}
		_ = cmd.Process.Signal(syscall.SIGTERM) // It may have ended by itself, which Wait tells.
		if err := cmd.Wait(); err != nil {
			r.Errorf("%s: %v", program, err)
		}
		if r.Failed() {
			r.Logf("%s %v said:\n%s", program, args, log.String())
		}
	}
	r.Cleanup(stop)
	return stop
}

func (r *rig) until(what string, so func() bool) {
	r.Helper()
	tick, end := time.NewTicker(50*time.Millisecond), time.After(limit)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			r.Fatalf("waited in vain until %s; the cabinet is %q", what, r.state())
		}
	}
}

func (r *rig) state() string { return r.look().State }

// seen is what the interface tells of the cabinet.
type seen struct {
	State string     `json:"state"`
	Last  *time.Time `json:"last_seen"`
	Goods []struct {
		Units int `json:"units"`
	} `json:"goods"`
}

func (r *rig) look() seen {
	var c seen
	if err := phone.GetJSON(r.Context(), http.DefaultClient, r.fleet+"/api/v1/cabinets/"+id, &c); err != nil {
		return seen{}
	}
	return c
}

// box writes the file of a box whose lines lie in a folder; it says nothing of who the box is.
func (r *rig) box(name, lines string) string {
	r.Helper()
	r.write(name+".yaml", fmt.Appendf(nil, `data: %q
lines: [{name: line0, path: %q, baud: 115200}]
locks:
  - {line: line0, compartments: [1], pulse_ms: 500, modbusrelay: {unit: %d, channels: [{relay: %d, door: {input: %d}, latch: {input: %d}}]}}
scales: [{line: line0, platforms: [S1], modbusscale: {unit: %d}}]
`, r.path(name), filepath.Join(lines, "line0"), cabinet.RelayUnit, cabinet.LockChannel, cabinet.DoorInput+1, cabinet.BoltInput+1, cabinet.FirstScaleUnit))
	return r.path(name + ".yaml")
}

// code prints one and gives what is to be typed.
func (r *rig) code() string {
	r.Helper()
	out := r.ctl("enrol", "--cloud", r.fleet, id)
	code := regexp.MustCompile(`cabinet-agent claim (\S+) --cloud`).FindStringSubmatch(out)
	if code == nil {
		r.Fatalf("fleetctl enrol printed %q", out)
	}
	return code[1]
}

func (r *rig) claims(code, file string, more ...string) (string, error) {
	return r.run("cabinet-agent", append([]string{"claim", code, "--cloud", r.fleet, "--config", file}, more...)...)
}

// buys goes through a visit and holds the bill to what was taken.
func (r *rig) buys(who *phone.Resident, qty int) {
	r.Helper()
	r.until("the cabinet sells", func() bool { return r.state() == "ready" })
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	v, err := who.Open(ctx, id)
	if err == nil {
		err = who.Shop(ctx, id, phone.Action{Do: "pull"}, phone.Action{Do: "take", Platform: "S1", SKU: "1001", Qty: qty, AfterMS: 900}, phone.Action{Do: "shut", AfterMS: 900})
	}
	if err == nil {
		v, err = who.Receipt(ctx, v.ID)
	}
	if err != nil || v.State != "charged" || v.Total != int64(200*qty) {
		r.Fatalf("bought %d: %+v, %v", qty, v, err)
	}
}

// stock is what the cabinet holds by book, and in truth.
func (r *rig) stock() (book, truth int) {
	r.Helper()
	c := r.look()
	var is struct {
		Platforms []struct {
			Goods []phone.Line `json:"goods"`
		} `json:"platforms"`
	}
	err := phone.GetJSON(r.Context(), http.DefaultClient, r.sim+"/cabinets/"+id+"/truth", &is)
	if err != nil || len(c.Goods) != 1 || len(is.Platforms) != 1 || len(is.Platforms[0].Goods) != 1 {
		r.Fatalf("%+v, %+v, %v", c, is, err)
	}
	return c.Goods[0].Units, is.Platforms[0].Goods[0].Qty
}

func TestABoxIsClaimedSellsIsCopiedAndReplaced(t *testing.T) {
	r := newRig(t)
	first := r.box("first", r.dir)
	if out, err := r.run("cabinet-agent", "run", "--config", first); err == nil || !strings.Contains(out, "want a claim first") {
		t.Fatalf("a box that nobody claimed: %v: %s", err, out)
	}
	code := r.code()
	if out, err := r.claims(code, first); err != nil || !strings.Contains(out, "This device is xs-01 from now on") {
		t.Fatalf("claim: %v: %s", err, out)
	}
	stopFirst := r.start("cabinet-agent", "run", "--config", first)
	who, err := phone.SignIn(t.Context(), r.fleet, r.sim, "+8613712345678")
	if err != nil {
		t.Fatal(err)
	}
	r.buys(who, 2)
	if out, err := r.claims(code, r.box("stranger", t.TempDir())); err == nil || !strings.Contains(out, "claim_used") {
		t.Errorf("the code once more, by another device: %v: %s", err, out)
	}

	stopFirst()
	thief := r.box("thief", t.TempDir()) // Its boards are elsewhere.
	if err := os.CopyFS(r.path("thief"), os.DirFS(r.path("first"))); err != nil {
		t.Fatal(err)
	}
	stopFirst = r.start("cabinet-agent", "run", "--config", first)
	stopThief := r.start("cabinet-agent", "run", "--config", thief)
	r.until("the copy is noticed", func() bool { c := r.look(); return c.State == "stopped" && c.Last == nil }) // It stands, and nothing of it is believed.
	if _, err := who.Open(t.Context(), id); err == nil || !strings.Contains(err.Error(), "card_apart") {
		t.Errorf("a door of a cabinet that nobody believes: %v", err)
	}
	stopThief()
	stopFirst()

	code = r.code()
	if out, err := r.claims(code, first, "--replace"); err != nil || !strings.Contains(out, "journal.db.1") {
		t.Fatalf("claim with a card that is set apart: %v: %s", err, out)
	}
	stopFirst = r.start("cabinet-agent", "run", "--config", first)
	r.buys(who, 1)
	stopFirst()

	second := r.box("second", r.dir) // A new box stands on the same boards and goods.
	if out, err := r.claims(r.code(), second); err != nil {
		t.Fatalf("claim of the new box: %v: %s", err, out)
	}
	r.start("cabinet-agent", "run", "--config", second)
	r.buys(who, 3)
	if book, truth := r.stock(); book != 2 || truth != 2 {
		t.Errorf("%d by book, %d in truth: want 2", book, truth)
	}
}
