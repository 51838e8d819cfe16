package driver_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/dixell"
	"allhours/edge/internal/driver/modbusrelay"
	"allhours/edge/internal/driver/modbusscale"
	"allhours/edge/internal/driver/registermap"
	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus/modbus"
)

// debianPython is the one that Debian's python3-pymodbus belongs to.
const debianPython = "/usr/bin/python3"

// lacking skips the test for want of a peer; where everything must run it fails instead.
func lacking(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is needed: %v", what, err)
	}
	t.Skipf("%s is needed: %v", what, err)
}

// startPeer runs a pymodbus slave at the far end of a pair of ptys and gives the near end's path.
func startPeer(t *testing.T) string {
	t.Helper()
	socat, err := exec.LookPath("socat")
	if err != nil {
		lacking(t, "socat", err)
	}
	if err := exec.CommandContext(t.Context(), debianPython, "-c", "import pymodbus, serial_asyncio").Run(); err != nil {
		lacking(t, "python3-pymodbus with python3-serial-asyncio", err)
	}
	dir := t.TempDir()
	near, far := filepath.Join(dir, "near"), filepath.Join(dir, "far")
	run(t, exec.CommandContext(t.Context(), socat, "pty,raw,echo=0,link="+near, "pty,raw,echo=0,link="+far))
	awaitFiles(t, near, far)

	slave := exec.CommandContext(t.Context(), debianPython, "testdata/slave.py", far)
	out, err := slave.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	slave.Stderr = os.Stderr
	run(t, slave)
	if said, err := bufio.NewReader(out).ReadString('\n'); said != "ready\n" {
		t.Fatalf("the slave said %q: %v", said, err)
	}
	return near
}

// run starts a program that ends with the test.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // It was killed, so its state says nothing.
	})
}

func awaitFiles(t *testing.T, paths ...string) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, path := range paths {
		for _, err := os.Stat(path); err != nil; _, err = os.Stat(path) {
			select {
			case <-again.C:
			case <-ctx.Done():
				t.Fatalf("%s did not appear: %v", path, err)
			}
		}
	}
}

func startLine(t *testing.T, path string) *bus.Line {
	t.Helper()
	const baud = 115200
	open, err := bus.Serial(path, baud, bus.ParityNone)
	if err != nil {
		t.Fatal(err)
	}
	// A Python program on a busy machine thinks longer than a board.
	line := bustest.Start(t, bus.Config{Name: "peer", Baud: baud, ReplyTimeout: 2 * time.Second}, open)
	awaitUp(t, line)
	return line
}

// awaitUp waits until the line is open; a request on a line that is not is refused at once.
func awaitUp(t *testing.T, line *bus.Line) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for !line.Stats().Up {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("the line did not open: %s", line.Stats().Fault)
		}
	}
}

func TestTheDriversReadAndSwitchASlaveThatNobodyHereWrote(t *testing.T) {
	line := startLine(t, startPeer(t))
	t.Run("a scale is prepared and read", func(t *testing.T) { readPeersScale(t, line) })
	t.Run("a float of a register map is read", func(t *testing.T) { readPeersFloat(t, line) })
	t.Run("probes are read", func(t *testing.T) { readPeersProbes(t, line) })
	t.Run("a lock is pulsed and its inputs read", func(t *testing.T) { pulsePeersLock(t, line) })
	t.Run("coils are switched and read back", func(t *testing.T) { switchPeersCoils(t, line) })
	t.Run("a refusal is understood", func(t *testing.T) {
		_, err := rtu.Poll(t.Context(), line, modbus.Read(1, modbus.ReadHolding, 0x2000, 1), 1)
		if !isRefusal(err) {
			t.Errorf("a register that is not there: %v", err)
		}
	})
}

func readPeersScale(t *testing.T, line *bus.Line) {
	scale, err := driver.NewScale(line, driver.ScaleConfig{ModbusScale: &modbusscale.Config{Unit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if err := scale.Prepare(t.Context()); err != nil {
		t.Fatalf("prepare: %v", err)
	}
	for _, first := range []uint16{96, 102} {
		reply, err := rtu.Poll(t.Context(), line, modbus.Read(1, modbus.ReadHolding, first, 2), 1)
		if err != nil || modbus.Register(reply.Data, 0) != 0 || modbus.Register(reply.Data, 1) != 0 {
			t.Errorf("tracking at %d is % X, %v; want it off", first, reply.Data, err)
		}
	}
	samples := make([]edge.Sample, 1)
	if err := scale.Read(t.Context(), samples); err != nil {
		t.Fatalf("read: %v", err)
	}
	if s := samples[0]; s.Weight != -158_890 || !s.Unstable || s.Fault != edge.ScaleOK {
		t.Errorf("read %+v, want -158.89 g and moving", s)
	}
}

func readPeersFloat(t *testing.T, line *bus.Line) {
	scale, err := driver.NewScale(line, driver.ScaleConfig{RegisterMap: &registermap.Config{
		Unit: 1, Channels: 1, Table: registermap.Input, First: 400, CountWeight: 1000,
		Format: registermap.Float32, Order: registermap.LowFirst,
	}})
	if err != nil {
		t.Fatal(err)
	}
	samples := make([]edge.Sample, 1)
	if err := scale.Read(t.Context(), samples); err != nil || samples[0].Weight != 354_500 {
		t.Errorf("read %+v, %v; want 354.5 g", samples[0], err)
	}
}

func readPeersProbes(t *testing.T, line *bus.Line) {
	controller, err := driver.NewThermometer(line, driver.ThermometerConfig{Dixell: &dixell.Config{Unit: 1, Probes: 3}})
	if err != nil {
		t.Fatal(err)
	}
	probes := make([]edge.Temperature, 3)
	if err := controller.Measure(t.Context(), probes); err != nil {
		t.Fatal(err)
	}
	if probes[0].Celsius != 42 || probes[1].Celsius != -200 || probes[2].Fault != edge.ProbeBroken {
		t.Errorf("measured %+v, want 4.2, -20.0 and a broken one", probes)
	}
}

func pulsePeersLock(t *testing.T, line *bus.Line) {
	board, err := driver.NewLockBoard(line, driver.LockConfig{ModbusRelay: &modbusrelay.Config{
		Unit: 1,
		Channels: []modbusrelay.Channel{
			{Relay: 3, Door: modbusrelay.Input{Number: 1}, Latch: modbusrelay.Input{Number: 2}},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	const mark = 0x0803
	if coil(t, line, mark) {
		t.Fatal("the relay was pulsed before anything was sent")
	}
	if err := board.Pulse(t.Context(), 0, 700*time.Millisecond); err != nil {
		t.Fatalf("pulse: %v", err)
	}
	if !coil(t, line, mark) {
		t.Error("the slave has seen no pulse on relay 3")
	}
	in, err := board.Inputs(t.Context())
	if want := (edge.LockState{DoorClosed: edge.Yes, LatchLocked: edge.No}); err != nil || in.Channel(0) != want {
		t.Errorf("inputs %+v, %v; want %+v", in, err, want)
	}
	if version, err := board.(edge.Versioned).Version(t.Context()); err != nil || version != "2.11" {
		t.Errorf("the firmware is %q, %v; want 2.11", version, err)
	}
}

func switchPeersCoils(t *testing.T, line *bus.Line) {
	for _, value := range []uint16{modbus.CoilOn, modbus.CoilOff} {
		if _, err := rtu.Poll(t.Context(), line, modbus.SetCoil(1, 5, value), 1); err != nil {
			t.Fatal(err)
		}
		if got := coil(t, line, 5); got != (value == modbus.CoilOn) {
			t.Errorf("coil 5 is %v after %04X", got, value)
		}
	}
	if _, err := rtu.Poll(t.Context(), line, modbus.SetCoils(1, 8, []bool{true, false, true}), 1); err != nil {
		t.Fatal(err)
	}
	if !coil(t, line, 8) || coil(t, line, 9) || !coil(t, line, 10) {
		t.Error("three coils are not as they were written")
	}
	if _, err := rtu.Poll(t.Context(), line, modbus.SetRegister(1, 300, 0xBEEF), 1); err != nil {
		t.Fatal(err)
	}
	reply, err := rtu.Poll(t.Context(), line, modbus.Read(1, modbus.ReadHolding, 300, 1), 1)
	if err != nil || modbus.Register(reply.Data, 0) != 0xBEEF {
		t.Errorf("register 300 is % X, %v", reply.Data, err)
	}
}

func coil(t *testing.T, line *bus.Line, address uint16) bool {
	t.Helper()
	reply, err := rtu.Poll(t.Context(), line, modbus.Read(1, modbus.ReadCoils, address, 1), 1)
	if err != nil {
		t.Fatalf("read coil %04X: %v", address, err)
	}
	return modbus.Bit(reply.Data, 0)
}

func isRefusal(err error) bool {
	var refusal modbus.Exception
	return errors.As(err, &refusal)
}
