package bus

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"allhours/edge"
)

// session is one opening of the port and the goroutine that may block in it. The line's goroutine hands it one exchange
// at a time and leaves it behind when it does not come back.
type session struct {
	cfg     Config
	port    edge.Port
	stats   *counters
	asks    chan Exchange
	answers chan answer // holds one, so that an abandoned session can end

	lastByte time.Time // when something last arrived, or the port was opened
	echoes   bool      // the last exchange whose own frame cannot answer it came back before its reply
	buf      [receiveBuffer]byte
}

// answer is how one attempt ended.
type answer struct {
	frame []byte
	err   error
	lost  bool // the port is of no more use
}

func newSession(cfg Config, port edge.Port, stats *counters) *session {
	return &session{
		cfg: cfg, port: port, stats: stats,
		asks: make(chan Exchange), answers: make(chan answer, 1),
		lastByte: time.Now(),
	}
}

// run serves until asks is closed.
func (s *session) run() {
	for e := range s.asks {
		s.answers <- s.attempt(e)
	}
}

// attempt sends the frame once and waits for its reply.
func (s *session) attempt(e Exchange) answer {
	if a, ok := s.awaitSilence(); !ok {
		return a
	}
	if err := s.port.ResetInputBuffer(); err != nil {
		return answer{err: fmt.Errorf("%w: reset input: %w", ErrNotSent, err), lost: true}
	}
	n, err := s.port.Write(e.Frame)
	sent := time.Now() // A program that was held up before its write must not take it out on the board's time.
	if err == nil && n < len(e.Frame) {
		err = io.ErrShortWrite
	}
	switch {
	case err != nil && n == 0:
		return answer{err: fmt.Errorf("%w: write: %w", ErrNotSent, err), lost: true}
	case err != nil:
		return answer{err: fmt.Errorf("write: %d of %d bytes: %w", n, len(e.Frame), err), lost: true}
	}
	s.stats.update(func(st *Stats) { st.Requests++; st.SentBytes += uint64(n) })
	return s.receive(e, sent.Add(s.cfg.replyWithin(e)))
}

// awaitSilence listens until the line has been silent for as long as ends a frame. Listening, rather than sleeping, is
// what notices a late reply that would otherwise be taken for the next one.
func (s *session) awaitSilence() (answer, bool) {
	limit := time.Now().Add(babbleLimit)
	for {
		wait := max(0, time.Until(s.lastByte.Add(s.cfg.silence())))
		n, err := s.read(s.buf[:], wait)
		switch {
		case err != nil:
			return answer{err: fmt.Errorf("%w: read: %w", ErrNotSent, err), lost: true}, false
		case n == 0:
			return answer{}, true
		case time.Now().After(limit):
			return answer{err: fmt.Errorf("%w: %w", ErrNotSent, ErrBabble)}, false
		}
		s.stats.update(func(st *Stats) { st.StaleBytes += uint64(n) })
	}
}

// receive collects bytes until they hold the reply or the deadline has passed.
func (s *session) receive(e Exchange, deadline time.Time) answer {
	held, anySpoilt := 0, false
	echo := s.echoOf(e)
	var first []byte
	defer func() { s.learnEcho(e, first) }()
	for {
		n, err := s.read(s.buf[held:], max(0, time.Until(deadline)))
		if err != nil {
			return answer{err: fmt.Errorf("read: %w", err), lost: true}
		}
		first = append(first, s.buf[held:held+min(n, len(e.Frame)-len(first))]...)
		own := min(n, echo)
		copy(s.buf[held:], s.buf[held+own:held+n])
		echo -= own
		held += n - own
		frame, drop, spoilt := e.find(s.buf[:held])
		anySpoilt = anySpoilt || spoilt
		if frame != nil {
			reply := append([]byte(nil), frame...)
			s.stats.update(func(st *Stats) { st.Replies++; st.StaleBytes += uint64(held - len(reply)) })
			return answer{frame: reply}
		}
		if n == 0 && !time.Now().Before(deadline) {
			return s.missed(held, anySpoilt)
		}
		s.stats.update(func(st *Stats) { st.StaleBytes += uint64(drop) })
		copy(s.buf[:], s.buf[drop:held])
		held -= drop
	}
}

// echoOf is how many bytes of the exchange's own frame come back before its reply.
func (s *session) echoOf(e Exchange) int {
	if s.cfg.Echo || s.echoes && e.answersItself() {
		return len(e.Frame)
	}
	return 0
}

// learnEcho notices an adapter that hears itself though nobody said so. Any echo is harmless to an exchange that it cannot
// answer, and gives itself away there; it would confirm the pulse of a dead board, whose answer is the command again.
func (s *session) learnEcho(e Exchange, first []byte) {
	if len(first) > 0 && !e.answersItself() {
		s.echoes = bytes.Equal(first, e.Frame)
	}
}

// missed counts an attempt without a reply; held bytes were begun but never became one.
func (s *session) missed(held int, spoilt bool) answer {
	err := ErrTimeout
	if spoilt || held > 0 {
		err = ErrSpoilt
	}
	s.stats.update(func(st *Stats) {
		st.StaleBytes += uint64(held)
		if err == ErrTimeout {
			st.Timeouts++
		} else {
			st.Spoilt++
		}
	})
	return answer{err: err}
}

// read waits at most for wait and remembers when bytes came.
func (s *session) read(buf []byte, wait time.Duration) (int, error) {
	if err := s.port.SetReadTimeout(wait); err != nil {
		return 0, err
	}
	n, err := s.port.Read(buf)
	if n > 0 {
		s.lastByte = time.Now()
		s.stats.update(func(st *Stats) { st.ReceivedBytes += uint64(n) })
	}
	return n, err
}
