package board_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"allhours/firmware-sim/board"
	"allhours/protocol/fieldbus/modbus"
)

// bench is what hangs on a relay board in these tests.
type bench struct {
	on     [board.Channels]bool
	since  [board.Channels]time.Time
	inputs [board.Channels]bool
}

func (b *bench) Energise(channel int, at time.Time, on bool) {
	b.on[channel], b.since[channel] = on, at
}

func (b *bench) Input(channel int, _ time.Time) bool { return b.inputs[channel] }

func start() time.Time { return time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC) }

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ask says a frame to the bus and compares the answer; "" is silence.
func ask(t *testing.T, bus *board.Bus, at time.Time, frame, want string) {
	t.Helper()
	if got := bus.Answer(unhex(t, frame), at); !bytes.Equal(got, unhex(t, want)) {
		t.Fatalf("asked %s\n got %x\nwant %s", frame, got, want)
	}
}

func TestARelayBoardAnswersTheVendorsOwnFrames(t *testing.T) {
	cases := []struct{ name, frame, want string }{
		{"coil 0 on", "01 05 00 00 FF 00 8C 3A", "01 05 00 00 FF 00 8C 3A"},
		{"coil 0 off", "01 05 00 00 00 00 CD CA", "01 05 00 00 00 00 CD CA"},
		{"coil 0 toggled", "01 05 00 00 55 00 F2 9A", "01 05 00 00 55 00 F2 9A"},
		{"all on", "01 05 00 FF FF 00 BC 0A", "01 05 00 FF FF 00 BC 0A"},
		{"all off", "01 05 00 FF 00 00 FD FA", "01 05 00 FF 00 00 FD FA"},
		{"a pulse of 700 ms", "01 05 02 00 00 07 8D B0", "01 05 02 00 00 07 8D B0"},
		{"a pulse of 800 ms on channel 1", "01 05 02 01 00 08 9C 74", "01 05 02 01 00 08 9C 74"},
		{"coils read", "01 01 00 00 00 08 3D CC", "01 01 01 00 51 88"},
		{"inputs read", "01 02 00 00 00 08 79 CC", "01 02 01 20 A0 50"},
		{"8 coils written", "01 0F 00 00 00 08 01 FF BE D5", "01 0F 00 00 00 08 54 0D"},
		{"input modes read", "01 03 10 00 00 08 40 CC", "01 03 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 E4 59"},
		{"channel 0 linked to its input", "01 06 10 00 00 01 4C CA", "01 06 10 00 00 01 4C CA"},
		{"all linked", "01 10 10 00 00 08 10 00 01 00 01 00 01 00 01 00 01 00 01 00 01 00 01 7C B1", "01 10 10 00 00 08 C5 0F"},
		{"its address asked of everybody", "00 03 00 00 00 01 85 DB", "01 03 02 00 01 79 84"},
		{"a coil that is not there", "01 05 00 30 FF 00 8C 35", "01 85 02 C3 51"},
		{"a register that is not there", "01 03 00 00 00 01 84 0A", "01 83 02 C0 F1"},
		{"a damaged frame", "01 05 02 00 00 07 8D B1", ""},
		{"a frame with a byte too many", "01 05 02 00 00 07 8D B0 00", ""},
		{"another board's frame", "02 01 00 00 00 08 3D FF", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wiring := &bench{inputs: [board.Channels]bool{5: true}}
			ask(t, board.NewBus(board.NewRelay(1, 115200, board.Channels, wiring)), start(), c.frame, c.want)
		})
	}
}

func TestAPulseEndsByTheBoardsOwnTimer(t *testing.T) {
	wiring := &bench{}
	relay := board.NewRelay(1, 115200, board.Channels, wiring)
	bus := board.NewBus(relay)
	ask(t, bus, start(), "01 05 02 00 00 07 8D B0", "01 05 02 00 00 07 8D B0")
	relay.Advance(start().Add(699 * time.Millisecond))
	if !wiring.on[0] {
		t.Fatal("the relay is off before 700 ms")
	}
	relay.Advance(start().Add(time.Minute))
	if wiring.on[0] || !wiring.since[0].Equal(start().Add(700*time.Millisecond)) {
		t.Fatalf("on: %v, last switched %v after the pulse began", wiring.on[0], wiring.since[0].Sub(start()))
	}
}

func TestAPulseOffEndsWithTheRelayOn(t *testing.T) {
	wiring := &bench{}
	relay := board.NewRelay(1, 115200, board.Channels, wiring)
	ask(t, board.NewBus(relay), start(), "01 05 04 00 00 07 8D 38", "01 05 04 00 00 07 8D 38")
	relay.Advance(start().Add(time.Second))
	if !wiring.on[0] {
		t.Fatal("the relay stayed off")
	}
}

func TestALinkedRelayFollowsItsInput(t *testing.T) {
	wiring := &bench{}
	relay := board.NewRelay(1, 115200, board.Channels, wiring)
	ask(t, board.NewBus(relay), start(), "01 06 10 00 00 01 4C CA", "01 06 10 00 00 01 4C CA")
	for i, closed := range []bool{true, false, true} {
		wiring.inputs[0] = closed
		relay.Advance(start().Add(time.Duration(i) * time.Second))
		if wiring.on[0] != closed {
			t.Fatalf("input %v, relay %v", closed, wiring.on[0])
		}
	}
}

func TestAPulseIsObeyedAlsoWhenItWasReadTogetherWithAnotherRequest(t *testing.T) {
	const pulse, inputs, answer = "01 05 02 00 00 07 8D B0", "01 02 00 00 00 08 79 CC", "01 02 01 20 A0 50"
	for name, heard := range map[string][2]string{
		"after a poll that was given up":   {inputs + pulse, pulse},
		"before the poll that looks at it": {pulse + inputs, answer},
	} {
		wiring := &bench{inputs: [board.Channels]bool{5: true}}
		ask(t, board.NewBus(board.NewRelay(1, 115200, board.Channels, wiring)), start(), heard[0], heard[1])
		if !wiring.on[0] {
			t.Errorf("%s: the relay is off", name)
		}
	}
}

func TestTwoBoardsThatAnswerAtOnceSpoilEachOther(t *testing.T) {
	bus := board.NewBus(board.NewRelay(1, 115200, board.Channels, &bench{}), board.NewRelay(2, 115200, board.Channels, &bench{}))
	everybody := modbus.Read(0, modbus.ReadHolding, 0, 1)
	heard := bus.Answer(unhex(t, "00 03 00 00 00 01 85 DB"), start())
	if _, err := everybody.ParseReply(heard); !errors.Is(err, modbus.ErrChecksum) {
		t.Fatalf("heard %x: %v, want a wrong checksum", heard, err)
	}
}
