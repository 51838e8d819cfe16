package drivertest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"allhours/edge"
)

// Lock is a lock board under test.
type Lock struct {
	Twin  *Twin
	Index int            // among the twin's lock boards
	Board edge.LockBoard // the driver, on the twin's line
	Wired []int          // the twin's channel behind each of the driver's
	Pulse time.Duration  // to ask for, and that the board keeps

	// Weak says that the board's checksum has eight bits: where one bit in a hundred is turned over, it makes an order of
	// a query, or of an order to another lock, once in some thousand frames, and no driver can prevent that.
	Weak bool
	// Blind says that nothing tells whether a pulse was heard, neither the board nor a contact.
	Blind bool
}

// Bounds of the suite.
const (
	recoverPolls  = 100                   // within which a driver must be right again; a busy machine loses some by itself
	recoverPulses = 30                    // likewise
	bounce        = 60 * time.Millisecond // longer than a door switch chatters
	overrun       = 5 * time.Millisecond  // of a pulse, for orders that arrive together
	memory        = 5                     // samples within which a truth may be told late, because a reply was
	coilOffWithin = 30 * time.Second
)

// LockSuite plays scenes: no pulse that was not asked for, none on another channel, none too long; no state told as
// certain that was not so; and all is well again soon after the fault.
func LockSuite(t *testing.T, l Lock, scenes []Scene) {
	s := &lockRun{Lock: l}
	for i, scene := range scenes {
		t.Run(scene.Name, func(t *testing.T) {
			s.t = t
			s.recover()
			s.asked, s.before = make([]int, l.Board.Channels()), l.Twin.Locks(l.Index)
			for _, f := range scene.Faults {
				l.Twin.Break(f)
			}
			s.visit(i % len(s.asked))
			if scene.Chancy {
				s.visit((i + 1) % len(s.asked))
			}
			for _, f := range scene.Faults {
				l.Twin.Mend(f)
			}
			s.recover()
			s.pulseSurely(i % len(s.asked))
			s.judge(scene)
		})
	}
}

// lockRun is what the suite did and saw so far.
type lockRun struct {
	Lock
	t      *testing.T
	before []Solenoid   // when the scene began
	asked  []int        // pulses since then that may have left, by channel
	truths [][]Solenoid // samples after the last calls, and before pulses
}

// visit polls, pulses, and opens and shuts the door where it gives.
func (s *lockRun) visit(channel int) {
	s.t.Helper()
	s.poll(2)
	s.pulse(channel)
	s.poll(1)
	s.coilOff()
	s.door(channel, s.Twin.Pull)
	s.poll(2)
	s.door(channel, s.Twin.Shut)
	s.poll(1)
}

// door moves a door and waits for its switch, which only then is worth a question.
func (s *lockRun) door(channel int, move func(board, channel int)) {
	s.t.Helper()
	move(s.Index, s.Wired[channel])
	<-time.After(bounce)
}

func (s *lockRun) poll(times int) {
	s.t.Helper()
	for range times {
		s.inputs()
	}
}

// inputs reads the board once and compares what it tells with the truth; it reports whether all of it was known.
func (s *lockRun) inputs() (known bool) {
	s.t.Helper()
	in, err := s.Board.Inputs(s.t.Context())
	now := s.sample()
	if err != nil {
		return false
	}
	known = true
	for ch := range s.Board.Channels() {
		told := in.Channel(ch)
		s.compare(ch, "door shut", told.DoorClosed, func(truth Solenoid) bool { return truth.DoorShut })
		s.compare(ch, "bolt locked", told.LatchLocked, func(truth Solenoid) bool { return truth.BoltLocked })
		one := now[s.Wired[ch]]
		wrong := told.DoorClosed == edge.TriOf(!one.DoorShut) || told.LatchLocked == edge.TriOf(!one.BoltLocked)
		known = known && !wrong && told != edge.LockState{}
	}
	return known
}

// sample remembers the truth for as long as a late reply may tell it.
func (s *lockRun) sample() []Solenoid {
	s.t.Helper()
	now := s.Twin.Locks(s.Index)
	s.truths = append(s.truths, now)
	s.truths = s.truths[max(0, len(s.truths)-memory):]
	return now
}

// compare holds that what is told was so at some time lately.
func (s *lockRun) compare(channel int, what string, told edge.Tri, of func(Solenoid) bool) {
	s.t.Helper()
	wasSo := func(sample []Solenoid) bool { return edge.TriOf(of(sample[s.Wired[channel]])) == told }
	if told != edge.Unknown && !slices.ContainsFunc(s.truths, wasSo) {
		s.t.Errorf("channel %d: %s is told as %v, which it was not in %d samples", channel, what, told, memory)
	}
}

// pulse asks for one pulse; nil where it was heard.
func (s *lockRun) pulse(channel int) error {
	s.t.Helper()
	before := s.sample()
	ctx, cancel := context.WithTimeout(s.t.Context(), coilOffWithin)
	defer cancel()
	err := s.Board.Pulse(ctx, channel, s.Lock.Pulse)
	if err == nil || errors.Is(err, edge.ErrPulseUnknown) {
		s.asked[channel]++
	}
	after := s.sample()
	if err == nil && after[s.Wired[channel]].Orders == before[s.Wired[channel]].Orders {
		s.t.Errorf("channel %d: a pulse is told as heard that the board never heard", channel)
	}
	return err
}

// coilOff waits until no solenoid is on.
func (s *lockRun) coilOff() {
	s.t.Helper()
	Await(s.t, coilOffWithin, "the end of the pulse", func() bool {
		return !slices.ContainsFunc(s.Twin.Locks(s.Index), func(one Solenoid) bool { return one.On })
	})
}

// recover holds that the board's state is told, and right, within a bounded number of polls.
func (s *lockRun) recover() {
	s.t.Helper()
	for polls := range recoverPolls {
		if s.inputs() {
			if polls > 2 {
				s.t.Logf("right again after %d polls", polls+1)
			}
			return
		}
		<-time.After(5 * time.Millisecond) // a line that is down answers at once
	}
	s.t.Fatalf("not right again after %d polls", recoverPolls)
}

// pulseSurely holds that a pulse is heard again within a bounded number of requests.
func (s *lockRun) pulseSurely(channel int) {
	s.t.Helper()
	for range recoverPulses {
		err := s.pulse(channel)
		if s.Blind && errors.Is(err, edge.ErrPulseUnknown) {
			err = nil
		}
		s.recover() // An answer says that the board has heard whatever was sent before, also on a busy machine.
		s.coilOff()
		s.Twin.Pull(s.Index, s.Wired[channel])
		s.door(channel, s.Twin.Shut)
		s.recover()
		if err == nil {
			return
		}
		s.t.Logf("pulse: %v", err)
	}
	s.t.Fatalf("no pulse was heard in %d requests", recoverPulses)
}

// judge compares what the solenoids went through with what was asked.
func (s *lockRun) judge(scene Scene) {
	s.t.Helper()
	wrong := s.t.Errorf
	if s.Weak && scene.Forges {
		wrong = s.t.Logf
	}
	asked := make(map[int]int, len(s.asked))
	for ch, n := range s.asked {
		asked[s.Wired[ch]] = n
	}
	for ch, one := range s.Twin.Locks(s.Index) {
		pulses, orders := one.Pulses-s.before[ch].Pulses, one.Orders-s.before[ch].Orders
		if pulses > asked[ch] {
			wrong("the twin's channel %d was pulsed %d times for %d requests", ch, pulses, asked[ch])
		}
		if orders > asked[ch] && !scene.Repeats {
			wrong("the twin's channel %d got %d orders for %d requests", ch, orders, asked[ch])
		}
		if on := time.Duration(one.LongestUS) * time.Microsecond; on > s.Lock.Pulse+overrun {
			s.t.Errorf("the twin's channel %d was on for %v, want %v", ch, on, s.Lock.Pulse)
		}
	}
	if burns := s.Twin.Burns(); burns != 0 {
		s.t.Errorf("%d solenoids burnt", burns)
	}
}
