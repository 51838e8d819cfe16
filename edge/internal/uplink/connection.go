package uplink

import (
	"context"
	"fmt"
	"io"
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// connection is one life between a birth and a death.
type connection struct {
	u         *Uplink
	t         *transport
	id        protocol.UUID
	challenge grant.Token
	delivery  delivery
	birthAt   time.Duration // next birth, unless the cloud speaks before
	patience  time.Duration // until that, doubled each time: a cloud that has just started answers soon
	acks      chan wire.Ack
	askedAt   time.Duration // of the first question since the last answer; 0: nothing is asked
	looked    time.Duration // for what was not answered
}

// firstPatience is how long the first birth waits for its answer, up to twice as long.
const firstPatience = 6 * time.Second

// Between two looks at what was not answered there is at least the one time, and at most the other: a fleet of ten thousand in
// one process must not wake ten thousand times a second for nothing.
const (
	looksApart = time.Second
	looksLeast = resendAfter
)

// connection lives until it is lost or ctx ends, and tells why.
func (u *Uplink) connection(ctx context.Context) error {
	c, err := u.newConnection()
	if err != nil {
		return err
	}
	death := wire.Death{V: wire.Version, Cabinet: u.opt.Address.Cabinet, Conn: c.id}
	will, err := u.opt.Packers.encode(death)
	if err != nil {
		return err
	}
	if c.t, err = u.connect(ctx, c.id, will); err != nil {
		return err
	}
	defer c.t.close()
	listening, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	defer func() {
		u.setChallenge(grant.Token{})
		stop()
		<-ended
	}()
	u.opt.Clock.Reconnected()
	u.setChallenge(c.challenge)
	go func() {
		defer close(ended)
		c.listen(listening)
	}()
	if err := c.birth(); err != nil {
		return err
	}
	err = c.loop(ctx)
	if ctx.Err() != nil {
		return c.publish(outgoing{topic.Death, death})
	}
	return err
}

func (u *Uplink) newConnection() (*connection, error) {
	c := &connection{u: u, acks: make(chan wire.Ack, inboundHeld), patience: firstPatience, looked: u.opt.Clock.Up()}
	var err error
	if c.id, err = protocol.NewUUID(time.Now(), u.opt.Entropy); err != nil {
		return nil, err
	}
	if _, err = io.ReadFull(u.opt.Entropy, c.challenge[:]); err != nil {
		return nil, fmt.Errorf("new challenge: %w", err)
	}
	if _, c.delivery.epoch, err = u.opt.Outbox.Acked(); err != nil {
		return nil, err
	}
	return c, nil
}

// birth says who is there and asks for the cloud's progress; it is repeated until the cloud answers.
func (c *connection) birth() error {
	o := &c.u.opt
	first, last, err := o.Outbox.Bounds()
	if err != nil {
		return err
	}
	c.birthAt = o.Clock.Up() + c.patience + time.Duration(c.u.chance.Int64N(int64(c.patience)))
	c.patience = min(2*c.patience, resendAfter)
	c.ask()
	err = c.publish(outgoing{topic.Birth, wire.Birth{
		V: wire.Version, Cabinet: o.Address.Cabinet, Journal: o.Journal, FirstKept: first, Last: last, Boot: o.Boot, Start: o.Start,
		Conn: c.id, Challenge: c.challenge[:], Config: o.Handler.Applied(), Versions: o.Versions, Reader: o.Reader,
		Up: o.Clock.Up().Milliseconds(),
	}})
	if err == nil {
		o.Handler.Connected()
	}
	return err
}

func (c *connection) publish(m outgoing) error {
	payload, err := c.u.opt.Packers.encode(m.message)
	if err != nil {
		return err
	}
	qos := byte(0)
	if m.channel == topic.Event {
		qos = 1
	}
	return c.t.publish(c.u.opt.Address.Of(m.channel), qos, payload)
}

func (c *connection) loop(ctx context.Context) error {
	look := time.NewTimer(looksApart)
	defer look.Stop()
	for {
		var err error
		look.Reset(c.rest())
		select {
		case <-ctx.Done():
			return c.flush()
		case err = <-c.t.lost:
		case a := <-c.acks:
			err = c.acked(a)
		case m := <-c.u.replies:
			err = c.publish(m)
		case m := <-c.u.lossy:
			err = c.publish(m)
		case <-c.u.opt.Outbox.Changed():
			err = c.deliver()
		case <-look.C:
			err = c.look()
		}
		if err != nil {
			return err
		}
	}
}

// flush sends the replies that still wait when the agent stops.
func (c *connection) flush() error {
	for {
		select {
		case m := <-c.u.replies:
			if err := c.publish(m); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// ask notes that something is said that the cloud answers.
func (c *connection) ask() {
	if c.askedAt == 0 {
		c.askedAt = c.u.opt.Clock.Up()
	}
}

// bearing is how long the cloud may say nothing to a question.
func (c *connection) bearing() time.Duration {
	if c.delivery.heard {
		return max(c.u.deafness, heardDeafness)
	}
	return c.u.deafness
}

// rest is how long nothing has to be repeated.
func (c *connection) rest() time.Duration {
	next := c.birthAt
	if c.askedAt != 0 {
		next = min(next, c.askedAt+c.bearing())
	}
	if c.delivery.inflight.To != 0 {
		next = min(next, c.delivery.again)
	}
	if c.delivery.leaves != 0 {
		next = min(next, c.delivery.leaves)
	}
	return min(max(next, c.looked+looksApart), c.looked+looksLeast) - c.u.opt.Clock.Up()
}

// look repeats what was not answered. A connection that stays without an answer is given up for another: a cloud that is
// away costs a few of them, a broker that has forgotten the subscription no more than the first wait.
func (c *connection) look() error {
	now := c.u.opt.Clock.Up()
	c.looked = now
	if c.askedAt != 0 && now-c.askedAt >= c.bearing() {
		c.u.deafness = min(2*c.u.deafness, mostDeafness)
		return errDeaf
	}
	if now >= c.birthAt {
		if err := c.birth(); err != nil {
			return err
		}
	}
	return c.deliver()
}

// deliver sends the next batch, if there is one and none is on its way.
func (c *connection) deliver() error {
	first, last, err := c.u.opt.Outbox.Bounds()
	if err != nil {
		return err
	}
	now := c.u.opt.Clock.Up()
	r, due := c.delivery.next(first, last, now)
	if !due {
		return nil
	}
	batch, err := c.u.opt.Outbox.Batch(r.From, r.To)
	if err != nil || len(batch) == 0 {
		return err
	}
	sent := wire.Range{From: batch[0].Seq, To: batch[len(batch)-1].Seq}
	if c.delivery.lingers(batch, sent.To < r.To, now) {
		return nil
	}
	if sent == c.delivery.inflight { // The cloud did not answer: it may have forgotten this connection.
		c.birthAt = min(c.birthAt, now+looksApart)
	}
	c.ask()
	c.delivery.sent(sent, now, c.u.chance.Float64())
	return c.publish(outgoing{topic.Event, batch})
}

// acked notes the cloud's progress; it was checked before.
func (c *connection) acked(a wire.Ack) error {
	if !c.delivery.acked(a) {
		return nil
	}
	c.birthAt, c.patience = c.u.opt.Clock.Up()+birthRepeats, firstPatience
	c.askedAt, c.u.deafness = 0, firstDeafness
	upTo, epoch, err := c.u.opt.Outbox.Acked()
	if err != nil {
		return err
	}
	if upTo != a.HaveUpTo || epoch != a.FleetEpoch {
		// A full disk must not cost the line on which the cabinet says so: the next word writes the mark, and what is sent
		// again until then does no harm.
		if err := c.u.opt.Outbox.Ack(a.HaveUpTo, a.FleetEpoch); err != nil {
			c.u.opt.Log.Warn("the cloud's mark was not written", "error", err)
		}
	}
	return c.deliver()
}
