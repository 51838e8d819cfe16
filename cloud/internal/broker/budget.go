package broker

import (
	"context"
	"sync"
)

// budget bounds how many bytes of messages wait for the workers. Who has no room waits: then nothing more is read from the
// broker, whose connections to the cabinets fill up in their turn, down to the cabinets, which keep what is not acknowledged.
type budget struct {
	mu    sync.Mutex
	left  int
	freed chan struct{} // closed, and made anew, with each release
}

func newBudget(bytes int) *budget { return &budget{left: bytes, freed: make(chan struct{})} }

// take waits for room; false where lost or ctx ended before there was any. A message that is larger than all of it goes
// alone.
func (b *budget) take(ctx context.Context, lost <-chan struct{}, bytes int) bool {
	for {
		b.mu.Lock()
		if b.left >= bytes {
			b.left -= bytes
			b.mu.Unlock()
			return true
		}
		freed := b.freed
		b.mu.Unlock()
		select {
		case <-freed:
		case <-lost:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

func (b *budget) give(bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += bytes
	close(b.freed)
	b.freed = make(chan struct{})
}
