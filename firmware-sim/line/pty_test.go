package line_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allhours/firmware-sim/line"
)

const (
	fastBaud     = 115200
	fastResponse = 2 * time.Millisecond
)

func openPTY(t *testing.T) (*line.PTY, string) {
	t.Helper()
	link := filepath.Join(t.TempDir(), "line0")
	p, err := line.OpenPTY(link, line.Speed{Baud: fastBaud, Response: fastResponse}, echo{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, link
}

func openLink(t *testing.T, link string) *os.File {
	t.Helper()
	f, err := os.OpenFile(link, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestARealLineIsNeverFasterThanItsBaudRate(t *testing.T) {
	_, link := openPTY(t)
	f := openLink(t, link)
	frame, back := make([]byte, 20), make([]byte, 20)
	for i := range frame {
		frame[i] = byte(i) // a terminal that is not raw would change some of them
	}
	least := 40*10*time.Second/fastBaud + 1750*time.Microsecond + fastResponse
	for range 20 {
		begin := time.Now()
		send(t, f, frame)
		if _, err := io.ReadFull(f, back); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < least {
			t.Fatalf("%d bytes and as many back took %v, the wire needs %v", len(frame), took, least)
		}
		if !bytes.Equal(frame, back) {
			t.Fatalf("sent %x, got %x", frame, back)
		}
		waitUntil(time.Now().Add(5 * time.Millisecond)) // the silence that a master owes, after a reply that may come late
	}
}

// waitUntil spins, because a timer is no finer than a frame.
func waitUntil(moment time.Time) {
	for time.Now().Before(moment) {
	}
}

func TestARealLineThatIsPulledOutIsGoneAndComesBackAtTheSamePath(t *testing.T) {
	p, link := openPTY(t)
	f := openLink(t, link)
	if err := p.Plug(false); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(make([]byte, 1)); err == nil {
		t.Fatal("reading from a line that was pulled out goes on")
	}
	if _, err := os.Stat(link); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the path of a line that was pulled out: %v", err)
	}
	if err := p.Plug(true); err != nil {
		t.Fatal(err)
	}
	f = openLink(t, link)
	send(t, f, []byte("again"))
	back := make([]byte, 5)
	if _, err := io.ReadFull(f, back); err != nil || string(back) != "again" {
		t.Fatalf("got %q, %v", back, err)
	}
}

func TestAMasterThatNeverReadsDoesNotStopTheBoards(t *testing.T) {
	_, link := openPTY(t)
	f := openLink(t, link)
	frame := bytes.Repeat([]byte{0x55}, 250)
	pause := 2*250*10*time.Second/fastBaud + fastResponse + 6*time.Millisecond
	for range 30 { // more than a terminal holds
		begin := time.Now()
		send(t, f, frame)
		waitUntil(begin.Add(pause))
	}
	drain(t, f)
	send(t, f, []byte("still there"))
	back := make([]byte, 11)
	if _, err := io.ReadFull(f, back); err != nil || string(back) != "still there" {
		t.Fatalf("got %q, %v", back, err)
	}
}

// porter answers who asks properly, and others too.
type porter struct{}

func (porter) Answer(heard []byte, _ time.Time) []byte {
	if string(heard) == "are you there" {
		return []byte("yes.")
	}
	return []byte("what")
}

func TestAMasterOfAnotherSpeedIsNotUnderstoodAndUnderstandsNothing(t *testing.T) {
	link := filepath.Join(t.TempDir(), "line0")
	p, err := line.OpenPTY(link, line.Speed{Baud: fastBaud, Response: fastResponse}, porter{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	f, back := openLink(t, link), make([]byte, 4)
	ask := func(baud uint32) string {
		settings, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS2)
		if err != nil {
			t.Fatal(err)
		}
		settings.Ospeed, settings.Ispeed = baud, baud
		if err := unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS2, settings); err != nil {
			t.Fatal(err)
		}
		waitUntil(time.Now().Add(5 * time.Millisecond))
		send(t, f, []byte("are you there"))
		if _, err := io.ReadFull(f, back); err != nil {
			t.Fatal(err)
		}
		return string(back)
	}
	if got := ask(9600); got == "yes." || got == "what" {
		t.Errorf("at another speed got %q: want garbage", got)
	}
	if got := ask(fastBaud); got != "yes." {
		t.Errorf("at the boards' speed got %q", got)
	}
}

// drain reads until nothing comes for a while.
func drain(t *testing.T, f *os.File) {
	t.Helper()
	for err := error(nil); err == nil; {
		if err := f.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		_, err = f.Read(make([]byte, 4096))
	}
	if err := f.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
}
