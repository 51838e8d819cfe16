package power

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// scene is one visit during which the agent is killed.
type scene struct {
	*stand
	point
	ctx   context.Context
	state string
	took  bool
}

// play plays a point; a result without a state says that the visit ended before strace struck.
func (p point) play(ctx context.Context, dir string) (result, error) {
	s, err := newStand(dir)
	if err != nil {
		return result{}, err
	}
	c := scene{stand: s, point: p, ctx: ctx, state: "boot"}
	err = c.visit()
	if errors.Is(err, errEnded) {
		err = nil
	}
	killed, at := s.struck()
	if err == nil && !killed {
		return result{}, s.close()
	}
	if err == nil {
		err = c.judge()
	}
	if err != nil {
		err = fmt.Errorf("%s at %s %d from %s on (%s): %w\n%s", c.state, p.call, p.nth, p.leg, at, err, s.agent.said.String())
	}
	return result{c.state, p.call}, errors.Join(err, s.close())
}

// visit goes through the legs until the agent dies.
func (c *scene) visit() error {
	parts := map[string]func() error{
		"boot": c.born, "idle": c.change, "ask": c.ask, "hear": c.hear, "pull": c.pull, "take": c.take, "shut": c.shut, "ack": c.ack, "stop": c.stop,
	}
	for _, leg := range legs {
		if leg == c.leg && leg != "boot" {
			if err := c.inject(c.ctx, c.point); err != nil {
				return err
			}
		}
		if err := parts[leg](); err != nil {
			return err
		}
	}
	return nil
}

// until waits for something of the clerk's, or for the agent's death.
func (c *scene) until(what string, holds func() bool) error {
	if err := c.clerk.until(c.ctx, c.agent.ended, holds); err != nil {
		return fmt.Errorf("until %s: %w", what, err)
	}
	return nil
}

// pause lets the person take their time, or the agent die.
func (c *scene) pause(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-c.agent.ended:
		return errEnded
	}
}

func (c *scene) born() error {
	begin := c.boot
	if c.leg == "boot" {
		begin = func() error { return c.bootInjected(c.point) }
	}
	if err := begin(); err != nil {
		return err
	}
	return c.sells(1)
}

// sells waits until a boot is known, tells it what is sold, and waits until it sells.
func (c *scene) sells(births int) error {
	if err := c.until("it is born", func() bool { return len(c.clerk.births) >= births }); err != nil {
		return err
	}
	c.clerk.send(wire.KindConfig, topic.Config, desired(1))
	return c.until("it sells", func() bool { return c.clerk.selling && len(c.clerk.of(wire.ConfigApplied)) > 0 })
}

func (c *scene) change() error {
	c.state = "idle"
	c.clerk.send(wire.KindConfig, topic.Config, desired(2))
	if err := c.until("a desired state is applied", func() bool { return len(c.clerk.of(wire.ConfigApplied)) > 1 }); err != nil {
		return err
	}
	return c.pause(700 * time.Millisecond) // The next leg begins when the acknowledgement is written.
}

// ask presses the button, again where a busy machine's line was late and the board seemed away.
func (c *scene) ask() error {
	c.state = "asked"
	c.clerk.hold(true)
	var r wire.Reply
	for command := byte(10); command < 20; command++ {
		if err := c.clerk.open(id(command), c.clerk.grant(id(1))); err != nil {
			return err
		}
		if err := c.until("the command is answered", func() bool { return c.clerk.replies[id(command)].ID == id(command) }); err != nil {
			return err
		}
		if r = c.clerk.reply(id(command)); r.Code == protocol.CodeOK {
			c.state = "pulsed"
			return nil
		}
		if r.Code != protocol.CodeLockFailed {
			break
		}
		if err := c.pause(500 * time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("the command is answered %+v", r)
}

// hear is what the agent hears of the cloud while the latch is free.
func (c *scene) hear() error {
	c.clerk.hold(false)
	return c.pause(700 * time.Millisecond)
}

func (c *scene) pull() error {
	if err := c.cabinet.Pull(time.Now()); err != nil {
		return err
	}
	c.state = "open"
	return c.until("the opening is told", func() bool { return len(c.clerk.of(wire.VisitOpened)) > 0 })
}

// take takes a bottle. A busy machine may see the step with the settlement only.
func (c *scene) take() error {
	if err := c.pause(500 * time.Millisecond); err != nil {
		return err
	}
	if err := c.cabinet.Take(time.Now(), shelf, water, 1); err != nil {
		return err
	}
	c.took = true
	patience, cancel := context.WithTimeout(c.ctx, 5*time.Second)
	defer cancel()
	err := c.clerk.until(patience, c.agent.ended, func() bool { return len(c.clerk.of(wire.VisitStep)) > 0 })
	if patience.Err() != nil {
		return c.ctx.Err()
	}
	return err
}

func (c *scene) shut() error {
	c.clerk.hold(true)
	if err := c.cabinet.Shut(time.Now()); err != nil {
		return err
	}
	c.state = "shut"
	if err := c.until("the settlement is told", func() bool { return len(c.clerk.of(wire.VisitSettled)) > 0 }); err != nil {
		return err
	}
	c.state = "settled"
	return c.pause(200 * time.Millisecond)
}

func (c *scene) ack() error {
	c.state = "acked"
	c.clerk.hold(false)
	return c.pause(700 * time.Millisecond)
}

func (c *scene) stop() error {
	c.state = "stop"
	pid := c.agent.cmd.Process.Pid
	if c.leg == "boot" {
		return nil // The agent is strace's: it is not struck any more.
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	<-c.agent.ended
	return errEnded
}

func id(n byte) protocol.UUID { return protocol.UUID{0: 1, 6: 0x70, 8: 0x80, 15: n} }

// judge starts the agent again and holds what is left to what must always hold.
func (c *scene) judge() error {
	if !c.lock().DoorShut { // The person shuts it in the dark.
		if err := c.cabinet.Shut(time.Now()); err != nil {
			return err
		}
	}
	pulsed, births := c.lock().Pulses, c.clerk.count(func() int { return len(c.clerk.births) })
	c.clerk.hold(false)
	if err := c.boot(); err != nil {
		return err
	}
	if err := c.until("it is born again and tells what it has", func() bool {
		return len(c.clerk.births) > births && c.clerk.have >= c.clerk.births[len(c.clerk.births)-1].Last
	}); err != nil {
		return err
	}
	c.clerk.send(wire.KindConfig, topic.Config, desired(1))
	begun := c.clerk.count(func() int { return len(c.clerk.of(wire.VisitBegun)) })
	if begun == 0 && pulsed > 0 {
		return errors.New("the lock was pulsed, and no burnt grant is on the disk")
	}
	c.nameState(begun > 0, pulsed > 0)
	if begun > 0 {
		if err := c.until("the visit ends", func() bool { return len(c.clerk.of(wire.VisitSettled, wire.VisitAborted)) > 0 }); err != nil {
			return err
		}
		if err := c.grantIsUsed(pulsed); err != nil {
			return err
		}
	}
	return c.story()
}

// nameState tells the states apart that only the lock and the dead agent's disk knew.
func (c *scene) nameState(begun, pulsed bool) {
	settled := c.clerk.count(func() (n int) {
		for _, e := range c.clerk.of(wire.VisitSettled) {
			if e.Boot == 1 {
				n++
			}
		}
		return n
	})
	switch {
	case c.state == "asked" && pulsed:
		c.state = "pulsed"
	case c.state == "asked" && begun:
		c.state = "burnt"
	case c.state == "shut" && settled > 0:
		c.state = "settled"
	}
}

// grantIsUsed shows the grant again over the new connection.
func (c *scene) grantIsUsed(pulsed int) error {
	if err := c.clerk.open(id(2), c.clerk.grant(id(1))); err != nil {
		return err
	}
	if err := c.until("the grant is answered again", func() bool { return c.clerk.replies[id(2)].ID == id(2) }); err != nil {
		return err
	}
	if r := c.clerk.reply(id(2)); r.Code != protocol.CodeUsed {
		return fmt.Errorf("the grant shown again is answered %+v", r)
	}
	if l := c.lock(); l.Pulses != pulsed || l.Pulses > 1 || l.LongestUS > (pulseMS+300)*1000 || l.On {
		return fmt.Errorf("the lock was pulsed %d times, and %d before; the longest took %d us", l.Pulses, pulsed, l.LongestUS)
	}
	return nil
}

// story wants one outcome for a visit that was begun, true to what was taken.
func (c *scene) story() error {
	c.clerk.mu.Lock()
	defer c.clerk.mu.Unlock()
	if len(c.clerk.problems) > 0 {
		return fmt.Errorf("the cloud has seen %q", c.clerk.problems)
	}
	begun, ends := c.clerk.of(wire.VisitBegun), c.clerk.of(wire.VisitSettled, wire.VisitAborted)
	if len(begun) > 1 || len(ends) != len(begun) {
		return fmt.Errorf("%d visits begun, %d ended", len(begun), len(ends))
	}
	if len(ends) == 0 {
		if c.took {
			return errors.New("a bottle was taken, and there was no visit")
		}
		return nil
	}
	body, err := wire.DecodeBody(ends[0].Type, ends[0].Body)
	if err != nil {
		return err
	}
	b, settled := body.(wire.SettledBody)
	billed := settled && b.Answer.Decision == settle.Bill
	switch {
	case !settled && c.took:
		return fmt.Errorf("the visit was aborted, and a bottle was taken: %+v", body)
	case billed && c.took != (len(b.Answer.Lines) == 1 && b.Answer.Lines[0] == settle.Line{SKU: water, Qty: 1}):
		return fmt.Errorf("billed %v, a bottle was taken: %v", b.Answer.Lines, c.took)
	}
	return nil
}
