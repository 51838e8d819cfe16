package bus_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

// adapter is a USB adapter whose other end is a polite board: a pty that a link in the file system leads to.
type adapter struct {
	t    *testing.T
	link string
	far  *os.File
	near *os.File
	runs sync.WaitGroup

	heard strings.Builder // what the board was sent, read after the pull
}

// filler is what a clogged line is full of; boards do not hear it.
const filler = '.'

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
}

// answer lets the board hear and answer until the adapter is pulled.
func (a *adapter) answer() {
	a.runs.Go(func() {
		buf := make([]byte, 64)
		for {
			n, err := a.far.Read(buf)
			if err != nil {
				return
			}
			a.heard.Write(buf[:n])
			frame := strings.Trim(string(buf[:n]), string(filler))
			if len(frame) < 4 {
				continue
			}
			if _, err := a.far.WriteString(strings.ToUpper(frame[:2]) + "ok"); err != nil {
				return
			}
		}
	})
}

// clog fills the line until the kernel takes no more, as a board that hangs does in time. The kernel moves bytes on in
// its own time and finds new room when the port is opened, so it is full only when several openings found none.
func (a *adapter) clog(open edge.OpenPort) {
	a.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for full := 0; full < 5; <-again.C {
		port, err := open(a.t.Context())
		if err != nil {
			a.t.Fatal(err)
		}
		if err := port.ResetInputBuffer(); err != nil {
			a.t.Fatal(err)
		}
		full++
		for err == nil {
			var n int
			if n, err = port.Write([]byte{filler}); n > 0 {
				full = 0
			}
		}
		port.Close()
	}
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
	line := startReal(t, open)
	for round := range uint64(3) {
		a.plugIn()
		a.answer()
		awaitReply(t, line)
		if s := line.Stats(); s.Openings != round+1 || !s.Up {
			t.Errorf("round %d: %+v", round, s)
		}
		a.pull()
		if _, err := line.Do(t.Context(), bus.Poll, ask("ab01", 1)); err == nil {
			t.Error("a pulled line answered")
		}
	}
}

func TestALockRequestIntoACloggedLineIsNeverHeardLater(t *testing.T) {
	a := &adapter{t: t, link: filepath.Join(t.TempDir(), "tty")}
	open, err := bus.Serial(a.link, 115200, bus.ParityNone)
	if err != nil {
		t.Fatal(err)
	}
	a.plugIn()
	a.clog(open)
	line := startReal(t, open)
	for err = bus.ErrDown; errors.Is(err, bus.ErrDown); {
		_, err = line.Do(t.Context(), bus.Urgent, ask("lo01", 1))
	}
	if !errors.Is(err, bus.ErrNotSent) {
		t.Errorf("into a clogged line: %v, want %v", err, bus.ErrNotSent)
	}
	a.answer()
	awaitReply(t, line)
	a.pull()
	if heard := a.heard.String(); strings.Contains(heard, "lo") || !strings.Contains(heard, "ab01") {
		t.Errorf("the board heard %q", strings.Trim(heard, string(filler)))
	}
}

// startReal runs a line at the speed of a shelf cabinet's.
func startReal(t *testing.T, open edge.OpenPort) *bus.Line {
	t.Helper()
	return bustest.Start(t, bus.Config{Name: "pty", Baud: 115200}, open)
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

func TestAPortThatTheLibraryCouldNotReadIsRefused(t *testing.T) {
	a := &adapter{t: t, link: filepath.Join(t.TempDir(), "tty")}
	a.plugIn()
	defer a.pull()
	open, err := bus.Serial(a.link, 115200, bus.ParityNone)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		other, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
	}
	if _, err := open(t.Context()); !errors.Is(err, unix.EMFILE) {
		t.Errorf("with 1,000 files open: %v, want %v", err, unix.EMFILE)
	}
}
