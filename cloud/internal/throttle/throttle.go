// Package throttle limits how often something may happen: for each key, so that nobody guesses for long, and in total, so that
// many together do not either. It forgets everything with its process.
package throttle

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds the memory of a throttle; beyond it the whole table starts anew, while the total still holds.
const maxKeys = 50_000

// Throttle is one limit; safe for concurrent use.
type Throttle struct {
	mu     sync.Mutex
	total  *rate.Limiter
	every  time.Duration
	burst  int
	keys   map[string]*rate.Limiter
	trying map[string]int // tries that are under way
	tries  int            // of all keys
}

// New makes a throttle: one turn of a key comes back in every, one of all in totalEvery.
func New(every time.Duration, burst int, totalEvery time.Duration, totalBurst int) *Throttle {
	return &Throttle{
		total: rate.NewLimiter(rate.Every(totalEvery), totalBurst),
		every: every, burst: burst, keys: make(map[string]*rate.Limiter), trying: make(map[string]int),
	}
}

// Allow takes one turn of the key.
func (t *Throttle) Allow(key string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	// The key first: one that is over its limit must not use up what others share.
	return t.limiter(key).AllowN(now, 1) && t.total.AllowN(now, 1)
}

// Spent reports whether the key has no turn left, without taking one: for what many may rightly do at once, and nobody can guess.
func (t *Throttle) Spent(key string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.limiter(key).TokensAt(now) < 1 || t.total.TokensAt(now) < 1
}

// Try begins a try of the key, which takes a turn only where it fails; ended must be called. It is false where the turns that
// are left would not do for every try that is under way: many at once are not more than one after the other.
func (t *Throttle) Try(key string, now time.Time) (ended func(failed bool), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limiter(key).TokensAt(now) < float64(t.trying[key]+1) || t.total.TokensAt(now) < float64(t.tries+1) {
		return nil, false
	}
	t.trying[key]++
	t.tries++
	return func(failed bool) { t.tried(key, now, failed) }, true
}

func (t *Throttle) tried(key string, now time.Time, failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tries--
	if t.trying[key]--; t.trying[key] == 0 {
		delete(t.trying, key)
	}
	if failed {
		t.limiter(key).AllowN(now, 1)
		t.total.AllowN(now, 1)
	}
}

func (t *Throttle) limiter(key string) *rate.Limiter {
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
