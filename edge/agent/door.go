package agent

import (
	"context"
	"errors"
	"slices"
	"time"

	"allhours/edge"
	"allhours/edge/internal/weigh"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// door runs the visits of one compartment: it carries out what the state machine asks for. It belongs to the loop.
type door struct {
	a       *Agent
	number  protocol.Compartment // never changes, so that anyone may read it
	board   edge.LockBoard
	channel int
	pulse   time.Duration
	state   session.State

	visit   *weigh.Visit // while one is under way
	arrived time.Time    // of the command
	at      time.Time    // of the input that is being handled
	shutAt  time.Time    // when it was seen to be shut last
	show    shown

	resting bool // its platforms are followed, because nothing should move there

	compare time.Time // since when the scales are to say whether there was an opening that nobody saw

	unfinished *edge.Visit // found at boot, until it is recovered
	firstOpen  edge.Tri    // while there is one: what the switches said
	firstLatch edge.Tri
	takenUp    time.Time // when it was recovered: what a switch said before and is heard after counts from then
}

func newDoor(a *Agent, l lockUnit, channel int, c protocol.Compartment, unfinished []edge.Visit) *door {
	d := &door{a: a, number: c, board: l.board, channel: channel, pulse: l.pulse, state: session.New(c, a.limits())}
	if i := slices.IndexFunc(unfinished, func(v edge.Visit) bool { return v.Compartment == c }); i >= 0 {
		d.unfinished = &unfinished[i]
	}
	return d
}

// sensed takes what a switch said at a moment.
func (d *door) sensed(in session.Input, at time.Time) {
	if d.unfinished == nil {
		if at.Before(d.takenUp) {
			at = d.takenUp
		}
		d.input(in, at)
		return
	}
	switch in := in.(type) {
	case session.Door:
		d.firstOpen = in.Open
	case session.Latch:
		d.firstLatch = in.Locked
	}
}

func (d *door) tick() {
	d.recover()
	now := time.Now()
	d.lookBack(now)
	if d.state.Stage == session.Counting && (d.visit == nil || d.visit.Calm(now)) { // Without scales there is nothing to wait for.
		d.input(session.Calm{}, now)
	}
	d.input(session.Tick{}, now)
	d.follow(now)
}

// input steps the state machine and carries out its effects, whose results are inputs in turn.
func (d *door) input(in session.Input, at time.Time) {
	before := d.state.Door()
	d.at = at
	for queue := []session.Input{in}; len(queue) > 0; queue = queue[1:] {
		next, effects := session.Step(d.state, queue[0], d.a.clock.UpAt(at))
		d.state = next
		for _, e := range effects {
			if result := d.do(e); result != nil {
				queue = append(queue, result)
			}
		}
	}
	d.stir()
	if d.state.Door() != before {
		d.a.schedule.telemetry = 0
		if d.state.Door() == wire.DoorStateShut {
			d.shutAt = at
		}
	}
}

// do carries out one effect; what it answers at once is the result.
func (d *door) do(e session.Effect) session.Input {
	switch e := e.(type) {
	case session.Burn:
		return d.burn(e.Visit)
	case session.Pulse:
		d.release()
	case session.Journal:
		d.a.write(e.Bodies...)
	case session.Reply:
		d.reply(e)
	case session.Weigh:
		d.weigh(e)
	case session.Moved:
		if d.visit != nil {
			d.visit.Door(d.at, e.Open)
		}
	case session.Show:
		d.show.phase, d.show.until, d.show.due = e.Phase, d.at.Add(e.Left), true
	case session.Decide:
		return d.settle(e)
	case session.Compare:
		d.compare = d.at
	case session.Forget:
		d.forget()
	}
	return nil
}

func (d *door) burn(v edge.Visit) session.Input {
	if len(d.a.unsaved) > 0 {
		return session.Burnt{Code: protocol.CodeDiskFull}
	}
	began := time.Now()
	err := d.a.journal.Burn(v)
	d.a.metrics.BurnSeconds.Observe(time.Since(began).Seconds())
	if err == nil {
		return session.Burnt{Code: protocol.CodeOK}
	}
	d.a.log.Warn("grant refused", "visit", v.ID, "error", err)
	if code := protocol.CodeOf(err); code != "" {
		return session.Burnt{Code: code}
	}
	d.a.sales.full = true // Until the next look at the disk: nobody else is sent to a door that cannot open.
	return session.Burnt{Code: protocol.CodeNotSelling}
}

// release pulses the lock beside the loop: a board that does not answer must not stop the other doors.
func (d *door) release() {
	arrived := d.arrived
	d.a.pulses.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), pulseExpires)
		defer cancel()
		err := d.board.Pulse(ctx, d.channel, d.pulse)
		result := session.Pulsed{Took: time.Since(arrived)}
		switch {
		case errors.Is(err, edge.ErrPulseUnknown):
			result.Result, result.Detail = session.PulseUnknown, err.Error()
		case err != nil:
			result.Result, result.Detail = session.PulseFailed, err.Error()
		}
		if err != nil {
			d.a.log.Error("lock", "compartment", d.number, "error", err, "took", result.Took)
		}
		d.a.metrics.PulseSeconds.Observe(result.Took.Seconds())
		select {
		case d.a.work <- func() { d.input(result, time.Now()) }:
		case <-d.a.ended: // The next boot finds the visit and asks the door.
		}
	})
}

func (d *door) reply(r session.Reply) {
	if r.Command.IsZero() {
		if !r.Visit.IsZero() {
			d.a.refuse(refusal{r.Visit, r.Code})
		}
		return
	}
	if r.Code != protocol.CodeOK {
		d.a.refused.keep(r.Command, r.Code, r.Detail, d.a.clock.Up())
	}
	d.a.reply(r.Command, r.Code, r.Detail, r.Took)
}

func (a *Agent) reply(command protocol.UUID, code protocol.Code, detail string, took time.Duration) {
	a.metrics.Replies.WithLabelValues(string(code)).Inc()
	ms := int64((took + time.Millisecond - 1) / time.Millisecond)
	a.uplink.Send(topic.Reply, wire.Reply{
		V: wire.Version, Cabinet: a.opt.Config.Cabinet, ID: command, Code: code, Detail: detail, PulseMS: ms,
	})
}

// weigh begins to follow the scales. Without a layout the visit goes on and a human decides it.
func (d *door) weigh(e session.Weigh) {
	d.forget()
	d.show.blind = e.Recovered
	layout, cfg := d.a.layout(e.Visit.Compartment, e.Visit.Purpose)
	visit, err := d.a.watch.Begin(layout, cfg, d.shutAt)
	if err != nil {
		d.a.log.Error("scales cannot be followed", "visit", e.Visit.ID, "error", err)
		return
	}
	d.visit = visit
}

// settle decides the visit and writes the settlement with the stock that it leaves.
func (d *door) settle(e session.Decide) session.Input {
	answer := d.decide(e)
	body := wire.SettledBody{
		Visit: e.Visit.ID, Compartment: e.Visit.Compartment, Purpose: e.Visit.Purpose, Config: e.Visit.Config,
		OpenMS: e.OpenFor.Milliseconds(), WaitMS: e.ShutFor.Milliseconds(), Recovered: e.Recovered, ZeroAt: d.zeroAt(e), Answer: answer,
	}
	bodies := []wire.Body{body, wire.StockBody{Levels: answer.Levels}}
	ok := len(d.a.unsaved) > 0 && d.a.saveWith(bodies...) || len(d.a.unsaved) == 0 && d.a.append(bodies)
	if ok {
		d.a.metrics.Visits.WithLabelValues(string(answer.Decision)).Inc()
		d.a.sales.recount(d.a)
		if !e.Recovered {
			d.keepTrace(e.Visit, answer.Decision)
			// Whoever serviced it has seen the food; a test of a lock by the device's own claim has nobody's name.
			if e.Visit.Purpose == protocol.PurposeService && !e.Visit.Subject.IsZero() {
				d.a.attest(wire.AttestedBody{Compartment: d.number, Visit: &e.Visit.ID})
			}
			if e.Visit.Purpose == protocol.PurposePurchase {
				layout, _ := d.a.layout(e.Visit.Compartment, e.Visit.Purpose)
				d.a.learn(layout, answer)
			}
		}
	}
	return session.Settled{OK: ok}
}

// zeroAt is when the times of the steps began, in UTC milliseconds; 0 where the settlement has no such moment, and where
// the cabinet does not know what time it is.
func (d *door) zeroAt(e session.Decide) int64 {
	if e.Recovered || d.visit == nil {
		return 0
	}
	zero := d.a.clock.StampAt(d.visit.Zero())
	if !zero.Clock {
		return 0
	}
	return zero.At
}

func (d *door) decide(e session.Decide) settle.Answer {
	layout, cfg := d.a.layout(e.Visit.Compartment, e.Visit.Purpose)
	switch {
	case e.Recovered:
		return d.net(e.Visit, layout, cfg)
	case d.visit != nil && e.Visit.Purpose == protocol.PurposeRefill:
		return d.visit.Filled()
	case d.visit != nil:
		return d.visit.Decide()
	}
	return settle.Answer{Decision: settle.Review, Lines: []settle.Line{}, Levels: []settle.Level{}, Rule: settle.RuleVersion}
}

// net decides a visit that was not seen to its end. Where its steps cannot be read a human decides.
func (d *door) net(v edge.Visit, layout settle.Layout, cfg settle.Config) settle.Answer {
	after := d.a.watch.Weights(platformsOf(layout))
	if v.Purpose == protocol.PurposeRefill {
		return settle.NetFilled(layout, samples(layout, v.Before), samples(layout, after), cfg)
	}
	steps, err := d.a.journal.Steps(v.ID)
	answer := settle.Net(layout, samples(layout, v.Before), samples(layout, after), steps, cfg)
	if err != nil {
		d.a.log.Error("steps of a visit", "visit", v.ID, "error", err)
		answer.Decision = settle.Review
	}
	return answer
}

func (d *door) forget() {
	if d.visit != nil {
		d.visit.End()
	}
	d.visit, d.show, d.compare = nil, shown{}, time.Time{}
	d.state.Limits = session.New(d.number, d.a.limits()).Limits
}
