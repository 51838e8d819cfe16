package sim

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// packet is one MQTT 3.1.1 packet as it travels, its fixed header included.
type packet []byte

const (
	publishType = 3
	pubackType  = 4
	maxPacket   = 1 << 20
)

// readPacket reads the next packet of a stream.
func readPacket(r *bufio.Reader) (packet, error) {
	first, err := r.ReadByte()
	if err != nil {
		return nil, err
	}
	size, err := binary.ReadUvarint(r) // MQTT writes a length as protocol buffers do
	if err != nil {
		return nil, err
	}
	if size > maxPacket {
		return nil, errors.New("packet is too long")
	}
	p := binary.AppendUvarint(packet{first}, size)
	head := len(p)
	p = append(p, make([]byte, size)...)
	_, err = io.ReadFull(r, p[head:])
	return p, err
}

func (p packet) isPublish() bool { return p[0]>>4 == publishType }

// receipt is what a broker answers to a publication that it promises to deliver; nil for one that it does not.
func (p packet) receipt() packet {
	if !p.isPublish() || p[0]>>1&3 == 0 {
		return nil
	}
	_, width := binary.Uvarint(p[1:])
	body := p[1+width:]
	id := body[2+binary.BigEndian.Uint16(body):]
	return packet{pubackType << 4, 2, id[0], id[1]}
}
