package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Pauses before a process that died is started again, and the age at which it counts as healthy.
const (
	firstPause = 500 * time.Millisecond
	maxPause   = 10 * time.Second
	healthyAge = 30 * time.Second
	stopTime   = 8 * time.Second // between being asked to end and being made to
)

// spawner starts all processes from one thread of its own. The kernel kills a child when the thread that started it dies,
// which is how nothing outlives this program, even when it is killed; so that thread must live as long as the program.
type spawner struct {
	orders chan spawnOrder
}

type spawnOrder struct {
	cmd  *exec.Cmd
	done chan error
}

func newSpawner(ctx context.Context) *spawner {
	s := &spawner{orders: make(chan spawnOrder)}
	go func() {
		runtime.LockOSThread()
		for {
			select {
			case order := <-s.orders:
				order.done <- order.cmd.Start()
			case <-ctx.Done():
				return
			}
		}
	}()
	return s
}

// start starts a process in a group of its own, so that a Ctrl-C at the terminal reaches this program only.
func (s *spawner) start(ctx context.Context, cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	order := spawnOrder{cmd, make(chan error, 1)}
	select {
	case s.orders <- order:
		return <-order.done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// child is one process that is kept running.
type child struct {
	name     string // of its pid file and its log
	program  string
	args     []string
	stopTime time.Duration // what it gets between being asked to end and being made to
	litter   []string      // files that must not be there while it does not run
	folder   *folder
	spawner  *spawner
	say      func(format string, args ...any)
}

// keep runs the process until ctx ends and starts it again whenever it dies. It returns when the process is gone.
func (c *child) keep(ctx context.Context) error {
	log, err := os.OpenFile(c.folder.path("logs", c.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	defer log.Close()
	for pause := firstPause; ctx.Err() == nil; {
		begun := time.Now()
		err := c.once(ctx, log)
		if ctx.Err() != nil {
			break
		}
		if time.Since(begun) > healthyAge {
			pause = firstPause
		}
		c.say("%s ended (%v); starting it again in %v. Its log: %s", c.name, err, pause, log.Name())
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, maxPause)
	}
	return c.folder.removePID(c.name)
}

// once runs the process to its end, which ctx brings about.
func (c *child) once(ctx context.Context, log io.Writer) error {
	defer c.sweep()
	cmd := exec.Command(c.program, c.args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := c.spawner.start(ctx, cmd); err != nil {
		return err
	}
	if err := c.folder.writePID(c.name, cmd.Process.Pid); err != nil {
		c.say("%s: %v", c.name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return describe(err)
	case <-ctx.Done():
	}
	return c.end(cmd.Process.Pid, ended)
}

// sweep removes what names something that ended with the process, such as a link to its terminal: the kernel gives the
// terminal's number to the next who asks, and a cabinet would talk to another one's boards.
func (c *child) sweep() {
	for _, path := range c.litter {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			c.say("%s: %v", c.name, err)
		}
	}
}

// end asks the process to end, and makes it.
func (c *child) end(pid int, ended <-chan error) error {
	_ = syscall.Kill(pid, syscall.SIGTERM) // it may have ended just now
	select {
	case err := <-ended:
		return describe(err)
	case <-time.After(c.stopTime):
	}
	c.say("%s did not end within %v and is killed", c.name, c.stopTime)
	_ = syscall.Kill(-pid, syscall.SIGKILL) // its whole group
	return describe(<-ended)
}

// describe tells how a process ended, also when it ended well: it was not meant to.
func describe(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}
