// Package fieldbus holds what every protocol on a cabinet's serial line has in common: the time that bytes take.
//
// Each folder below is one protocol as pure functions between bytes and structs. None of them opens a port, waits or
// reads a clock: the agent's bus and the simulated boards do that, each on its own side of the same functions.
package fieldbus

import "time"

// Bits that one byte takes on the wire: a start bit, eight data bits, an optional parity bit and a stop bit.
const (
	BitsNoParity   = 10
	BitsWithParity = 11
)

// WireTime is how long n bytes occupy a line of the given baud rate with bits per byte on the wire.
// It is 0 for a rate or a length that makes no sense.
func WireTime(n, baud, bits int) time.Duration {
	if n <= 0 || baud <= 0 || bits <= 0 {
		return 0
	}
	return time.Duration(int64(n) * int64(bits) * int64(time.Second) / int64(baud))
}
