package mtsics_test

import (
	"context"
	"errors"
	"testing"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/mtsics"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol/fieldbus"
)

func sound() mtsics.Config { return mtsics.Config{Unit: fieldbus.Grams, Decimals: 2} }

func TestRecordedTraffic(t *testing.T) {
	hexscript.Run(t, "testcases/*.hex", func(t *testing.T, line *bus.Line) hexscript.Call {
		scale, err := mtsics.New(line, sound())
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, call string) string { return hexscript.CallScale(ctx, scale, call) }
	})
}

func TestSettingsThatCannotBeAreRefusedByName(t *testing.T) {
	for _, c := range []struct {
		name, field string
		spoil       func(*mtsics.Config)
	}{
		{"no unit", "unit", func(c *mtsics.Config) { c.Unit = "" }},
		{"fewer decimals than none", "decimals", func(c *mtsics.Config) { c.Decimals = -1 }},
		{"a parity that there is none of", "seven_bits", func(c *mtsics.Config) { c.SevenBits = "mark" }},
		{"readings that never agree", "agree_mg", func(c *mtsics.Config) { c.Agree = -1 }},
	} {
		cfg := sound()
		c.spoil(&cfg)
		var wrong *setting.Error
		if _, err := mtsics.New(nil, cfg); !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%s: %v, want %s named", c.name, err, c.field)
		}
	}
}

func TestReadWithoutRoomIsRefused(t *testing.T) {
	scale, err := mtsics.New(nil, sound())
	if err != nil {
		t.Fatal(err)
	}
	if err := scale.Read(t.Context(), []edge.Sample{}); err == nil {
		t.Error("no room for a sample was accepted")
	}
}
