package continuous_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"allhours/edge/internal/driver/agree"
	"allhours/edge/internal/driver/continuous"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/aandd"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/toledo"
)

// stream is one family on a wire: what is sent for a reading, and how frames are found and read.
type stream struct {
	name   string
	send   func(fieldbus.Reading) []byte
	frames continuous.Frames
	parse  func([]byte) (fieldbus.Reading, error)
}

func aandDStream(name string, parity ascii.Parity) stream {
	f := aandd.Format{Unit: fieldbus.Grams, Decimals: 1, Width: 7}
	send := func(r fieldbus.Reading) []byte { return parity.Append(nil, string(f.AppendLine(nil, r))) }
	return stream{name, send, ascii.NewLines(aandd.MaxLine, parity), f.Parse}
}

func toledoStream(name string, sum bool, parity ascii.Parity) stream {
	f := toledo.Format{Unit: fieldbus.Grams, Decimals: 1, Checksum: sum, Parity: parity}
	send := func(r fieldbus.Reading) []byte { return f.AppendFrame(nil, r) }
	return stream{name, send, toledo.NewFrames(f), f.Parse}
}

// tally is what became of the frames of a scale that stands still but for its last digit.
type tally struct {
	frames  int
	refused int
	alone   int // wrong weights that one frame alone would have told
	told    int
	wrong   int // weights that were told and are none that the scale said
}

// play sends frames through a line that turns bits over with a chance.
func (s stream) play(frames int, flips float64, seed uint64) tally {
	chance := rand.New(rand.NewPCG(seed, 99))
	window := agree.NewWindow(agree.Within(0, fieldbus.Grams, 1))
	n, at := tally{frames: frames}, time.Unix(0, 0)
	for range frames {
		at = at.Add(100 * time.Millisecond)
		sent := s.send(fieldbus.Reading{Weight: dance(chance)})
		for i := range sent {
			for bit := range 8 {
				if chance.Float64() < flips {
					sent[i] ^= 1 << bit
				}
			}
			frame, ended := s.frames.Push(sent[i])
			if !ended {
				continue
			}
			if frame == nil {
				n.refused++
				window.Refuse()
				continue
			}
			n.take(s, frame, window, at)
		}
	}
	return n
}

const lies = protocol.Milligrams(1_234_500) // what lies on the scale

// dance is what it shows: the last digit moves by one.
func dance(chance *rand.Rand) protocol.Milligrams {
	return lies + protocol.Milligrams(chance.IntN(3)-1)*100
}

// off tells whether a weight is beyond all that was said.
func off(w protocol.Milligrams) bool { return w < lies-100 || w > lies+100 }

func (n *tally) take(s stream, frame []byte, window *agree.Window, at time.Time) {
	r, err := s.parse(frame)
	if err != nil {
		n.refused++
		window.Refuse()
		return
	}
	if !r.Over && off(r.Weight) {
		n.alone++
	}
	if sample, err := window.Add(r, at); err == nil && !r.Over {
		n.told++
		if off(sample.Weight) {
			n.wrong++
		}
	}
}

// TestNoWrongWeightIsToldOnANoisyLine counts; NOISE_TIMES makes it count so many times as far.
func TestNoWrongWeightIsToldOnANoisyLine(t *testing.T) {
	times, err := strconv.Atoi(os.Getenv("NOISE_TIMES"))
	if err != nil {
		times = 1
	}
	rates := []struct {
		flips  float64
		frames int
	}{{1e-6, 500}, {1e-5, 500}, {1e-4, 1000}, {1e-3, 2000}, {1e-2, 12_000}}
	for _, s := range []stream{
		aandDStream("A&D", ascii.Eight), aandDStream("A&D with parity", ascii.Even),
		toledoStream("Toledo", false, ascii.Eight), toledoStream("Toledo with checksum", true, ascii.Eight),
		toledoStream("Toledo with checksum and parity", true, ascii.Even),
	} {
		for _, r := range rates {
			n := s.play(times*r.frames, r.flips, 5)
			t.Logf("%s at %.0e: %d frames, %d refused, %d wrong alone, %d told, %d told wrong", s.name, r.flips, n.frames, n.refused, n.alone, n.told, n.wrong)
			if n.wrong > 0 {
				t.Errorf("%s at %.0e: %d wrong weights of %d", s.name, r.flips, n.wrong, n.told)
			}
		}
	}
}
