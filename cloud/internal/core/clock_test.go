package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// lost is a cabinet that has been without a line, and without the time, since it started: it was 1970 then.
type lost struct {
	*cabinet
	began time.Time
}

// writes journals what happens now, by the time since the boot alone.
func (l lost) writes(body wire.Body) time.Time {
	e := l.journalled(body)
	e.Boot, e.Clock = l.boot, false
	e.Up = time.Since(l.began).Milliseconds()
	e.At = e.Up
	l.events[len(l.events)-1] = e
	return time.UnixMilli(time.Now().UnixMilli()).UTC()
}

// born tells how long ago the boot was.
func (l lost) born() {
	l.rig.t.Helper()
	l.conn++
	l.challenge = [16]byte{l.conn, 1}
	l.rig.must(l.say(topic.Birth, wire.Birth{
		V: 1, Cabinet: l.address.Cabinet, Journal: l.journal, FirstKept: 1, Last: l.last(), Boot: l.boot, Start: l.start,
		Conn: protocol.UUID{l.conn}, Challenge: l.challenge[:], Config: l.applied, Up: time.Since(l.began).Milliseconds(),
	}))
}

func TestWhatHappenedBeforeTheTimeWasKnownHasItsTrueHour(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		before := r.cabinet.last()
		l := lost{r.cabinet, time.Now()}
		l.starts()
		later(20 * time.Minute)
		visit := protocol.VisitID{9}
		begins := l.writes(begun(visit))
		later(30 * time.Second)
		l.writes(wire.OpenedBody{Visit: visit})
		ends := l.writes(l.settled(visit))
		later(time.Hour)
		keyed := l.writes(wire.DoorBody{EventType: wire.DoorOpened, Compartment: 1})
		warmed := l.writes(wire.LostBody{Compartment: 1, Code: protocol.CodeColdUnknown, Limit: 50, WarmMS: 900_000})
		later(100 * time.Minute)
		l.born()
		r.must(l.send(l.events[before:]...))

		v := r.visit(visit)
		if !v.Created.Equal(begins) || !v.Ended.Equal(ends) {
			t.Errorf("the visit is told from %s to %s: want %s to %s", v.Created, v.Ended, begins, ends)
		}
		r.view(func(tx cloud.Tx) error {
			found, err := tx.Incidents.Unclosed("xs-01")
			want := map[cloud.IncidentKind]time.Time{
				cloud.IncidentUnknownVisit: begins, cloud.IncidentKeyOpening: keyed, cloud.IncidentTemperature: warmed,
			}
			for _, i := range found {
				if at, told := want[i.Kind]; told && !i.First.Equal(at) {
					t.Errorf("%s is told at %s: want %s", i.Kind, i.First, at)
				}
				delete(want, i.Kind)
			}
			if len(want) > 0 {
				t.Errorf("nothing is told of %v", want)
			}
			return err
		})
	})
}

func TestAnEventWithoutATimeIsPlacedBetweenWhatIsKnown(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		began := time.Now()
		l := lost{r.cabinet, began}
		l.starts()
		later(time.Hour)
		l.writes(wire.DoorBody{EventType: wire.DoorOpened, Compartment: 1}) // Of a boot that has no birth any more.
		later(time.Hour)
		l.began = time.Now()
		l.boot++
		l.starts()
		boot := time.UnixMilli(l.began.UnixMilli()).UTC()
		later(time.Hour)
		e := l.journalled(wire.DoorBody{EventType: wire.DoorLeftOpen, Compartment: 1, OpenMS: 60_000})
		e.Boot, e.Clock, e.Up = l.boot, false, (100 * time.Hour).Milliseconds() // It cannot have happened after it was heard of.
		l.events[len(l.events)-1] = e
		l.born()
		r.must(l.send(l.events[len(l.events)-2:]...))
		found := r.unclosed()
		for _, i := range found {
			switch {
			case i.Kind == cloud.IncidentKeyOpening && !i.First.Equal(boot):
				t.Errorf("the boot before is placed at %s: want no later than the next one began, %s", i.First, boot)
			case i.Kind == cloud.IncidentLeftOpen && i.First.After(time.Now()):
				t.Errorf("placed after its arrival: %s", i.First)
			}
		}
		if len(found) != 2 {
			t.Errorf("%+v: want two", found)
		}
	})
}
