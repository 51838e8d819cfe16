package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
	"allhours/protocol/settle"
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

var shanghai = time.FixedZone("CST", 8*3600)

// doubts are what the page of a day tells of entries that no clock puts on it, and how many of its open items are such.
func (r *rig) doubts(day ledger.Day) (sums []cloud.DoubtSum, open int) {
	r.t.Helper()
	d, err := r.core.StoreDays.Day(r.t.Context(), "north", day)
	r.must(err)
	for _, o := range d.Open {
		if o.Kind == cloud.OpenClock {
			open++
		}
	}
	return d.Doubts, open
}

func TestASaleThatNoClockPutsOnADayIsToldOnEachDayItMayBeOf(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		r.cabinet.reply(protocol.CodeOK)
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		began := ledger.DayOf(time.Now(), shanghai)
		l := lost{r.cabinet, time.Now()}
		l.starts() // The power failed in the visit, and the line with it.
		later(time.Hour)
		r.rests(29 * time.Hour)
		l.writes(l.settled(v.ID, settle.Line{SKU: "1002", Qty: 2}))
		settled := l.events[len(l.events)-1]
		r.rests(30 * time.Hour)
		l.began = time.Now()
		l.starts()
		later(time.Hour)
		l.born()
		r.must(l.send(settled))
		later(time.Second)
		if bill := r.is(v.ID, cloud.StateCharged); bill.Total != 700 {
			t.Errorf("billed as %+v", bill)
		}
		booked := ledger.DayOf(l.began, shanghai)
		for day := began; day <= booked; day = day.Add(1) {
			sums, open := r.doubts(day)
			if len(sums) != 1 || sums[0].Booked != booked || sums[0].First != began || sums[0].Last != booked || sums[0].Money.Billed != 700 ||
				sums[0].Flows[reconcile.Flow{Way: reconcile.Sold}] != -2 || (open == 1) != (day == booked) {
				t.Errorf("on %s: %+v, %d open", day, sums, open)
			}
		}
		if sums, _ := r.doubts(began.Add(-1)); len(sums) > 0 {
			t.Errorf("the day before it was begun: %+v", sums)
		}
		if _, err := r.core.StoreDays.Close(t.Context(), cloud.CloseDay{Store: "north", Day: began, By: "li", Note: "the clock"}); err != nil {
			t.Error(err)
		}
		if sums, _ := r.doubts(began); len(sums) != 1 {
			t.Errorf("after the close: %+v", sums)
		}
		r.mustBeSound()
	})
}

func TestAClockThatTheTimeSinceTheBootDisprovesIsNotBelievedAndToldOnTheDay(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		l := lost{r.cabinet, time.Now()}
		l.starts()
		later(time.Hour)
		l.born()
		later(time.Hour)
		e := l.journalled(l.settled(protocol.VisitID{9}, settle.Line{SKU: "1002", Qty: 1}))
		e.Boot, e.Up, e.Clock = l.boot, time.Since(l.began).Milliseconds(), true
		e.At = time.Now().Add(-50 * time.Hour).UnixMilli()
		r.must(l.send(e))
		today := ledger.DayOf(time.Now(), shanghai)
		sums, open := r.doubts(today)
		if len(sums) != 1 || sums[0].Booked != today || sums[0].First != today.Add(-2) || sums[0].Last != today || open != 1 {
			t.Errorf("on the day of the booking: %+v, %d open", sums, open)
		}
		if sums, _ := r.doubts(today.Add(-2)); len(sums) != 1 {
			t.Errorf("on the day that the clock said: %+v", sums)
		}
	})
}
