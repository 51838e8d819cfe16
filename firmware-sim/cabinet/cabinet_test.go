package cabinet_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"allhours/firmware-sim/board"
	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

func night() time.Time { return time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC) }

// shelves is a cabinet of two shelves, lanes one of ten lanes.
func shelves() cabinet.Plan {
	return cabinet.Plan{
		Cabinet: "xs-01", Layout: cabinet.Shelves, Seed: 1, Baud: 115200, ResponseUS: 2000,
		Platforms: []cabinet.Platform{
			{ID: "S1", Capacity: 40_000_000, Division: 1000, Goods: []cabinet.Good{{SKU: "1001", Unit: 571_000, SD: 2600, Stock: 8}}},
			{ID: "S2", Capacity: 40_000_000, Division: 1000, Goods: []cabinet.Good{{SKU: "1101", Unit: 352_500, SD: 1600, Stock: 6}}},
		},
	}
}

func lanes() cabinet.Plan {
	plan := cabinet.Plan{Cabinet: "xs-03", Layout: cabinet.Lanes, Seed: 2, Baud: 115200, ResponseUS: 2000}
	for _, id := range []protocol.PlatformID{"A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4"} {
		plan.Platforms = append(plan.Platforms, cabinet.Platform{
			ID: id, Capacity: 8_000_000, Division: 500, Goods: []cabinet.Good{{SKU: "1001", Unit: 571_000, SD: 2600, Stock: 8}},
		})
	}
	return plan
}

func build(t *testing.T, plan cabinet.Plan) *cabinet.Cabinet {
	t.Helper()
	c, err := cabinet.New(plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask is one exchange on the cabinet's line.
func ask(t *testing.T, c *cabinet.Cabinet, req modbus.Request, at time.Time) ([]byte, error) {
	t.Helper()
	frame, err := req.AppendFrame(nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := req.ParseReply(c.Answer(frame, at))
	return reply.Data, err
}

func word32(data []byte, i int) float64 {
	return float64(int32(uint32(modbus.Register(data, i))<<16 | uint32(modbus.Register(data, i+1))))
}

// inputs reads what the relay board sees of door and bolt.
func inputs(t *testing.T, c *cabinet.Cabinet, at time.Time) (shut, locked bool) {
	t.Helper()
	data, err := ask(t, c, modbus.Read(cabinet.RelayUnit, modbus.ReadInputs, 0, 8), at)
	if err != nil {
		t.Fatal(err)
	}
	return modbus.Bit(data, cabinet.DoorInput), modbus.Bit(data, cabinet.BoltInput)
}

func pulse(t *testing.T, c *cabinet.Cabinet, at time.Time) {
	t.Helper()
	if _, err := ask(t, c, modbus.SetCoil(cabinet.RelayUnit, 0x0200+cabinet.LockChannel, 5), at); err != nil {
		t.Fatal(err)
	}
}

func TestAVisitIsSeenThroughTheLineOnly(t *testing.T) {
	c, at := build(t, shelves()), night()
	weigh := func(at time.Time) float64 {
		data, err := ask(t, c, modbus.Read(cabinet.FirstScaleUnit, modbus.ReadHolding, 80, 2), at)
		if err != nil {
			t.Fatal(err)
		}
		return word32(data, 0)
	}
	before := weigh(at)
	if shut, locked := inputs(t, c, at); !shut || !locked {
		t.Fatalf("before: shut %v, locked %v", shut, locked)
	}
	pulse(t, c, at)
	at = at.Add(time.Second)
	if shut, locked := inputs(t, c, at); !shut || locked {
		t.Fatalf("released: shut %v, locked %v", shut, locked)
	}
	if err := errors.Join(c.Pull(at), c.Take(at.Add(time.Second), "S1", "1001", 2)); err != nil {
		t.Fatal(err)
	}
	at = at.Add(3 * time.Second)
	if shut, locked := inputs(t, c, at); shut || locked {
		t.Fatalf("open: shut %v, locked %v", shut, locked)
	}
	if err := c.Shut(at); err != nil {
		t.Fatal(err)
	}
	at = at.Add(2 * time.Second)
	if shut, locked := inputs(t, c, at); !shut || !locked {
		t.Fatalf("after: shut %v, locked %v", shut, locked)
	}
	if gone := before - weigh(at); math.Abs(gone-2*571) > 15 {
		t.Fatalf("two bottles weigh %v g on the line", gone)
	}
}

func TestEachLaneIsAChannelOfItsBoard(t *testing.T) {
	c, at := build(t, lanes()), night()
	pulse(t, c, at)
	at = at.Add(time.Second)
	if err := errors.Join(c.Pull(at), c.Take(at, "B4", "1001", 1)); err != nil {
		t.Fatal(err)
	}
	at = at.Add(5 * time.Second)
	for board, channels := range [][]int{{0, 1, 2, 3, 4, 5, 6, 7}, {0, 1}} {
		data, err := ask(t, c, modbus.Read(byte(cabinet.FirstScaleUnit+board), modbus.ReadHolding, 0, 16), at)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range channels {
			want := 8 * 571.0
			if board == 1 && ch == 1 { // B4 is the tenth lane
				want = 7 * 571
			}
			if got := word32(data, 2*ch) / 10; math.Abs(got-want) > 40 {
				t.Fatalf("board %d channel %d: %v g, want about %v", board, ch, got, want)
			}
		}
	}
}

func TestFaultsAreFeltOnTheLine(t *testing.T) {
	gross := modbus.Read(cabinet.FirstScaleUnit, modbus.ReadHolding, 80, 2)
	status := modbus.Read(cabinet.FirstScaleUnit, modbus.ReadHolding, 8, 1)
	cases := []struct {
		name  string
		fault fault.Fault
		felt  func(t *testing.T, c *cabinet.Cabinet, at time.Time) bool
	}{
		{"a silent scale does not answer", fault.Fault{Kind: fault.ScaleSilent, Platform: "S1"}, func(t *testing.T, c *cabinet.Cabinet, at time.Time) bool {
			_, err := ask(t, c, gross, at)
			return errors.Is(err, modbus.ErrShort)
		}},
		{"an overloaded scale says so", fault.Fault{Kind: fault.ScaleOverload, Platform: "S1"}, func(t *testing.T, c *cabinet.Cabinet, at time.Time) bool {
			data, err := ask(t, c, status, at)
			return err == nil && modbus.Register(data, 0)&board.StatusOverload != 0
		}},
		{"a stuck scale does not feel what is taken", fault.Fault{Kind: fault.ScaleStuck, Platform: "S1"}, func(t *testing.T, c *cabinet.Cabinet, at time.Time) bool {
			before, _ := ask(t, c, gross, at)
			pulse(t, c, at)
			if err := errors.Join(c.Pull(at.Add(time.Second)), c.Take(at.Add(time.Second), "S1", "1001", 1)); err != nil {
				t.Fatal(err)
			}
			after, err := ask(t, c, gross, at.Add(5*time.Second))
			return err == nil && word32(before, 0) == word32(after, 0)
		}},
		{"a stuck latch stays locked", fault.Fault{Kind: fault.LatchStuck}, func(t *testing.T, c *cabinet.Cabinet, at time.Time) bool {
			pulse(t, c, at)
			_, locked := inputs(t, c, at.Add(time.Second))
			return locked && errors.Is(c.Pull(at.Add(time.Second)), physics.ErrLatched)
		}},
		{"a dead door switch does not notice the pull", fault.Fault{Kind: fault.DoorDead}, func(t *testing.T, c *cabinet.Cabinet, at time.Time) bool {
			pulse(t, c, at)
			if err := c.Pull(at.Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			shut, _ := inputs(t, c, at.Add(2*time.Second))
			return shut
		}},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			if k.felt(t, build(t, shelves()), night()) {
				t.Fatal("a sound cabinet does the same")
			}
			c := build(t, shelves())
			if err := c.Break(night(), k.fault, true); err != nil {
				t.Fatal(err)
			}
			if !k.felt(t, c, night()) {
				t.Fatal("not felt")
			}
			if err := c.Break(night().Add(time.Minute), k.fault, false); err != nil {
				t.Fatal(err)
			}
			if broken, _ := c.Broken(night().Add(time.Minute)); len(broken) != 0 {
				t.Fatalf("after mending %v are broken", broken)
			}
		})
	}
}

func TestFaultsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, f := range []fault.Fault{
		{Kind: "haunted"},
		{Kind: fault.ScaleStuck},
		{Kind: fault.ScaleStuck, Platform: "S9"},
		{Kind: fault.DoorDead, Platform: "S1"},
		{Kind: fault.LineFlips},
		{Kind: fault.LineLost, Rate: 1.5},
		{Kind: fault.LineEcho, Rate: 0.5},
		{Kind: fault.LineLate},
		{Kind: fault.LineSilent, DelayMS: 70},
		{Kind: fault.LineForeign, Rate: 0.5},
		{Kind: fault.LineForeign, Rate: 0.5, Frame: "xyz"},
		{Kind: fault.LineSplit, Rate: 0.5, Frame: "0201"},
	} {
		if err := build(t, shelves()).Break(night(), f, true); err == nil {
			t.Fatalf("%+v was accepted", f)
		}
	}
}

func TestALockBoardThatRestartsWhileItFiresLetsGoAndIsDeafForAWhile(t *testing.T) {
	plan := shelves()
	plan.Locks = []cabinet.Lock{
		{Family: cabinet.ModbusRelay, Unit: cabinet.RelayUnit, Channels: 16, Doors: 2},
		{Family: cabinet.CU48, Unit: 2, Channels: 48, Doors: 1},
	}
	c, at := build(t, plan), night()
	if err := c.Break(at, fault.Fault{Kind: fault.LockRestarts}, true); err != nil {
		t.Fatal(err)
	}
	open, query := []byte{0x02, 0x02, 0x00, 0x61, 0x03, 0x68}, []byte{0x02, 0x02, 0x00, 0x60, 0x03, 0x67}
	pulse(t, c, at)
	if answer := c.Answer(open, at); len(answer) == 0 {
		t.Fatal("the second board did not answer its order")
	}
	const soon, later = 100 * time.Millisecond, time.Second
	for i, l := range c.Locks(at.Add(soon)) {
		if one := l.Channels[0]; one.On || one.Pulses != 1 || one.LongestUS >= soon.Microseconds() {
			t.Errorf("lock board %d: %+v", i, one)
		}
	}
	if _, err := ask(t, c, modbus.Read(cabinet.RelayUnit, modbus.ReadInputs, 0, 8), at.Add(soon)); err == nil || len(c.Answer(query, at.Add(soon))) > 0 {
		t.Error("a board that starts answered")
	}
	if inputs(t, c, at.Add(later)); len(c.Answer(query, at.Add(later))) == 0 {
		t.Error("a board that has started did not answer")
	}
}

func TestEachLockHasADoorOfItsOwn(t *testing.T) {
	plan := shelves()
	plan.Locks = []cabinet.Lock{{Family: cabinet.ModbusRelay, Unit: cabinet.RelayUnit, Channels: 32, Doors: 16}}
	c, at := build(t, plan), night()
	if _, err := ask(t, c, modbus.SetCoil(cabinet.RelayUnit, 0x0200+5, 5), at); err != nil {
		t.Fatal(err)
	}
	at = at.Add(time.Second)
	if err := errors.Join(c.Move(at, 0, 5, true), c.Move(at.Add(time.Second), 0, 5, false)); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		name string
		err  error
		want error
	}{
		{"a latched door", c.Move(at, 0, 4, true), physics.ErrLatched},
		{"the cabinet's own door, latched", c.Move(at, 0, 0, true), physics.ErrLatched},
		{"a shut door shut", c.Move(at, 0, 4, false), physics.ErrDoorShut},
		{"a door that is not there", c.Move(at, 0, 16, true), cabinet.ErrNoLock},
		{"a board that is not there", c.Move(at, 1, 0, true), cabinet.ErrNoLock},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.err, c.want)
		}
	}
}

func TestLockBoardsThatNobodyBuildsAreRefused(t *testing.T) {
	for _, l := range []cabinet.Lock{
		{Family: "scu", Unit: 1, Channels: 1, Doors: 1},
		{Family: cabinet.CU16, Unit: 1, Channels: 17, Doors: 1},
		{Family: cabinet.WKLY, Channels: 4, Doors: 5},
		{Family: cabinet.Lock8A, Unit: 1, Channels: 4},
		{Family: cabinet.CU48, Channels: 4, Doors: 1, PulseMS: -1},
	} {
		plan := shelves()
		plan.Locks = []cabinet.Lock{l}
		if _, err := cabinet.New(plan, nil); err == nil {
			t.Errorf("%+v was built", l)
		}
	}
}

func TestACoilThatACrashedMasterLeftOnIsCounted(t *testing.T) {
	c := build(t, shelves())
	if _, err := ask(t, c, modbus.SetCoil(cabinet.RelayUnit, cabinet.LockChannel, modbus.CoilOn), night()); err != nil {
		t.Fatal(err)
	}
	if _, burns := c.Broken(night().Add(time.Minute)); burns != 1 {
		t.Fatalf("%d burns, want 1", burns)
	}
}

func TestAPulseNeverBurnsTheCoil(t *testing.T) {
	c := build(t, shelves())
	pulse(t, c, night())
	if _, burns := c.Broken(night().Add(time.Hour)); burns != 0 {
		t.Fatalf("%d burns after a pulse that nobody watched", burns)
	}
}

func TestShelvesAreKeptAfterEachMove(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shelf.json")
	first, err := cabinet.Open(shelves(), path)
	if err != nil {
		t.Fatal(err)
	}
	pulse(t, first.Cabinet, night())
	at := night().Add(time.Second)
	for i, move := range []func() error{
		func() error { return first.Pull(at) },
		func() error { return first.Take(at, "S1", "1001", 2) },
		func() error { return first.Put(at, "S2", "1001", 1) },
		func() error { return first.Shut(at) },
	} {
		if err := move(); err != nil {
			t.Fatal(err)
		}
		again, err := cabinet.Open(shelves(), path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(first.State(), again.State()) {
			t.Fatalf("after move %d there is %+v, and a second run finds %+v", i, first.State(), again.State())
		}
	}
}

func TestADamagedFileOfShelvesIsNotTakenForAnEmptyCabinet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shelf.json")
	if err := os.WriteFile(path, []byte(`{"heaps":[`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cabinet.Open(shelves(), path); err == nil {
		t.Fatal("it was opened")
	}
}

func TestAPlanThatCannotBeBuiltIsRefused(t *testing.T) {
	for name, change := range map[string]func(p *cabinet.Plan){
		"an unknown layout":           func(p *cabinet.Plan) { p.Layout = "drawers" },
		"two platforms of one name":   func(p *cabinet.Plan) { p.Platforms[1].ID = "S1" },
		"no platform":                 func(p *cabinet.Plan) { p.Platforms = nil },
		"an id that no topic carries": func(p *cabinet.Plan) { p.Cabinet = "XS 1" },
		"a line without speed":        func(p *cabinet.Plan) { p.Baud = 0 },
	} {
		plan := shelves()
		change(&plan)
		if _, err := cabinet.New(plan, nil); err == nil {
			t.Errorf("%s was built", name)
		}
	}
}
