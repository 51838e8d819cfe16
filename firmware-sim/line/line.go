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

// Talker is boards of which some speak unasked.
type Talker interface {
	Boards
	// Speak gives what is said unasked at a time, nil for nothing, and how long the line may wait before it asks again;
	// negative for ever. It is called from the goroutine of Answer, between two exchanges.
	Speak(at time.Time) (said []byte, again time.Duration)
}

// ErrClosed is returned by a line that was closed or unplugged.
var ErrClosed = errors.New("line is closed")

// wire is the boards' end of a line.
type wire interface {
	// await blocks until the master has sent something, limit at most and for ever where that is negative; nil where
	// nothing came. It fails with ErrClosed.
	await(limit time.Duration) ([]byte, error)
	// arrived gives at once what the master has sent since, if anything.
	arrived() []byte
	// sleepUntil waits for a moment, as exactly as the wire can.
	sleepUntil(moment time.Time)
	// send gives the master all bytes at once.
	send(p []byte) error
}

// slack is the share of a silence that a master may miss it by: clocks differ by less.
const slack = 0.9

// late is how far behind the wire this program may be. Beyond it the machine was busy with something else, and what has
// come in meanwhile cannot be told to have come too early: the master may have given up waiting and asked again.
const late = 5 * time.Millisecond

// server lets boards answer on a wire.
type server struct {
	wire       wire
	speed      Speed
	silence    time.Duration
	boards     Boards
	talker     Talker    // the same, where some speak unasked
	speakAt    time.Time // when they are asked next; zero for never
	quietSince time.Time // when the last frame ended
	pending    []byte    // what came in while this program was late
}

// serve lets boards answer on a wire until it closes.
func serve(w wire, speed Speed, boards Boards) error {
	s := &server{wire: w, speed: speed, silence: modbus.Silence(speed.Baud, fieldbus.BitsNoParity), boards: boards}
	if s.talker, _ = boards.(Talker); s.talker != nil {
		s.speakAt = time.Now()
	}
	for {
		if err := s.exchange(); err != nil {
			return err
		}
	}
}

// exchange hears one frame and lets the boards answer it.
func (s *server) exchange() error {
	heard, begin, early, err := s.first()
	switch {
	case err != nil:
		return err
	case len(heard) == 0:
		return s.speak()
	}
	heard = s.listen(heard, begin)
	if early {
		return nil // no board knows where this frame began
	}
	reply := s.boards.Answer(heard, s.quietSince.Add(s.silence))
	if len(reply) == 0 {
		return nil
	}
	s.quietSince = s.quietSince.Add(s.silence + s.speed.Response + wireTime(len(reply), s.speed))
	s.wire.sleepUntil(s.quietSince)
	overheard := s.wire.arrived()
	if time.Since(s.quietSince) > late && len(s.pending)+len(overheard) > 0 {
		s.pending = append(s.pending, overheard...)
		return nil // a reply now would only spoil what the master waits for instead
	}
	return s.wire.send(reply) // who talks while a board does is not heard by anybody
}

// speak lets boards say what they say unasked, once it is time.
func (s *server) speak() error {
	now := time.Now()
	if s.speakAt.IsZero() || now.Before(s.speakAt) {
		return nil
	}
	said, again := s.talker.Speak(now)
	if s.speakAt = now.Add(again); again < 0 {
		s.speakAt = time.Time{}
	}
	if len(said) == 0 {
		return nil
	}
	s.quietSince = now.Add(wireTime(len(said), s.speed))
	s.wire.sleepUntil(s.quietSince)
	return s.wire.send(said)
}

// first waits for the beginning of a frame or until a board wants to speak, and tells whether it came before the line had been silent.
func (s *server) first() (heard []byte, begin time.Time, early bool, err error) {
	if heard = s.pending; len(heard) > 0 {
		s.pending = nil
		return heard, time.Now(), false, nil
	}
	limit := time.Duration(-1)
	if !s.speakAt.IsZero() {
		limit = max(0, time.Until(s.speakAt))
	}
	heard, err = s.wire.await(limit)
	begin = time.Now()
	return heard, begin, begin.Sub(s.quietSince) < time.Duration(slack*float64(s.silence)), err
}

// listen hears a frame out: until nothing came for a silence after its last byte was on the wire.
func (s *server) listen(heard []byte, begin time.Time) []byte {
	s.quietSince = begin.Add(wireTime(len(heard), s.speed))
	for {
		s.wire.sleepUntil(s.quietSince.Add(s.silence))
		more := s.wire.arrived()
		if len(more) == 0 {
			return heard
		}
		if time.Since(s.quietSince.Add(s.silence)) > late {
			s.pending = more
			return heard
		}
		if len(heard) < modbus.MaxFrame { // a babbling master is heard out, but not remembered
			heard = append(heard, more...)
		}
		s.quietSince = s.quietSince.Add(wireTime(len(more), s.speed))
	}
}

func wireTime(bytes int, speed Speed) time.Duration {
	return fieldbus.WireTime(bytes, speed.Baud, fieldbus.BitsNoParity)
}
