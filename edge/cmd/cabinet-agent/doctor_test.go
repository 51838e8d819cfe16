package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/edge/agent"
	"allhours/edge/internal/doctor"
	"allhours/edge/internal/driver/drivertest"
	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// bench is a simulated cabinet with its file, before which a technician stands.
type bench struct {
	*testing.T
	twin  *drivertest.Twin
	cloud *fakecloud.Cloud
	file  string
	data  string
}

// newBench is a cabinet of two doors and three scales on three lines of two speeds. Its file says who it is and nothing of
// what hangs on its lines.
func newBench(t *testing.T, program string) *bench {
	t.Helper()
	goods := func(sku string, unit, stock int) []map[string]any {
		return []map[string]any{{"sku": sku, "unit_mg": unit, "sd_mg": 1000, "stock": stock}}
	}
	platform := func(id string, address int, goods []map[string]any) map[string]any {
		return map[string]any{"id": id, "capacity_mg": 20_000_000, "division_mg": 1000, "address": address, "goods": goods, "span_ppm": 20_000}
	}
	b := &bench{T: t, data: t.TempDir(), file: filepath.Join(t.TempDir(), "cabinet.yaml")}
	b.twin = drivertest.Start(t, program, map[string]any{
		"baud": 19200,
		"platforms": []map[string]any{
			platform("S1", 1, goods("1001", 571_000, 9)), platform("S2", 2, goods("2001", 300_000, 12)), platform("S3", 0, goods("3001", 450_000, 6)),
		},
		"locks": []map[string]any{{"family": "modbusrelay", "unit": 3, "channels": 8, "doors": 2}},
		"devices": []map[string]any{
			{"family": "aandd", "platform": "S3", "unit": "g", "decimals": 1, "baud": 9600}, {"family": "asciireader", "baud": 9600},
		},
	})
	b.cloud = fakecloud.Start(t, topic.Address{Shard: 3, Cabinet: "dt-01"})
	b.write(fmt.Sprintf(`# the cabinet at the gate
cabinet: dt-01
shard: 3
data: %s
mqtt: {url: "tcp://127.0.0.1:1883", user: dt-01, password: secret}
keys: [{id: 1, public: %q}]
`, b.data, b.cloud.PublicKey()))
	return b
}

func (b *bench) write(text string) {
	b.Helper()
	if err := os.WriteFile(b.file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.Chmod(b.file, 0o640); err != nil { // The agent's group reads it.
		b.Fatal(err)
	}
}

func (b *bench) read() string {
	b.Helper()
	raw, err := os.ReadFile(b.file)
	if err != nil {
		b.Fatal(err)
	}
	return string(raw)
}

// edit changes the file by hand.
func (b *bench) edit(old, fresh string) {
	b.Helper()
	text := b.read()
	if !strings.Contains(text, old) {
		b.Fatalf("no %q in\n%s", old, text)
	}
	b.write(strings.Replace(text, old, fresh, 1))
}

// hands is where a technician reads what to do, and does it.
type hands struct {
	bench  *bench
	text   bytes.Buffer
	pulled chan int // the compartment whose door was pulled last, once it was
}

func (h *hands) Write(p []byte) (int, error) {
	h.text.Write(p)
	line := string(p)
	var n int
	switch {
	case strings.Contains(line, "Hold a code"):
		h.bench.twin.Show("AH1.held-before-the-reader")
	case strings.Contains(line, "is released"):
		if _, err := fmt.Sscanf(line, "compartment %d is released", &n); err != nil {
			return 0, err
		}
		go h.pull(n)
	case strings.Contains(line, "has moved"):
		h.bench.twin.Shut(0, <-h.pulled-1) // It is shut when the doctor has seen it, however long that takes.
	}
	return len(p), nil
}

// pull pulls a door as soon as it gives.
func (h *hands) pull(compartment int) {
	twin := h.bench.twin
	drivertest.Await(h.bench.T, time.Minute, "the bolt lets go", func() bool { return !twin.Locks(0)[compartment-1].BoltLocked })
	twin.Pull(0, compartment-1)
	h.pulled <- compartment
}

// examine lets the doctor look, with so much patience that a busy machine changes nothing.
func (b *bench) examine(args ...string) (doctor.Report, string) {
	b.Helper()
	h := &hands{bench: b, pulled: make(chan int, 1)}
	args = append([]string{"doctor", "--config", b.file, "--json", "--addresses", "3", "--reply", "600ms", "--doors", "2", "--scales", "0"}, args...)
	var out bytes.Buffer
	err := command(b.Context(), args, &out, h)
	if err != nil && !errors.Is(err, errUnwell) {
		b.Fatalf("%v\n%s", err, h.text.String())
	}
	var r doctor.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		b.Fatalf("%v in %s", err, out.String())
	}
	if r.Healthy != (err == nil) {
		b.Errorf("healthy %v with %v", r.Healthy, err)
	}
	return r, h.text.String()
}

func (b *bench) want(r doctor.Report, level doctor.Level, subject, text string) {
	b.Helper()
	if !slices.ContainsFunc(r.Findings, func(f doctor.Finding) bool {
		return f.Level == level && f.Subject == subject && strings.Contains(f.Text, text)
	}) {
		b.Errorf("want %s of %s: %q among %+v", level, subject, text, r.Findings)
	}
}

func TestTheDoctorFindsACabinetFitsItsFileAndTellsWhatIsWiredWrongly(t *testing.T) {
	program, err := drivertest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, program)
	for _, step := range []struct {
		name string
		run  func(*bench)
	}{
		{"boards are found and written down", (*bench).finds},
		{"a cabinet sells by what was written", (*bench).sells},
		{"a board takes another's place, where it is sure which", (*bench).replaces},
		{"a wrong span is set right", (*bench).calibrates},
		{"locks are tested", (*bench).testsLocks},
	} {
		t.Run(step.name, func(t *testing.T) {
			b.T = t
			step.run(b)
		})
	}
}

// finds lets the doctor write what hangs on the lines into a file that says nothing of it.
func (b *bench) finds() {
	before := b.read()
	r, said := b.examine("--speed", "9600,19200", "--family", "modbus", "--write", "--line", b.twin.LinePath(0)+","+b.twin.LinePath(1))
	if info, err := os.Stat(b.file); err != nil || info.Mode().Perm() != 0o640 {
		b.Errorf("the agent's group cannot read the file any more (%v)", err)
	}
	if !r.Healthy || r.File != b.file {
		b.Fatalf("healthy %v, written %q: %+v\n%s", r.Healthy, r.File, r.Findings, said)
	}
	b.want(r, doctor.Changed, "line0", "at 19200 baud")
	b.want(r, doctor.Changed, "S3", "aandd")
	b.want(r, doctor.Look, "compartment 1, 2", "which relay")
	if kept, err := os.ReadFile(b.file + ".bak"); err != nil || string(kept) != before {
		b.Errorf("the old file is not kept: %q, %v", kept, err)
	}
	r, _ = b.examine("--speed", "9600", "--family", "mtsics", "--codes", "1m", "--write", "--line", b.twin.LinePath(2))
	b.want(r, doctor.Changed, "the reader of codes", "new")
	text := b.read()
	if !strings.HasPrefix(text, before) {
		b.Errorf("what was there is changed:\n%s", text)
	}
}

// sells runs an agent by that file, and shops.
func (b *bench) sells() {
	cfg, err := agent.LoadConfig(b.file)
	if err != nil {
		b.Fatal(err)
	}
	a, err := agent.New(agent.Options{Config: cfg, Dial: b.cloud.Dial})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}()
	b.cloud.Until("the cabinet is born", time.Minute, func() bool { return b.cloud.Births() > 0 })
	b.cloud.Configure(sold())
	b.cloud.Until("the cabinet sells", time.Minute, func() bool {
		c := b.cloud.Telemetry().Compartments
		return len(c) == 2 && c[0].Selling && c[0].Door == wire.DoorStateShut && len(c[0].Weights) == 3 && c[0].Weights[2].OK
	})
	visit := fakecloud.ID(9)
	b.cloud.Open(visit, b.cloud.Grant(visit))
	drivertest.Await(b.T, time.Minute, "the bolt lets go", func() bool { return !b.twin.Locks(0)[0].BoltLocked })
	b.twin.Hands(map[string]any{"do": "pull"},
		map[string]any{"do": "take", "platform": "S1", "sku": "1001", "qty": 1, "after_ms": 2000}, map[string]any{"do": "shut", "after_ms": 2000})
	b.cloud.Until("the visit is settled", time.Minute, func() bool { return len(b.cloud.Events(wire.VisitSettled)) == 1 })
	var body wire.SettledBody
	if err := json.Unmarshal(b.cloud.Events(wire.VisitSettled)[0].Body, &body); err != nil {
		b.Fatal(err)
	}
	if body.Answer.Decision != settle.Bill || !slices.Equal(body.Answer.Lines, []settle.Line{{SKU: "1001", Qty: 1}}) {
		b.Errorf("settled %+v: want one bottle billed", body.Answer)
	}
}

// sold is what the cabinet sells; its scales show two per cent too much.
func sold() wire.Config {
	cfg := wire.Config{
		V: wire.Version, Cabinet: "dt-01", Config: wire.ConfigVersion{FleetEpoch: 1, Version: 1}, PriceVersion: 1,
		Goods: map[protocol.SKU]wire.Good{}, Stock: wire.StockCount{Version: 1, Book: map[protocol.PlatformID]map[protocol.SKU]int{}},
	}
	for _, g := range []struct {
		id   protocol.PlatformID
		sku  protocol.SKU
		unit protocol.Milligrams
		book int
	}{{"S1", "1001", 571_000, 9}, {"S2", "2001", 300_000, 12}, {"S3", "3001", 450_000, 6}} {
		cfg.Platforms = append(cfg.Platforms, wire.Platform{ID: g.id, Compartment: 1, Capacity: 20_000_000, Division: 1000, SKUs: []protocol.SKU{g.sku}})
		cfg.Goods[g.sku] = wire.Good{Unit: g.unit, SD: 2000, Price: 200}
		cfg.Stock.Book[g.id] = map[protocol.SKU]int{g.sku: g.book}
	}
	return cfg
}

// replaces puts a board in the place of one that the file has at another address.
func (b *bench) replaces() {
	sound := b.read()
	b.edit("modbusscale: {unit: 2}", "modbusscale: {unit: 13}")
	look := []string{"--write", "--speed", "19200", "--family", "modbus", "--line", b.twin.LinePath(0)}
	r, _ := b.examine(look...)
	b.want(r, doctor.Changed, "S2", "unit 13 on line0 is silent; a scale (modbusscale, unit 2) answers on line0: it takes its place")
	b.want(r, doctor.Look, "S2", "calibrate it")
	if got := b.read(); got != sound {
		b.Errorf("after the replacement:\n%s\nwant\n%s", got, sound)
	}
	b.edit("modbusscale: {unit: 1}", "modbusscale: {unit: 11}")
	b.edit("modbusscale: {unit: 2}", "modbusscale: {unit: 12}")
	two := b.read()
	r, _ = b.examine(look...)
	b.want(r, doctor.Wrong, "S1", "unit 11 on line0 is silent")
	b.want(r, doctor.Look, "a scale (modbusscale, unit 2) on line0", "S1 or S2")
	if got := b.read(); got != two {
		b.Errorf("a guess was written:\n%s", got)
	}
	b.write(sound)
}

// calibrates sets the span of a scale by the bottles that are left there.
func (b *bench) calibrates() {
	calibrate := func(args ...string) (done calibrated) {
		var out, said bytes.Buffer
		args = append([]string{"calibrate", "--config", b.file, "--platform", "S1", "--json"}, args...)
		if err := command(b.Context(), args, &out, &said); err != nil && !errors.Is(err, errUnwell) {
			b.Fatalf("%v\n%s", err, said.String())
		}
		if err := json.Unmarshal(out.Bytes(), &done); err != nil {
			b.Fatalf("%v in %s", err, out.String())
		}
		return done
	}
	if done := calibrate("--zero"); done.OK || done.Code != protocol.CodeMalformed || !strings.Contains(done.Error, "no empty platform") {
		b.Errorf("a zero with goods on it: %+v", done)
	}
	const left = 8 * 571_000
	done := calibrate("--article", "1001", "--count", "8")
	if !done.OK || len(done.Calibrations) != 1 {
		b.Fatalf("calibrated %+v", done)
	}
	c := done.Calibrations[0]
	if c.Before < left/50-10_000 || c.Before > left/50+10_000 || max(c.After, -c.After) > 3000 {
		b.Errorf("wrong by %d mg before and %d mg after: want two per cent of %d, and nothing", c.Before, c.After, left)
	}
	release, err := hold(b.data)
	if err != nil {
		b.Fatal(err)
	}
	defer release()
	for _, args := range [][]string{
		{"calibrate", "--config", b.file, "--platform", "S1", "--zero"},
		{"run", "--config", b.file},
		{"doctor", "--config", b.file},
		{"claim", "AAAA-AAAA-AAAA-AAAA", "--cloud", "http://127.0.0.1:9", "--data", b.data, "--replace"},
	} {
		var said bytes.Buffer
		if err := command(b.Context(), args, &said, &said); err == nil || !strings.Contains(err.Error(), "systemctl stop cabinet-agent.service") {
			b.Errorf("%v while the lines are in use: %v", args[0], err)
		}
	}
}

// testsLocks opens both doors, as they are wired and with their switches swapped.
func (b *bench) testsLocks() {
	r, said := b.examine("--quick", "--test-locks", "--yes")
	if !r.Healthy {
		b.Errorf("sound locks: %+v\n%s", r.Findings, said)
	}
	for _, c := range []string{"compartment 1", "compartment 2"} {
		b.want(r, doctor.OK, c, "its lock lets go and its door is seen")
	}
	b.edit("door: {input: 1}", "door: {input: 30}")
	b.edit("door: {input: 3}", "door: {input: 1}")
	b.edit("door: {input: 30}", "door: {input: 3}")
	r, _ = b.examine("--quick", "--test-locks", "--yes", "--compartment", "1")
	b.want(r, doctor.Wrong, "compartment 1", "the switch of door 2 moved, its own did not")
}

func TestADoctorShowsWhatItWouldWriteAndNoPasswordThatIsThere(t *testing.T) {
	old := "mqtt: {password: \"canary\"}\nlines:\n  - {name: line0}\n"
	fresh := old + "  - {name: line1}\nlocks:\n"
	if got, want := added([]byte(old), []byte(fresh)), "  - {name: line1}\nlocks:"; got != want {
		t.Errorf("it shows %q, want %q", got, want)
	}
}
