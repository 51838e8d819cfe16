package bus_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
)

// baud of the tests' lines: a byte takes 1.04 ms, the silence 3.65 ms.
const baud = 9600

// part is what a board of these tests plays.
type part = bustest.Part

// ask is an exchange of a toy protocol: a frame of 4 characters is answered by its first two in capitals and "ok", and
// "##" in place of "ok" is damage.
func ask(frame string, attempts int) bus.Exchange {
	head := strings.ToUpper(frame[:2])
	return bus.Exchange{
		Frame: []byte(frame), ReplyLen: 4, Attempts: attempts,
		Need: func(received []byte) (int, error) {
			n := min(len(received), 2)
			if string(received[:n]) != head[:n] {
				return 0, errors.New("foreign")
			}
			return 4, nil
		},
		Check: func(frame []byte) error {
			if string(frame[2:]) != "ok" {
				return errors.New("damaged")
			}
			return nil
		},
	}
}

// polite answers every frame after 10 ms.
func polite(frame string) []part {
	return []part{{After: 10 * time.Millisecond, Bytes: strings.ToUpper(frame[:2]) + "ok"}}
}

// start runs a line for the test's board and lets it open its port.
func start(t *testing.T, b *bustest.Board, cfg bus.Config) *bus.Line {
	t.Helper()
	cfg.Name, cfg.Baud = "test", baud
	line := bustest.Start(t, cfg, b.Open)
	synctest.Wait()
	return line
}

// frames lists what the board heard.
func frames(b *bustest.Board) []string {
	var all []string
	for _, s := range b.Heard() {
		all = append(all, s.Frame)
	}
	return all
}
