package modbus_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/protocol/fieldbus/modbus"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatalf("bad hex %q: %v", text, err)
	}
	return b
}

// exchange is one request as vendors print it, and the reply where they print one.
type exchange struct {
	name    string
	req     modbus.Request
	frame   string
	reply   string
	data    string           // of the reply
	refusal modbus.Exception // of the reply
}

func exchanges() []exchange {
	read := modbus.Read
	coilsOn := slices.Repeat([]bool{true}, 8)
	ones := slices.Repeat([]uint16{1}, 8)
	inputs := read(1, modbus.ReadInputs, 0, 8)
	coils := read(1, modbus.ReadCoils, 0, 8)
	cases := []exchange{
		{name: "coil 0 on", req: modbus.SetCoil(1, 0, modbus.CoilOn), frame: "01 05 00 00 FF 00 8C 3A"},
		{name: "coil 0 off", req: modbus.SetCoil(1, 0, modbus.CoilOff), frame: "01 05 00 00 00 00 CD CA"},
		{name: "coil 0 toggled by a vendor's value", req: modbus.SetCoil(1, 0, 0x5500), frame: "01 05 00 00 55 00 F2 9A"},
		{name: "all coils on", req: modbus.SetCoil(1, 0xFF, modbus.CoilOn), frame: "01 05 00 FF FF 00 BC 0A"},
		{name: "all coils off", req: modbus.SetCoil(1, 0xFF, modbus.CoilOff), frame: "01 05 00 FF 00 00 FD FA"},
		{name: "a pulse of 700 ms on channel 0", req: modbus.SetCoil(1, 0x200, 7), frame: "01 05 02 00 00 07 8D B0"},
		{name: "a pulse of 800 ms on channel 1", req: modbus.SetCoil(1, 0x201, 8), frame: "01 05 02 01 00 08 9C 74"},
		{name: "a pulse off of 700 ms on channel 0", req: modbus.SetCoil(1, 0x400, 7), frame: "01 05 04 00 00 07 8D 38"},
		{name: "no coil is on", req: coils, frame: "01 01 00 00 00 08 3D CC", reply: "01 01 01 00 51 88", data: "00"},
		{name: "coil 0 is on", req: coils, frame: "01 01 00 00 00 08 3D CC", reply: "01 01 01 01 90 48", data: "01"},
		{name: "input 6 is on", req: inputs, frame: "01 02 00 00 00 08 79 CC", reply: "01 02 01 20 A0 50", data: "20"},
		{name: "inputs 1 and 2 are on", req: inputs, frame: "01 02 00 00 00 08 79 CC", reply: "01 02 01 03 E1 89", data: "03"},
		{
			name: "eight coils are written", req: modbus.SetCoils(1, 0, coilsOn),
			frame: "01 0F 00 00 00 08 01 FF BE D5", reply: "01 0F 00 00 00 08 54 0D",
		},
		{name: "eight input modes are read", req: read(1, modbus.ReadHolding, 0x1000, 8), frame: "01 03 10 00 00 08 40 CC"},
		{name: "an input mode is written", req: modbus.SetRegister(1, 0x1000, 1), frame: "01 06 10 00 00 01 4C CA"},
		{
			name: "eight input modes are written", req: modbus.SetRegisters(1, 0x1000, ones),
			frame: "01 10 10 00 00 08 10 00 01 00 01 00 01 00 01 00 01 00 01 00 01 00 01 7C B1", reply: "01 10 10 00 00 08 C5 0F",
		},
		{name: "everybody is asked for a register", req: read(0, modbus.ReadHolding, 0, 1), frame: "00 03 00 00 00 01 85 DB"},
		{
			name: "a relay board refuses an address", req: modbus.SetCoil(1, 0x7000, modbus.CoilOn),
			reply: "01 85 02 C3 51", refusal: modbus.IllegalAddress,
		},
		{
			name: "a register that is not there", req: read(1, modbus.ReadHolding, 0x7000, 1),
			reply: "01 83 02 C0 F1", refusal: modbus.IllegalAddress,
		},
	}
	return append(cases, transmitterExchanges()...)
}

func transmitterExchanges() []exchange {
	read := func(address, quantity uint16) modbus.Request {
		return modbus.Read(1, modbus.ReadHolding, address, quantity)
	}
	write := func(address uint16, values ...uint16) modbus.Request { return modbus.SetRegisters(1, address, values) }
	return []exchange{
		{name: "a transmitter is unlocked", req: write(5, 0x5AA5), frame: "01 10 00 05 00 01 02 5A A5 5C DE"},
		{name: "status", req: read(8, 1), frame: "01 03 00 08 00 01 05 C8", reply: "01 03 02 08 02 3E 45", data: "0802"},
		{name: "measured 354", req: read(30, 2), frame: "01 03 00 1E 00 02 A4 0D", reply: "01 03 04 00 00 01 62 7A 4A", data: "00000162"},
		{name: "the converter's own count", req: read(44, 2), frame: "01 03 00 2C 00 02 05 C2", reply: "01 03 04 00 19 3B 67 79 2E", data: "00193B67"},
		{name: "gross 132", req: read(80, 2), frame: "01 03 00 50 00 02 C4 1A", reply: "01 03 04 00 00 00 84 FA 50", data: "00000084"},
		{name: "net -15889", req: read(82, 2), frame: "01 03 00 52 00 02 65 DA", reply: "01 03 04 FF FF C1 EF EA 0B", data: "FFFFC1EF"},
		{name: "gain is calibrated", req: write(42, 0x4E20, 0x2710), frame: "01 10 00 2A 00 02 04 4E 20 27 10 7D 16"},
		{name: "tare is set", req: write(84, 0, 0x64), frame: "01 10 00 54 00 02 04 00 00 00 64 F6 8B"},
		{name: "one channel is zeroed", req: write(94, 1), frame: "01 10 00 5E 00 01 02 00 01 6A EE"},
		{name: "all channels are zeroed", req: write(94, 0xFF), frame: "01 10 00 5E 00 01 02 00 FF EB 6E"},
	}
}

func TestTheMasterSendsWhatTheVendorsPrint(t *testing.T) {
	for _, c := range exchanges() {
		if c.frame == "" {
			continue
		}
		got, err := c.req.AppendFrame(nil)
		if err != nil || !bytes.Equal(got, unhex(t, c.frame)) {
			t.Errorf("%s: % X, %v; want %s", c.name, got, err, c.frame)
		}
	}
}

func TestABoardUnderstandsWhatTheVendorsPrint(t *testing.T) {
	for _, c := range exchanges() {
		if c.frame == "" {
			continue
		}
		frame := unhex(t, c.frame)
		got, n, err := modbus.ParseRequest(frame)
		if err != nil || n != len(frame) || !reflect.DeepEqual(got, c.req) {
			t.Errorf("%s: %+v, %d bytes, %v; want %+v", c.name, got, n, err, c.req)
		}
	}
}

func TestTheMasterReadsWhatBoardsAnswer(t *testing.T) {
	for _, c := range exchanges() {
		if c.reply == "" {
			continue
		}
		got, err := c.req.ParseReply(unhex(t, c.reply))
		var refusal modbus.Exception
		if errors.As(err, &refusal) != (c.refusal != 0) || refusal != c.refusal || (err != nil && c.refusal == 0) {
			t.Errorf("%s: %v, want refusal %v", c.name, err, c.refusal)
		}
		if !bytes.Equal(got.Data, unhex(t, c.data)) {
			t.Errorf("%s: data % X, want %s", c.name, got.Data, c.data)
		}
	}
}

func TestBoardsAnswerAsTheVendorsPrint(t *testing.T) {
	for _, c := range exchanges() {
		if c.reply == "" {
			continue
		}
		if got := answer(c.req, unhex(t, c.data), c.refusal); !bytes.Equal(got, unhex(t, c.reply)) {
			t.Errorf("%s: % X, want %s", c.name, got, c.reply)
		}
	}
}

// answer builds a reply on the board's side out of the data that it should carry.
func answer(r modbus.Request, data []byte, refusal modbus.Exception) []byte {
	switch {
	case refusal != 0:
		return r.AppendException(nil, refusal)
	case r.Function == modbus.ReadCoils || r.Function == modbus.ReadInputs:
		bits := make([]bool, r.Quantity)
		for i := range bits {
			bits[i] = modbus.Bit(data, i)
		}
		return r.AppendBitsReply(nil, bits)
	case r.Function == modbus.ReadHolding || r.Function == modbus.ReadInputRegisters:
		values := make([]uint16, r.Quantity)
		for i := range values {
			values[i] = modbus.Register(data, i)
		}
		return r.AppendRegistersReply(nil, values)
	default:
		return r.AppendWriteReply(nil)
	}
}

func TestRepliesThatAreNotTheAnswerAreRefused(t *testing.T) {
	coils, inputs := modbus.Read(1, modbus.ReadCoils, 0, 8), modbus.Read(1, modbus.ReadInputs, 0, 8)
	gross, pulse := modbus.Read(1, modbus.ReadHolding, 80, 2), modbus.SetCoil(1, 0x200, 7)
	for _, c := range []struct {
		name  string
		req   modbus.Request
		reply string
		want  error
	}{
		{"a checksum that circulates for inputs 1 and 2", inputs, "01 02 01 03 A1 90", modbus.ErrChecksum},
		{"a checksum that circulates for coil 0", coils, "01 01 01 01 51 88", modbus.ErrChecksum},
		{"a reply with its checksum swapped", gross, "01 03 04 00 00 00 84 50 FA", modbus.ErrChecksum},
		{"a reply printed with one byte too many", gross, "01 03 04 00 00 00 84 FA 50 00", modbus.ErrForeign},
		{"a reply that has not arrived whole", gross, "01 03 04 00 00 00 84 FA", modbus.ErrShort},
		{"nothing", gross, "", modbus.ErrShort},
		{"a late reply to another count", gross, "01 03 02 08 02 3E 45", modbus.ErrForeign},
		{"another function's reply", gross, "01 01 01 00 51 88", modbus.ErrForeign},
		{"another function's refusal", gross, "01 85 02 C3 51", modbus.ErrForeign},
		{"the echo of another channel", pulse, "01 05 02 01 00 07 DC 70", modbus.ErrForeign},
		{"the echo of another channel and duration", pulse, "01 05 02 01 00 08 9C 74", modbus.ErrForeign},
		{"the echo of another duration", pulse, "01 05 02 00 00 08 CD B4", modbus.ErrForeign},
		{"a refusal with a wrong checksum", pulse, "01 85 02 C3 50", modbus.ErrChecksum},
	} {
		if _, err := c.req.ParseReply(unhex(t, c.reply)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	other := modbus.Read(2, modbus.ReadHolding, 80, 2)
	if _, err := other.ParseReply(unhex(t, "01 03 04 00 00 00 84 FA 50")); !errors.Is(err, modbus.ErrForeign) {
		t.Errorf("the reply of another unit: %v, want %v", err, modbus.ErrForeign)
	}
}

func TestABoardRefusesFramesThatCirculateWithErrors(t *testing.T) {
	for _, c := range []struct {
		name, frame string
		want        error
	}{
		{"a gain calibration with its checksum swapped", "01 10 00 2A 00 02 04 4E 20 27 10 16 7D", modbus.ErrChecksum},
		{"a flipped bit", "01 05 02 00 00 06 8D B0", modbus.ErrChecksum},
		{"a byte count that contradicts the quantity", "01 10 00 2A 00 02 FF 4E 20", modbus.ErrInvalid},
		{"a frame that goes on", "01 10 00 2A 00 02 04 4E", modbus.ErrShort},
		{"one byte", "01", modbus.ErrShort},
		{"noise with an unknown function", "01 77 00 2A 00 02", modbus.ErrInvalid},
	} {
		req, n, err := modbus.ParseRequest(unhex(t, c.frame))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", c.name, req, err, c.want)
		}
		if more := errors.Is(err, modbus.ErrShort); more != (n == 0) {
			t.Errorf("%s: %d bytes to skip with %v", c.name, n, err)
		}
	}
}

func TestABoardCanRefuseWhatTheStandardForbids(t *testing.T) {
	for _, c := range []struct {
		name, frame string
		want        modbus.Exception
	}{
		{"no register at all", "01 03 00 00 00 00", modbus.IllegalValue},
		{"more registers than a frame holds", "01 03 00 00 00 7E", modbus.IllegalValue},
		{"registers past the last address", "01 03 FF FF 00 02", modbus.IllegalAddress},
		{"a function that nobody knows", "01 2B 0E 01 00", modbus.IllegalFunction},
	} {
		frame := modbus.AppendCRC(unhex(t, c.frame), 0)
		req, n, err := modbus.ParseRequest(frame)
		if !errors.Is(err, c.want) || n != len(frame) {
			t.Errorf("%s: %d bytes, %v; want %d and %v", c.name, n, err, len(frame), c.want)
		}
		refusal := req.AppendException(nil, c.want)
		if refusal[0] != 1 || refusal[1] != frame[1]|0x80 {
			t.Errorf("%s: refusal % X does not name the unit and the function", c.name, refusal)
		}
	}
}

func TestARequestBeyondTheStandardIsNotSent(t *testing.T) {
	for _, c := range []struct {
		name string
		req  modbus.Request
	}{
		{"no register", modbus.Read(1, modbus.ReadHolding, 0, 0)},
		{"126 registers", modbus.Read(1, modbus.ReadHolding, 0, 126)},
		{"2001 coils", modbus.Read(1, modbus.ReadCoils, 0, 2001)},
		{"124 registers written", modbus.SetRegisters(1, 0, make([]uint16, 124))},
		{"so many registers that the count wraps", modbus.SetRegisters(1, 0, make([]uint16, 0x10001))},
		{"registers past the last address", modbus.Read(1, modbus.ReadHolding, 0xFFFF, 2)},
		{"an unknown function", modbus.Read(1, 0x2B, 0, 1)},
		{"data that contradicts the quantity", modbus.Request{Unit: 1, Function: modbus.WriteCoils, Quantity: 8}},
	} {
		if frame, err := c.req.AppendFrame(nil); !errors.Is(err, modbus.ErrInvalid) || len(frame) != 0 {
			t.Errorf("%s: % X, %v", c.name, frame, err)
		}
	}
}

func TestABoardFindsARequestAfterNoise(t *testing.T) {
	stream := unhex(t, "FF 01 03 00 01 05 02 00 00 07 8D B0")
	var found []modbus.Request
	for len(stream) > 0 {
		req, n, err := modbus.ParseRequest(stream)
		if errors.Is(err, modbus.ErrShort) {
			break
		}
		if err == nil {
			found = append(found, req)
		}
		stream = stream[n:]
	}
	if want := []modbus.Request{modbus.SetCoil(1, 0x200, 7)}; !reflect.DeepEqual(found, want) {
		t.Errorf("found %+v, want %+v", found, want)
	}
}

func TestAReplyToEverybodyMayComeFromAnyUnit(t *testing.T) {
	ask := modbus.Read(0, modbus.ReadHolding, 0x4000, 1)
	got, err := ask.ParseReply(modbus.Request{Unit: 9, Function: modbus.ReadHolding, Quantity: 1}.AppendRegistersReply(nil, []uint16{9}))
	if err != nil || got.Unit != 9 || modbus.Register(got.Data, 0) != 9 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheSilenceBetweenFramesIsThreeAndAHalfBytes(t *testing.T) {
	for _, c := range []struct {
		baud, bits int
		want       time.Duration
	}{
		{9600, 10, 3645833 * time.Nanosecond},
		{9600, 11, 4010416 * time.Nanosecond},
		{19200, 10, 1822916 * time.Nanosecond},
		{115200, 10, 1750 * time.Microsecond},
	} {
		if got := modbus.Silence(c.baud, c.bits); got != c.want {
			t.Errorf("%d baud, %d bits: %v, want %v", c.baud, c.bits, got, c.want)
		}
	}
}
