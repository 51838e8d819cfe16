package cu48_test

import (
	"bytes"
	"errors"
	"math/bits"
	"testing"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/cu48"
)

func TestRequestsAreThoseThatAreInPrint(t *testing.T) {
	for _, c := range []struct {
		name  string
		req   cu48.Request
		frame string
	}{
		{"the status of board 0", cu48.Request{Command: cu48.Status}, "02 00 00 60 03 65"},
		{"lock 1 is opened", cu48.Request{Command: cu48.Open}, "02 00 00 61 03 66"},
		{"lock 48 of board 2 is opened", cu48.Request{Device: 2, Lock: 47, Command: cu48.Open}, "02 02 2F 61 03 97"},
	} {
		frame, err := c.req.AppendFrame(nil)
		if err != nil || !bytes.Equal(frame, unhex(t, c.frame)) {
			t.Errorf("%s: % X, %v; want %s", c.name, frame, err, c.frame)
		}
		got, n, err := cu48.ParseRequest(unhex(t, c.frame))
		if err != nil || n != 6 || got != c.req {
			t.Errorf("%s: a board hears %+v, %d, %v", c.name, got, n, err)
		}
	}
	for _, req := range []cu48.Request{{Lock: 48, Command: cu48.Open}, {Lock: 1, Command: cu48.Status}, {Command: 0x62}} {
		if frame, err := req.AppendFrame(nil); !errors.Is(err, fieldbus.ErrInvalid) || len(frame) != 0 {
			t.Errorf("%+v: % X, %v", req, frame, err)
		}
	}
}

func TestRepliesAreRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		req   cu48.Request
		reply string
		want  uint64
	}{
		{"all closed", cu48.Request{Command: cu48.Status}, "02 00 00 75 06 FF FF FF FF FF FF 77", 1<<48 - 1},
		{"lock 9 open", cu48.Request{Command: cu48.Status}, "02 00 00 75 06 FF FE FF FF FF FF 76", 1<<48 - 1 - 1<<8},
		{"opened", cu48.Request{Lock: 3, Command: cu48.Open}, "02 00 03 75 03 7D", 0},
	} {
		got, err := c.req.ParseReply(unhex(t, c.reply))
		if err != nil || got != c.want {
			t.Errorf("%s: %X, %v", c.name, got, err)
		}
		if built := c.req.AppendReply(nil, c.want); !bytes.Equal(built, unhex(t, c.reply)) {
			t.Errorf("%s: a board answers % X", c.name, built)
		}
	}
}

func TestWrongRepliesAreRefused(t *testing.T) {
	status, open := cu48.Request{Command: cu48.Status}, cu48.Request{Lock: 3, Command: cu48.Open}
	for _, c := range []struct {
		name  string
		req   cu48.Request
		reply string
		want  error
	}{
		{"a wrong sum", status, "02 00 00 75 06 FF FF FF FF FF FF 78", fieldbus.ErrChecksum},
		{"another board's", status, "02 01 00 75 06 FF FF FF FF FF FF 78", fieldbus.ErrForeign},
		{"another lock's", open, "02 00 04 75 03 7E", fieldbus.ErrForeign},
		{"a failure", open, "02 00 03 00 03 08", fieldbus.ErrForeign},
		{"the order itself", open, "02 00 03 61 03 69", fieldbus.ErrForeign},
		{"half of one", status, "02 00 00 75", fieldbus.ErrShort},
	} {
		if got, err := c.req.ParseReply(unhex(t, c.reply)); !errors.Is(err, c.want) {
			t.Errorf("%s: %X, %v; want %v", c.name, got, err, c.want)
		}
	}
}

// TestEvenBoardsAreFartherFromAnOrder holds what the package's doc says of the bits that make a query an order.
func TestEvenBoardsAreFartherFromAnOrder(t *testing.T) {
	for device := range 32 {
		query, _ := cu48.Request{Device: byte(device), Command: cu48.Status}.AppendFrame(nil)
		order, _ := cu48.Request{Device: byte(device), Command: cu48.Open}.AppendFrame(nil)
		apart := 0
		for i := range query {
			apart += bits.OnesCount8(query[i] ^ order[i])
		}
		if odd := device%2 == 1; odd != (apart == 2) {
			t.Errorf("board %d: %d bits apart", device, apart)
		}
	}
}

// FuzzFrames holds that noise crashes neither side, and that what is accepted is what the other side would have built.
func FuzzFrames(f *testing.F) {
	f.Add(unhex(f, "02 00 00 60 03 65"), unhex(f, "02 00 00 75 06 FF FE FF FF FF FF 76"))
	f.Add(unhex(f, "02 00 03 61 03 69"), unhex(f, "02 00 03 75 03 7D"))
	f.Fuzz(func(t *testing.T, heard, received []byte) {
		req, n, err := cu48.ParseRequest(heard)
		if n < 0 || n > len(heard) || (n == 0) != errors.Is(err, fieldbus.ErrShort) {
			t.Fatalf("%d of %d bytes with %v", n, len(heard), err)
		}
		if err == nil {
			if again, err := req.AppendFrame(nil); err == nil && !bytes.Equal(again, heard[:n]) {
				t.Fatalf("% X became % X", heard[:n], again)
			}
		}
		if closed, err := req.ParseReply(received); err == nil {
			if built := req.AppendReply(nil, closed); !bytes.Equal(built, received) {
				t.Fatalf("accepted % X, a board would send % X", received, built)
			}
		}
	})
}
