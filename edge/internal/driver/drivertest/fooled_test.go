package drivertest_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goccy/go-yaml"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/drivertest"
	"allhours/protocol/fieldbus/cu16"
	"allhours/protocol/fieldbus/cu48"
	"allhours/protocol/fieldbus/lock8a"
	"allhours/protocol/fieldbus/wkly"
)

// weakBoards lists the boards whose checksum has eight bits: how the driver is told, and what a board whose eight locks
// are all closed or all not answers to a query; nil for anything else.
func weakBoards() []struct {
	name, yaml string
	answer     func(heard []byte, closed bool) []byte
} {
	eight := map[bool]uint16{true: 0xFF}
	return []struct {
		name, yaml string
		answer     func(heard []byte, closed bool) []byte
	}{
		{"cu16", "cu16: {board: 0, locks: [1, 2, 3, 4, 5, 6, 7, 8], feedback: latch}", func(heard []byte, closed bool) []byte {
			req, _, err := cu16.ParseRequest(heard)
			return unless(err, req.AppendReply(nil, cu16.State{Hooks: eight[closed]}))
		}},
		{"cu48", "cu48: {device: 2, locks: [1, 2, 3, 4, 5, 6, 7, 8], feedback: latch}", func(heard []byte, closed bool) []byte {
			req, _, err := cu48.ParseRequest(heard)
			return unless(err, req.AppendReply(nil, uint64(eight[closed])))
		}},
		{"lock8a", "lock8a: {board: 1, locks: [1, 2, 3, 4, 5, 6, 7, 8], feedback: latch, contact: locked}", func(heard []byte, closed bool) []byte {
			req, _, err := lock8a.ParseRequest(heard)
			if err != nil || req.Kind != lock8a.ReadAll {
				return nil
			}
			return req.AppendReply(nil, uint32(eight[closed]))
		}},
		{"wkly", "wkly: {board: 0, first: 1, locks: [1, 2, 3, 4, 5, 6, 7, 8], feedback: latch, query: all}", func(heard []byte, closed bool) []byte {
			req, _, err := wkly.ParseRequest(heard)
			return unless(err, req.AppendReply(nil, wkly.Reply{Done: true, Closed: slices.Repeat([]bool{closed}, 8)}))
		}},
	}
}

func unless(err error, reply []byte) []byte {
	if err != nil {
		return nil
	}
	return reply
}

// TestAFooledChecksumNeverTellsAWrongState lets so many answers arrive with one bit in a hundred turned over that some
// wrong ones pass their checksum. It takes fake time, because that many answers take an hour on a line.
func TestAFooledChecksumNeverTellsAWrongState(t *testing.T) {
	const polls, changes, flips = 5000, 100, 0.01
	for _, c := range weakBoards() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chance, closed := rand.New(rand.NewPCG(1, 1)), false
				twin := bustest.NewBoard(func(frame string) []bustest.Part {
					reply := c.answer([]byte(frame), closed)
					for i := range 8 * len(reply) {
						if chance.Float64() < flips {
							reply[i/8] ^= 1 << (i % 8)
						}
					}
					return []bustest.Part{{After: 5 * time.Millisecond, Bytes: string(reply)}}
				})
				board := weakDriver(t, c.yaml, twin)
				told := 0
				for i := range polls {
					closed = i/changes%2 == 0
					in, err := board.Inputs(t.Context())
					if err != nil {
						continue
					}
					told++
					for ch, one := range in.Channels {
						if one.LatchLocked != edge.TriOf(closed) {
							t.Errorf("poll %d: channel %d is told as %v", i, ch, one.LatchLocked)
						}
					}
				}
				t.Logf("%d of %d states were told", told, polls)
				if told < polls/4 {
					t.Error("that is too few to be of use")
				}
			})
		})
	}
}

func weakDriver(t *testing.T, text string, twin *bustest.Board) edge.LockBoard {
	t.Helper()
	var cfg driver.LockConfig
	if err := yaml.UnmarshalWithOptions([]byte(text), &cfg, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	line := bustest.Start(t, bus.Config{Name: "fooled", Baud: drivertest.Baud}, twin.Open)
	synctest.Wait()
	board, err := driver.NewLockBoard(line, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return board
}
