package cu16_test

import (
	"bytes"
	"errors"
	"testing"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/cu16"
)

func TestRequestsAreThoseThatAreInPrint(t *testing.T) {
	for _, c := range []struct {
		name  string
		req   cu16.Request
		frame string
	}{
		{"the status of board 0", cu16.Request{Command: cu16.Status}, "02 00 30 03 35"},
		{"lock 1 is opened", cu16.Request{Command: cu16.Unlock}, "02 00 31 03 36"},
		{"lock 2 is opened", cu16.Request{Command: cu16.Unlock, Lock: 1}, "02 01 31 03 37"},
		{"lock 16 is opened", cu16.Request{Command: cu16.Unlock, Lock: 15}, "02 0F 31 03 45"},
		{"the unlock time is asked for", cu16.Request{Command: cu16.UnlockTime}, "02 00 38 03 3D"},
		{"lock 3 of board 2 is opened", cu16.Request{Board: 2, Command: cu16.Unlock, Lock: 2}, "02 22 31 03 58"},
	} {
		frame, err := c.req.AppendFrame(nil)
		if err != nil || !bytes.Equal(frame, unhex(t, c.frame)) {
			t.Errorf("%s: % X, %v; want %s", c.name, frame, err, c.frame)
		}
		got, n, err := cu16.ParseRequest(unhex(t, c.frame))
		if err != nil || n != 5 || got != c.req {
			t.Errorf("%s: a board hears %+v, %d, %v", c.name, got, n, err)
		}
	}
	got, _, err := cu16.ParseRequest(unhex(t, "02 F0 31 03 26"))
	if err != nil || !got.For(3) {
		t.Errorf("a broadcast: %+v, %v", got, err)
	}
}

func TestWhatNoBoardCouldObeyIsNeverSent(t *testing.T) {
	for name, req := range map[string]cu16.Request{
		"everybody's locks":      {Board: 15, Command: cu16.Unlock},
		"a seventeenth lock":     {Lock: 16, Command: cu16.Unlock},
		"the status of one lock": {Lock: 3, Command: cu16.Status},
	} {
		if frame, err := req.AppendFrame(nil); !errors.Is(err, fieldbus.ErrInvalid) || len(frame) != 0 {
			t.Errorf("%s: % X, %v", name, frame, err)
		}
	}
}

func TestRepliesAreReadInEitherLayout(t *testing.T) {
	for _, c := range []struct {
		name  string
		req   cu16.Request
		reply string
		want  cu16.State
	}{
		{"all locked, nothing before the sensors", cu16.Request{Command: cu16.Status}, "02 00 35 FF FF 00 00 03 38", cu16.State{Hooks: 0xFFFF}},
		{"lock 1 open", cu16.Request{Command: cu16.Status}, "02 00 35 FE FF 00 00 03 37", cu16.State{Hooks: 0xFFFE}},
		{"something before sensor 9", cu16.Request{Command: cu16.Status}, "02 00 35 FF FF 00 01 03 39", cu16.State{Hooks: 0xFFFF, Infrared: 0x100}},
		{"the end mark after the hooks", cu16.Request{Command: cu16.Status, Layout: cu16.EndEarly}, "02 00 35 FE FF 03 00 00 37", cu16.State{Hooks: 0xFFFE}},
	} {
		got, err := c.req.ParseReply(unhex(t, c.reply))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		if built := c.req.AppendReply(nil, c.want); !bytes.Equal(built, unhex(t, c.reply)) {
			t.Errorf("%s: a board answers % X", c.name, built)
		}
	}
}

func TestWrongRepliesAreRefused(t *testing.T) {
	status := cu16.Request{Command: cu16.Status}
	for _, c := range []struct {
		name, reply string
		want        error
	}{
		{"a wrong sum", "02 00 35 FF FF 00 00 03 39", fieldbus.ErrChecksum},
		{"another board's", "02 10 35 FF FF 00 00 03 48", fieldbus.ErrForeign},
		{"the end mark elsewhere", "02 00 35 FF FF 03 00 00 38", fieldbus.ErrForeign},
		{"its own request", "02 00 30 03 35", fieldbus.ErrForeign},
		{"half of one", "02 00 35 FF", fieldbus.ErrShort},
		{"one and a byte", "02 00 35 FF FF 00 00 03 38 00", fieldbus.ErrForeign},
	} {
		if got, err := status.ParseReply(unhex(t, c.reply)); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

// FuzzFrames holds that noise crashes neither side, and that what is accepted is what the other side would have built.
func FuzzFrames(f *testing.F) {
	f.Add(unhex(f, "02 01 31 03 37"), unhex(f, "02 00 35 FE FF 00 00 03 37"))
	f.Fuzz(func(t *testing.T, heard, received []byte) {
		req, n, err := cu16.ParseRequest(heard)
		if n < 0 || n > len(heard) || (n == 0) != errors.Is(err, fieldbus.ErrShort) {
			t.Fatalf("%d of %d bytes with %v", n, len(heard), err)
		}
		if err == nil {
			if again, err := req.AppendFrame(nil); err == nil && !bytes.Equal(again, heard[:n]) {
				t.Fatalf("% X became % X", heard[:n], again)
			}
		}
		for _, layout := range []cu16.Layout{cu16.EndLast, cu16.EndEarly} {
			req.Layout = layout
			state, err := req.ParseReply(received)
			if err != nil {
				continue
			}
			built := req.AppendReply(nil, state)
			if layout == cu16.EndLast && received[1]&0x0F == 0 && !bytes.Equal(built, received) {
				t.Fatalf("accepted % X, a board would send % X", received, built)
			}
		}
	})
}
