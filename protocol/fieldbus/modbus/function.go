package modbus

import (
	"errors"
	"fmt"
	"time"

	"allhours/protocol/fieldbus"
)

// Function is the second byte of a frame: what is asked.
type Function byte

// The functions that this package knows.
const (
	ReadCoils          Function = 0x01
	ReadInputs         Function = 0x02 // discrete inputs
	ReadHolding        Function = 0x03 // holding registers
	ReadInputRegisters Function = 0x04
	WriteCoil          Function = 0x05
	WriteRegister      Function = 0x06
	WriteCoils         Function = 0x0F
	WriteRegisters     Function = 0x10
)

// exceptionBit marks the function of a reply that refuses.
const exceptionBit = 0x80

// Values of WriteCoil that the standard knows; relay boards know more.
const (
	CoilOff uint16 = 0x0000
	CoilOn  uint16 = 0xFF00
)

// Limits of the standard: a frame has at most 256 bytes, and these are the counts that fit.
const (
	MaxFrame          = 256
	MaxReadBits       = 2000
	MaxReadRegisters  = 125
	MaxWriteBits      = 1968
	MaxWriteRegisters = 123
)

// addresses is how many coils or registers one space has.
const addresses = 0x10000

// Exception is a board's refusal. It is an error, so that a master cannot take it for data.
type Exception byte

// Exceptions that a board on a serial line may answer.
const (
	IllegalFunction Exception = 0x01
	IllegalAddress  Exception = 0x02
	IllegalValue    Exception = 0x03
	DeviceFailure   Exception = 0x04
	Acknowledge     Exception = 0x05
	DeviceBusy      Exception = 0x06
)

func (e Exception) Error() string {
	names := [...]string{"", "illegal function", "illegal address", "illegal value", "device failure", "acknowledged, not done yet", "device busy"}
	if e == 0 || int(e) >= len(names) {
		return fmt.Sprintf("modbus exception %02X", byte(e))
	}
	return fmt.Sprintf("modbus exception %02X: %s", byte(e), names[e])
}

var (
	// ErrShort says that the bytes so far may become a frame when more arrive.
	ErrShort = errors.New("modbus: frame is not complete")
	// ErrChecksum says that the checksum is wrong.
	ErrChecksum = errors.New("modbus: checksum is wrong")
	// ErrForeign says that the bytes answer another request: unit, function, byte count or echo differ.
	ErrForeign = errors.New("modbus: not the reply to this request")
	// ErrInvalid says that a request breaks the limits of the standard.
	ErrInvalid = errors.New("modbus: invalid request")
)

// minSilenceAbove19200 is what the standard fixes for fast lines, where 3.5 byte times would be too short to notice.
const minSilenceAbove19200 = 1750 * time.Microsecond

// Silence is the pause that ends a frame: 3.5 byte times, never less than 1.75 ms above 19200 baud.
func Silence(baud, bits int) time.Duration {
	if baud > 19200 {
		return minSilenceAbove19200
	}
	return fieldbus.WireTime(7, baud, bits) / 2
}
