package registermap_test

import (
	"context"
	"math"
	"testing"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/registermap"
	"allhours/edge/internal/driver/tracking"
	"allhours/protocol/fieldbus/modbus"
)

func eightChannels() registermap.Config {
	return registermap.Config{
		Unit: 0x15, Channels: 8, First: 0, CountWeight: 100, StatusEvery: 2,
		Status:   &registermap.Status{First: 16, Overload: 0x0240, Unstable: 0x0020},
		Tracking: []tracking.Registers{{First: 32, Count: 4}},
	}
}

func TestRecordedTraffic(t *testing.T) {
	hexscript.Run(t, "testcases/*.hex", func(t *testing.T, line *bus.Line) hexscript.Call {
		scale, err := registermap.New(line, eightChannels())
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, call string) string { return hexscript.CallScale(ctx, scale, call) }
	})
}

// fixed answers every exchange with one frame.
type fixed []byte

func (f fixed) Do(context.Context, bus.Priority, bus.Exchange) ([]byte, error) { return f, nil }

func TestTheWordOrderIsTheConfigurations(t *testing.T) {
	reply := fixed{1, 3, 4, 0x00, 0x01, 0x00, 0x02, 0x2A, 0x32}
	for _, c := range []struct {
		order registermap.WordOrder
		want  string
	}{
		{registermap.HighFirst, "65538"},
		{registermap.LowFirst, "131073"},
	} {
		scale, err := registermap.New(reply, registermap.Config{Unit: 1, Channels: 1, CountWeight: 1, Order: c.order})
		if err != nil {
			t.Fatal(err)
		}
		if got := hexscript.CallScale(t.Context(), scale, "read"); got != c.want {
			t.Errorf("%s word first: %s, want %s", c.order, got, c.want)
		}
	}
}

// shared answers like a board with two channels and one status register for both, which says overload.
type shared struct{}

func (shared) Do(_ context.Context, _ bus.Priority, e bus.Exchange) ([]byte, error) {
	req, _, err := modbus.ParseRequest(e.Frame)
	if err != nil {
		return nil, err
	}
	if req.Quantity == 1 {
		return req.AppendRegistersReply(nil, []uint16{0x0200}), nil
	}
	return req.AppendRegistersReply(nil, []uint16{0, 1, 0, 2}), nil
}

func TestASharedStatusIsEveryChannels(t *testing.T) {
	scale, err := registermap.New(shared{}, registermap.Config{
		Unit: 1, Channels: 2, CountWeight: 1, Status: &registermap.Status{First: 16, Shared: true, Overload: 0x0200},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := hexscript.CallScale(t.Context(), scale, "read"); got != "overload, overload" {
		t.Errorf("read %s", got)
	}
}

func TestMapsThatCannotBeAreRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*registermap.Config)
	}{
		{"everybody's address", func(c *registermap.Config) { c.Unit = 0 }},
		{"no channel", func(c *registermap.Config) { c.Channels = 0 }},
		{"more channels than the driver reads", func(c *registermap.Config) { c.Channels = 17 }},
		{"an order nobody uses", func(c *registermap.Config) { c.Order = "middle" }},
		{"a count that weighs nothing", func(c *registermap.Config) { c.CountWeight = 0 }},
		{"a count that is no number", func(c *registermap.Config) { c.CountWeight = math.NaN() }},
		{"a format nobody uses", func(c *registermap.Config) { c.Format = "bcd" }},
		{"a table that there is none of", func(c *registermap.Config) { c.Table = "coils" }},
		{"values that overlap", func(c *registermap.Config) { c.Stride = 1 }},
		{"more registers than one frame carries", func(c *registermap.Config) { c.Stride = 18 }},
		{"a status that is never read", func(c *registermap.Config) { c.StatusEvery = -1 }},
		{"tracking without registers", func(c *registermap.Config) { c.Tracking[0].Count = 0 }},
		{"weights past the last register", func(c *registermap.Config) { c.First = 65530 }},
	} {
		cfg := eightChannels()
		c.spoil(&cfg)
		if _, err := registermap.New(nil, cfg); err == nil {
			t.Errorf("%s was accepted", c.name)
		}
	}
}

func TestReadWithoutRoomIsRefused(t *testing.T) {
	scale, err := registermap.New(nil, eightChannels())
	if err != nil {
		t.Fatal(err)
	}
	if err := scale.Read(t.Context(), make([]edge.Sample, 7)); err == nil {
		t.Error("seven samples for eight channels were accepted")
	}
}

// holding answers every read with the registers that lie there, in the table that was asked.
type holding map[modbus.Function][]uint16

func (h holding) Do(_ context.Context, _ bus.Priority, e bus.Exchange) ([]byte, error) {
	req, _, err := modbus.ParseRequest(e.Frame)
	if err != nil {
		return nil, err
	}
	return req.AppendRegistersReply(nil, h[req.Function][req.Address:]), nil
}

func TestWhatAValueMeansIsTheConfigurations(t *testing.T) {
	base := registermap.Config{Unit: 1, Channels: 1, CountWeight: 1000}
	for _, c := range []struct {
		name      string
		change    func(*registermap.Config)
		registers []uint16
		want      string
	}{
		{"32 bits with a sign", func(*registermap.Config) {}, []uint16{0xFFFF, 0xFFFE}, "-2000"},
		{"32 bits without", func(c *registermap.Config) { c.Format, c.CountWeight = registermap.Uint32, 1 }, []uint16{0x8000, 0x0001}, "2147483649"},
		{"all of them set", func(c *registermap.Config) { c.Format = registermap.Uint32 }, []uint16{0xFFFF, 0xFFFF}, "overload"},
		{"16 bits with a sign", func(c *registermap.Config) { c.Format = registermap.Int16 }, []uint16{0xFFFE}, "-2000"},
		{"the smallest of them", func(c *registermap.Config) { c.Format = registermap.Int16 }, []uint16{0x8000}, "overload"},
		{"16 bits without", func(c *registermap.Config) { c.Format = registermap.Uint16 }, []uint16{0xFFFE}, "65534000"},
		{"a float", func(c *registermap.Config) { c.Format = registermap.Float32 }, []uint16{0x43B1, 0x0000}, "354000"},
		{"a negative float", func(c *registermap.Config) { c.Format = registermap.Float32 }, []uint16{0xC3B1, 0x0000}, "-354000"},
		{"a float with its low word first", func(c *registermap.Config) {
			c.Format, c.Order = registermap.Float32, registermap.LowFirst
		}, []uint16{0x0000, 0x43B1}, "354000"},
		{"no number", func(c *registermap.Config) { c.Format = registermap.Float32 }, []uint16{0x7FC0, 0x0000}, "overload"},
		{"a float without end", func(c *registermap.Config) { c.Format = registermap.Float32 }, []uint16{0x7F80, 0x0000}, "overload"},
		{"a float beyond any shelf", func(c *registermap.Config) { c.Format = registermap.Float32 }, []uint16{0x7F00, 0x0000}, "overload"},
		{"a fraction of a milligram", func(c *registermap.Config) { c.CountWeight = 0.37 }, []uint16{0x0000, 0x03E8}, "370"},
		{"the other way round", func(c *registermap.Config) { c.Negate = true }, []uint16{0x0000, 0x0002}, "-2000"},
		{"channels with something in between", func(c *registermap.Config) { c.Channels, c.Stride = 2, 4 }, []uint16{0, 1, 9, 9, 0, 2}, "1000, 2000"},
	} {
		cfg := base
		c.change(&cfg)
		for _, table := range []registermap.Table{registermap.Holding, registermap.Input} {
			cfg.Table = table
			function := map[registermap.Table]modbus.Function{registermap.Holding: modbus.ReadHolding, registermap.Input: modbus.ReadInputRegisters}[table]
			scale, err := registermap.New(holding{function: c.registers}, cfg)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if got := hexscript.CallScale(t.Context(), scale, "read"); got != c.want {
				t.Errorf("%s in %s registers: %s, want %s", c.name, table, got, c.want)
			}
		}
	}
}
