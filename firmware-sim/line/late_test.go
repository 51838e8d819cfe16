package line

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

// sluggish is a wire whose machine oversleeps once, while the master gives up and asks again.
type sluggish struct {
	asked [][]byte // what await gives, one after the other
	again []byte   // what comes in during the oversleep
	sleep int      // which sleep is the long one
	slept int
	sent  [][]byte
}

func (w *sluggish) await(time.Duration) ([]byte, error) {
	if len(w.asked) == 0 {
		return nil, ErrClosed
	}
	time.Sleep(10 * time.Millisecond) // the silence before a frame
	next := w.asked[0]
	w.asked = w.asked[1:]
	return next, nil
}

func (w *sluggish) arrived() []byte {
	if w.slept < w.sleep {
		return nil
	}
	again := w.again
	w.again = nil
	return again
}

func (w *sluggish) sleepUntil(moment time.Time) {
	if w.slept++; w.slept == w.sleep {
		moment = moment.Add(100 * time.Millisecond)
	}
	time.Sleep(time.Until(moment))
}

func (w *sluggish) send(p []byte) error {
	w.sent = append(w.sent, p)
	return nil
}

// mirror answers each frame with itself.
type mirror struct{}

func (mirror) Answer(heard []byte, _ time.Time) []byte { return heard }

func TestABusyMachineLosesAPollButNotWhatTheMasterAsksAfterIt(t *testing.T) {
	for name, sleep := range map[string]int{"late while the frame is heard": 1, "late while the board answers": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &sluggish{asked: [][]byte{{1}, {3}}, again: []byte{2}, sleep: sleep}
				if err := serve(w, Speed{Baud: 115200, Response: time.Millisecond}, mirror{}); err == nil {
					t.Fatal("serving ended without the line's end")
				}
				if got := bytes.Join(w.sent, nil); !bytes.Equal(got, []byte{2, 3}) {
					t.Fatalf("sent % X, want 02 03: the first was given up", got)
				}
			})
		})
	}
}
