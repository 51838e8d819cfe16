package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"allhours/protocol"
)

// folder is where a neighbourhood keeps everything: DATA.
type folder struct {
	root string
	lock *os.File
}

// openFolder makes the folder and takes it for this process. It fails when another run has it.
func openFolder(root string) (*folder, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(root, "logs"), 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	f := &folder{root: root}
	f.lock, err = os.OpenFile(f.path("town.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	err = syscall.Flock(int(f.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		pid, _ := os.ReadFile(f.path("town.pid")) // only to be helpful
		return nil, errors.Join(fmt.Errorf("a neighbourhood already runs in %s (process %s): stop it first, or choose another folder with DATA=",
			root, strings.TrimSpace(string(pid))), f.lock.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("data folder: %w", err), f.lock.Close())
	}
	return f, f.writePID("town", os.Getpid())
}

// close gives the folder back.
func (f *folder) close() error {
	return errors.Join(f.removePID("town"), f.lock.Close())
}

func (f *folder) path(parts ...string) string {
	return filepath.Join(append([]string{f.root}, parts...)...)
}

// cabinet is a cabinet's own folder.
func (f *folder) cabinet(id protocol.CabinetID, parts ...string) string {
	return f.path(append([]string{"cabinets", string(id)}, parts...)...)
}

func (f *folder) writePID(name string, pid int) error {
	return write(f.path(name+".pid"), []byte(strconv.Itoa(pid)+"\n"))
}

func (f *folder) removePID(name string) error {
	err := os.Remove(f.path(name + ".pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// write replaces a file of this user's in one step.
func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
