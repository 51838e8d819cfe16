package line

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Noise is what is wrong with a line; the zero value is a sound one. Shares are between 0 and 1, of the frames in either
// direction. The same seed and the same frames give the same noise.
type Noise struct {
	Seed    uint64
	Flips   float64       // chance of each bit to arrive turned over
	Lost    float64       // share of frames that nobody hears
	Doubled float64       // share of frames that come twice without a pause
	Merged  float64       // share of frames that are held back and come together with the next one
	Split   float64       // share of frames that come in two pieces, with a pause that ends a frame
	Late    time.Duration // that every reply is kept from the master beyond its time
	Foreign float64       // share of replies before or in place of which Frame is heard
	Frame   []byte        // another board's reply
	Echo    bool          // the master hears itself
	Silent  bool          // the boards hear, but nobody hears them
	Babble  bool          // a node that sends without end, from the next request on
}

// Times of what goes wrong.
const (
	splitPause  = 8 * time.Millisecond // longer than 3.5 bytes at 9600 baud
	babbleEvery = time.Millisecond
	babbleBytes = 8
)

// disturber holds the noise of one line, across its ports.
type disturber struct {
	mu     sync.Mutex
	noise  Noise
	chance *rand.Rand
}

// Disturb replaces the noise.
func (d *disturber) Disturb(n Noise) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noise = n
	d.chance = rand.New(rand.NewPCG(n.Seed, 0x11E))
}

func (d *disturber) now() Noise {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.noise
}

// happens draws whether something of that share befalls the next frame. What never happens costs no draw.
func (d *disturber) happens(share float64) bool {
	if share <= 0 {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.chance.Float64() < share
}

// random is n bytes of nonsense.
func (d *disturber) random(n int) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(d.chance.Uint32())
	}
	return b
}

// flip turns each bit of a copy over with a chance.
func (d *disturber) flip(p []byte, chance float64) []byte {
	if chance <= 0 {
		return p
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	b := append([]byte(nil), p...)
	for i := range 8 * len(b) {
		if d.chance.Float64() < chance {
			b[i/8] ^= 1 << (i % 8)
		}
	}
	return b
}

// noisyWire is a wire with its noise. It belongs to the goroutine that serves the wire.
type noisyWire struct {
	wire
	*disturber
	toBoards, toMaster []byte // held back until the next frame
	rest               []byte // the second piece of a split request
}

func (w *noisyWire) await(limit time.Duration) ([]byte, error) {
	if rest := w.rest; len(rest) > 0 {
		w.rest = nil
		return rest, nil
	}
	for w.now().Babble {
		heard, err := w.wire.await(babbleEvery)
		if err != nil || len(heard) > 0 {
			return w.hear(heard), err
		}
		if err := w.wire.send(w.random(babbleBytes)); err != nil {
			return nil, err
		}
	}
	heard, err := w.wire.await(limit)
	return w.hear(heard), err
}

func (w *noisyWire) arrived() []byte { return w.hear(w.wire.arrived()) }

// hear is what the boards hear of what the master sent.
func (w *noisyWire) hear(p []byte) []byte {
	if len(p) == 0 {
		return nil
	}
	n := w.now()
	if n.Echo {
		_ = w.wire.send(p) // a closed wire is noticed by the next await
	}
	if n.Babble {
		return w.flip(p, 0.5)
	}
	p = w.mangle(n, p, &w.toBoards)
	if w.happens(n.Split) && len(p) > 1 {
		p, w.rest = p[:len(p)/2], p[len(p)/2:]
	}
	return p
}

// mangle is what is left of a frame; nil where it is lost or held back.
func (w *noisyWire) mangle(n Noise, p []byte, held *[]byte) []byte {
	if w.happens(n.Lost) {
		return nil
	}
	if w.happens(n.Merged) && len(*held) == 0 {
		*held = append([]byte(nil), p...)
		return nil
	}
	p = append(*held, p...)
	*held = nil
	if w.happens(n.Doubled) {
		p = append(p[:len(p):len(p)], p...)
	}
	return w.flip(p, n.Flips)
}

// send is what the master hears of what the boards sent.
func (w *noisyWire) send(p []byte) error {
	n := w.now()
	if n.Silent {
		return nil
	}
	if n.Late > 0 {
		w.sleepUntil(time.Now().Add(n.Late))
	}
	if w.happens(n.Foreign) {
		if w.happens(0.5) {
			return w.wire.send(n.Frame)
		}
		p = append(append([]byte(nil), n.Frame...), p...)
	}
	if n.Babble {
		p = w.flip(p, 0.5)
	}
	p = w.mangle(n, p, &w.toMaster)
	if w.happens(n.Split) && len(p) > 1 {
		if err := w.wire.send(p[:len(p)/2]); err != nil {
			return err
		}
		w.sleepUntil(time.Now().Add(splitPause))
		p = p[len(p)/2:]
	}
	if len(p) == 0 {
		return nil
	}
	return w.wire.send(p)
}
