package board_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"allhours/firmware-sim/board"
	"allhours/protocol/fieldbus/modbus"
)

// period is the time between two conversions of a pan.
const period = 25 * time.Millisecond

// pan is a perfect cell: grams as a function of the time since start.
type pan struct {
	grams func(since time.Duration) float64
	dead  bool
}

func (p *pan) ConversionAt(at time.Time) int64 { return int64(at.Sub(start()) / period) }

func (p *pan) Conversion(k int64) (float64, bool) { return p.grams(time.Duration(k) * period), !p.dead }

func steady(grams float64) *pan { return &pan{grams: func(time.Duration) float64 { return grams }} }

func transmitter(p *pan) *board.Bus {
	return board.NewBus(board.NewTransmitter(1, 115200, board.ScaleSpec{Converter: p, CapacityG: 40000, DivisionG: 1}))
}

// exchange sends a request and reads the reply as a master does.
func exchange(t *testing.T, bus *board.Bus, req modbus.Request, at time.Time) ([]byte, error) {
	t.Helper()
	frame, err := req.AppendFrame(nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := req.ParseReply(bus.Answer(frame, at))
	return reply.Data, err
}

func readInt32(t *testing.T, bus *board.Bus, register uint16, at time.Time) int32 {
	t.Helper()
	data, err := exchange(t, bus, modbus.Read(1, modbus.ReadHolding, register, 2), at)
	if err != nil {
		t.Fatal(err)
	}
	return int32(uint32(modbus.Register(data, 0))<<16 | uint32(modbus.Register(data, 1)))
}

func readWord(t *testing.T, bus *board.Bus, register uint16, at time.Time) uint16 {
	t.Helper()
	data, err := exchange(t, bus, modbus.Read(1, modbus.ReadHolding, register, 1), at)
	if err != nil {
		t.Fatal(err)
	}
	return modbus.Register(data, 0)
}

func setWords(t *testing.T, bus *board.Bus, register uint16, at time.Time, values ...uint16) {
	t.Helper()
	if _, err := exchange(t, bus, modbus.SetRegisters(1, register, values), at); err != nil {
		t.Fatal(err)
	}
}

func TestATransmitterAnswersTheFramesOfItsManual(t *testing.T) {
	cases := []struct {
		name        string
		grams       float64
		frame, want string
	}{
		{"measured 354", 354, "01 03 00 1E 00 02 A4 0D", "01 03 04 00 00 01 62 7A 4A"},
		{"gross 132", 132, "01 03 00 50 00 02 C4 1A", "01 03 04 00 00 00 84 FA 50"},
		{"net -15889", -15889, "01 03 00 52 00 02 65 DA", "01 03 04 FF FF C1 EF EA 0B"},
		{"unlocked", 0, "01 10 00 05 00 01 02 5A A5 5C DE", "01 10 00 05 00 01 11 C8"},
		{"zeroed", 10, "01 10 00 5E 00 01 02 00 01 6A EE", "01 10 00 5E 00 01 60 1B"},
		{"all channels zeroed", 10, "01 10 00 5E 00 01 02 00 FF EB 6E", "01 10 00 5E 00 01 60 1B"},
		{"tare of 100 set", 0, "01 10 00 54 00 02 04 00 00 00 64 F6 8B", "01 10 00 54 00 02 00 18"},
		{"a register beyond its map", 0, "01 03 10 00 00 08 40 CC", "01 83 02 C0 F1"},
		{"a coil, which it has none of", 0, "01 05 00 00 FF 00 8C 3A", "01 85 01 83 50"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ask(t, transmitter(steady(c.grams)), start(), c.frame, c.want)
		})
	}
}

func TestATransmitterTellsItsState(t *testing.T) {
	const overload, atZero, unstable, negative = 1 << 9, 1 << 7, 1 << 5, 1 << 3
	cases := []struct {
		name string
		pan  *pan
		want uint16
	}{
		{"a calm load has nothing to tell", steady(500), 0},
		{"an empty platform is at zero", steady(0), atZero},
		{"a missing load is negative", steady(-20), negative},
		{"a load beyond the maximum is overload", steady(41000), overload},
		{"a falling load is unstable", &pan{grams: func(d time.Duration) float64 { return 900 - 100*d.Seconds() }}, unstable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := readWord(t, transmitter(c.pan), 8, start().Add(2*time.Second)); got != c.want {
				t.Fatalf("status %04X, want %04X", got, c.want)
			}
		})
	}
}

// leak loses 1 g a second: 120 g in two minutes.
func leak(d time.Duration) float64 { return 2000 - d.Seconds() }

func TestTrackingLeftOnSwallowsGoodsThatLeaveSlowly(t *testing.T) {
	bus, end := transmitter(&pan{grams: leak}), start().Add(2*time.Minute)
	first := readInt32(t, bus, 80, start())
	if last := readInt32(t, bus, 80, end); first-last > 5 {
		t.Fatalf("120 g left and %d were shown: a board fresh from the factory should have swallowed them", first-last)
	}
}

func TestTrackingSwitchedOffShowsGoodsThatLeaveSlowly(t *testing.T) {
	bus, end := transmitter(&pan{grams: leak}), start().Add(2*time.Minute)
	setWords(t, bus, 96, start(), 0, 0)
	setWords(t, bus, 102, start(), 0, 0)
	for _, register := range []uint16{96, 97, 102, 103} {
		if got := readWord(t, bus, register, start()); got != 0 {
			t.Fatalf("register %d reads %d after 0 was written", register, got)
		}
	}
	first, last := readInt32(t, bus, 80, start()), readInt32(t, bus, 80, end)
	if got := first - last; got < 118 || got > 122 {
		t.Fatalf("120 g left and %d were shown", got)
	}
}

func TestTrackingLeavesATakenBottleVisible(t *testing.T) {
	bus := transmitter(&pan{grams: func(d time.Duration) float64 {
		if d < 5*time.Second {
			return 2000
		}
		return 1429
	}})
	first := readInt32(t, bus, 80, start())
	if last := readInt32(t, bus, 80, start().Add(10*time.Second)); first-last != 571 {
		t.Fatalf("571 g left, %d were shown", first-last)
	}
}

func TestADeadConverterIsSilence(t *testing.T) {
	p := steady(100)
	p.dead = true
	ask(t, transmitter(p), start(), "01 03 00 50 00 02 C4 1A", "")
}

func TestZeroIsRefusedUnderALoad(t *testing.T) {
	_, err := exchange(t, transmitter(steady(5000)), modbus.SetRegister(1, 94, 1), start())
	if !errors.Is(err, modbus.DeviceFailure) {
		t.Fatalf("zero with 5 kg on a 40 kg scale: %v", err)
	}
}

func eight(dead int) *board.Bus {
	specs := make([]board.ScaleSpec, board.Channels)
	for ch := range specs {
		p := steady(float64(1000 * (ch + 1)))
		p.dead = ch == dead
		specs[ch] = board.ScaleSpec{Converter: p, CapacityG: 8000, DivisionG: 0.5}
	}
	return board.NewBus(board.NewOctal(1, specs))
}

func TestOneReadBringsEightWeights(t *testing.T) {
	const dead = 4
	data, err := exchange(t, eight(dead), modbus.Read(1, modbus.ReadHolding, board.OctalWeights, 16), start())
	if err != nil {
		t.Fatal(err)
	}
	for ch := range board.Channels {
		got := int32(uint32(modbus.Register(data, 2*ch))<<16 | uint32(modbus.Register(data, 2*ch+1)))
		want := int32((ch + 1) * 1000 * 1000 / board.OctalCountMG)
		if ch == dead {
			want = math.MinInt32
		}
		if got != want {
			t.Fatalf("channel %d reads %d, want %d", ch, got, want)
		}
	}
}

func TestAnEightChannelBoardTellsWhichChannelIsBroken(t *testing.T) {
	bus := eight(2)
	for ch := range uint16(board.Channels) {
		broken := readWord(t, bus, board.OctalStatus+ch, start())&board.StatusOverflow != 0
		if broken != (ch == 2) {
			t.Fatalf("channel %d broken: %v", ch, broken)
		}
	}
}

func TestAnEightChannelBoardSwitchesTrackingOffForAll(t *testing.T) {
	bus := eight(-1)
	if got := readWord(t, bus, board.OctalTracking, start()); got == 0 {
		t.Fatal("a board fresh from the factory has tracking off")
	}
	setWords(t, bus, board.OctalTracking, start(), 0, 0, 0, 0)
	for i := range uint16(board.OctalTrackingLen) {
		if got := readWord(t, bus, board.OctalTracking+i, start()); got != 0 {
			t.Fatalf("register %d reads %d", board.OctalTracking+i, got)
		}
	}
}

func TestAnEightChannelBoardRefusesWhatItDoesNotHave(t *testing.T) {
	for _, req := range []modbus.Request{
		modbus.Read(1, modbus.ReadHolding, 48, 2), modbus.SetRegister(1, 0, 1), modbus.SetRegister(1, 40, 9),
	} {
		_, err := exchange(t, eight(-1), req, start())
		if _, refused := errors.AsType[modbus.Exception](err); !refused {
			t.Fatalf("%+v: %v, want an exception", req, err)
		}
	}
}
