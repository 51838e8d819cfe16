package cu48_test

import (
	"context"
	"errors"
	"testing"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/cu48"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/setting"
)

func twoLocks() cu48.Config {
	return cu48.Config{Device: 2, Locks: []int{1, 48}, Feedback: guard.Latch}
}

func replay(t *testing.T, pattern string, set func(*cu48.Config)) {
	hexscript.Run(t, pattern, func(t *testing.T, line *bus.Line) hexscript.Call {
		cfg := twoLocks()
		set(&cfg)
		board, err := cu48.New(line, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, call string) string { return hexscript.CallLock(ctx, board, call) }
	})
}

func TestRecordedTraffic(t *testing.T) { replay(t, "testcases/*.hex", func(*cu48.Config) {}) }

func TestRecordedTrafficOfTheVariantThatSpeaksModbus(t *testing.T) {
	replay(t, "testcases/modbus/*.hex", func(c *cu48.Config) { c.Protocol = cu48.Modbus })
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*cu48.Config)
		field string
	}{
		{"no lock at all", func(c *cu48.Config) { c.Locks = nil }, "locks"},
		{"a lock that no board has", func(c *cu48.Config) { c.Locks[0] = 49 }, "locks[0]"},
		{"contacts of nobody knows what", func(c *cu48.Config) { c.Feedback = "both" }, "feedback"},
		{"a protocol of nobody's", func(c *cu48.Config) { c.Protocol = "scu" }, "protocol"},
		{"everybody's Modbus address", func(c *cu48.Config) { c.Protocol, c.Device = cu48.Modbus, 0 }, "device"},
	} {
		cfg := twoLocks()
		c.spoil(&cfg)
		_, err := cu48.New(nil, cfg)
		if wrong, ok := errors.AsType[*setting.Error](err); !ok || wrong.Field != c.field {
			t.Errorf("%s: %v, want %s to be named", c.name, err, c.field)
		}
	}
	if board, err := cu48.New(nil, twoLocks()); err != nil || board.Channels() != 2 {
		t.Errorf("right settings: %v", err)
	}
}
