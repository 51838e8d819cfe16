package lock8a_test

import (
	"context"
	"errors"
	"testing"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/guard"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/lock8a"
	"allhours/edge/internal/driver/setting"
)

func twoLocks() lock8a.Config {
	return lock8a.Config{Board: 1, Locks: []int{1, 3}, Feedback: guard.Latch, Contact: lock8a.ShortedWhenLocked}
}

func replay(t *testing.T, pattern string, set func(*lock8a.Config)) {
	hexscript.Run(t, pattern, func(t *testing.T, line *bus.Line) hexscript.Call {
		cfg := twoLocks()
		set(&cfg)
		board, err := lock8a.New(line, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, call string) string { return hexscript.CallLock(ctx, board, call) }
	})
}

func TestRecordedTraffic(t *testing.T) { replay(t, "testcases/*.hex", func(*lock8a.Config) {}) }

func TestRecordedTrafficOfInvertedContacts(t *testing.T) {
	replay(t, "testcases/inverted/*.hex", func(c *lock8a.Config) { c.Contact, c.Query = lock8a.ShortedWhenOpen, lock8a.QueryEach })
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*lock8a.Config)
		field string
	}{
		{"board 0", func(c *lock8a.Config) { c.Board = 0 }, "board"},
		{"a lock that no board has", func(c *lock8a.Config) { c.Locks[0] = 25 }, "locks[0]"},
		{"a polarity that nobody looked up", func(c *lock8a.Config) { c.Contact = "" }, "contact"},
		{"contacts of nobody knows what", func(c *lock8a.Config) { c.Feedback = "" }, "feedback"},
		{"a query for some", func(c *lock8a.Config) { c.Query = "some" }, "query"},
	} {
		cfg := twoLocks()
		c.spoil(&cfg)
		_, err := lock8a.New(nil, cfg)
		if wrong, ok := errors.AsType[*setting.Error](err); !ok || wrong.Field != c.field {
			t.Errorf("%s: %v, want %s to be named", c.name, err, c.field)
		}
	}
	if board, err := lock8a.New(nil, twoLocks()); err != nil || board.Channels() != 2 {
		t.Errorf("right settings: %v", err)
	}
}
