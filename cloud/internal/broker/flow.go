package broker

import (
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
)

const (
	// maxUnread is how many messages may be on their way to the cloud's own client; it stays below maxPending, beyond
	// which the library drops without a word.
	maxUnread = 192
	// patience is how long a cabinet's message waits for its turn before one of the others is taken for lost.
	patience = 2 * time.Second
)

// flow makes cabinets that send faster than the cloud reads wait, each on its own connection: a fleet that comes back at
// once would lose its births otherwise.
type flow struct {
	mu    sync.Mutex
	owner *mqtt.Client  // the cloud's own client; nil: it is not there, and nobody waits
	slots chan struct{} // one for each message on its way
	gone  chan struct{} // closed with the owner

	waited, lost atomic.Int64
}

func (f *flow) open(owner *mqtt.Client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owner != nil {
		close(f.gone)
	}
	f.owner, f.slots, f.gone = owner, make(chan struct{}, maxUnread), make(chan struct{})
}

// close ends the flow of one owner; a newer one's goes on.
func (f *flow) close(owner *mqtt.Client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owner != owner || owner == nil {
		return
	}
	close(f.gone)
	f.owner, f.slots = nil, nil
}

func (f *flow) now() (slots, gone chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.slots, f.gone
}

// take waits for a message's turn.
func (f *flow) take() {
	slots, gone := f.now()
	if slots == nil {
		return
	}
	select {
	case slots <- struct{}{}:
		return
	default:
	}
	f.waited.Add(1)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case slots <- struct{}{}:
	case <-gone:
	case <-timer.C:
		f.lost.Add(1)
		f.give()
	}
}

// give tells that a message was read.
func (f *flow) give() {
	slots, _ := f.now()
	select {
	case <-slots: // A nil channel is never ready.
	default:
	}
}
