package broker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"allhours/protocol/topic"
)

const (
	lanes       = 256      // workers; a cabinet always has the same one, and what they do at once shares a commit
	laneDepth   = 64       // messages waiting for one worker
	mostWaiting = 16 << 20 // bytes of messages waiting for all of them
	// leastWeight is what the smallest message counts for: a thousand of them at once keep the database busy, and more would
	// only take the processors from it.
	leastWeight = 16 << 10
)

// Handler takes one message of a cabinet. Messages of one cabinet come one after the other, in the order of their arrival.
type Handler func(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte)

// intake hands messages to workers. Who has no room for one waits, in turn: a database that is slow slows the reading, down to
// the cabinets, which keep what is not acknowledged.
type intake struct {
	handle Handler
	lanes  [lanes]chan message
	room   *semaphore.Weighted // bytes

	received, unread, waited atomic.Int64
}

type message struct {
	from    topic.Address
	channel topic.Channel
	payload []byte
	done    func() // nil: nobody asks
}

func newIntake(handle Handler) *intake {
	i := &intake{handle: handle, room: semaphore.NewWeighted(mostWaiting)}
	for n := range i.lanes {
		i.lanes[n] = make(chan message, laneDepth)
	}
	return i
}

// run works until ctx ends, then lets the workers finish what they hold.
func (i *intake) run(ctx context.Context) {
	var workers sync.WaitGroup
	for _, lane := range i.lanes {
		workers.Go(func() { i.work(ctx, lane) })
	}
	workers.Wait()
}

// put hands a message to its cabinet's worker; done, if there is one, is called after that. It waits for room as long as ctx
// lasts and the patience does, 0 for ever; false where there was none. A message whose topic nobody knows is gone at once.
func (i *intake) put(ctx context.Context, patience time.Duration, name string, payload []byte, done func()) bool {
	i.received.Add(1)
	from, ch, err := topic.Parse(name)
	if err != nil {
		i.unread.Add(1)
		if done != nil {
			done()
		}
		return true
	}
	m, lane, size := message{from, ch, payload, done}, i.lanes[laneOf(from)], weight(payload)
	if i.room.TryAcquire(size) {
		select {
		case lane <- m:
			return true
		default:
			i.room.Release(size)
		}
	}
	i.waited.Add(1)
	if patience > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, patience)
		defer stop()
	}
	if i.room.Acquire(ctx, size) != nil {
		return false
	}
	select {
	case lane <- m:
		return true
	case <-ctx.Done():
		i.room.Release(size)
		return false
	}
}

func (i *intake) work(ctx context.Context, lane <-chan message) {
	for {
		select {
		case m := <-lane:
			i.handle(ctx, m.from, m.channel, m.payload)
			i.room.Release(weight(m.payload))
			if m.done != nil {
				m.done()
			}
		case <-ctx.Done():
			return
		}
	}
}

// weight is what a message takes of the room; one that is larger than all of it goes alone.
func weight(payload []byte) int64 { return int64(min(max(len(payload), leastWeight), mostWaiting)) }

// laneOf spreads cabinets over the workers (FNV-1a).
func laneOf(a topic.Address) int {
	h := uint32(2166136261)
	for n := range len(a.Cabinet) {
		h = (h ^ uint32(a.Cabinet[n])) * 16777619
	}
	return int(h % lanes)
}
