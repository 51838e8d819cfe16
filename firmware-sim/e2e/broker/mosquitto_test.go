package broker

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allhours/firmware-sim/street"
)

// patience is how long something may take on a machine that is busy.
const patience = 60 * time.Second

// peer finds a program that nobody here wrote. Without it the test is skipped, but never where CI is set.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: %v", name, err)
	}
	if err != nil {
		t.Skipf("%s is missing; see make peers", name)
	}
	return path
}

// mosquitto is the broker of a neighbourhood, as an administrator runs it: with the files of fleetctl broker-files.
type mosquitto struct {
	t       *testing.T
	program string
	bin     string
	folder  string // of the files
	log     string
	ca      *authority
	street  *street.Neighbourhood
	process *exec.Cmd // nil: none runs
}

func newMosquitto(t *testing.T, bin string, ca *authority, n *street.Neighbourhood) *mosquitto {
	dir := t.TempDir()
	m := &mosquitto{
		t: t, program: peer(t, "mosquitto"), bin: bin, ca: ca, street: n, folder: filepath.Join(dir, "files"), log: filepath.Join(dir, "mosquitto.log"),
	}
	m.write()
	m.start()
	t.Cleanup(m.kill)
	return m
}

// write has the files written, beside the service that runs, and gives what was said.
func (m *mosquitto) write() string {
	m.t.Helper()
	out, err := exec.CommandContext(m.t.Context(), filepath.Join(m.bin, "fleetctl"), "--data", m.street.Data(),
		"broker-files", "--out", m.folder, "--listen", m.street.Broker).CombinedOutput()
	if err != nil {
		m.t.Fatalf("fleetctl broker-files: %v: %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(m.folder, "cert.pem")); err != nil {
		m.ca.certify(m.t, m.folder)
	}
	return string(out)
}

// start runs mosquitto with the configuration as it was written, and with what concerns this test alone: as root it would
// become a user who cannot read the test's folders, and its log is to tell everything.
func (m *mosquitto) start() {
	m.t.Helper()
	me, err := user.Current()
	if err != nil {
		m.t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(m.folder, "mosquitto.conf"))
	if err != nil {
		m.t.Fatal(err)
	}
	config := filepath.Join(filepath.Dir(m.log), "test.conf")
	if err := os.WriteFile(config, fmt.Appendf(text, "user %s\nlog_type all\n", me.Username), 0o600); err != nil {
		m.t.Fatal(err)
	}
	log, err := os.OpenFile(m.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		m.t.Fatal(err)
	}
	defer log.Close()
	m.process = exec.Command(m.program, "-c", config)
	m.process.Stdout, m.process.Stderr = log, log
	if err := m.process.Start(); err != nil {
		m.t.Fatal(err)
	}
}

// kill ends it with SIGKILL; nothing that it holds is sent or kept.
func (m *mosquitto) kill() {
	if m.process == nil {
		return
	}
	_ = m.process.Process.Kill()
	_ = m.process.Wait() // It was killed.
	m.process = nil
}

// reload has it read passwords and access lists again.
func (m *mosquitto) reload() {
	m.t.Helper()
	if err := m.process.Process.Signal(syscall.SIGHUP); err != nil {
		m.t.Fatal(err)
	}
}

// said is its log.
func (m *mosquitto) said() string {
	m.t.Helper()
	text, err := os.ReadFile(m.log)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

// untilSaid waits for a line of the log that was not there after another was.
func (m *mosquitto) untilSaid(from int, what string) {
	m.t.Helper()
	until(m.t, fmt.Sprintf("mosquitto says %q", what), func() bool { return strings.Contains(m.said()[from:], what) })
}

// login is how one of mosquitto's clients signs in; without a user it does not.
type login struct{ user, password string }

// client is one of mosquitto's clients, ready to be started.
func (m *mosquitto) client(ctx context.Context, program string, as login, args ...string) *exec.Cmd {
	m.t.Helper()
	host, port, err := net.SplitHostPort(m.street.Broker)
	if err != nil {
		m.t.Fatal(err)
	}
	all := []string{"-h", host, "-p", port, "-V", "mqttv311", "--cafile", m.ca.file}
	if as.user != "" {
		all = append(all, "-u", as.user, "-P", as.password)
	}
	return exec.CommandContext(ctx, peer(m.t, program), append(all, args...)...)
}

// publish sends one message and gives what mosquitto_pub says of it.
func (m *mosquitto) publish(as login, topic, message string, more ...string) error {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	out, err := m.client(ctx, "mosquitto_pub", as, append([]string{"-q", "1", "-t", topic, "-m", message}, more...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// until looks again and again, for as long as a loaded machine may need.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("in vain: %s", what)
		}
	}
}
