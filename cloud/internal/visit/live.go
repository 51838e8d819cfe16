package visit

import (
	"sync"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// liveBook keeps the phase and the basket, or what was put, of visits under way. It may lose them: they come again.
type liveBook struct {
	mu     sync.Mutex
	visits map[protocol.VisitID]live
}

type live struct {
	phase  wire.Phase
	basket []settle.Line
	put    []wire.Put
}

func newLiveBook() *liveBook { return &liveBook{visits: make(map[protocol.VisitID]live)} }

func (b *liveBook) of(id protocol.VisitID) live {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.visits[id]
}

// change replaces what is known of a visit that is known to be under way.
func (b *liveBook) change(id protocol.VisitID, apply func(*live)) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, known := b.visits[id]
	if known {
		apply(&l)
		b.visits[id] = l
	}
	return known
}

func (b *liveBook) begin(id protocol.VisitID, phase wire.Phase) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.visits[id]; !known {
		b.visits[id] = live{phase: phase}
	}
}

func (b *liveBook) end(id protocol.VisitID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.visits, id)
}
