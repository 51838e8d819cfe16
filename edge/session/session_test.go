package session_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// visit is what the tests ask for.
var visitID = protocol.VisitID{6: 0x70, 8: 0x80, 15: 1}

func ask() session.Input {
	return session.Ask{Command: protocol.UUID{1}, Visit: edge.Visit{ID: visitID, Compartment: 1}}
}

// at is an input at a time since boot.
type at struct {
	ms int
	in session.Input
}

var (
	burnt   = session.Burnt{Code: protocol.CodeOK}
	pulled  = session.Door{Open: edge.Yes}
	shut    = session.Door{Open: edge.No}
	gone    = session.Door{Open: edge.Unknown}
	locked  = session.Latch{Locked: edge.Yes}
	free    = session.Latch{Locked: edge.No}
	done    = session.Pulsed{Result: session.PulseDone}
	failed  = session.Pulsed{Result: session.PulseFailed}
	unknown = session.Pulsed{Result: session.PulseUnknown}
	tick    = session.Tick{}
	calm    = session.Calm{}
	saved   = session.Settled{OK: true}
	unsaved = session.Settled{OK: false}
)

func recovered(door edge.Tri, opened, same bool) session.Input {
	return session.Recover{
		Visit: edge.Visit{ID: visitID, Compartment: 1, Opened: opened}, DoorOpen: door, Locked: edge.Yes, Unchanged: same,
	}
}

// story writes effects as words; events of the visit are marked with a star.
func story(effects []session.Effect) string {
	var words []string
	for _, e := range effects {
		switch e := e.(type) {
		case session.Journal:
			for _, b := range e.Bodies {
				words = append(words, wordOf(b))
			}
		case session.Reply:
			words = append(words, "reply="+string(e.Code))
		case session.Show:
			words = append(words, "show="+string(e.Phase))
		case session.Moved:
			words = append(words, fmt.Sprintf("moved=%v", e.Open))
		case session.Decide:
			words = append(words, fmt.Sprintf("decide(open=%s,wait=%s,recovered=%v)", e.OpenFor, e.ShutFor, e.Recovered))
		default:
			words = append(words, strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", e), "session.")))
		}
	}
	return strings.Join(words, " ")
}

func wordOf(b wire.Body) string {
	word := string(b.Type())
	switch b := b.(type) {
	case wire.DoorBody:
		if b.Visit != nil {
			word += "*"
		}
	case wire.LockBody:
		if b.Visit != nil {
			word += "*"
		}
	case wire.AbortedBody:
		word += "=" + string(b.Code)
	}
	return word
}

// ready are the inputs of a boot before a shut and locked door.
var ready = []at{{0, shut}, {0, locked}}

const opened = "burn pulse weigh reply=ok lock.pulsed* show=opening visit.opened door.opened* moved=true show=open "

// lives are the stories of a visit, from a boot before a shut and locked door.
var lives = []struct {
	name string
	in   []at
	want string
	ends session.Stage
}{
	{
		"a door that is pulled and shut is settled",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {3000, pulled}, {9000, shut}, {9640, calm}, {9650, saved}},
		opened + "door.shut* moved=false show=counting decide(open=6s,wait=640ms,recovered=false) forget", session.Idle,
	},
	{
		"nobody pulls, the latch moved and holds again: aborted as not pulled",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {1040, free}, {11004, tick}, {11006, tick}, {11500, locked}},
		"burn pulse weigh reply=ok lock.pulsed* show=opening visit.aborted=not_pulled forget", session.Idle,
	},
	{
		"nobody pulls and the latch cannot be read: it gets its time",
		[]at{{500, session.Latch{}}, {1000, ask()}, {1001, burnt}, {1005, done}, {11006, tick}, {14000, tick}, {14006, tick}},
		"burn pulse weigh reply=ok lock.pulsed* show=opening visit.aborted=not_pulled forget", session.Idle,
	},
	{
		"the door is pulled while the latch is read back: the visit goes on",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {1040, free}, {11006, tick}, {11100, pulled}},
		opened, session.Open,
	},
	{
		"the latch never moved: its failure is told and the visit aborted",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {11006, tick}},
		"burn pulse weigh reply=ok lock.pulsed* show=opening lock.failed* visit.aborted=lock_failed forget", session.Idle,
	},
	{
		"the latch stays free for ever: that is told, and the visit was not pulled",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {1040, free}, {11006, tick}, {14006, tick}},
		"burn pulse weigh reply=ok lock.pulsed* show=opening lock.failed* visit.aborted=not_pulled forget", session.Idle,
	},
	{
		"the board refuses the pulse: one failure, one abort",
		[]at{{1000, ask()}, {1001, burnt}, {1005, failed}},
		"burn pulse weigh lock.failed* visit.aborted=lock_failed forget reply=lock_failed", session.Idle,
	},
	{
		"the board's answer is lost: whether it opened, the door tells",
		[]at{{1000, ask()}, {1001, burnt}, {1005, unknown}, {1500, pulled}},
		"burn pulse weigh reply=ok show=opening visit.opened door.opened* moved=true show=open", session.Open,
	},
	{
		"the door is pulled before the board's answer arrives",
		[]at{{1000, ask()}, {1001, burnt}, {1300, pulled}, {1400, done}},
		"burn pulse weigh visit.opened door.opened* moved=true show=open reply=ok lock.pulsed*", session.Open,
	},
	{
		"the grant was used before: no pulse",
		[]at{{1000, ask()}, {1001, session.Burnt{Code: protocol.CodeUsed}}},
		"burn reply=used", session.Idle,
	},
	{
		"somebody's key opens the door while the grant is written: that is the visit's one opening",
		[]at{{1000, ask()}, {1001, pulled}, {1002, burnt}, {5000, shut}},
		"burn door.opened weigh visit.opened moved=true show=open reply=ok door.shut* moved=false show=counting", session.Counting,
	},
	{
		"opened again before it was settled: the same visit",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {3000, pulled}, {9000, shut}, {9100, pulled}, {9500, calm}, {10000, shut}, {10600, calm}},
		opened + "door.shut* moved=false show=counting door.opened* moved=true show=open door.shut* moved=false show=counting " +
			"decide(open=6.9s,wait=600ms,recovered=false)", session.Deciding,
	},
	{
		"left open: one warning, and it settles when it shuts",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {3000, pulled}, {62999, tick}, {63000, tick}, {99000, tick}, {100000, shut}},
		opened + "door.left_open* door.shut* moved=false show=counting", session.Counting,
	},
	{
		"the disk does not take the settlement: tried again after a second, never given up",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {3000, pulled}, {9000, shut}, {9600, calm}, {9600, unsaved}, {10000, tick}, {10600, tick}, {10600, unsaved}, {11700, tick}, {11700, saved}},
		opened + "door.shut* moved=false show=counting decide(open=6s,wait=600ms,recovered=false) " +
			"decide(open=6s,wait=1.6s,recovered=false) decide(open=6s,wait=2.7s,recovered=false) forget", session.Idle,
	},
	{
		"a key opens the door without a visit",
		[]at{{1000, pulled}, {61000, tick}, {62000, tick}, {70000, shut}},
		"door.opened door.left_open door.shut", session.Idle,
	},
	{
		"the board falls silent in a visit: the door is as it was known last",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {3000, pulled}, {4000, gone}, {5000, pulled}, {6000, gone}, {7000, shut}},
		opened + "door.shut* moved=false show=counting", session.Counting,
	},
	{
		"the door cannot be read while somebody may pull it, and nothing is missing: aborted once it can be read again",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {2000, gone}, {12000, tick}, {16000, tick}, {20000, shut}, {20050, tick}, {20100, tick}, {21000, session.Compared{Unchanged: true}}},
		"burn pulse weigh reply=ok lock.pulsed* show=opening compare visit.aborted=not_pulled forget", session.Idle,
	},
	{
		"the door cannot be read while somebody may pull it, and goods are missing: settled by what the scales say",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {2000, gone}, {20000, shut}, {20050, tick}, {21000, session.Compared{}}, {21600, calm}},
		"burn pulse weigh reply=ok lock.pulsed* show=opening compare weigh moved=false show=counting decide(open=0s,wait=600ms,recovered=true)", session.Deciding,
	},
	{
		"the door cannot be read for a while, and is open when it can: an ordinary visit",
		[]at{{1000, ask()}, {1001, burnt}, {1005, done}, {2000, gone}, {20000, pulled}, {20050, tick}},
		opened[:len(opened)-1], session.Open,
	},
	{"asked while the door is open", []at{{1000, pulled}, {2000, ask()}}, "door.opened reply=door_open", session.Idle},
	{"asked while the door is unknown", []at{{1000, gone}, {2000, ask()}}, "reply=lock_failed", session.Idle},
	{"asked while the latch is free", []at{{1000, free}, {2000, ask()}}, "reply=lock_failed", session.Idle},
	{"asked while another visit is under way", []at{{1000, ask()}, {1001, burnt}, {1002, ask()}}, "burn pulse weigh reply=busy", session.Pulsing},
	{"what fits no stage changes nothing", []at{{1000, calm}, {1000, saved}, {1000, burnt}, {1000, done}, {1000, tick}}, "", session.Idle},
}

func TestTheLifeOfAVisit(t *testing.T) {
	for _, c := range lives {
		t.Run(c.name, func(t *testing.T) { tells(t, append(ready, c.in...), c.want, c.ends) })
	}
}

func TestABootThatFindsAVisitWithoutAnEnd(t *testing.T) {
	cases := []struct {
		name string
		in   []at
		want string
		ends session.Stage
	}{
		{
			"shut, and nothing is missing after the latch had its time: whether it was pulsed stays unknown",
			[]at{{2000, recovered(edge.No, false, true)}, {11999, tick}, {12000, tick}},
			"weigh show=opening visit.aborted=pulse_unknown forget", session.Idle,
		},
		{
			"shut, and goods are missing: settled by what the scales say",
			[]at{{2000, recovered(edge.No, false, false)}, {12000, tick}, {12600, calm}},
			"weigh show=opening moved=false show=counting decide(open=0s,wait=600ms,recovered=true)", session.Deciding,
		},
		{
			"pulled while the latch is still free from before the boot",
			[]at{{2000, recovered(edge.No, false, true)}, {5000, pulled}, {8000, shut}},
			"weigh show=opening visit.opened door.opened* moved=true show=open door.shut* moved=false show=counting", session.Counting,
		},
		{
			"open, as it was before",
			[]at{{2000, recovered(edge.Yes, true, false)}, {8000, shut}, {8600, calm}},
			"weigh moved=true show=open door.shut* moved=false show=counting decide(open=6s,wait=600ms,recovered=true)", session.Deciding,
		},
		{
			"open, and shut a moment before that was known",
			[]at{{2000, recovered(edge.Yes, true, false)}, {1963, shut}, {2600, calm}},
			"weigh moved=true show=open door.shut* moved=false show=counting decide(open=0s,wait=637ms,recovered=true)", session.Deciding,
		},
		{
			"open, and nobody knew",
			[]at{{2000, recovered(edge.Yes, false, false)}},
			"weigh visit.opened door.opened* moved=true show=open", session.Open,
		},
		{
			"shut, and it was open before",
			[]at{{2000, recovered(edge.No, true, true)}, {2600, calm}, {2600, saved}},
			"weigh moved=false show=counting decide(open=0s,wait=600ms,recovered=true) forget", session.Idle,
		},
		{"nothing is decided before the door is known", []at{{2000, recovered(edge.Unknown, true, true)}}, "", session.Idle},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { tells(t, c.in, c.want, c.ends) })
	}
}

func tells(t *testing.T, in []at, want string, ends session.Stage) {
	t.Helper()
	s := session.New(1, session.Limits{})
	var all []session.Effect
	for _, i := range in {
		var effects []session.Effect
		s, effects = session.Step(s, i.in, time.Duration(i.ms)*time.Millisecond)
		all = append(all, effects...)
	}
	if got := story(all); got != strings.TrimSpace(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if s.Stage != ends {
		t.Errorf("ends %s: want %s", s.Stage, ends)
	}
}
