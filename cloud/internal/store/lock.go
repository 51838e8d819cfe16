// Package store holds what every database of the cloud shares: its schema, its conformance suite and the lock on a data
// folder. It refuses to know any rule of the domain.
package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// LockName is the file in the data folder that a running fleetd holds.
const LockName = "fleetd.lock"

// ErrTaken is a data folder that another process serves.
var ErrTaken = errors.New("this data is served by another fleetd")

// Lock is the right to serve a data folder; the kernel ends it with the process.
type Lock struct{ file *os.File }

// Take locks a data folder or says which process holds it.
func Take(data string) (*Lock, error) {
	path := filepath.Join(data, LockName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		holder, _ := os.ReadFile(path)
		return nil, fmt.Errorf("lock %s: %w (process %s)", path, ErrTaken, strings.TrimSpace(string(holder)))
	}
	if err := write(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &Lock{file}, nil
}

func write(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprintf(file, "%d\n", os.Getpid())
	return err
}

// Release gives the data folder free.
func (l *Lock) Release() error { return l.file.Close() }
