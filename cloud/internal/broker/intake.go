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
	queueDepth  = 16       // messages of one cabinet that wait for the one under way; it sends one batch at a time, and words beside it
	mostWaiting = 16 << 20 // bytes of messages waiting, of all cabinets
	// leastWeight is what the smallest message counts for: a thousand of them at once keep the database busy, and more would
	// only take the processors from it.
	leastWeight = 16 << 10
)

// Handler takes one message of a cabinet. Messages of one cabinet come one after the other, in the order of their arrival.
type Handler func(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte)

// intake hands messages over, those of one cabinet one after the other, those of different ones beside each other: no cabinet
// waits for another one's message. Who has no room for one waits, in turn: a database that is slow slows the reading, down to the
// cabinets, which keep what is not acknowledged.
type intake struct {
	handle Handler
	room   *semaphore.Weighted // bytes

	mu     sync.Mutex
	queues map[topic.Address]*queue // of cabinets of which a message is under way or comes
	begun  context.Context          // nil before run
	ended  bool
	work   sync.WaitGroup

	received, unread, waited atomic.Int64
}

// queue is what comes of one cabinet. Somebody works on it as long as there is anything.
type queue struct {
	messages chan message
	left     int // messages that are not done
}

type message struct {
	from    topic.Address
	channel topic.Channel
	payload []byte
	done    func() // nil: nobody asks
}

func newIntake(handle Handler) *intake {
	return &intake{handle: handle, room: semaphore.NewWeighted(mostWaiting), queues: make(map[topic.Address]*queue)}
}

// run works until ctx ends, then lets what is under way be finished.
func (i *intake) run(ctx context.Context) {
	i.mu.Lock()
	i.begun = ctx
	for from, q := range i.queues {
		i.work.Go(func() { i.serve(ctx, from, q) })
	}
	i.mu.Unlock()
	<-ctx.Done()
	i.mu.Lock()
	i.ended = true
	i.mu.Unlock()
	i.work.Wait()
}

// put hands a message to whoever works for its cabinet; done, if there is one, is called after that. It waits for room as long as
// ctx lasts and the patience does, 0 for ever; false where there was none. A message whose topic nobody knows is gone at once.
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
	m, size := message{from, ch, payload, done}, weight(payload)
	if i.room.TryAcquire(size) {
		q := i.join(from)
		select {
		case q.messages <- m:
			return true
		default:
			i.leave(from, q)
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
	q := i.join(from)
	select {
	case q.messages <- m:
		return true
	case <-ctx.Done():
		i.leave(from, q)
		i.room.Release(size)
		return false
	}
}

// join counts one message more in a cabinet's queue; the first begins it.
func (i *intake) join(from topic.Address) *queue {
	i.mu.Lock()
	defer i.mu.Unlock()
	q := i.queues[from]
	if q == nil {
		q = &queue{messages: make(chan message, queueDepth)}
		i.queues[from] = q
		if i.begun != nil && !i.ended {
			i.work.Go(func() { i.serve(i.begun, from, q) })
		}
	}
	q.left++
	return q
}

// leave counts one message fewer; the last ends the queue.
func (i *intake) leave(from topic.Address, q *queue) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if q.left--; q.left == 0 {
		delete(i.queues, from)
		close(q.messages)
	}
}

func (i *intake) serve(ctx context.Context, from topic.Address, q *queue) {
	for {
		select {
		case m, more := <-q.messages:
			if !more {
				return
			}
			i.handle(ctx, m.from, m.channel, m.payload)
			i.leave(from, q)
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
