package cu16_test

import (
	"context"
	"errors"
	"testing"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/cu16"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/setting"
)

func twoLocks() cu16.Config {
	return cu16.Config{Board: 0, Locks: []int{1, 3}, Feedback: guard.Latch}
}

func replay(t *testing.T, pattern string, set func(*cu16.Config)) {
	hexscript.Run(t, pattern, func(t *testing.T, line *bus.Line) hexscript.Call {
		cfg := twoLocks()
		set(&cfg)
		board, err := cu16.New(line, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, call string) string { return hexscript.CallLock(ctx, board, call) }
	})
}

func TestRecordedTraffic(t *testing.T) { replay(t, "testcases/*.hex", func(*cu16.Config) {}) }

func TestRecordedTrafficOfTheOtherLayout(t *testing.T) {
	replay(t, "testcases/early/*.hex", func(c *cu16.Config) { c.EndMark, c.ClearBusy = cu16.EndEarly, true })
}

func TestRecordedTrafficOfDoorsBeforeSensors(t *testing.T) {
	replay(t, "testcases/infrared/*.hex", func(c *cu16.Config) { c.Infrared = cu16.InfraredDoor })
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*cu16.Config)
		field string
	}{
		{"everybody's board", func(c *cu16.Config) { c.Board = 15 }, "board"},
		{"no lock at all", func(c *cu16.Config) { c.Locks = nil }, "locks"},
		{"a lock that no board has", func(c *cu16.Config) { c.Locks[1] = 17 }, "locks[1]"},
		{"one lock on two channels", func(c *cu16.Config) { c.Locks[1] = 1 }, "locks[1]"},
		{"contacts of nobody knows what", func(c *cu16.Config) { c.Feedback = "" }, "feedback"},
		{"an end mark nowhere", func(c *cu16.Config) { c.EndMark = "middle" }, "end_mark"},
		{"a sensor for nothing", func(c *cu16.Config) { c.Infrared = "goods" }, "infrared"},
		{"a sensor that the layout does not tell", func(c *cu16.Config) { c.Infrared, c.EndMark = "door", "early" }, "infrared"},
	} {
		cfg := twoLocks()
		c.spoil(&cfg)
		_, err := cu16.New(nil, cfg)
		if wrong, ok := errors.AsType[*setting.Error](err); !ok || wrong.Field != c.field {
			t.Errorf("%s: %v, want %s to be named", c.name, err, c.field)
		}
	}
	if board, err := cu16.New(nil, twoLocks()); err != nil || board.Channels() != 2 {
		t.Errorf("right settings: %v", err)
	}
}
