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

// Encode writes a message and compresses it where that pays.
func Encode(message any) ([]byte, error) {
	plain, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", message, err)
	}
	if len(plain) <= gzipAbove {
		return plain, nil
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed) // The others take 800 kB of memory each time, for a tenth less.
	if err != nil {
		return nil, fmt.Errorf("compress %T: %w", message, err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("compress %T: %w", message, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress %T: %w", message, err)
	}
	return packed.Bytes(), nil
}

// Decode reads a payload into message; every error has protocol.CodeMalformed.
func Decode(payload []byte, message any) error {
	plain, err := inflate(payload)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, message); err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "%T: %v", message, err)
	}
	return nil
}

func inflate(payload []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return nil, protocol.Errorf(protocol.CodeMalformed, "payload of %d bytes: want %d at most", len(payload), MaxPayload)
	}
	if len(payload) < 2 || payload[0] != 0x1F || payload[1] != 0x8B {
		return payload, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(payload))
	if err != nil {
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
