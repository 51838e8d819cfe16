package wkly_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/wkly"
)

func TestRequestsAreThoseThatAreInPrint(t *testing.T) {
	for _, c := range []struct {
		name  string
		req   wkly.Request
		frame string
	}{
		{"lock 1 is opened", wkly.Request{Lock: 1, Command: wkly.Open}, "57 4B 4C 59 09 00 82 01 83"},
		{"lock 2 of board 1 is asked for", wkly.Request{Board: 1, Lock: 2, Command: wkly.Status}, "57 4B 4C 59 09 01 83 02 80"},
		{"all are asked for", wkly.Request{Command: wkly.StatusAll}, "57 4B 4C 59 08 00 84 85"},
	} {
		frame, err := c.req.AppendFrame(nil)
		if err != nil || !bytes.Equal(frame, unhex(t, c.frame)) {
			t.Errorf("%s: % X, %v; want %s", c.name, frame, err, c.frame)
		}
		got, n, err := wkly.ParseRequest(unhex(t, c.frame))
		if err != nil || n != len(frame) || got != c.req {
			t.Errorf("%s: a board hears %+v, %d, %v", c.name, got, n, err)
		}
	}
	for _, req := range []wkly.Request{{Command: wkly.OpenAll}, {Board: 32, Command: wkly.StatusAll}, {Lock: 49, Command: wkly.Open}, {Lock: 1, Command: 0x88}} {
		if frame, err := req.AppendFrame(nil); !errors.Is(err, fieldbus.ErrInvalid) || len(frame) != 0 {
			t.Errorf("%+v: % X, %v", req, frame, err)
		}
	}
}

func TestTheChecksumIsThatOfFramesInPrint(t *testing.T) {
	for name, frame := range map[string]string{
		"the reply to an order":    "57 4B 4C 59 0B 00 82 00 01 00 81",
		"the reply to a flash":     "57 4B 4C 59 0A 00 81 00 01 83",
		"a long status of a board": "57 4B 4C 59 0E 00 96 00 00 00 FF FF 01 90",
	} {
		if _, n, err := wkly.ParseRequest(unhex(t, frame)); err != nil || n != len(unhex(t, frame)) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
}

func TestRepliesAreRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		req   wkly.Request
		reply string
		want  wkly.Reply
	}{
		{"opened", wkly.Request{Lock: 1, Command: wkly.Open}, "57 4B 4C 59 0B 00 82 00 01 00 81", wkly.Reply{Done: true, Closed: []bool{false}}},
		{"not opened", wkly.Request{Lock: 1, Command: wkly.Open}, "57 4B 4C 59 0B 00 82 FF 01 01 7F", wkly.Reply{Closed: []bool{true}}},
		{"one closed", wkly.Request{Lock: 1, Command: wkly.Status}, "57 4B 4C 59 0B 00 83 00 01 01 81", wkly.Reply{Done: true, Closed: []bool{true}}},
		{"three, one of them open", wkly.Request{Command: wkly.StatusAll}, "57 4B 4C 59 0D 00 84 00 03 01 00 01 83", wkly.Reply{Done: true, Closed: []bool{true, false, true}}},
	} {
		got, err := c.req.ParseReply(unhex(t, c.reply))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		if built := c.req.AppendReply(nil, c.want); !bytes.Equal(built, unhex(t, c.reply)) {
			t.Errorf("%s: a board answers % X", c.name, built)
		}
	}
}

func TestWrongRepliesAreRefused(t *testing.T) {
	open, all := wkly.Request{Lock: 1, Command: wkly.Open}, wkly.Request{Command: wkly.StatusAll}
	for _, c := range []struct {
		name  string
		req   wkly.Request
		reply string
		want  error
	}{
		{"a checksum without letters and length, wrong on eleven bytes", open, "57 4B 4C 59 0B 00 82 00 01 00 83", fieldbus.ErrChecksum},
		{"the order itself", open, "57 4B 4C 59 09 00 82 01 83", fieldbus.ErrForeign},
		{"another lock's", open, "57 4B 4C 59 0B 00 82 00 02 00 82", fieldbus.ErrForeign},
		{"another board's", open, "57 4B 4C 59 0B 01 82 00 01 00 80", fieldbus.ErrForeign},
		{"a state that is neither", open, "57 4B 4C 59 0B 00 82 00 01 02 83", fieldbus.ErrForeign},
		{"a result that is neither", open, "57 4B 4C 59 0B 00 82 01 01 00 80", fieldbus.ErrForeign},
		{"what was pushed", open, "57 4B 4C 59 0A 00 85 01 00 87", fieldbus.ErrForeign},
		{"a count that is not the length's", all, "57 4B 4C 59 0D 00 84 00 02 01 00 01 82", fieldbus.ErrForeign},
		{"half of one", open, "57 4B 4C 59 0B 00", fieldbus.ErrShort},
	} {
		if got, err := c.req.ParseReply(unhex(t, c.reply)); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

// FuzzFrames holds that noise crashes neither side, and that what is accepted is what the other side would have built.
func FuzzFrames(f *testing.F) {
	f.Add(unhex(f, "57 4B 4C 59 09 00 82 01 83"), unhex(f, "57 4B 4C 59 0B 00 82 00 01 00 81"))
	f.Add(unhex(f, "57 4B 4C 59 08 00 84 85"), unhex(f, "57 4B 4C 59 0D 00 84 00 03 01 00 01 83"))
	f.Fuzz(func(t *testing.T, heard, received []byte) {
		req, n, err := wkly.ParseRequest(heard)
		if n < 0 || n > len(heard) || (n == 0) != errors.Is(err, fieldbus.ErrShort) {
			t.Fatalf("%d of %d bytes with %v", n, len(heard), err)
		}
		if err != nil {
			return
		}
		if again, err := req.AppendFrame(nil); err == nil && n == len(again) && !bytes.Equal(again, heard[:n]) {
			t.Fatalf("% X became % X", heard[:n], again)
		}
		if req.Command != wkly.Open && req.Command != wkly.Status && req.Command != wkly.StatusAll {
			return
		}
		if reply, err := req.ParseReply(received); err == nil {
			if built := req.AppendReply(nil, reply); !bytes.Equal(built, received) {
				t.Fatalf("accepted % X, a board would send % X", received, built)
			}
		}
	})
}
