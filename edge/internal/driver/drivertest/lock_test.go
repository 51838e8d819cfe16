package drivertest_test

import (
	"flag"
	"fmt"
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
	_ = flag.Set("test.parallel", "16") // the families mostly wait, for line time and for replies that do not come
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
	pulse   time.Duration
	foreign string
}

func lockCases() []lockCase {
	const pulse = 100 * time.Millisecond
	return []lockCase{
		{
			name:  "8 relays",
			plan:  map[string]any{"family": "modbusrelay", "unit": 1, "channels": 8, "doors": 2},
			yaml:  "modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}, latch: {input: 2}}, {relay: 1, door: {input: 3}, latch: {input: 4}}]}",
			pulse: pulse, foreign: "020201002188",
		},
	}
}

func TestLockBoardsOnALineThatGoesWrong(t *testing.T) {
	for _, c := range lockCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			twin := drivertest.Start(t, program, map[string]any{"locks": []any{c.plan}})
			drivertest.LockSuite(t, drivertest.Lock{
				Twin: twin, Board: lockDriver(t, twin, c.yaml), Pulse: c.pulse, Foreign: c.foreign,
			})
		})
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
