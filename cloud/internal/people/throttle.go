package people

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds the memory of a throttle; beyond it the whole table starts anew, while the total still holds.
const maxKeys = 50_000

// throttle limits how often something may happen for each key, and in total.
type throttle struct {
	mu    sync.Mutex
	total *rate.Limiter
	every time.Duration
	burst int
	keys  map[string]*rate.Limiter
}

func newThrottle(every time.Duration, burst int, totalEvery time.Duration, totalBurst int) *throttle {
	return &throttle{
		total: rate.NewLimiter(rate.Every(totalEvery), totalBurst),
		every: every, burst: burst, keys: make(map[string]*rate.Limiter),
	}
}

// allow takes one turn of the key.
func (t *throttle) allow(key string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	// The key first: one that is over its limit must not use up what others share.
	return t.limiter(key).AllowN(now, 1) && t.total.AllowN(now, 1)
}

// spent reports whether the key has no turn left, without taking one.
func (t *throttle) spent(key string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.limiter(key).TokensAt(now) < 1 || t.total.TokensAt(now) < 1
}

func (t *throttle) limiter(key string) *rate.Limiter {
	l, ok := t.keys[key]
	if !ok {
		if len(t.keys) >= maxKeys {
			clear(t.keys)
		}
		l = rate.NewLimiter(rate.Every(t.every), t.burst)
		t.keys[key] = l
	}
	return l
}
