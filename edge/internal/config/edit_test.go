package config_test

import (
	"strings"
	"testing"

	"allhours/edge/internal/config"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/modbusscale"
	"allhours/protocol"
)

const written = `# the cabinet at the gate
cabinet: xs-01 # for life
lines: [{name: line0, path: "/dev/ttyUSB0", baud: 9600}]

scales:
  # the upper shelf
  - line: line0
    platforms: [S1]
    modbusscale: {unit: 11} # board 7 of the delivery
  - {line: line0, platforms: [S2], modbusscale: {unit: 13}}

# nothing below belongs to the scales
claimed: {by: somebody}
`

func scaleAt(unit byte) config.Scale {
	return config.Scale{Line: "line0", Platforms: []protocol.PlatformID{"S3"}, ScaleConfig: driver.ScaleConfig{ModbusScale: &modbusscale.Config{Unit: unit}}}
}

func TestAnEditTouchesNothingButWhatItMust(t *testing.T) {
	cases := []struct {
		name     string
		edit     func(*config.Edit) error
		old, now string // in the text
	}{
		{
			"another address of a board", func(e *config.Edit) error { return e.Set("scales[1].modbusscale.unit", 1) },
			"modbusscale: {unit: 13}", "modbusscale: {unit: 1}",
		},
		{
			"another address behind a comment", func(e *config.Edit) error { return e.Set("scales[0].modbusscale.unit", 12) },
			"{unit: 11} # board", "{unit: 12} # board",
		},
		{
			"another path in quotes", func(e *config.Edit) error { return e.Set("lines[0].path", "/dev/ttyACM0") },
			`"/dev/ttyUSB0"`, `/dev/ttyACM0`,
		},
		{
			"one more scale", func(e *config.Edit) error { return e.Append("scales", scaleAt(14), "found by the doctor") },
			"unit: 13}}\n", "unit: 13}}\n  # found by the doctor\n  - {line: line0, platforms: [S3], modbusscale: {unit: 14}}\n",
		},
		{
			"one more line in a list of one line", func(e *config.Edit) error {
				return e.Append("lines", config.Line{Name: "line1", Path: "/dev/ttyUSB1", Baud: 9600}, "")
			},
			`baud: 9600}]`, `baud: 9600}, {name: line1, path: /dev/ttyUSB1, baud: 9600}]`,
		},
		{
			"a list that is not there yet", func(e *config.Edit) error {
				return e.Append("readers", config.Reader{Line: "line1", ReaderConfig: driver.ReaderConfig{}}, "")
			},
			"{by: somebody}\n", "{by: somebody}\nreaders:\n  - {line: line1}\n",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := config.NewEdit([]byte(written))
			if err := c.edit(e); err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(written, c.old, c.now, 1); string(e.Bytes()) != want {
				t.Errorf("got\n%s\nwant\n%s", e.Bytes(), want)
			}
		})
	}
}

func TestAnEditThatCannotBeMadeChangesNothing(t *testing.T) {
	e := config.NewEdit([]byte(written))
	if err := e.Set("scales[7].modbusscale.unit", 1); err == nil {
		t.Error("set what is not there")
	}
	if err := e.Append("cabinet", scaleAt(14), ""); err == nil {
		t.Error("appended to a name")
	}
	if string(e.Bytes()) != written {
		t.Errorf("changed to\n%s", e.Bytes())
	}
}
