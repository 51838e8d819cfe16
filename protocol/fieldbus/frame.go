package fieldbus

import "errors"

// Why bytes are not the frame that was looked for. Packages below wrap them.
var (
	// ErrShort says that the bytes so far may become a frame when more arrive.
	ErrShort = errors.New("frame is not complete")
	// ErrChecksum says that the checksum is wrong.
	ErrChecksum = errors.New("checksum is wrong")
	// ErrForeign says that the bytes answer something else, or are no frame of this protocol.
	ErrForeign = errors.New("not the reply to this request")
	// ErrInvalid says that a request asks for what the protocol cannot say.
	ErrInvalid = errors.New("invalid request")
)

// Sum is the low byte of the sum of all bytes.
func Sum(b []byte) (sum byte) {
	for _, c := range b {
		sum += c
	}
	return sum
}

// XOR is all bytes combined by exclusive or.
func XOR(b []byte) (sum byte) {
	for _, c := range b {
		sum ^= c
	}
	return sum
}
