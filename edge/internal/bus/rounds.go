package bus

import (
	"sync/atomic"
	"time"
)

// rounds notice a goroutine that hangs.
type rounds struct {
	began time.Time
	last  *atomic.Int64 // since then, when it last came round; waiting: it has nothing to do
}

const waiting = -1

func begin() rounds { return rounds{began: time.Now(), last: new(atomic.Int64)} }

func (r rounds) cameRound() { r.last.Store(int64(time.Since(r.began))) }

func (r rounds) wait() { r.last.Store(waiting) }

// stalled is how long ago it came round, unless it waits for work.
func (r rounds) stalled() time.Duration {
	last := r.last.Load()
	if last == waiting {
		return 0
	}
	return time.Since(r.began) - time.Duration(last)
}
