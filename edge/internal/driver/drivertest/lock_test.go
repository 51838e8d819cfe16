package drivertest_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"allhours/edge"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/drivertest"
)

// program is the twins' program, built once for all tests.
var program string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	flag.Parse()
	_ = flag.Set("test.parallel", "32") // the families mostly wait, for line time and for replies that do not come
	dir, err := os.MkdirTemp("", "twins")
	if err == nil {
		defer os.RemoveAll(dir)
		program, err = drivertest.Build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// lockCase is one kind of lock board: how the twin is built, how the driver is told, and what a board at another address
// would answer to a poll.
type lockCase struct {
	name    string
	plan    map[string]any
	yaml    string
	wired   []int
	foreign string
	weak    bool
	blind   bool
}

// pulse is what every twin here is set to, and what is asked for.
const pulse = 100 * time.Millisecond

func lockCases() []lockCase {
	const relays = "modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}, latch: {input: 2}}, {relay: %d, door: {input: %d}, latch: {input: %d, inverted: false}}]}"
	relay := func(n int) lockCase {
		return lockCase{
			name:    fmt.Sprintf("%d relays", n),
			plan:    map[string]any{"family": "modbusrelay", "unit": 1, "channels": n, "doors": n / 2},
			yaml:    fmt.Sprintf(relays, n/2-1, n-1, n),
			wired:   []int{0, n/2 - 1},
			foreign: map[int]string{8: "02020100a1cc", 16: "0202020000fdb8", 32: "02020400000000c8e2"}[n],
		}
	}
	one := func(name, family string, unit, channels int, setting map[string]any, yaml, foreign string) lockCase {
		plan := map[string]any{"family": family, "unit": unit, "channels": channels, "doors": 3, "pulse_ms": 100}
		maps.Copy(plan, setting)
		weak := family != "cu48modbus"
		return lockCase{name: name, plan: plan, yaml: yaml, wired: []int{0, 2}, foreign: foreign, weak: weak}
	}
	type set = map[string]any
	const (
		cu16Foreign   = "021035feff00000347"
		cu48Foreign   = "0201007506ffffffffffff78"
		coilsForeign  = "030106000000000000b9cc"
		lock8aForeign = "800200000033b1"
		wklyForeign   = "574b4c590b018300010081"
	)
	sensors := one("cu16 with doors' sensors", "cu16", 0, 16, set{"of_door": true, "end_early": true}, "cu16: {board: 0, locks: [1, 3], feedback: door, end_mark: early, clear_busy: true}", cu16Foreign)
	sensors.blind = true
	return []lockCase{
		relay(8), relay(32),
		one("cu16", "cu16", 0, 16, nil, "cu16: {board: 0, locks: [1, 3], feedback: latch}", cu16Foreign),
		sensors,
		one("cu48", "cu48", 2, 48, nil, "cu48: {device: 2, locks: [1, 3], feedback: latch}", cu48Foreign),
		one("cu48 of doors that speaks Modbus", "cu48modbus", 2, 48, set{"of_door": true}, "cu48: {device: 2, locks: [1, 3], feedback: door, protocol: modbus}", coilsForeign),
		one("8A, shorted when locked", "lock8a", 1, 24, set{"pushes": true}, "lock8a: {board: 1, locks: [1, 3], feedback: latch, contact: locked}", lock8aForeign),
		one("8A, shorted when open, read one by one", "lock8a", 1, 24, set{"shorted_open": true}, "lock8a: {board: 1, locks: [1, 3], feedback: latch, contact: open, query: each}", lock8aForeign),
		one("wkly", "wkly", 0, 24, set{"first": 1}, "wkly: {board: 0, first: 1, locks: [1, 3], feedback: latch}", wklyForeign),
		one("wkly that does not answer orders", "wkly", 0, 24, set{"mute": true}, "wkly: {board: 0, first: 0, locks: [0, 2], feedback: latch, query: all}", wklyForeign),
	}
}

// shares is how many twins play the scenes of a family side by side, because they mostly wait.
const shares = 2

func TestLockBoardsOnALineThatGoesWrong(t *testing.T) {
	t.Parallel()
	for _, c := range lockCases() {
		for share := range shares {
			t.Run(fmt.Sprintf("%s, part %d", c.name, share+1), func(t *testing.T) {
				t.Parallel()
				twin := drivertest.Start(t, program, map[string]any{"locks": []any{c.plan}})
				var scenes []drivertest.Scene
				for i, scene := range drivertest.Scenes(c.foreign) {
					if i%shares == share {
						scenes = append(scenes, scene)
					}
				}
				drivertest.LockSuite(t, drivertest.Lock{
					Twin: twin, Board: lockDriver(t, twin, c.yaml), Wired: c.wired, Pulse: pulse, Weak: c.weak, Blind: c.blind,
				}, scenes)
			})
		}
	}
}

func lockDriver(t *testing.T, twin *drivertest.Twin, text string) edge.LockBoard {
	t.Helper()
	var cfg driver.LockConfig
	if err := yaml.UnmarshalWithOptions([]byte(text), &cfg, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	board, err := driver.NewLockBoard(twin.Line(false), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return board
}
