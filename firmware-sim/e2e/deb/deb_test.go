// Package deb installs the agent's Debian package into a Debian of its own and runs the agent from there as its own user,
// on the lines of a simulated cabinet.
package deb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/street"
)

const (
	bin     = "../../../bin"
	dialout = 20 // Debian's group of serial lines
	unit    = "/usr/lib/systemd/system/cabinet-agent.service"
	data    = "/var/lib/allhours"
)

// pack builds the package from the agent that is built already, into a folder.
func pack(t *testing.T, version, to string) string {
	t.Helper()
	binary, err := filepath.Abs(filepath.Join(bin, "cabinet-agent"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(run(t, "go", "-C", "../../../edge/package", "run", ".", "-binary", binary, "-version", version, "-date", "1790000000", "-out", to))
}

func TestThePackageRunsTheAgentAndLeavesItsData(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("only root can make a Debian in a folder")
		}
		t.Skip("only root can make a Debian in a folder")
	}
	first, second := pack(t, "1.0.0", t.TempDir()), pack(t, "1.0.1", t.TempDir())
	sameBytes(t, first, pack(t, "1.0.0", t.TempDir()))

	r := newRoot(t)
	r.dpkg(t, "--install", first)
	if r.dpkg(t, "--verify", "cabinet-agent"); !r.has("/etc/systemd/system/multi-user.target.wants/cabinet-agent.service") {
		t.Error("the service is not enabled")
	}
	run(t, "systemd-analyze", "verify", "--root="+string(r), "--recursive-errors=no", r.path(unit))
	run(t, "systemd-analyze", "security", "--offline=true", "--threshold=20", r.path(unit))

	status := enrol(t, r)
	runsOnABoard(t, r, status)
	r.dpkg(t, "--install", second)
	runsOnABoard(t, r, status)

	r.dpkg(t, "--remove", "cabinet-agent")
	r.dpkg(t, "--purge", "cabinet-agent")
	for file, left := range map[string]bool{"/usr/bin/cabinet-agent": false, unit: false, data + "/journal.db": true, "/etc/allhours/cabinet.yaml": true} {
		if r.has(file) != left {
			t.Errorf("after the removal %s is there: %v, want %v", file, !left, left)
		}
	}
}

func sameBytes(t *testing.T, a, b string) {
	t.Helper()
	one, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, other) {
		t.Errorf("%s and %s differ: the same order makes the same package", a, b)
	}
}

// enrol starts a simulated cabinet and writes its file into the root, as systemd and a technician would leave it. It
// returns the address of the agent's status.
func enrol(t *testing.T, r root) (status string) {
	t.Helper()
	line := startBoards(t)
	ports, err := street.FreePorts(2)
	if err != nil {
		t.Fatal(err)
	}
	status = fmt.Sprintf("127.0.0.1:%d", ports[0])
	file := fmt.Sprintf(`cabinet: xs-01
data: %s
mqtt: {url: "tcp://127.0.0.1:%d", user: xs-01, password: secret}
keys: [{id: 1, public: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]
status: %q
lines: [{name: boards, path: %s, baud: 115200}]
locks: [{line: boards, compartments: [1], modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}, latch: {input: 2}}]}}]
scales: [{line: boards, platforms: [S1], modbusscale: {unit: 11}}]
`, data, ports[1], status, line)
	uid, gid := r.ids(t, "allhours")
	path := r.path("/etc/allhours/cabinet.yaml")
	for _, step := range []error{
		os.WriteFile(path, []byte(file), 0o640), os.Chown(path, 0, gid),
		os.Mkdir(r.path(data), 0o700), os.Chown(r.path(data), uid, gid),
		os.Chown(line, 0, dialout), os.Chmod(line, 0o660),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	return status
}

// startBoards is a cabinet with one shelf; it returns the device of its line.
func startBoards(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	plan, err := json.Marshal(cabinet.Plan{
		Cabinet: "xs-01", Layout: cabinet.Shelves, Seed: 1, Baud: 115200, ResponseUS: 2000,
		Platforms: []cabinet.Platform{{ID: "S1", Capacity: 40_000_000, Division: 1000, Goods: []cabinet.Good{{SKU: "1001", Unit: 571_000, SD: 2000, Stock: 5}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "boards.json"), plan, 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(filepath.Join(bin, "firmware-sim"), "-dir", dir))
	link := filepath.Join(dir, "line0")
	eventually(t, "the line is there", func() error {
		_, err := os.Stat(link)
		return err
	})
	device, err := filepath.EvalSymlinks(link)
	if err != nil {
		t.Fatal(err)
	}
	return device
}

// runsOnABoard runs the installed agent until it has weighed, and ends it as systemd does.
func runsOnABoard(t *testing.T, r root, status string) {
	t.Helper()
	ready := notifySocket(t, r)
	agent := exec.Command("unshare", "--mount", "sh", "-c",
		`mount --bind /dev/pts "$1/dev/pts" && exec chroot --userspec=allhours:allhours "$1" /usr/bin/cabinet-agent run --config /etc/allhours/cabinet.yaml`, "sh", string(r))
	agent.Env = append(os.Environ(), "NOTIFY_SOCKET=/run/notify", "WATCHDOG_USEC=30000000")
	stop := start(t, agent)
	ready()
	eventually(t, "the installed agent reads its scale", func() error {
		text, err := get(t.Context(), "http://"+status+"/metrics")
		if err == nil && !scaleRead(text) {
			err = fmt.Errorf("no reading yet:\n%s", text)
		}
		return err
	})
	if text, err := get(t.Context(), "http://"+status+"/healthz"); err != nil || !strings.Contains(text, "no compartment sells") {
		t.Errorf("a cabinet that has nothing to sell yet says %q, %v", text, err)
	}
	if err := stop(); err != nil {
		t.Errorf("the agent ended badly: %v", err)
	}
}

// notifySocket listens in the root where systemd would; ready waits for the agent to be so.
func notifySocket(t *testing.T, r root) (ready func()) {
	t.Helper()
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: r.path("/run/notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := errors.Join(os.Chmod(r.path("/run/notify"), 0o777), socket.SetReadDeadline(time.Now().Add(time.Minute))); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		buf := make([]byte, 512)
		if n, err := socket.Read(buf); err != nil || string(buf[:n]) != "READY=1" {
			t.Errorf("the service manager hears %q, %v", buf[:n], err)
		}
		socket.Close()
		os.Remove(r.path("/run/notify"))
	}
}

func scaleRead(metrics string) bool {
	for line := range strings.Lines(metrics) {
		if hz, found := strings.CutPrefix(line, "edge_poll_hz "); found {
			return strings.TrimSpace(hz) != "0"
		}
	}
	return false
}

func get(ctx context.Context, url string) (string, error) {
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

// start runs a program until stop, or until the test ends; what it says is shown where the test fails.
func start(t *testing.T, c *exec.Cmd) (stop func() error) {
	t.Helper()
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() error {
		if c.ProcessState != nil {
			return nil
		}
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		return c.Wait()
	}
	t.Cleanup(func() {
		_ = stop() // how it ended is shown below
		if t.Failed() {
			t.Logf("%s: %v\n%s", c.Path, c.ProcessState, said.String())
		}
	})
	return stop
}

func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s: %v", what, err)
		}
	}
}
