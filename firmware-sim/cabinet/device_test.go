package cabinet_test

import (
	"strings"
	"testing"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/line"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/toledo"
)

// devices is a cabinet whose first platform is weighed by a scale with a line of its own, beside a reader and a controller.
func devices() cabinet.Plan {
	plan := full(shelves(), 3)
	plan.Devices = []cabinet.Device{
		{Family: cabinet.Toledo, Platform: plan.Platforms[0].ID, Unit: fieldbus.Kilograms, Decimals: 3, Checksum: true},
		{Family: cabinet.ASCIIReader},
		{Family: cabinet.Dixell, Address: 31, Probes: []protocol.DeciCelsius{42}},
	}
	return plan
}

func TestEachDeviceHasALineOfItsOwn(t *testing.T) {
	c := build(t, devices())
	lines := c.Lines()
	if len(lines) != 4 {
		t.Fatalf("%d lines, want the cabinet's and three more", len(lines))
	}
	now := time.Now()
	scale, talks := lines[1].(line.Talker)
	if !talks {
		t.Fatal("the scale does not speak unasked")
	}
	said, _ := scale.Speak(now)
	format := toledo.Format{Unit: fieldbus.Kilograms, Decimals: 3, Checksum: true}
	told, err := format.Parse(said)
	if reports := c.Scales(); err != nil || told.Weight == 0 || len(reports) != 3 {
		t.Errorf("the scale says %+v, %v, one of %d", told, err, len(reports))
	}
	for _, r := range c.Scales() {
		if weighed := r.Platform == devices().Platforms[0].ID; weighed == r.Tracks || weighed && r.Said[len(r.Said)-1] != told.Weight {
			t.Errorf("%+v of a platform that the scale weighs: %v", r, weighed)
		}
	}
	reader := lines[2].(line.Talker)
	if err := c.Show(0, "code"); err != nil {
		t.Error(err)
	}
	if text, _ := reader.Speak(now); string(text) != "code\r\n" {
		t.Errorf("the reader says %q", text)
	}
	ask := []byte{31, 3, 1, 0, 0, 1, 0x86, 0x48}
	if reply := lines[3].Answer(ask, now); len(reply) != 7 || reply[4] != 42 {
		t.Errorf("the controller says % X", reply)
	}
	if reply := c.Answer(ask, now); reply != nil {
		t.Errorf("on the cabinet's line somebody says % X", reply)
	}
}

func TestAScaleThatRestartsIsSilentForAWhile(t *testing.T) {
	plan := devices()
	c := build(t, plan)
	now := time.Now()
	if err := c.Break(now, fault.Fault{Kind: fault.ScaleRestarts, Platform: plan.Platforms[0].ID}, true); err != nil {
		t.Fatal(err)
	}
	scale := c.Lines()[1].(line.Talker)
	said, again := scale.Speak(now)
	if said != nil || again != time.Second {
		t.Errorf("says % X while it starts, and again in %v", said, again)
	}
	if said, _ := scale.Speak(now.Add(again)); said == nil {
		t.Error("silent after its start")
	}
}

func TestDevicesThatCannotBeBuiltAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, want string
		device     cabinet.Device
	}{
		{"a family that there is none of", `family "bell"`, cabinet.Device{Family: "bell"}},
		{"a scale under nothing", `toledo on ""`, cabinet.Device{Family: cabinet.Toledo, Unit: fieldbus.Grams}},
		{"a scale in pounds", "unit of g or kg", cabinet.Device{Family: cabinet.AandD, Platform: "S1", Unit: "lb"}},
		{"a controller without probes", "dixell 31 with 0 probes", cabinet.Device{Family: cabinet.Dixell, Address: 31}},
		{"a reader beside boards", "asciireader cannot share", cabinet.Device{Family: cabinet.ASCIIReader, Shared: true}},
	} {
		plan := shelves()
		plan.Devices = []cabinet.Device{c.device}
		if err := plan.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", c.name, err, c.want)
		}
	}
}
