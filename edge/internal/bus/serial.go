package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"

	"allhours/edge"
	"allhours/protocol/fieldbus"
)

// Parity of a serial line.
type Parity string

// Parities that boards can be set to.
const (
	ParityNone Parity = "none"
	ParityOdd  Parity = "odd"
	ParityEven Parity = "even"
)

// BitsPerByte is what one byte takes on the wire with this parity.
func (p Parity) BitsPerByte() int {
	if p == ParityOdd || p == ParityEven {
		return fieldbus.BitsWithParity
	}
	return fieldbus.BitsNoParity
}

// Serial opens the serial device at path, 8 data bits and 1 stop bit. The adapter must switch an RS-485 line's direction
// itself: there is no system call for it here.
func Serial(path string, baud int, parity Parity) (edge.OpenPort, error) {
	mode := &serial.Mode{BaudRate: baud, DataBits: 8, StopBits: serial.OneStopBit}
	switch parity {
	case ParityNone, "":
		mode.Parity = serial.NoParity
	case ParityOdd:
		mode.Parity = serial.OddParity
	case ParityEven:
		mode.Parity = serial.EvenParity
	default:
		return nil, fmt.Errorf("serial line %s: parity %q: want none, odd or even", path, parity)
	}
	if baud <= 0 {
		return nil, fmt.Errorf("serial line %s: %d baud", path, baud)
	}
	return func(context.Context) (edge.Port, error) { return openDevice(path, mode) }, nil
}

// maxDescriptor keeps the library's own descriptors, which follow, below 1024, from where on its reads panic.
const maxDescriptor = 1000

// device is an open serial device. It writes through a second opening that never blocks: a pulse that waited in a full
// buffer would open the door whenever the other side reads again, minutes after the resident has left.
type device struct {
	serial.Port

	mu     sync.Mutex // closing must not meet a write, or the frame could go to whatever has the descriptor by then
	out    int
	closed bool
}

func openDevice(path string, mode *serial.Mode) (*device, error) {
	// This comes first, because the library then keeps others out.
	out, err := unix.Open(path, unix.O_WRONLY|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s for writing: %w", path, err)
	}
	if out >= maxDescriptor {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, unix.EMFILE), unix.Close(out))
	}
	port, err := serial.Open(path, mode)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), unix.Close(out))
	}
	return &device{Port: port, out: out}, nil
}

// Write sends p at once or as much of it as there is room for; it never waits.
func (d *device) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return 0, unix.EBADF
	}
	n, err := unix.Write(d.out, p)
	return max(n, 0), err
}

// Close ends a pending read.
func (d *device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	return errors.Join(d.Port.Close(), unix.Close(d.out))
}
