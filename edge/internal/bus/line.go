package bus

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"allhours/edge"
)

// Line is one serial line and everything that is connected to it.
type Line struct {
	cfg   Config
	open  edge.OpenPort
	stats counters

	urgent chan *job
	polls  chan *job
	ended  chan struct{}

	sessions atomic.Int32 // that have not ended: the open one and those that are stuck
	rounds   rounds
}

// job is an exchange that the line has taken; it is answered exactly once.
type job struct {
	ctx      context.Context
	priority Priority
	e        Exchange
	answer   chan answer

	attempts int
	last     answer
}

// New makes a line; it is silent until Run.
func New(cfg Config, open edge.OpenPort) *Line {
	return &Line{
		cfg: cfg.withDefaults(), open: open, rounds: begin(),
		urgent: make(chan *job), polls: make(chan *job), ended: make(chan struct{}),
	}
}

// Stats is what the line went through until now.
func (l *Line) Stats() Stats { return l.stats.snapshot() }

// Stalled is for how long the line has not come round, though it had something to do: it hangs, or it has left behind so
// many openings that it may not make another one. A board that is silent stalls no line, nor does a port that is not there.
func (l *Line) Stalled() time.Duration { return l.rounds.stalled() }

// Do makes an exchange and returns the frame that answered it. It waits for its turn until ctx ends; once the line has
// taken it, it comes back within the time of its attempts. With [ErrNotSent] nothing has left; with any other error the
// board may have heard it.
func (l *Line) Do(ctx context.Context, p Priority, e Exchange) ([]byte, error) {
	queue := l.polls
	if p == Urgent {
		queue = l.urgent
	}
	j := &job{ctx: ctx, priority: p, e: e, answer: make(chan answer, 1)}
	select {
	case queue <- j:
	case <-ctx.Done():
		return nil, fmt.Errorf("line %s: %w: %w", l.cfg.Name, ErrNotSent, ctx.Err())
	case <-l.ended:
		return nil, fmt.Errorf("line %s: %w: %w", l.cfg.Name, ErrNotSent, ErrDown)
	}
	a := <-j.answer
	if a.err != nil {
		return nil, fmt.Errorf("line %s: %w", l.cfg.Name, a.err)
	}
	return a.frame, nil
}

// Run owns the line until ctx ends. It is called once.
func (l *Line) Run(ctx context.Context) {
	defer close(l.ended)
	pause := firstPause
	for ctx.Err() == nil {
		if s := l.openSession(ctx); s != nil {
			if l.serve(ctx, s) {
				pause = firstPause
			}
		}
		l.refuse(ctx, pause)
		pause = min(2*pause, longestPause)
	}
}

// openSession opens the port; nil when it cannot be opened now.
func (l *Line) openSession(ctx context.Context) *session {
	if l.sessions.Load() > maxAbandoned {
		return nil
	}
	l.rounds.cameRound()
	port, err := l.openPort(ctx)
	if err != nil {
		l.stats.update(func(st *Stats) { st.Fault = err.Error() })
		return nil
	}
	l.stats.update(func(st *Stats) { st.Up = true; st.Fault = ""; st.Openings++ })
	s := newSession(l.cfg, port, &l.stats)
	l.sessions.Add(1)
	go func() {
		defer l.sessions.Add(-1)
		s.run()
	}()
	return s
}

// openPort opens the port, and leaves behind an opening that does not come back: it counts as a session that is stuck.
func (l *Line) openPort(ctx context.Context) (edge.Port, error) {
	l.sessions.Add(1)
	opened := make(chan edge.Port)
	failed := make(chan error, 1)
	late := make(chan struct{})
	go func() {
		defer l.sessions.Add(-1)
		port, err := l.open(ctx)
		if err != nil {
			failed <- err
			return
		}
		select {
		case opened <- port:
		case <-late:
			_ = port.Close() // nobody waits for it any more
		}
	}()
	timer := time.NewTimer(openWithin)
	defer timer.Stop()
	select {
	case port := <-opened:
		return port, nil
	case err := <-failed:
		return nil, err
	case <-timer.C:
		close(late)
		l.stats.update(func(st *Stats) { st.Abandoned++ })
		return nil, fmt.Errorf("open: %w", ErrStuck)
	}
}

// serve makes exchanges until the port is lost or ctx ends. It reports whether the port ever answered.
func (l *Line) serve(ctx context.Context, s *session) (answered bool) {
	var again *job // a poll that may be repeated, once no urgent job waits
	for {
		j := l.next(ctx, again)
		if j == nil {
			l.closeSession(s, again, ctx.Err())
			return answered
		}
		j.last = l.attempt(s, j.e)
		j.attempts++
		l.rounds.cameRound()
		answered = answered || j.last.err == nil
		if j.repeats() {
			again = j
			continue
		}
		j.answer <- j.last
		if j == again {
			again = nil
		}
		if j.last.lost {
			l.closeSession(s, again, j.last.err)
			return answered
		}
	}
}

// next waits for a job: an urgent one first, then the one to repeat; nil when ctx has ended.
func (l *Line) next(ctx context.Context, again *job) *job {
	select {
	case j := <-l.urgent:
		return j
	default:
	}
	if ctx.Err() != nil {
		return nil
	}
	if again != nil {
		return again
	}
	l.rounds.wait()
	defer l.rounds.cameRound()
	select {
	case j := <-l.urgent:
		return j
	case j := <-l.polls:
		return j
	case <-ctx.Done():
		return nil
	}
}

// repeats reports whether the job's last attempt failed in a way that another one may mend.
func (j *job) repeats() bool {
	return j.priority != Urgent && j.last.err != nil && !j.last.lost && j.attempts < j.e.Attempts && j.ctx.Err() == nil
}

// attempt hands the exchange to the session and gives the session up when it does not come back.
func (l *Line) attempt(s *session, e Exchange) answer {
	s.asks <- e
	timer := time.NewTimer(l.cfg.attemptWithin(e))
	defer timer.Stop()
	select {
	case a := <-s.answers:
		return a
	case <-timer.C:
		l.stats.update(func(st *Stats) { st.Abandoned++ })
		return answer{err: ErrStuck, lost: true}
	}
}

// closeSession lets the session end and answers the job that waited to be repeated in it. Close runs aside, because it
// waits for pending reads, and on a real line for bytes that the driver still holds.
func (l *Line) closeSession(s *session, waiting *job, why error) {
	l.stats.update(func(st *Stats) { st.Up = false; st.Fault = why.Error() })
	close(s.asks)
	go s.port.Close()
	if waiting != nil {
		waiting.answer <- waiting.last
	}
}

// refuse answers every job at once while the port is not open.
func (l *Line) refuse(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	down := answer{err: fmt.Errorf("%w: %w", ErrNotSent, ErrDown)}
	for {
		select {
		case j := <-l.urgent:
			j.answer <- down
		case j := <-l.polls:
			j.answer <- down
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
