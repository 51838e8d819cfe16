package wkly_test

import (
	"context"
	"errors"
	"testing"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/setting"
	"allhours/edge/internal/driver/wkly"
)

func twoLocks() wkly.Config {
	return wkly.Config{Board: 0, First: 1, Locks: []int{1, 3}, Feedback: guard.Latch}
}

func replay(t *testing.T, pattern string, set func(*wkly.Config)) {
	hexscript.Run(t, pattern, func(t *testing.T, line *bus.Line) hexscript.Call {
		cfg := twoLocks()
		set(&cfg)
		board, err := wkly.New(line, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, call string) string { return hexscript.CallLock(ctx, board, call) }
	})
}

func TestRecordedTraffic(t *testing.T) { replay(t, "testcases/*.hex", func(*wkly.Config) {}) }

func TestRecordedTrafficOfTheQueryForAll(t *testing.T) {
	replay(t, "testcases/all/*.hex", func(c *wkly.Config) { c.First, c.Locks, c.Query = 0, []int{0, 2}, wkly.QueryAll })
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*wkly.Config)
		field string
	}{
		{"a board beyond the last", func(c *wkly.Config) { c.Board = 32 }, "board"},
		{"a lock before the first", func(c *wkly.Config) { c.Locks[0] = 0 }, "locks[0]"},
		{"a first lock that no board counts from", func(c *wkly.Config) { c.First = 2 }, "first"},
		{"contacts of nobody knows what", func(c *wkly.Config) { c.Feedback = "" }, "feedback"},
		{"a query for some", func(c *wkly.Config) { c.Query = "some" }, "query"},
	} {
		cfg := twoLocks()
		c.spoil(&cfg)
		_, err := wkly.New(nil, cfg)
		if wrong, ok := errors.AsType[*setting.Error](err); !ok || wrong.Field != c.field {
			t.Errorf("%s: %v, want %s to be named", c.name, err, c.field)
		}
	}
	if board, err := wkly.New(nil, twoLocks()); err != nil || board.Channels() != 2 {
		t.Errorf("right settings: %v", err)
	}
}
