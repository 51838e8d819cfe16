package line

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// PTY is a line at a stable path: a symbolic link to the end of a pseudo terminal that the master opens as it would open
// a serial adapter.
type PTY struct {
	disturber
	link   string
	speed  Speed
	boards Boards

	mu     sync.Mutex
	pair   *pair
	served sync.WaitGroup
}

// pair is one life of the line, from plugging in to pulling out.
type pair struct {
	boards *os.File // the boards' end
	fd     int      // the same, for the kernel; asking the file again would make it blocking
	master *os.File // the other end, held open so that a master that comes and goes does not hang the line up
	stop   [2]int   // a pipe that wakes the boards' side when the line closes
	once   sync.Once
}

// OpenPTY makes the pair, links link to it and lets boards answer.
func OpenPTY(link string, speed Speed, boards Boards) (*PTY, error) {
	p := &PTY{link: link, speed: speed, boards: boards}
	return p, p.Plug(true)
}

// Plug puts the adapter in, or pulls it out: then the link is gone and the master's open port is broken.
func (p *PTY) Plug(in bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case in == (p.pair != nil):
		return nil
	case !in:
		err := os.Remove(p.link)
		p.pair.hangUp()
		p.served.Wait()
		p.pair = nil
		return err
	}
	pair, err := openPair(p.speed.Baud)
	if err != nil {
		return fmt.Errorf("line %s: %w", p.link, err)
	}
	if err := relink(pair.master.Name(), p.link); err != nil {
		return errors.Join(fmt.Errorf("line %s: %w", p.link, err), pair.close())
	}
	p.pair = pair
	p.served.Go(func() {
		_ = serve(&noisyWire{wire: &ptyWire{pair: pair, baud: p.speed.Baud}, disturber: &p.disturber}, p.speed, p.boards) // it ends when the pair is hung up, and only so
		_ = pair.close()                                                                                                  // nothing is buffered in it
	})
	return nil
}

// Close pulls the line out for good.
func (p *PTY) Close() error { return p.Plug(false) }

func openPair(baud int) (*pair, error) {
	boards, master, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open pty: %w", err)
	}
	p := &pair{boards: boards, master: master, fd: int(boards.Fd())}
	if err := errors.Join(raw(p.fd, baud), raw(int(master.Fd()), baud), unix.SetNonblock(p.fd, true), unix.Pipe2(p.stop[:], unix.O_CLOEXEC)); err != nil {
		return nil, errors.Join(err, boards.Close(), master.Close())
	}
	return p, nil
}

// raw turns off everything that a terminal does to bytes, and sets the speed that a master finds who sets none.
func raw(fd, baud int) error {
	settings, err := unix.IoctlGetTermios(fd, unix.TCGETS2)
	if err != nil {
		return fmt.Errorf("read terminal settings: %w", err)
	}
	settings.Iflag, settings.Oflag, settings.Lflag = 0, 0, 0
	settings.Cflag = settings.Cflag&^(unix.CSIZE|unix.PARENB|unix.CBAUD) | unix.BOTHER | unix.CS8 | unix.CREAD | unix.CLOCAL
	settings.Ispeed, settings.Ospeed = uint32(baud), uint32(baud)
	settings.Cc[unix.VMIN], settings.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS2, settings); err != nil {
		return fmt.Errorf("make terminal raw: %w", err)
	}
	return nil
}

// relink lets link point to target in one step, so that nobody finds a half-made line.
func relink(target, link string) error {
	fresh := filepath.Join(filepath.Dir(link), "."+filepath.Base(link)+".new")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, fresh); err != nil {
		return err
	}
	return os.Rename(fresh, link)
}

func (p *pair) hangUp() { p.once.Do(func() { _ = unix.Close(p.stop[1]) }) } // closing cannot fail on an own pipe

func (p *pair) close() error {
	p.hangUp()
	return errors.Join(p.boards.Close(), p.master.Close(), unix.Close(p.stop[0]))
}

// ptyWire is the boards' end of a pty. It asks the kernel itself rather than the runtime's poller, because a frame takes
// less than a millisecond and timers are no finer.
type ptyWire struct {
	pair *pair
	baud int // of the boards
	buf  [512]byte
}

// misheard is what a byte becomes for a side that samples its bits at another speed.
const misheard = 0x5A

// agreed reports whether the master has set its end to the speed of the boards: the kernel shows the boards' end what is
// set at the other one. Sides that differ hear nothing but garbage of each other.
func (w *ptyWire) agreed() bool {
	settings, err := unix.IoctlGetTermios(w.pair.fd, unix.TCGETS2)
	return err != nil || int(settings.Ospeed) == w.baud
}

func (w *ptyWire) await(limit time.Duration) ([]byte, error) {
	timeoutMS := -1
	if limit >= 0 {
		timeoutMS = int((limit + time.Millisecond - 1) / time.Millisecond)
	}
	for {
		ready, err := w.poll(timeoutMS)
		if err != nil {
			return nil, err
		}
		if ready {
			if heard := w.read(); len(heard) > 0 {
				return heard, nil
			}
		}
		if limit >= 0 {
			return nil, nil
		}
	}
}

func (w *ptyWire) arrived() []byte {
	if ready, err := w.poll(0); err != nil || !ready {
		return nil
	}
	return w.read()
}

// poll waits for bytes at most timeoutMS milliseconds, for ever where that is negative.
func (w *ptyWire) poll(timeoutMS int) (bool, error) {
	fds := []unix.PollFd{
		{Fd: int32(w.pair.fd), Events: unix.POLLIN},
		{Fd: int32(w.pair.stop[0]), Events: unix.POLLIN},
	}
	_, err := unix.Poll(fds, timeoutMS)
	switch {
	case errors.Is(err, unix.EINTR):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("poll: %w", err)
	case fds[1].Revents != 0:
		return false, ErrClosed
	}
	return fds[0].Revents&unix.POLLIN != 0, nil
}

func (w *ptyWire) read() []byte {
	n, err := unix.Read(w.pair.fd, w.buf[:])
	if err != nil || n <= 0 {
		return nil
	}
	if !w.agreed() {
		garble(w.buf[:n])
	}
	return append([]byte(nil), w.buf[:n]...)
}

func (w *ptyWire) sleepUntil(moment time.Time) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		time.Sleep(time.Until(moment))
		return
	}
	target := unix.NsecToTimespec(now.Nano() + int64(time.Until(moment)))
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &target, nil) == unix.EINTR { //nolint:errorlint // a bare errno
	}
}

// send drops what does not fit: a master that never reads must not stop the boards.
func (w *ptyWire) send(p []byte) error {
	fds := []unix.PollFd{{Fd: int32(w.pair.fd), Events: unix.POLLOUT}}
	if n, err := unix.Poll(fds, 0); err != nil || n == 0 || fds[0].Revents&unix.POLLOUT == 0 {
		return nil
	}
	if !w.agreed() {
		p = append([]byte(nil), p...)
		garble(p)
	}
	if _, err := unix.Write(w.pair.fd, p); err != nil && !errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func garble(p []byte) {
	for i := range p {
		p[i] ^= misheard
	}
}
