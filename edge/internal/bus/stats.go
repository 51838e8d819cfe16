package bus

import "sync"

// Stats counts what a line went through since it was made.
type Stats struct {
	Up            bool   // the port is open
	Fault         string // why it is not
	Requests      uint64 // frames sent
	SentBytes     uint64
	ReceivedBytes uint64 // whatever it was
	Replies       uint64 // requests that were answered
	Timeouts      uint64 // requests without any reply
	Spoilt        uint64 // requests whose replies were damaged
	StaleBytes    uint64 // bytes thrown away: late, foreign or noise
	Openings      uint64 // of the port; one more than the times it was lost, when the line is up
	Abandoned     uint64 // ports left behind with a stuck write
}

// counters guards Stats: the line's goroutines write, anyone reads.
type counters struct {
	mu sync.Mutex
	s  Stats
}

func (c *counters) update(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.s)
}

func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.s
}
