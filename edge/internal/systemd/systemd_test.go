package systemd_test

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"allhours/edge/internal/systemd"
)

func TestTheManagerIsTheOneOfTheEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	listener, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cases := []struct {
		name     string
		env      map[string]string
		heard    bool
		watchdog time.Duration
		wrong    bool
	}{
		{"no manager", nil, false, 0, false},
		{"a manager that waits for no word", map[string]string{"NOTIFY_SOCKET": path}, true, 0, false},
		{"a manager with a watchdog", map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"}, true, 30 * time.Second, false},
		{"a watchdog over another program", map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "41"}, true, 0, false},
		{"a time that is no number", map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "soon"}, false, 0, true},
		{"a socket that is not there", map[string]string{"NOTIFY_SOCKET": path + "-not"}, false, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := systemd.FromEnvironment(func(name string) string { return c.env[name] }, 42)
			if (err != nil) != c.wrong {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				return
			}
			if m.Watchdog != c.watchdog {
				t.Errorf("watchdog %v, want %v", m.Watchdog, c.watchdog)
			}
			m.Tell("READY=1")
			if !c.heard {
				return
			}
			buf := make([]byte, 64)
			n, err := listener.Read(buf)
			if err != nil || string(buf[:n]) != "READY=1" {
				t.Errorf("heard %q, %v", buf[:n], err)
			}
		})
	}
}
