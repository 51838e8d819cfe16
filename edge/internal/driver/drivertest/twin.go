package drivertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

// Baud is the speed of a twin's line, fast so that many scenes take little time.
const Baud = 115200

// startWithin is how long a twin may take to be there; the machine may be busy.
const startWithin = time.Minute

// Build builds the twins' program into a folder and gives its path.
func Build(dir string) (string, error) {
	path := filepath.Join(dir, "firmware-sim")
	out, err := exec.Command("go", "build", "-o", path, "allhours/firmware-sim/cmd/firmware-sim").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the twins: %w\n%s", err, out)
	}
	return path, nil
}

// Twin is one line with simulated boards, in a process of its own.
type Twin struct {
	t    *testing.T
	dir  string
	base string // of the control port's routes
}

// Fault is an order to the twin's control port.
type Fault struct {
	Kind     string  `json:"kind"`
	Platform string  `json:"platform,omitempty"`
	Rate     float64 `json:"rate,omitempty"`
	DelayMS  int     `json:"delay_ms,omitempty"`
	Frame    string  `json:"frame,omitempty"`
}

// Solenoid is what one lock really is and went through.
type Solenoid struct {
	Orders     int   `json:"orders"`
	Pulses     int   `json:"pulses"`
	LongestUS  int64 `json:"longest_us"`
	On         bool  `json:"on"`
	DoorShut   bool  `json:"door_shut"`
	BoltLocked bool  `json:"bolt_locked"`
}

// Start runs a cabinet's boards until the test ends. The fields are those of boards.json beside the cabinet's name, its
// layout and the line's speed; a cabinet needs a platform, so there is one where none is given.
func Start(t *testing.T, program string, fields map[string]any) *Twin {
	t.Helper()
	const id = "dt-01"
	plan := map[string]any{
		"cabinet": id, "layout": "shelves", "seed": 1, "baud": Baud, "response_us": 1000,
		"platforms": []map[string]any{{"id": "S1", "capacity_mg": 40_000_000, "division_mg": 1000}},
	}
	for name, value := range fields {
		plan[name] = value
	}
	twin := &Twin{t: t, dir: t.TempDir()}
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(twin.dir, "boards.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("boards with seed %v: %s", plan["seed"], text)
	twin.run(program)
	twin.base = "http://" + twin.address() + "/cabinets/" + id
	return twin
}

func (w *Twin) run(program string) {
	w.t.Helper()
	cmd := exec.Command(program, "-dir", w.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a test that is killed leaves no boards behind
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // a twin that died tells so below
		if err := cmd.Wait(); err != nil {
			w.t.Errorf("the twin ended with %v: %s", err, said.String())
		}
	})
}

// address waits until the control port listens.
func (w *Twin) address() string {
	w.t.Helper()
	var text []byte
	Await(w.t, startWithin, "the twin's control port", func() bool {
		var err error
		text, err = os.ReadFile(filepath.Join(w.dir, "control.addr"))
		return err == nil
	})
	return strings.TrimSpace(string(text))
}

// Line runs a bus line to the boards until the test ends. The echo is the setting for adapters that hear themselves.
func (w *Twin) Line(echo bool) *bus.Line {
	w.t.Helper()
	open, err := bus.Serial(w.Path(), Baud, bus.ParityNone)
	if err != nil {
		w.t.Fatal(err)
	}
	return bustest.Start(w.t, bus.Config{Name: "twin", Baud: Baud, Echo: echo}, open)
}

// Path is the serial device.
func (w *Twin) Path() string { return w.LinePath(0) }

// LinePath is the serial device of one of the cabinet's lines: 0 is the cabinet's own, those of its devices follow.
func (w *Twin) LinePath(i int) string { return filepath.Join(w.dir, fmt.Sprintf("line%d", i)) }

// Hands lets a person do something at the cabinet, as the control port calls it.
func (w *Twin) Hands(actions ...map[string]any) {
	w.t.Helper()
	w.order("/shopper", map[string]any{"actions": actions})
}

// Show holds a code before the cabinet's first reader.
func (w *Twin) Show(text string) { w.t.Helper(); w.order("/reader", map[string]any{"text": text}) }

// Break breaks something.
func (w *Twin) Break(f Fault) { w.t.Helper(); w.order("/fault", f) }

// Mend mends it.
func (w *Twin) Mend(f Fault) {
	w.t.Helper()
	w.order("/fault", struct {
		Fault
		Mend bool `json:"mend"`
	}{f, true})
}

// Locks is what a lock board's channels really are and went through.
func (w *Twin) Locks(board int) []Solenoid {
	w.t.Helper()
	var boards []struct {
		Channels []Solenoid `json:"channels"`
	}
	w.call(http.MethodGet, "/locks", nil, &boards)
	return boards[board].Channels
}

// Burns counts the solenoids that were left on for too long.
func (w *Twin) Burns() int {
	w.t.Helper()
	var report struct {
		Burns int `json:"solenoid_burns"`
	}
	w.call(http.MethodGet, "/fault", nil, &report)
	return report.Burns
}

// Pull opens a door whose bolt is free; a door that does not give stays shut.
func (w *Twin) Pull(board, channel int) { w.t.Helper(); w.move(board, channel, true) }

// Shut shuts a door.
func (w *Twin) Shut(board, channel int) { w.t.Helper(); w.move(board, channel, false) }

func (w *Twin) move(board, channel int, open bool) {
	w.t.Helper()
	w.order("/locks", map[string]any{"lock": board, "channel": channel, "open": open})
}

func (w *Twin) order(path string, body any) {
	w.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	w.call(http.MethodPost, path, bytes.NewReader(text), nil)
}

// call speaks to the control port. That a door cannot be moved is no failure.
func (w *Twin) call(method, path string, body io.Reader, into any) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), startWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, w.base+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusConflict {
		w.t.Fatalf("%s %s: %s, %v: %s", method, path, resp.Status, err, text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		w.t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
}

// Await looks again and again until what is waited for is there.
func Await(t *testing.T, within time.Duration, what string, there func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !there() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("%s: not there after %v", what, within)
		}
	}
}
