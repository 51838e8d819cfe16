// Package systemd tells the service manager how the program is, in datagrams to the socket that it names (sd_notify). That
// is all of the protocol, so no library stands behind it.
package systemd

import (
	"fmt"
	"net"
	"strconv"
	"time"
)

// Manager is who started the program.
type Manager struct {
	socket *net.UnixConn // nil: nobody listens

	// Watchdog is how long it waits for a word before it kills the program; 0 where it does not.
	Watchdog time.Duration
}

// FromEnvironment finds the manager in the program's environment; one that nobody named takes every word and does nothing.
func FromEnvironment(getenv func(string) string, pid int) (*Manager, error) {
	m := &Manager{}
	path := getenv("NOTIFY_SOCKET")
	if path == "" {
		return m, nil
	}
	var err error
	if m.socket, err = net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"}); err != nil {
		return nil, fmt.Errorf("notify socket: %w", err)
	}
	text := getenv("WATCHDOG_USEC")
	if text == "" || getenv("WATCHDOG_PID") != "" && getenv("WATCHDOG_PID") != strconv.Itoa(pid) {
		return m, nil
	}
	micros, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("WATCHDOG_USEC: %w", err)
	}
	m.Watchdog = time.Duration(micros) * time.Microsecond
	return m, nil
}

// Tell sends assignments, one a line. What is not heard is not said again: a manager that is busy must not hold the caller.
func (m *Manager) Tell(state string) {
	if m.socket == nil {
		return
	}
	_ = m.socket.SetWriteDeadline(time.Now().Add(tellWithin))
	_, _ = m.socket.Write([]byte(state))
}

const tellWithin = 10 * time.Millisecond
