package board_test

import (
	"bytes"
	"testing"
	"time"

	"allhours/firmware-sim/board"
	"allhours/protocol/fieldbus/cu16"
)

// rack is what hangs on a lock board of these tests: contacts that are closed but for one, and the last solenoid's times.
type rack struct {
	openLock int // counted from 0; -1 for none
	fired    map[int]time.Time
	ended    map[int]time.Time
}

func newRack(openLock int) *rack {
	return &rack{openLock: openLock, fired: map[int]time.Time{}, ended: map[int]time.Time{}}
}

func (r *rack) Energise(channel int, at time.Time, on bool) {
	if on {
		r.fired[channel] = at
	} else {
		r.ended[channel] = at
	}
}

func (r *rack) Closed(channel int, _ time.Time) bool { return channel != r.openLock }

// locker is a lock board with a protocol of its own.
type locker interface {
	Answer(heard []byte, at time.Time) []byte
	Advance(at time.Time)
	Restart(at time.Time)
}

const lockPulse = 300 * time.Millisecond

// lockerCase is a board, the order that opens its second lock, and more of what it hears and says.
type lockerCase struct {
	name, order, answer string
	board               locker
	talk                map[string]string
}

func lockers(r *rack) []lockerCase {
	return []lockerCase{
		{"cu16", "02 01 31 03 37", "", board.NewCU16(0, cu16.EndLast, lockPulse, r), map[string]string{
			"02 00 30 03 35": "02 00 35 FE FF FE FF 03 34",
			"02 00 30 03 36": "", "02 10 30 03 45": "", "02 F0 30 03 25": "", "02 00 38 03 3D": "",
		}},
		{"cu16 with an early end mark", "02 01 31 03 37", "", board.NewCU16(0, cu16.EndEarly, lockPulse, r), map[string]string{
			"02 00 30 03 35": "02 00 35 FE FF 03 00 00 37",
		}},
		{"cu48", "02 00 01 61 03 67", "02 00 01 75 03 7B", board.NewCU48(0, lockPulse, r), map[string]string{
			"02 00 00 60 03 65": "02 00 00 75 06 FE FF FF FF FF FF 76",
			"02 01 00 60 03 66": "", "02 00 30 61 03 96": "", "02 00 00 60 03 66": "",
		}},
		{"8A", "8A 01 02 11 98", "8A 01 02 11 98", board.NewLock8A(board.Lock8ASpec{Number: 1, Pulse: lockPulse}, r), map[string]string{
			"80 01 01 33 B3": "80 01 01 00 80", "80 01 02 33 B0": "80 01 02 11 92", "80 01 00 33 B2": "80 01 FF FF FE 33 4C",
			"80 02 00 33 B1": "", "80 01 00 33 B3": "",
		}},
		{"8A, shorted when open", "8A 01 02 11 98", "8A 01 02 00 89", board.NewLock8A(board.Lock8ASpec{Number: 1, ShortedOpen: true, Pulse: lockPulse}, r), map[string]string{
			"80 01 01 33 B3": "80 01 01 11 91", "80 01 00 33 B2": "80 01 00 00 01 33 B3",
		}},
		{"wkly", "57 4B 4C 59 09 00 82 02 80", "57 4B 4C 59 0B 00 82 00 02 00 82", board.NewWKLY(board.WKLYSpec{Locks: 3, First: 1, Pulse: lockPulse}, r), map[string]string{
			"57 4B 4C 59 08 00 84 85": "57 4B 4C 59 0D 00 84 00 03 00 01 01 83", "57 4B 4C 59 09 00 83 01 82": "57 4B 4C 59 0B 00 83 00 01 00 80",
			"57 4B 4C 59 09 00 83 04 87": "57 4B 4C 59 0B 00 83 FF 04 00 7A", "57 4B 4C 59 08 01 84 84": "", "57 4B 4C 59 08 00 84 84": "",
		}},
		{"wkly that does not answer orders", "57 4B 4C 59 09 00 82 01 83", "", board.NewWKLY(board.WKLYSpec{Locks: 3, Mute: true, Pulse: lockPulse}, r), nil},
	}
}

func TestALockBoardObeysOneOrderForItsOwnTime(t *testing.T) {
	for i := range lockers(newRack(-1)) {
		r := newRack(-1)
		c := lockers(r)[i]
		t.Run(c.name, func(t *testing.T) {
			if got := c.board.Answer(unhex(t, c.order), start()); !bytes.Equal(got, unhex(t, c.answer)) {
				t.Fatalf("answers % X, want %s", got, c.answer)
			}
			if at, fired := r.fired[1]; len(r.fired) != 1 || !fired || !at.Equal(start()) {
				t.Fatalf("fired %v, want the second lock", r.fired)
			}
			c.board.Answer(unhex(t, c.order), start().Add(lockPulse/2)) // while it fires
			c.board.Advance(start().Add(time.Hour))
			if ended := r.ended[1]; !ended.Equal(start().Add(lockPulse)) {
				t.Fatalf("the pulse ended %v after it began", ended.Sub(start()))
			}
			c.board.Answer(unhex(t, c.order), start().Add(2*time.Hour))
			c.board.Restart(start().Add(2*time.Hour + lockPulse/2))
			if ended := r.ended[1]; !ended.Equal(start().Add(2*time.Hour + lockPulse/2)) {
				t.Fatal("a restart left the solenoid on")
			}
		})
	}
}

func TestALockBoardTellsItsContactsAndOnlyToWhomItMust(t *testing.T) {
	for _, c := range lockers(newRack(0)) {
		for heard, want := range c.talk {
			if got := c.board.Answer(unhex(t, heard), start()); !bytes.Equal(got, unhex(t, want)) {
				t.Errorf("%s: to %s it says % X, want %q", c.name, heard, got, want)
			}
		}
	}
}

func TestALockBoardFindsItsOrderBehindOtherBytes(t *testing.T) {
	for _, c := range lockers(newRack(-1)) {
		heard := append([]byte{0x02, 0x8A, 0x57, 0xFF}, unhex(t, c.order)...)
		if got := c.board.Answer(heard, start()); !bytes.Equal(got, unhex(t, c.answer)) {
			t.Errorf("%s: says % X, want %q", c.name, got, c.answer)
		}
	}
}

func TestABoardThatPushesTellsEachChangeOnce(t *testing.T) {
	r := newRack(-1)
	one := board.NewLock8A(board.Lock8ASpec{Number: 1, Pushes: true, Pulse: lockPulse}, r)
	for range 24 {
		if said, _ := one.Speak(start()); len(said) == 0 {
			t.Fatal("a contact was not told")
		}
	}
	if said, _ := one.Speak(start()); said != nil {
		t.Fatalf("says % X, and nothing has changed", said)
	}
	r.openLock = 0
	if said, _ := one.Speak(start()); !bytes.Equal(said, unhex(t, "81 01 01 00 81")) {
		t.Fatalf("says % X of lock 1 that opened", said)
	}
}
