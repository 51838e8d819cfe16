package lock8a_test

import (
	"bytes"
	"errors"
	"testing"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/lock8a"
)

func TestEachLockOfBoardOneIsOpenedByItsPrintedFrame(t *testing.T) {
	sums := unhex(t, "9B 98 99 9E 9F 9C 9D 92 93 90 91 96 97 94 95 8A 8B 88 89 8E 8F 8C 8D 82")
	for i, sum := range sums {
		lock := byte(i + 1)
		want := []byte{0x8A, 1, lock, 0x11, sum}
		req := lock8a.Request{Kind: lock8a.Open, Board: 1, Lock: lock}
		frame, err := req.AppendFrame(nil)
		if err != nil || !bytes.Equal(frame, want) {
			t.Errorf("lock %d: % X, %v; want % X", lock, frame, err, want)
		}
		if got, n, err := lock8a.ParseRequest(want); err != nil || n != 5 || got != req {
			t.Errorf("lock %d: a board hears %+v, %d, %v", lock, got, n, err)
		}
	}
}

func TestQueriesAreThoseThatAreInPrint(t *testing.T) {
	for _, c := range []struct {
		name  string
		req   lock8a.Request
		frame string
	}{
		{"one lock", lock8a.Request{Kind: lock8a.Read, Board: 1, Lock: 1}, "80 01 01 33 B3"},
		{"all locks", lock8a.Request{Kind: lock8a.ReadAll, Board: 1}, "80 01 00 33 B2"},
	} {
		frame, err := c.req.AppendFrame(nil)
		if err != nil || !bytes.Equal(frame, unhex(t, c.frame)) {
			t.Errorf("%s: % X, %v; want %s", c.name, frame, err, c.frame)
		}
		if got, _, err := lock8a.ParseRequest(frame); err != nil || got != c.req {
			t.Errorf("%s: a board hears %+v, %v", c.name, got, err)
		}
	}
	if got, _, err := lock8a.ParseRequest(unhex(t, "8A 01 00 11 9A")); err != nil || got.Kind != lock8a.Open || got.Lock != 0 {
		t.Errorf("all opened: %+v, %v", got, err)
	}
	for name, req := range map[string]lock8a.Request{
		"all locks opened": {Kind: lock8a.Open, Board: 1}, "lock 25": {Kind: lock8a.Open, Board: 1, Lock: 25},
		"board 0": {Kind: lock8a.ReadAll}, "board 33": {Kind: lock8a.ReadAll, Board: 33}, "one of all": {Kind: lock8a.ReadAll, Board: 1, Lock: 1},
	} {
		if frame, err := req.AppendFrame(nil); !errors.Is(err, fieldbus.ErrInvalid) || len(frame) != 0 {
			t.Errorf("%s: % X, %v", name, frame, err)
		}
	}
}

func TestRepliesAreRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		req   lock8a.Request
		reply string
		want  uint32
	}{
		{"opened, the contact parted", lock8a.Request{Kind: lock8a.Open, Board: 1, Lock: 1}, "8A 01 01 00 8A", 0},
		{"the order again, the contact is shorted", lock8a.Request{Kind: lock8a.Open, Board: 1, Lock: 1}, "8A 01 01 11 9B", 1},
		{"lock 1 parted", lock8a.Request{Kind: lock8a.Read, Board: 1, Lock: 1}, "80 01 01 00 80", 0},
		{"lock 1 shorted", lock8a.Request{Kind: lock8a.Read, Board: 1, Lock: 1}, "80 01 01 11 91", 1},
		{"locks 1 and 24 shorted", lock8a.Request{Kind: lock8a.ReadAll, Board: 1}, "80 01 80 00 01 33 33", 1<<23 | 1},
	} {
		got, err := c.req.ParseReply(unhex(t, c.reply))
		if err != nil || got != c.want {
			t.Errorf("%s: %06X, %v", c.name, got, err)
		}
		if built := c.req.AppendReply(nil, c.want); !bytes.Equal(built, unhex(t, c.reply)) {
			t.Errorf("%s: a board answers % X", c.name, built)
		}
	}
	if push := lock8a.AppendPush(nil, 1, 1, true); !bytes.Equal(push, unhex(t, "81 01 01 11 90")) {
		t.Errorf("pushed % X", push)
	}
	if push := lock8a.AppendPush(nil, 1, 1, false); !bytes.Equal(push, unhex(t, "81 01 01 00 81")) {
		t.Errorf("pushed % X", push)
	}
}

func TestWrongRepliesAreRefused(t *testing.T) {
	one, all := lock8a.Request{Kind: lock8a.Read, Board: 1, Lock: 1}, lock8a.Request{Kind: lock8a.ReadAll, Board: 1}
	for _, c := range []struct {
		name  string
		req   lock8a.Request
		reply string
		want  error
	}{
		{"a wrong checksum", one, "80 01 01 00 81", fieldbus.ErrChecksum},
		{"a state that is neither", one, "80 01 01 01 81", fieldbus.ErrForeign},
		{"the query itself", one, "80 01 01 33 B3", fieldbus.ErrForeign},
		{"another lock's", one, "80 01 02 00 83", fieldbus.ErrForeign},
		{"another board's", one, "80 02 01 00 83", fieldbus.ErrForeign},
		{"what was pushed", one, "81 01 01 00 81", fieldbus.ErrForeign},
		{"half of all", all, "80 01 80 00", fieldbus.ErrShort},
		{"all without the mark", all, "80 01 80 00 01 11 11", fieldbus.ErrForeign},
	} {
		if got, err := c.req.ParseReply(unhex(t, c.reply)); !errors.Is(err, c.want) {
			t.Errorf("%s: %06X, %v; want %v", c.name, got, err, c.want)
		}
	}
}

// FuzzFrames holds that noise crashes neither side, and that what is accepted is what the other side would have built.
func FuzzFrames(f *testing.F) {
	f.Add(unhex(f, "8A 01 01 11 9B"), unhex(f, "8A 01 01 00 8A"))
	f.Add(unhex(f, "80 01 00 33 B2"), unhex(f, "80 01 80 00 01 33 33"))
	f.Fuzz(func(t *testing.T, heard, received []byte) {
		req, n, err := lock8a.ParseRequest(heard)
		if n < 0 || n > len(heard) || (n == 0) != errors.Is(err, fieldbus.ErrShort) {
			t.Fatalf("%d of %d bytes with %v", n, len(heard), err)
		}
		if err != nil {
			return
		}
		again, err := req.AppendFrame(nil)
		if err != nil {
			return // all locks at once, or a lock that no board has
		}
		if !bytes.Equal(again, heard[:n]) {
			t.Fatalf("% X became % X", heard[:n], again)
		}
		if contacts, err := req.ParseReply(received); err == nil {
			if built := req.AppendReply(nil, contacts); !bytes.Equal(built, received) {
				t.Fatalf("accepted % X, a board would send % X", received, built)
			}
		}
	})
}
