package toledo_test

import (
	"context"
	"errors"
	"testing"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/setting"
	"allhours/edge/internal/driver/toledo"
	"allhours/protocol/fieldbus"
)

func sound() toledo.Config {
	return toledo.Config{Unit: fieldbus.Kilograms, Decimals: 2, Checksum: true}
}

func TestRecordedTraffic(t *testing.T) {
	hexscript.RunFeed(t, "testcases/*.hex", func(t *testing.T) (bus.Listener, hexscript.Call) {
		scale, err := toledo.New(sound())
		if err != nil {
			t.Fatal(err)
		}
		return scale, func(ctx context.Context, call string) string { return hexscript.CallScale(ctx, scale, call) }
	})
}

func TestSettingsThatCannotBeAreRefusedByName(t *testing.T) {
	for _, c := range []struct {
		name, field string
		spoil       func(*toledo.Config)
	}{
		{"no unit", "unit", func(c *toledo.Config) { c.Unit = "" }},
		{"more decimals than three bits tell", "decimals", func(c *toledo.Config) { c.Decimals = 6 }},
		{"a parity that there is none of", "seven_bits", func(c *toledo.Config) { c.SevenBits = "mark" }},
		{"readings that never agree", "agree_mg", func(c *toledo.Config) { c.Agree = -1 }},
	} {
		cfg := sound()
		c.spoil(&cfg)
		var wrong *setting.Error
		if _, err := toledo.New(cfg); !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%s: %v, want %s named", c.name, err, c.field)
		}
	}
}
