package aandd_test

import (
	"context"
	"errors"
	"testing"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/aandd"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
)

func sound() aandd.Config { return aandd.Config{Unit: fieldbus.Grams, Decimals: 1} }

func TestRecordedTraffic(t *testing.T) {
	hexscript.RunFeed(t, "testcases/*.hex", func(t *testing.T) (bus.Listener, hexscript.Call) {
		scale, err := aandd.New(sound())
		if err != nil {
			t.Fatal(err)
		}
		return scale, func(ctx context.Context, call string) string { return hexscript.CallScale(ctx, scale, call) }
	})
}

func TestWithParityAChangedBitIsNoticed(t *testing.T) {
	hexscript.RunFeed(t, "testcases/seven_bits/*.hex", func(t *testing.T) (bus.Listener, hexscript.Call) {
		cfg := sound()
		cfg.SevenBits = ascii.Even
		scale, err := aandd.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return scale, func(ctx context.Context, call string) string { return hexscript.CallScale(ctx, scale, call) }
	})
}

func TestSettingsThatCannotBeAreRefusedByName(t *testing.T) {
	for _, c := range []struct {
		name, field string
		spoil       func(*aandd.Config)
	}{
		{"no unit", "unit", func(c *aandd.Config) { c.Unit = "" }},
		{"pounds", "unit", func(c *aandd.Config) { c.Unit = "lb" }},
		{"more decimals than there are", "decimals", func(c *aandd.Config) { c.Decimals = 7 }},
		{"a number without room for its point", "width", func(c *aandd.Config) { c.Decimals, c.Width = 4, 5 }},
		{"a parity that there is none of", "seven_bits", func(c *aandd.Config) { c.SevenBits = "mark" }},
		{"readings that never agree", "agree_mg", func(c *aandd.Config) { c.Agree = -1 }},
	} {
		cfg := sound()
		c.spoil(&cfg)
		var wrong *setting.Error
		if _, err := aandd.New(cfg); !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%s: %v, want %s named", c.name, err, c.field)
		}
	}
}
