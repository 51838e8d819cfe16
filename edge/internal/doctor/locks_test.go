package doctor_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/doctor"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// cabinet is two doors behind an agent, which is asked for one of them. What happens then is a story of moments after it
// was opened; the last one ends the visit.
type cabinet struct {
	doors   [2]doctor.Door
	refuses error
	story   []moment
	opened  time.Time
}

type moment struct {
	after time.Duration
	then  func(c *cabinet)
}

func (c *cabinet) play() {
	for len(c.story) > 0 && !c.opened.IsZero() && time.Since(c.opened) >= c.story[0].after {
		c.story[0].then(c)
		c.story = c.story[1:]
	}
}

func (c *cabinet) Doors() ([]doctor.Door, error) { c.play(); return c.doors[:], nil }

func (c *cabinet) Open(protocol.Compartment) (protocol.VisitID, error) {
	c.opened = time.Now()
	return protocol.VisitID{1}, c.refuses
}

func (c *cabinet) Outcome(protocol.VisitID) (wire.Body, error) {
	if c.play(); len(c.story) > 0 {
		return nil, nil
	}
	return c.end(), nil
}

// end is settled where the first door was seen to open.
func (c *cabinet) end() wire.Body {
	switch {
	case c.doors[0].Locked == edge.Unknown && c.doors[0].Open == edge.No:
		return wire.AbortedBody{Code: protocol.CodeNotPulled}
	case time.Since(c.opened) > 20*time.Second:
		return wire.AbortedBody{Code: protocol.CodeNotPulled}
	case time.Since(c.opened) > 10*time.Second:
		return wire.AbortedBody{Code: protocol.CodeLockFailed}
	}
	return wire.SettledBody{}
}

// set puts a door into a state.
func set(door int, open, locked edge.Tri) func(*cabinet) {
	return func(c *cabinet) { c.doors[door].Open, c.doors[door].Locked = open, locked }
}

func TestALockIsToldWhatIsWrongWithIt(t *testing.T) {
	shut := [2]doctor.Door{{Compartment: 1, Open: edge.No, Locked: edge.Yes}, {Compartment: 2, Open: edge.No, Locked: edge.Yes}}
	nothing := func(*cabinet) {}
	cases := []struct {
		name  string
		begin func(c *cabinet)
		story []moment
		level doctor.Level
		about string
		text  string
	}{
		{"a sound one", nothing, []moment{
			{time.Second, set(0, edge.No, edge.No)}, {2 * time.Second, set(0, edge.Yes, edge.No)}, {4 * time.Second, set(0, edge.No, edge.Yes)},
		}, doctor.OK, "compartment 1", "lets go"},
		{"one whose switch is another door's", nothing, []moment{
			{time.Second, set(0, edge.No, edge.No)},
			{2 * time.Second, set(1, edge.Yes, edge.Yes)},
			{4 * time.Second, set(1, edge.No, edge.Yes)},
			{21 * time.Second, set(0, edge.No, edge.Yes)},
		}, doctor.Wrong, "compartment 1", "the switch of door 2 moved"},
		{"one that lets another's bolt go", nothing, []moment{
			{time.Second, set(1, edge.No, edge.No)}, {12 * time.Second, set(1, edge.No, edge.Yes)},
		}, doctor.Wrong, "compartment 1", "the latch of door 2 let go"},
		{"one that does not move", nothing, []moment{{11 * time.Second, nothing}}, doctor.Wrong, "compartment 1", "the latch did not move"},
		{"one whose contact does not move", nothing, []moment{
			{time.Second, set(0, edge.Yes, edge.Yes)}, {4 * time.Second, set(0, edge.No, edge.Yes)},
		}, doctor.Wrong, "compartment 1", "contact did not move"},
		{"one that nobody pulls", nothing, []moment{
			{time.Second, set(0, edge.No, edge.No)}, {21 * time.Second, set(0, edge.No, edge.Yes)},
		}, doctor.Look, "compartment 1", "nobody pulled"},
		{"one that does not hold afterwards", nothing, []moment{
			{time.Second, set(0, edge.Yes, edge.No)}, {4 * time.Second, set(0, edge.No, edge.No)},
		}, doctor.Wrong, "compartment 1", "does not hold"},
		{"one of which nothing is told", set(0, edge.Unknown, edge.Unknown), nil, doctor.Wrong, "compartment 1", "nothing tells of its door"},
		{"one behind an open door", set(0, edge.Yes, edge.No), nil, doctor.Wrong, "compartment 1", "its door is open"},
		{"one that is free behind a shut door", set(0, edge.No, edge.No), nil, doctor.Wrong, "compartment 1", "not locked behind a shut door"},
		{"one that the agent refuses", func(c *cabinet) { c.refuses = errors.New("no room") }, nil, doctor.Wrong, "compartment 1", "no room"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				at := &cabinet{doors: shut, story: c.story}
				c.begin(at)
				var r doctor.Report
				if err := doctor.TestLock(t.Context(), at, 1, func(string, ...any) {}, &r); err != nil {
					t.Fatal(err)
				}
				for _, f := range r.Findings {
					if f.Level == c.level && f.Subject == c.about && strings.Contains(f.Text, c.text) {
						return
					}
				}
				t.Errorf("found %+v: want %s of %s: %q", r.Findings, c.level, c.about, c.text)
			})
		})
	}
}

func TestATechnicianHearsWhenTheDoorIsSeenToBeOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := &cabinet{
			doors: [2]doctor.Door{{Compartment: 1, Open: edge.No, Locked: edge.Yes}, {Compartment: 2, Open: edge.No, Locked: edge.Yes}},
			story: []moment{{2 * time.Second, set(0, edge.Yes, edge.No)}, {9 * time.Second, set(0, edge.No, edge.Yes)}},
		}
		var said []string
		say := func(format string, args ...any) {
			said = append(said, fmt.Sprintf("%.0f s: ", time.Since(at.opened).Seconds())+fmt.Sprintf(format, args...))
		}
		var r doctor.Report
		if err := doctor.TestLock(t.Context(), at, 1, say, &r); err != nil {
			t.Fatal(err)
		}
		if len(said) != 2 || said[1] != "2 s: the switch of door 1 has moved: shut the door again" {
			t.Errorf("said %q", said)
		}
	})
}
