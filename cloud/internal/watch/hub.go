// Package watch tells readers that something changed; it never says what, and never waits for a reader.
package watch

import (
	"sync"
	"time"

	"allhours/protocol"
)

// FleetPause is how often fleet watchers are told at most.
const FleetPause = 250 * time.Millisecond

// Hub holds the watchers; safe for concurrent use.
type Hub struct {
	mu     sync.Mutex
	visits map[protocol.VisitID]map[chan struct{}]bool
	fleet  map[chan struct{}]bool
	due    bool // fleet watchers are told soon
}

// New makes a hub without watchers.
func New() *Hub {
	return &Hub{visits: make(map[protocol.VisitID]map[chan struct{}]bool), fleet: make(map[chan struct{}]bool)}
}

// Visit watches one visit; cancel ends it.
func (h *Hub) Visit(id protocol.VisitID) (<-chan struct{}, func()) {
	changed := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.visits[id] == nil {
		h.visits[id] = make(map[chan struct{}]bool)
	}
	h.visits[id][changed] = true
	return changed, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.visits[id], changed)
		if len(h.visits[id]) == 0 {
			delete(h.visits, id)
		}
	}
}

// Fleet watches every cabinet and visit; cancel ends it.
func (h *Hub) Fleet() (<-chan struct{}, func()) {
	changed := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fleet[changed] = true
	return changed, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.fleet, changed)
	}
}

// VisitChanged wakes the watchers of the visit now and those of the fleet soon.
func (h *Hub) VisitChanged(id protocol.VisitID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	wake(h.visits[id])
	h.fleetSoon()
}

// FleetChanged wakes the watchers of the fleet soon.
func (h *Hub) FleetChanged() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fleetSoon()
}

func (h *Hub) fleetSoon() {
	if h.due || len(h.fleet) == 0 {
		return
	}
	h.due = true
	time.AfterFunc(FleetPause, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.due = false
		wake(h.fleet)
	})
}

func wake(watchers map[chan struct{}]bool) {
	for changed := range watchers {
		select {
		case changed <- struct{}{}:
		default: // It has not yet looked at the last change.
		}
	}
}
