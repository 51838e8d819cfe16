package modbusrelay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/modbusrelay"
)

func twoDoors() modbusrelay.Config {
	return modbusrelay.Config{
		Unit: 1,
		Channels: []modbusrelay.Channel{
			{Relay: 0, Door: modbusrelay.Input{Number: 1}, Latch: modbusrelay.Input{Number: 2}},
			{Relay: 1, Door: modbusrelay.Input{Number: 3, Inverted: true}},
		},
	}
}

func TestRecordedTraffic(t *testing.T) {
	hexscript.Run(t, "testcases/*.hex", func(t *testing.T, line *bus.Line) hexscript.Call {
		board, err := modbusrelay.New(line, twoDoors())
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, call string) string { return hexscript.CallLock(ctx, board, call) }
	})
}

func TestAPulseThatCannotLeaveHasNotOpened(t *testing.T) {
	dead := bus.New(bus.Config{Name: "dead", Baud: 9600}, nil)
	board, err := modbusrelay.New(dead, twoDoors())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := board.Pulse(ctx, 0, 700*time.Millisecond); err == nil || errors.Is(err, edge.ErrPulseUnknown) {
		t.Errorf("a pulse that never left: %v", err)
	}
}

// ways records how the driver used the line.
type ways []string

func (w *ways) Do(_ context.Context, p bus.Priority, e bus.Exchange) ([]byte, error) {
	*w = append(*w, fmt.Sprintf("urgent %v, %d attempts", p == bus.Urgent, e.Attempts))
	return nil, bus.ErrTimeout
}

func TestOnlyAPulseGoesBeforePollsAndOnlyAReadingIsRepeated(t *testing.T) {
	var used ways
	board, err := modbusrelay.New(&used, twoDoors())
	if err != nil {
		t.Fatal(err)
	}
	if err := board.Pulse(t.Context(), 0, 700*time.Millisecond); !errors.Is(err, edge.ErrPulseUnknown) {
		t.Errorf("a pulse without an answer: %v", err)
	}
	if _, err := board.Inputs(t.Context()); err == nil {
		t.Error("inputs without an answer were read")
	}
	if want := (ways{"urgent true, 1 attempts", "urgent false, 2 attempts"}); !slices.Equal(used, want) {
		t.Errorf("the line was used so: %q, want %q", used, want)
	}
}

func TestWiringThatCannotBeIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*modbusrelay.Config)
	}{
		{"everybody's address", func(c *modbusrelay.Config) { c.Unit = 0 }},
		{"no lock at all", func(c *modbusrelay.Config) { c.Channels = nil }},
		{"two locks on one relay", func(c *modbusrelay.Config) { c.Channels[1].Relay = 0 }},
		{"two meanings of one input", func(c *modbusrelay.Config) { c.Channels[1].Door.Number = 2 }},
		{"an input that no board has", func(c *modbusrelay.Config) { c.Channels[1].Door.Number = 33 }},
		{"a relay that no board has", func(c *modbusrelay.Config) { c.Channels[1].Relay = -1 }},
		{"a pulse that burns a solenoid", func(c *modbusrelay.Config) { c.MaxPulseMS = 60_000 }},
	} {
		cfg := twoDoors()
		c.spoil(&cfg)
		if _, err := modbusrelay.New(nil, cfg); err == nil {
			t.Errorf("%s was accepted", c.name)
		}
	}
	if _, err := modbusrelay.New(nil, twoDoors()); err != nil {
		t.Errorf("right wiring: %v", err)
	}
}
