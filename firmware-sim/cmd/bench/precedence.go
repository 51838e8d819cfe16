package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Nice values of the load. In the field a cabinet and a phone have a processor of their own; here they share two with the service
// and stood behind its threads, so that boards did not answer their own agents in time. The service gives way to them, and the swarm
// to the service.
const (
	niceService = 5
	niceSwarm   = 15
)

// giveWay makes every thread of a process, and those that they start, as nice as that.
func giveWay(pid, nice int) error {
	threads, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
	if err != nil {
		return fmt.Errorf("give way: %w", err)
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if err := syscall.Setpriority(syscall.PRIO_PROCESS, id, nice); err != nil && err != syscall.ESRCH { // One that has ended needs no place.
			return fmt.Errorf("give way: %w", err)
		}
	}
	return nil
}
