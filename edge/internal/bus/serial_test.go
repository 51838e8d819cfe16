package bus_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"allhours/edge/internal/bus"
)

// adapter is a USB adapter whose other end is a polite board: a pty that a link in the file system leads to.
type adapter struct {
	t    *testing.T
	link string
	far  *os.File
	near *os.File
	runs sync.WaitGroup
}

func (a *adapter) plugIn() {
	a.t.Helper()
	far, near, err := pty.Open()
	if err != nil {
		a.t.Fatalf("open a pty: %v", err)
	}
	far = pollable(a.t, far)
	a.far, a.near = far, near
	if err := os.Symlink(near.Name(), a.link); err != nil {
		a.t.Fatal(err)
	}
	a.runs.Go(func() {
		buf := make([]byte, 64)
		for {
			n, err := far.Read(buf)
			if err != nil {
				return
			}
			if _, err := far.WriteString(strings.ToUpper(string(buf[:n][:2])) + "ok"); err != nil {
				return
			}
		}
	})
}

// pollable is the same end with reads that Close ends; creack's own blocks in the kernel.
func pollable(t *testing.T, far *os.File) *os.File {
	t.Helper()
	fd, err := unix.Dup(int(far.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	far.Close()
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "far end")
}

func (a *adapter) pull() {
	a.t.Helper()
	if err := os.Remove(a.link); err != nil {
		a.t.Error(err)
	}
	a.near.Close()
	a.far.Close()
	a.runs.Wait()
}

func TestARealPortSurvivesUnplugging(t *testing.T) {
	a := &adapter{t: t, link: filepath.Join(t.TempDir(), "tty")}
	open, err := bus.Serial(a.link, 115200, bus.ParityNone)
	if err != nil {
		t.Fatal(err)
	}
	line := bus.New(bus.Config{Name: "pty", Baud: 115200}, open)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { line.Run(ctx) })
	defer running.Wait()
	defer cancel()

	for round := range uint64(3) {
		a.plugIn()
		awaitReply(t, line)
		if s := line.Stats(); s.Openings != round+1 || !s.Up {
			t.Errorf("round %d: %+v", round, s)
		}
		a.pull()
		if _, err := line.Do(ctx, bus.Poll, ask("ab01", 1)); err == nil {
			t.Error("a pulled line answered")
		}
	}
}

// awaitReply asks until the line answers.
func awaitReply(t *testing.T, line *bus.Line) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	giveUp := time.NewTimer(20 * time.Second)
	defer giveUp.Stop()
	for {
		got, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1))
		if err == nil && string(got) == "ABok" {
			return
		}
		select {
		case <-again.C:
		case <-giveUp.C:
			t.Fatalf("no reply: %q, %v", got, err)
		}
	}
}

func TestALineThatCannotBeIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		baud   int
		parity bus.Parity
	}{
		{"no speed", 0, bus.ParityNone},
		{"an unknown parity", 9600, "mark"},
	} {
		if _, err := bus.Serial("/dev/null", c.baud, c.parity); err == nil {
			t.Errorf("%s was accepted", c.name)
		}
	}
	open, err := bus.Serial(filepath.Join(t.TempDir(), "none"), 9600, bus.ParityEven)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t.Context()); err == nil {
		t.Error("a device that is not there was opened")
	}
	if bus.ParityEven.BitsPerByte() != 11 || bus.ParityNone.BitsPerByte() != 10 {
		t.Error("a parity bit takes its time on the wire")
	}
}
