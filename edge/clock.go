package edge

import (
	"sync"
	"time"
)

// Stamp is when something happened, as an event carries it.
type Stamp struct {
	At    int64 // UTC milliseconds as the cabinet believes
	Up    int64 // milliseconds since boot, by the monotonic clock
	Clock bool  // At is known to be right
	Floor int64 // UTC milliseconds that are surely over; 0 where nothing is known of the time
}

// Clock keeps the time since boot, which is sure, and the cloud's time, which is known from its signed messages only.
// The cabinet's own wall clock may be decades off; it is used for stamps alone, and they say so. Safe for concurrent use.
type Clock struct {
	now  func() time.Time // what passes; time.Now but where a past is played
	boot time.Time        // carries the monotonic reading
	wall func(time.Time) time.Time

	mu    sync.Mutex
	cloud time.Duration // the cloud's Unix time at boot
	known bool          // heard in this boot
	fresh bool          // heard on this connection

	floor   time.Duration // Unix time at boot at the earliest
	floored bool          // there is a floor
}

// NewClock starts to count from now.
func NewClock() *Clock { return NewClockOf(func(t time.Time) time.Time { return t }) }

// NewClockOf takes what the cabinet's wall clock shows at a moment that time.Now gave.
func NewClockOf(wall func(time.Time) time.Time) *Clock {
	return &Clock{now: time.Now, boot: time.Now(), wall: wall}
}

// NewClockBy lives by a time that somebody else lets pass, which never goes back.
func NewClockBy(now func() time.Time) *Clock {
	return &Clock{now: now, boot: now(), wall: func(t time.Time) time.Time { return t }}
}

// Up is the time since boot.
func (c *Clock) Up() time.Duration { return c.now().Sub(c.boot) }

// UpAt is the time since boot of a moment that time.Now gave.
func (c *Clock) UpAt(t time.Time) time.Duration { return t.Sub(c.boot) }

// Reconnected forgets which estimate was the best, because a later connection may find the cloud's clock set back.
func (c *Clock) Reconnected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fresh = false
}

// Heard takes the cloud's time from a message that is proven to be no older than this connection. A message is always
// late, never early, so the latest estimate is the best: one that somebody held back cannot make an old grant valid.
func (c *Clock) Heard(cloud time.Time) {
	estimate := time.Duration(cloud.UnixNano()) - c.Up()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.fresh || estimate > c.cloud {
		c.cloud = estimate
	}
	c.known, c.fresh = true, true
}

// Cloud is the cloud's time; false where this connection has not told it.
func (c *Clock) Cloud() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Unix(0, int64(c.cloud+c.Up())).UTC(), c.fresh
}

// Floor takes a moment that is surely over: the true time is later.
func (c *Clock) Floor(t time.Time) {
	earliest := time.Duration(t.UnixNano()) - c.Up()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.floored || earliest > c.floor {
		c.floor, c.floored = earliest, true
	}
}

// Least is a moment that is surely over: now, where this boot has heard the cloud's time; zero where nothing is known.
func (c *Clock) Least() (t time.Time, isNow bool) {
	up := c.Up()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.known:
		return time.Unix(0, int64(c.cloud+up)).UTC(), true
	case c.floored:
		return time.Unix(0, int64(c.floor+up)).UTC(), false
	}
	return time.Time{}, false
}

// Judge is the time by which a grant is judged that no connection vouches for: the cloud's where this boot has heard it,
// else the wall clock's, and never before the floor; false where there is no floor. A wall clock that is behind is
// thereby no better than the floor, and one that is ahead makes grants look old.
func (c *Clock) Judge() (time.Time, bool) {
	up := c.Up()
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Duration(c.wall(c.now()).UnixNano())
	if c.known {
		now = c.cloud + up
	}
	return time.Unix(0, int64(max(now, c.floor+up))).UTC(), c.known || c.floored
}

// Stamp is now.
func (c *Clock) Stamp() Stamp { return c.StampAt(c.now()) }

// StampAt is a moment that time.Now gave.
func (c *Clock) StampAt(t time.Time) Stamp {
	up := c.UpAt(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Stamp{At: c.wall(t).UnixMilli(), Up: up.Milliseconds()}
	if c.floored {
		s.Floor = (c.floor + up).Milliseconds()
	}
	if c.known {
		s.At, s.Clock = (c.cloud + up).Milliseconds(), true
		s.Floor = max(s.Floor, s.At)
	}
	return s
}
