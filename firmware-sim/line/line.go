package line

import (
	"errors"
	"time"

	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/modbus"
)

// Speed is what the line's time follows from.
type Speed struct {
	Baud     int
	Response time.Duration // what a board takes before it answers, 1 to 10 ms for real ones
}

// Boards hears what was said between two silences.
type Boards interface {
	// Answer gives the reply's bytes, nil for silence. It is called from one goroutine.
	Answer(heard []byte, at time.Time) []byte
}

// ErrClosed is returned by a line that was closed or unplugged.
var ErrClosed = errors.New("line is closed")

// wire is the boards' end of a line.
type wire interface {
	// await blocks until the master has sent something. It fails with ErrClosed.
	await() ([]byte, error)
	// arrived gives at once what the master has sent since, if anything.
	arrived() []byte
	// sleepUntil waits for a moment, as exactly as the wire can.
	sleepUntil(moment time.Time)
	// send gives the master all bytes at once.
	send(p []byte) error
}

// slack is the share of a silence that a master may miss it by: clocks differ by less.
const slack = 0.9

// serve lets boards answer on a wire until it closes.
func serve(w wire, speed Speed, boards Boards) error {
	silence := modbus.Silence(speed.Baud, fieldbus.BitsNoParity)
	var quietSince time.Time // when the last frame ended
	for {
		heard, err := w.await()
		if err != nil {
			return err
		}
		begin := time.Now()
		early := begin.Sub(quietSince) < time.Duration(slack*float64(silence))
		heard, end := listen(w, speed, silence, heard, begin)
		quietSince = end
		if early {
			continue // no board knows where this frame began
		}
		reply := boards.Answer(heard, end.Add(silence))
		if len(reply) == 0 {
			continue
		}
		quietSince = end.Add(silence + speed.Response + wireTime(len(reply), speed))
		w.sleepUntil(quietSince)
		w.arrived() // who talks while a board does is not heard by anybody
		if err := w.send(reply); err != nil {
			return err
		}
	}
}

// listen hears a frame out: until nothing came for a silence after the last byte was on the wire.
func listen(w wire, speed Speed, silence time.Duration, heard []byte, begin time.Time) ([]byte, time.Time) {
	end := begin.Add(wireTime(len(heard), speed))
	for {
		w.sleepUntil(end.Add(silence))
		more := w.arrived()
		if len(more) == 0 {
			return heard, end
		}
		if len(heard) < modbus.MaxFrame { // a babbling master is heard out, but not remembered
			heard = append(heard, more...)
		}
		end = end.Add(wireTime(len(more), speed))
	}
}

func wireTime(bytes int, speed Speed) time.Duration {
	return fieldbus.WireTime(bytes, speed.Baud, fieldbus.BitsNoParity)
}
