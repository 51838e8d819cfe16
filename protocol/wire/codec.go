package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"allhours/protocol"
)

// Limits of one payload, in bytes. A reader gives up at MaxInflated, so that a small gzip cannot fill its memory.
const (
	gzipAbove   = 1 << 10
	MaxPayload  = 64 << 10
	MaxInflated = 1 << 20
)

// Packer writes one message after the other and keeps the 800 kB that compressing takes. The zero value is ready; it is not
// safe for concurrent use.
type Packer struct{ deflater *gzip.Writer }

// Encode writes a message and compresses it where that pays.
func Encode(message any) ([]byte, error) { return new(Packer).Encode(message) }

// Encode is as the function of that name.
func (p *Packer) Encode(message any) ([]byte, error) {
	plain, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", message, err)
	}
	if len(plain) <= gzipAbove {
		return plain, nil
	}
	if p.deflater == nil {
		p.deflater = gzip.NewWriter(nil)
	}
	var packed bytes.Buffer
	p.deflater.Reset(&packed)
	if _, err := p.deflater.Write(plain); err != nil {
		return nil, fmt.Errorf("compress %T: %w", message, err)
	}
	if err := p.deflater.Close(); err != nil {
		return nil, fmt.Errorf("compress %T: %w", message, err)
	}
	return packed.Bytes(), nil
}

// Unpacker reads one message after the other and keeps the 40 kB that inflating takes. The zero value is ready; it is not safe for
// concurrent use.
type Unpacker struct{ inflater gzip.Reader }

// Decode reads a payload into message; every error has protocol.CodeMalformed.
func Decode(payload []byte, message any) error { return new(Unpacker).Decode(payload, message) }

// Decode is as the function of that name.
func (u *Unpacker) Decode(payload []byte, message any) error {
	plain, err := u.inflate(payload)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, message); err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "%T: %v", message, err)
	}
	return nil
}

func (u *Unpacker) inflate(payload []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return nil, protocol.Errorf(protocol.CodeMalformed, "payload of %d bytes: want %d at most", len(payload), MaxPayload)
	}
	if len(payload) < 2 || payload[0] != 0x1F || payload[1] != 0x8B {
		return payload, nil
	}
	r := &u.inflater
	if err := r.Reset(bytes.NewReader(payload)); err != nil {
		return nil, protocol.Errorf(protocol.CodeMalformed, "payload: %v", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, MaxInflated+1))
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeMalformed, "payload: %v", err)
	}
	if len(plain) > MaxInflated {
		return nil, protocol.Errorf(protocol.CodeMalformed, "payload inflates beyond %d bytes", MaxInflated)
	}
	return plain, nil
}
