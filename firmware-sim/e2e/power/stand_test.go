package power

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/line"
	"allhours/protocol"
	"allhours/protocol/wire"
)

const (
	cabinetID = protocol.CabinetID("xs-01")
	water     = protocol.SKU("1001")
	shelf     = protocol.PlatformID("S1")
	pulseMS   = 500
)

// errEnded is what waiting for the agent gives when it has died.
var errEnded = errors.New("the agent has ended")

// stand is a cabinet on a pty, its cloud and its agent: the built program. The cabinet and the cloud outlive the agent.
type stand struct {
	dir     string
	clerk   *clerk
	cabinet *cabinet.Cabinet
	wire    *line.PTY
	agent   *process
	tracing *process // strace, while it does
}

// process is a program that was started.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has
	said  syncBuffer
}

// syncBuffer takes what a program says.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func start(name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// kill ends a process, and the one that it started where it is strace, and waits for its end.
func (p *process) kill() {
	if p == nil {
		return
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
}

func plan() cabinet.Plan {
	gram := protocol.FromGrams
	return cabinet.Plan{
		Cabinet: cabinetID, Layout: cabinet.Shelves, Seed: 1, Baud: 115200, ResponseUS: 2000,
		Platforms: []cabinet.Platform{{
			ID: shelf, Capacity: gram(40_000), Division: gram(1),
			Goods: []cabinet.Good{{SKU: water, Unit: gram(571), SD: gram(2), Stock: 9}},
		}},
	}
}

func desired(version uint64) wire.Config {
	return wire.Config{
		V: wire.Version, Cabinet: cabinetID, Config: wire.ConfigVersion{FleetEpoch: 1, Version: version}, PriceVersion: 1,
		Platforms: []wire.Platform{{ID: shelf, Compartment: 1, Capacity: 40_000_000, Division: 1000, SKUs: []protocol.SKU{water}}},
		Goods:     map[protocol.SKU]wire.Good{water: {Unit: 571_000, SD: 2000, Price: 200}},
		Stock:     wire.StockCount{Version: 1, Book: map[protocol.PlatformID]map[protocol.SKU]int{shelf: {water: 9}}},
		Limits:    wire.Limits{PullMS: 5000},
	}
}

func newStand(dir string) (*stand, error) {
	s := &stand{dir: dir}
	var err error
	if s.clerk, err = newClerk(); err != nil {
		return nil, err
	}
	if s.cabinet, err = cabinet.New(plan(), nil); err != nil {
		return nil, err
	}
	speed := line.Speed{Baud: plan().Baud, Response: plan().Response()}
	if s.wire, err = line.OpenPTY(filepath.Join(dir, "line0"), speed, s.cabinet.Lines()[0]); err != nil {
		return nil, err
	}
	file := fmt.Sprintf(`cabinet: %s
shard: 3
data: %q
mqtt: {url: %q, user: xs-01, password: none}
keys: [{id: 1, public: %q}]
traces: {sample: 1}
lines: [{name: line0, path: %q, baud: 115200}]
locks: [{line: line0, compartments: [1], pulse_ms: %d, modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}, latch: {input: 2}}]}}]
scales: [{line: line0, platforms: [%s], modbusscale: {unit: 11}}]
`, cabinetID, s.data(), s.clerk.url, s.clerk.publicKey(), filepath.Join(dir, "line0"), pulseMS, shelf)
	return s, os.WriteFile(s.file(), []byte(file), 0o600)
}

func (s *stand) data() string { return filepath.Join(s.dir, "agent") }
func (s *stand) file() string { return filepath.Join(s.dir, "agent.yaml") }
func (s *stand) log() string  { return filepath.Join(s.dir, "strace.log") }

func (s *stand) close() error {
	s.agent.kill()
	s.tracing.kill()
	return errors.Join(s.wire.Plug(false), s.clerk.broker.Close())
}

// boot starts the agent.
func (s *stand) boot() (err error) {
	s.agent, err = start(agentProgram, "run", "--config", s.file())
	return err
}

// injection is what strace does to a call: kill the program at the nth one, counted by thread.
func (s *stand) injection(p point) []string {
	return []string{"-f", "-o", s.log(), "-e", "trace=" + p.call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", p.call, p.nth)}
}

// bootInjected starts the agent with strace before its first call. The agent is then strace's.
func (s *stand) bootInjected(p point) (err error) {
	s.agent, err = start("strace", append(s.injection(p), agentProgram, "run", "--config", s.file())...)
	return err
}

// inject lets strace watch the agent from here on.
func (s *stand) inject(ctx context.Context, p point) error {
	var err error
	if s.tracing, err = start("strace", append(s.injection(p), "-p", fmt.Sprint(s.agent.cmd.Process.Pid))...); err != nil {
		return err
	}
	for !strings.Contains(s.tracing.said.String(), "attached") {
		select {
		case <-s.tracing.ended:
			if !strings.Contains(s.tracing.said.String(), "attached") { // Otherwise it has struck already.
				return fmt.Errorf("strace ended: %s", s.tracing.said.String())
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// struck reports whether strace killed the agent, and at which call.
func (s *stand) struck() (killed bool, at string) {
	text, err := os.ReadFile(s.log())
	if err != nil || !bytes.Contains(text, []byte("+++ killed by SIGKILL +++")) {
		return false, ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return true, lines[0]
}

// lock is what the lock went through.
func (s *stand) lock() cabinet.SolenoidReport { return s.cabinet.Locks(time.Now())[0].Channels[0] }
