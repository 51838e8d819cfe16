package edge_test

import (
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
)

func TestTheCloudsTimeIsKnownFromItsOwnWordOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := edge.NewClock()
		cloud := time.Now().Add(30 * 365 * 24 * time.Hour) // This cabinet's battery is empty.
		if _, known := c.Cloud(); known || c.Stamp().Clock {
			t.Error("known before anybody told it")
		}
		c.Heard(cloud)
		<-time.After(time.Minute)
		if now, known := c.Cloud(); !known || !now.Equal(cloud.Add(time.Minute)) {
			t.Errorf("%s %v: want a minute after what was told", now, known)
		}
		if s := c.Stamp(); !s.Clock || s.At != cloud.Add(time.Minute).UnixMilli() || s.Up != time.Minute.Milliseconds() {
			t.Errorf("stamp %+v", s)
		}
		if s := c.StampAt(time.Now().Add(-30 * time.Second)); s.At != cloud.Add(30*time.Second).UnixMilli() || s.Up != 30_000 || !s.Clock {
			t.Errorf("half a minute ago: stamp %+v", s)
		}
		c.Heard(cloud) // Held back for a minute by somebody.
		if now, _ := c.Cloud(); !now.Equal(cloud.Add(time.Minute)) {
			t.Errorf("%s: a late message set the clock back", now)
		}
		c.Reconnected()
		if _, known := c.Cloud(); known {
			t.Error("the last connection's time is taken for this one's")
		}
		if !c.Stamp().Clock {
			t.Error("a stamp needs no connection")
		}
		c.Heard(cloud) // The cloud's clock was set back.
		if now, _ := c.Cloud(); !now.Equal(cloud) {
			t.Errorf("%s: want the new connection's word", now)
		}
	})
}

func TestAGrantThatIsShownIsJudgedByTheBestThatIsKnownOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := edge.NewClock()
		if now, known := c.Judge(); known {
			t.Errorf("%s is known of nothing", now)
		}
		wall := time.Now()
		c.Floor(wall.Add(-time.Hour))
		time.Sleep(time.Minute)
		if now, known := c.Judge(); !known || !now.Equal(wall.Add(time.Minute)) {
			t.Errorf("%s %v: want the wall clock's, which is after the floor", now, known)
		}
		c.Floor(wall.Add(24 * time.Hour))
		c.Floor(wall)
		time.Sleep(time.Minute)
		if now, _ := c.Judge(); !now.Equal(wall.Add(24*time.Hour + time.Minute)) {
			t.Errorf("%s: want the floor and the minute since it was taken", now)
		}
		c.Heard(wall.Add(48 * time.Hour))
		c.Reconnected()
		time.Sleep(time.Minute)
		if now, _ := c.Judge(); !now.Equal(wall.Add(48*time.Hour + time.Minute)) {
			t.Errorf("%s: want the cloud's word, which outlives its connection", now)
		}
	})
}
