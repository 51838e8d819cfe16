package core

import (
	"bytes"
	"crypto/rand"
	"sync"
	"time"

	"allhours/protocol"
)

// ids makes identifiers that grow, also within one millisecond: what was asked for first sorts first.
type ids struct {
	now  func() time.Time
	mu   sync.Mutex
	last protocol.UUID
}

func (g *ids) next() protocol.UUID {
	var random [10]byte
	_, _ = rand.Read(random[:]) // It never fails: the runtime ends the program first.
	id, _ := protocol.NewUUID(g.now(), bytes.NewReader(random[:]))
	g.mu.Lock()
	defer g.mu.Unlock()
	if bytes.Compare(id[:], g.last[:]) <= 0 {
		id = g.last
		for i := len(id) - 1; i > 8; i-- {
			if id[i]++; id[i] != 0 {
				break
			}
		}
	}
	g.last = id
	return id
}
