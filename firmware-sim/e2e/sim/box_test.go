package sim

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/agent"
	"allhours/firmware-sim/board"
	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/line"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

// box is one cabinet: its boards on a line in memory, and the agent that masters it.
type box struct {
	t       *testing.T
	id      protocol.CabinetID
	plan    cabinet.Plan
	papers  papers
	net     *network
	log     *slog.Logger
	dir     string
	cabinet *cabinet.Cabinet
	tap     *tap
	line    *line.Memory
	reader  *line.Memory  // nil: it has no reader
	front   chan struct{} // there is room for one person before the door

	mu     sync.Mutex // of all below
	lives  int
	data   string // folder of the running or the last agent
	life   *life
	offNet bool
}

// life is one run of a program.
type life struct {
	end   context.CancelFunc
	ended chan struct{}
	err   error
}

func newBox(t *testing.T, plan cabinet.Plan, kept *physics.State, net *network, dir string, chance *rand.Rand, log *slog.Logger) *box {
	t.Helper()
	built, err := cabinet.New(plan, kept)
	if err != nil {
		t.Fatal(err)
	}
	b := &box{
		t: t, id: plan.Cabinet, plan: plan, net: net, dir: filepath.Join(dir, string(plan.Cabinet)), cabinet: built,
		log: log.With("program", string(plan.Cabinet)), front: make(chan struct{}, 1),
	}
	b.tap = &tap{cabinet: built, chance: chance, burnt: func() protocol.VisitID { return burntVisit(b.folder()) }}
	b.line = line.NewMemory(line.Speed{Baud: plan.Baud, Response: plan.Response()}, b.tap)
	if lines := built.Lines(); len(lines) > 1 {
		b.reader = line.NewMemory(line.Speed{Baud: 9600}, lines[1])
	}
	b.data = filepath.Join(b.dir, "0")
	return b
}

// folder holds the journal of the agent that runs or ran last.
func (b *box) folder() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data
}

// start runs the agent on what the last one left.
func (b *box) start() {
	b.t.Helper()
	b.startOn(true)
}

// startOn runs the agent, on the network or off it.
func (b *box) startOn(network bool) {
	b.t.Helper()
	cfg, err := agent.ParseConfig("agent.yaml", b.config())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.line.Plug(true); err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.offNet = !network
	b.mu.Unlock()
	a, err := agent.New(agent.Options{Config: cfg, Version: "sim", Log: b.log, OpenLine: b.openLine, Dial: b.dial})
	if err != nil {
		b.t.Fatalf("%s: %v", b.id, err)
	}
	ctx, end := context.WithCancel(context.Background())
	l := &life{end: end, ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		l.err = a.Run(ctx)
	}()
	b.mu.Lock()
	b.life = l
	b.mu.Unlock()
}

// openLine opens one of the cabinet's lines, again and again.
func (b *box) openLine(l agent.Line) (edge.OpenPort, error) {
	wire := b.line
	if l.Name == readerLine {
		wire = b.reader
	}
	return func(context.Context) (edge.Port, error) {
		port, err := wire.Open()
		if err != nil {
			return nil, err
		}
		return port, nil
	}, nil
}

// readerLine is the name of the line that the reader of codes is alone on.
const readerLine = "reader"

func (b *box) dial(ctx context.Context) (net.Conn, error) {
	b.mu.Lock()
	off := b.offNet
	b.mu.Unlock()
	if off {
		return nil, net.ErrClosed
	}
	return b.net.dial(ctx, string(b.id))
}

// unplugNet takes the cabinet off the network, or puts it back.
func (b *box) unplugNet(off bool) {
	b.mu.Lock()
	b.offNet = off
	b.mu.Unlock()
	if off {
		for _, l := range b.net.linksOf(string(b.id)) {
			l.cut()
		}
	}
}

// stop ends the agent in order.
func (b *box) stop() {
	b.mu.Lock()
	l := b.life
	b.life = nil
	b.mu.Unlock()
	if l == nil {
		return
	}
	l.end()
	<-l.ended
	if l.err != nil {
		b.t.Errorf("%s: the agent ended with %v", b.id, l.err)
	}
}

// crash ends the agent as a power cut does: what is on its disk at this moment is all that the next one finds, and what
// the dying one still does reaches neither boards nor network. It is called from the test's own goroutine alone.
func (b *box) crash() {
	b.mu.Lock()
	l := b.life
	b.life = nil
	b.mu.Unlock()
	if l == nil {
		return
	}
	synctest.Wait() // Nobody is between two bytes of a file now.
	b.mu.Lock()
	b.lives++
	next := filepath.Join(b.dir, fmt.Sprint(b.lives))
	copyFolder(b.t, b.data, next)
	b.data = next
	b.mu.Unlock()
	b.unplugNet(true)
	if err := b.line.Plug(false); err != nil {
		b.t.Error(err)
	}
	l.end()
	<-l.ended
}

// startAgain runs the agent where none runs.
func (b *box) startAgain() {
	b.t.Helper()
	b.mu.Lock()
	runs := b.life != nil
	b.mu.Unlock()
	if !runs {
		b.start()
	}
}

// plug puts the serial adapter in, or pulls it out, under a running agent.
func (b *box) plug(in bool) {
	b.t.Helper()
	b.mu.Lock()
	runs := b.life != nil
	b.mu.Unlock()
	if !runs {
		return
	}
	if err := b.line.Plug(in); err != nil {
		b.t.Error(err)
	}
}

// breakIt breaks a part of the cabinet, or mends it.
func (b *box) breakIt(f fault.Fault, broken bool) {
	b.t.Helper()
	if err := b.cabinet.Break(time.Now(), f, broken); err != nil {
		b.t.Error(err)
	}
}

// close ends everything of the cabinet.
func (b *box) close() {
	b.stop()
	if err := b.line.Close(); err != nil {
		b.t.Error(err)
	}
	if b.reader == nil {
		return
	}
	if err := b.reader.Close(); err != nil {
		b.t.Error(err)
	}
}

// config is the agent's file.
func (b *box) config() []byte {
	var f bytes.Buffer
	fmt.Fprintf(&f, "cabinet: %s\nshard: %d\ndata: %q\n", b.id, b.papers.Shard, b.folder())
	fmt.Fprintf(&f, "mqtt: {url: \"tcp://127.0.0.1:1883\", user: %s, password: %q}\nkeys:\n", b.papers.MQTT.User, b.papers.Password)
	for _, k := range b.papers.Keys {
		fmt.Fprintf(&f, "  - {id: %d, public: %q}\n", k.ID, k.Public)
	}
	fmt.Fprintf(&f, "lines:\n  - {name: line0, path: memory, baud: %d}\n", b.plan.Baud)
	if b.reader != nil {
		fmt.Fprintf(&f, "  - {name: %[1]s, path: memory, baud: 9600}\nreaders: [{line: %[1]s, asciireader: {}}]\n", readerLine)
	}
	fmt.Fprintf(&f, "locks:\n  - line: line0\n    compartments: [1]\n    pulse_ms: 500\n    %s\n", b.lock())
	for _, d := range b.plan.Devices {
		if d.Family == cabinet.Dixell {
			fmt.Fprintf(&f, "thermometers: [{line: line0, compartments: [1], dixell: {unit: %d}}]\n", d.Address)
		}
	}
	f.WriteString("scales:\n")
	var ids []string
	for _, p := range b.plan.Platforms {
		ids = append(ids, string(p.ID))
	}
	if b.plan.Layout == cabinet.Lanes {
		fmt.Fprintf(&f, "  - line: line0\n    platforms: [%s]\n    registermap: {unit: %d, channels: %d, first: %d, order: high, count_mg: %d, status: {first: %d, overload: %d, unstable: %d}, tracking: [{first: %d, count: %d}]}\n",
			strings.Join(ids, ", "), cabinet.FirstScaleUnit, len(ids), board.OctalWeights, board.OctalCountMG, board.OctalStatus,
			board.StatusOverload|board.StatusOverflow, board.StatusUnstable, board.OctalTracking, board.OctalTrackingLen)
		return f.Bytes()
	}
	for i, id := range ids {
		fmt.Fprintf(&f, "  - line: line0\n    platforms: [%s]\n    modbusscale: {unit: %d}\n", id, cabinet.FirstScaleUnit+i)
	}
	return f.Bytes()
}

// lock is the driver's part of the agent's file for the lock board that the cabinet is built with.
func (b *box) lock() string {
	if len(b.plan.Locks) == 0 {
		return fmt.Sprintf("modbusrelay: {unit: %d, channels: [{relay: %d, door: {input: %d}, latch: {input: %d}}]}",
			cabinet.RelayUnit, cabinet.LockChannel, cabinet.DoorInput+1, cabinet.BoltInput+1)
	}
	one, feedback := b.plan.Locks[0], "hook"
	if one.OfDoor {
		feedback = "door"
	}
	return fmt.Sprintf(map[cabinet.Family]string{
		cabinet.CU16:       "cu16: {board: %d, locks: [1], feedback: %s}",
		cabinet.CU48:       "cu48: {device: %d, locks: [1], feedback: %s}",
		cabinet.CU48Modbus: "cu48: {device: %d, locks: [1], feedback: %s, protocol: modbus}",
		cabinet.Lock8A:     "lock8a: {board: %d, locks: [1], feedback: %s, contact: locked}",
		cabinet.WKLY:       "wkly: {board: %d, locks: [0], feedback: %s}",
	}[one.Family], one.Unit, feedback)
}

// taken is what left the cabinet for each visit whose pulse let somebody in.
func (b *box) taken() map[protocol.VisitID]map[protocol.SKU]int {
	by := map[protocol.VisitID]map[protocol.SKU]int{}
	pulses := b.tap.seen()
	for _, o := range b.cabinet.State().Openings {
		visit := pulseOf(pulses, o.PulsedAt)
		if by[visit] == nil {
			by[visit] = map[protocol.SKU]int{}
		}
		for _, l := range o.Taken {
			by[visit][l.SKU] += l.Qty
		}
	}
	return by
}

func pulseOf(pulses []pulse, at int64) protocol.VisitID {
	for _, p := range pulses {
		if p.at.UnixMicro() == at {
			return p.visit
		}
	}
	return protocol.VisitID{}
}

// waitFor lets time pass until something is so; false when it is not within d.
func waitFor(d time.Duration, so func() bool) bool {
	for end := time.Now().Add(d); ; time.Sleep(50 * time.Millisecond) {
		if so() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}
