package agent

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"allhours/edge"
	"allhours/edge/internal/driver/drivertest"
)

// fourLocks is a cabinet with two families of lock boards and a scale on one line, and two boards of a third family on
// another.
const fourLocks = `cabinet: xs-01
shard: 12
data: unused
mqtt: {url: "tcp://127.0.0.1:1883", user: xs-01, password: secret}
keys: [{id: 1, public: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]
lines:
  - {name: line0, path: %q, baud: 115200}
  - {name: line1, path: %q, baud: 115200}
locks:
  - line: line0
    compartments: [1]
    pulse_ms: 100
    modbusrelay: {unit: 1, channels: [{relay: 7, door: {input: 15}, latch: {input: 16}}]}
  - line: line0
    compartments: [2]
    cu16: {board: 3, locks: [2], feedback: hook}
  - line: line1
    compartments: [3]
    lock8a: {board: 1, locks: [1], feedback: hook, contact: locked}
  - line: line1
    compartments: [4]
    lock8a: {board: 2, locks: [3], feedback: hook, contact: open}
scales:
  - {line: line0, platforms: [S1], modbusscale: {unit: 11}}
`

// place is where the lock of a compartment really is.
type place struct {
	twin           *drivertest.Twin
	board, channel int
}

// twoLines runs the boards of the cabinet and tells where the lock of each compartment is.
func twoLines(t *testing.T) (boards, []place) {
	t.Helper()
	program, err := drivertest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	type set = map[string]any
	near := drivertest.Start(t, program, set{"locks": []set{
		{"family": "modbusrelay", "unit": 1, "channels": 16, "doors": 8},
		{"family": "cu16", "unit": 3, "channels": 16, "doors": 2, "pulse_ms": 100},
	}})
	far := drivertest.Start(t, program, set{"locks": []set{
		{"family": "lock8a", "unit": 1, "channels": 24, "doors": 3, "pulse_ms": 100, "pushes": true},
		{"family": "lock8a", "unit": 2, "channels": 24, "doors": 3, "pulse_ms": 100, "shorted_open": true},
	}})
	cfg, err := ParseConfig("cabinet.yaml", fmt.Appendf(nil, fourLocks, near.Path(), far.Path()))
	if err != nil {
		t.Fatal(err)
	}
	b, err := buildBoards(Options{Config: cfg, OpenLine: SerialDevice, Registry: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { b.run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return b, []place{{near, 0, 7}, {near, 1, 1}, {far, 0, 0}, {far, 1, 2}}
}

// orders counts what each lock was ordered, over all boards.
func orders(places []place) map[place]int {
	all := map[place]int{}
	for _, p := range places {
		for channel, one := range p.twin.Locks(p.board) {
			all[place{p.twin, p.board, channel}] = one.Orders
		}
	}
	return all
}

func TestBoardsOfSeveralFamiliesShareLines(t *testing.T) {
	b, places := twoLines(t)
	const within = time.Minute
	latch := func(i int) edge.Tri {
		in, err := b.locks[i].board.Inputs(t.Context())
		if err != nil {
			return edge.Unknown
		}
		return in.Channel(0).LatchLocked
	}
	for i, l := range b.locks {
		drivertest.Await(t, within, fmt.Sprintf("lock %d locked", i), func() bool { return latch(i) == edge.Yes })
		before := orders(places)
		drivertest.Await(t, within, fmt.Sprintf("a pulse of lock %d", i), func() bool {
			return l.board.Pulse(t.Context(), 0, l.pulse) == nil
		})
		for one, n := range orders(places) {
			if one != places[i] && n != before[one] {
				t.Errorf("an order to lock %d was obeyed by channel %d of board %d", i, one.channel, one.board)
			}
			if one == places[i] && n == before[one] {
				t.Errorf("an order to lock %d was told as heard and was not", i)
			}
		}
		drivertest.Await(t, within, fmt.Sprintf("lock %d free", i), func() bool { return latch(i) == edge.No })
	}
	samples := make([]edge.Sample, 1)
	scale := b.scales[0].Scale
	drivertest.Await(t, within, "the scale beside them", func() bool {
		return scale.Prepare(t.Context()) == nil && scale.Read(t.Context(), samples) == nil
	})
}
