package bus

import (
	"context"
	"fmt"

	"go.bug.st/serial"

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
	return func(context.Context) (edge.Port, error) {
		port, err := serial.Open(path, mode)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
		return port, nil
	}, nil
}

// BitsPerByte is what one byte takes on the wire with this parity.
func (p Parity) BitsPerByte() int {
	if p == ParityOdd || p == ParityEven {
		return fieldbus.BitsWithParity
	}
	return fieldbus.BitsNoParity
}
