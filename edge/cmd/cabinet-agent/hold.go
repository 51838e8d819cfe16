package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// hold takes the data folder for this process alone: the agent, the doctor and the calibration each own the cabinet's lines
// while they run, and a claim that replaces another may set the journal aside. It is let go when the process ends, however it ends, or by release.
func hold(dir string) (release func(), err error) {
	if dir == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := unix.Flock(int(folder.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = folder.Close() // it was read only
		return nil, fmt.Errorf("data folder %s is in use: the agent, or another doctor, owns this cabinet's lines; stop the agent first: systemctl stop cabinet-agent.service", dir)
	}
	return func() { _ = folder.Close() }, nil
}
