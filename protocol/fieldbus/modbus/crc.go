package modbus

import "encoding/binary"

// polynomial is 0x8005 with its bits reversed, because the line sends the low bit first.
const polynomial = 0xA001

// crcLen is the length of the checksum that ends each frame.
const crcLen = 2

// CRC is the CRC-16 of Modbus: reflected, initial value 0xFFFF, not inverted at the end.
func CRC(b []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			carry := crc & 1
			crc >>= 1
			if carry != 0 {
				crc ^= polynomial
			}
		}
	}
	return crc
}

// AppendCRC closes the frame that began at dst[from:] with its checksum, low byte first.
func AppendCRC(dst []byte, from int) []byte {
	return binary.LittleEndian.AppendUint16(dst, CRC(dst[from:]))
}

// checkCRC reports whether the last two bytes of frame are its checksum.
func checkCRC(frame []byte) bool {
	if len(frame) < crcLen {
		return false
	}
	body, sum := frame[:len(frame)-crcLen], frame[len(frame)-crcLen:]
	return CRC(body) == binary.LittleEndian.Uint16(sum)
}
