package driver_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/drivertest"
)

// thinks is what a board may take on a machine that is busy with something else.
const thinks = 300 * time.Millisecond

// asked asks one address of every way to ask, and gives who answered.
func asked(t *testing.T, line *bus.Line, address byte) []driver.Found {
	t.Helper()
	var all []driver.Found
	for _, search := range driver.Searches() {
		if len(search.Addresses) == 1 {
			address = search.Addresses[0]
		}
		found, err := search.Ask(t.Context(), line, address)
		if err == nil {
			all = append(all, found)
		}
	}
	return all
}

func TestEachFamilyIsFoundByWhatItAloneAnswersAndNoLockIsFired(t *testing.T) {
	program, err := drivertest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	lock := func(family string, unit int, more map[string]any) map[string]any {
		one := map[string]any{"family": family, "unit": unit, "channels": 16, "doors": 2}
		for name, value := range more {
			one[name] = value
		}
		return map[string]any{"locks": []map[string]any{one}}
	}
	cases := []struct {
		name    string
		boards  map[string]any
		wire    int
		address byte
		family  string
		check   func(f driver.Found) bool
	}{
		{"a relay board of 16 inputs", lock("modbusrelay", 4, nil), 0, 4, "modbusrelay", func(f driver.Found) bool { return len(f.Lock.ModbusRelay.Channels) == 8 }},
		{"a CU16", lock("cu16", 4, nil), 0, 4, "cu16", func(f driver.Found) bool { return f.Lock.CU16.EndMark == "" }},
		{"a CU16 whose end mark comes early", lock("cu16", 4, map[string]any{"end_early": true}), 0, 4, "cu16", func(f driver.Found) bool { return f.Lock.CU16.EndMark == "early" }},
		{"a CU48", lock("cu48", 4, nil), 0, 4, "cu48", func(f driver.Found) bool { return f.Lock.CU48.Protocol == "" }},
		{"a CU48 that speaks Modbus", lock("cu48modbus", 4, nil), 0, 4, "cu48", func(f driver.Found) bool { return f.Lock.CU48.Protocol == "modbus" }},
		{"an 8A board", lock("lock8a", 4, nil), 0, 4, "lock8a", func(driver.Found) bool { return true }},
		{"a WKLY that counts from 0", lock("wkly", 4, map[string]any{"first": 0}), 0, 4, "wkly", func(driver.Found) bool { return true }},
		{"a weight transmitter", nil, 0, 11, "modbusscale", func(driver.Found) bool { return true }},
		{"a weight board of eight", map[string]any{"layout": "lanes"}, 0, 11, "registermap", func(f driver.Found) bool { return f.Scale.Channels() == 8 }},
		{"a temperature controller", map[string]any{"devices": []map[string]any{{"family": "dixell", "address": 7, "probes_dc": []int{35, 40}, "shared": true}}}, 0, 7, "dixell", func(f driver.Found) bool { return f.Thermometer.Dixell.Probes == 2 }},
		{"an MT-SICS scale", map[string]any{"devices": []map[string]any{{"family": "mtsics", "platform": "S1", "unit": "kg", "decimals": 3}}}, 1, 0, "mtsics", func(f driver.Found) bool {
			return f.Scale.MTSICS.Unit == "kg" && f.Scale.MTSICS.Decimals == 3
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			twin := drivertest.Start(t, program, c.boards)
			open, err := bus.Serial(twin.LinePath(c.wire), drivertest.Baud, bus.ParityNone)
			if err != nil {
				t.Fatal(err)
			}
			line := bustest.Start(t, bus.Config{Name: "twin", Baud: drivertest.Baud, ReplyTimeout: thinks}, open)
			found := asked(t, line, c.address)
			if len(found) != 1 || found[0].Family() != c.family || !c.check(found[0]) {
				t.Errorf("found %s: want one %s", words(found), c.family)
			}
			for _, board := range twin.Locks(0) {
				if board.Orders != 0 || board.Pulses != 0 {
					t.Errorf("a lock was fired: %+v", board)
				}
			}
		})
	}
}

func TestWhatSpeaksUnaskedIsToldByItsForm(t *testing.T) {
	program, err := drivertest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		device map[string]any
		check  func(f driver.Found) bool
	}{
		{"an A&D scale", map[string]any{"family": "aandd", "unit": "g", "decimals": 1}, func(f driver.Found) bool {
			return f.Scale.AandD != nil && f.Scale.AandD.Decimals == 1 && f.Scale.AandD.Width == 8
		}},
		{"an A&D scale of seven bits", map[string]any{"family": "aandd", "unit": "kg", "decimals": 3, "seven_bits": "even"}, func(f driver.Found) bool {
			return f.Scale.AandD != nil && f.Scale.AandD.SevenBits == "even" && f.Scale.AandD.Unit == "kg"
		}},
		{"a Toledo with a checksum", map[string]any{"family": "toledo", "unit": "kg", "decimals": 3, "checksum": true}, func(f driver.Found) bool {
			return f.Scale.Toledo != nil && f.Scale.Toledo.Checksum && f.Scale.Toledo.Decimals == 3
		}},
		{"a Toledo without one", map[string]any{"family": "toledo", "unit": "g", "decimals": 0}, func(f driver.Found) bool {
			return f.Scale.Toledo != nil && !f.Scale.Toledo.Checksum && f.Scale.Toledo.Unit == "g"
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.device["platform"] = "S1"
			twin := drivertest.Start(t, program, map[string]any{"devices": []map[string]any{c.device}})
			if found, known := driver.Heard(hear(t, twin.LinePath(1))); !known || !c.check(found) {
				t.Errorf("heard %+v, %v", found, known)
			}
		})
	}
}

// hear listens until enough was said for several readings.
func hear(t *testing.T, path string) (heard []byte) {
	t.Helper()
	open, err := bus.Serial(path, drivertest.Baud, bus.ParityNone)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	port, err := open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	if err := port.SetReadTimeout(100 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 256)
	for len(heard) < 100 {
		n, err := port.Read(buf)
		if err != nil || ctx.Err() != nil {
			t.Fatalf("heard %q, then %v, %v", heard, err, ctx.Err())
		}
		heard = append(heard, buf[:n]...)
	}
	return heard
}

func words(all []driver.Found) (text []string) {
	for _, f := range all {
		raw, err := yaml.Marshal(f)
		text = append(text, fmt.Sprintf("%s %s %v", f.Words(), raw, err))
	}
	return text
}
