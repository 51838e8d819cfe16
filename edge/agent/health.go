package agent

import (
	"fmt"
	"slices"
	"time"

	"allhours/edge"
	"allhours/edge/health"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Times of judging the cold.
const (
	warmthEvery = time.Second
	keepWarmth  = time.Minute // of warmth, between two records of it
)

// cooled is a compartment whose air is measured.
type cooled struct {
	number protocol.Compartment
	limits health.Limits
	state  health.State
	kept   health.State  // on disk
	since  int64         // UTC milliseconds of the record that a boot found, until the time before the boot is counted
	judged time.Duration // time since boot
}

// rememberWarmth goes on with what a boot found. Up to a minute was not recorded before it, and counts against the food.
func (a *Agent) rememberWarmth() error {
	warmth, err := a.journal.Warmth()
	if err != nil {
		return err
	}
	for _, u := range a.boards.thermometers {
		for _, n := range u.compartments {
			if n == 0 || a.cooled(n) != nil {
				continue
			}
			w := warmth[n]
			a.air = append(a.air, &cooled{
				number: n, state: w.State.Lost(keepWarmth), kept: w.State, since: w.At,
			})
		}
	}
	a.limitWarmth()
	return nil
}

// limitWarmth takes what the desired state in force says of the cold. How long the air has been warm stays as it is: a limit
// that is tightened counts at once, against all of it.
func (a *Agent) limitWarmth() {
	var said map[protocol.Compartment]wire.Health
	if cfg := a.applied.Load(); cfg != nil {
		said = cfg.Limits.Health
	}
	for _, c := range a.air {
		c.limits = a.opt.Config.LimitsOf(c.number, said[c.number])
	}
}

// cooled finds a compartment; nil where no probe hangs in it, which makes it one that is not cooled.
func (a *Agent) cooled(n protocol.Compartment) *cooled {
	if i := slices.IndexFunc(a.air, func(c *cooled) bool { return c.number == n }); i >= 0 {
		return a.air[i]
	}
	return nil
}

// judgeWarmth stops compartments whose food was warm for too long.
func (a *Agent) judgeWarmth() {
	now := a.clock.Up()
	for _, c := range a.air {
		if now < c.judged+warmthEvery && c.judged > 0 {
			continue
		}
		open := a.doorOf(c.number).state.Door() == wire.DoorStateOpen
		c.state = c.state.After(now-c.judged, open, a.readings(c.number), c.limits)
		c.judged = now
		c.countAway(a.clock.Stamp())
		if code := c.state.Stop(c.limits); code != protocol.CodeOK && a.warmStop(c.number) == protocol.CodeOK {
			a.stopWarm(c, code)
		}
		a.keepWarmth(c)
	}
}

func (a *Agent) readings(n protocol.Compartment) []health.Reading {
	var all []health.Reading
	for _, p := range a.probesOf(n, time.Now()) {
		all = append(all, health.Reading{Celsius: p.Celsius, Known: p.Fault == ""})
	}
	return all
}

// countAway adds the time before the boot, once the cloud has told the time: it is known where it was known at the record.
func (c *cooled) countAway(now edge.Stamp) {
	if c.since == 0 || c.state.Warm == 0 {
		c.since = 0
		return
	}
	if !now.Clock {
		return
	}
	away := time.Duration(now.At-now.Up-c.since)*time.Millisecond - keepWarmth
	c.state, c.since = c.state.Lost(max(away, 0)), 0
}

func (a *Agent) stopWarm(c *cooled, code protocol.Code) {
	body := wire.LostBody{
		Compartment: c.number, Code: code, Limit: c.limits.Above, WarmMS: c.state.Warm.Milliseconds(), ShutMS: c.state.Shut.Milliseconds(),
	}
	detail := fmt.Sprintf("not known to be at or below %s for %s", c.limits.Above, c.state.Warm.Round(time.Second))
	if c.state.Above {
		body.Highest = &c.state.Highest
		detail += fmt.Sprintf(", up to %s", c.state.Highest)
	}
	a.log.Error("the food is too warm to be sold", "compartment", c.number, "code", code, "detail", detail)
	a.stop(c.number, code, detail, body)
}

// keepWarmth records how long the air has been warm: each minute, and at once where a boot that comes now would make it
// less, or more than it is. Once a compartment is stopped nothing more needs to be known.
func (a *Agent) keepWarmth(c *cooled) {
	state := c.state
	if state.Warm == 0 || a.warmStop(c.number) != protocol.CodeOK {
		state = health.State{}
	}
	if !c.due(state) {
		return
	}
	w := edge.Warmth{State: state}
	if now := a.clock.Stamp(); now.Clock {
		w.At = now.At
	}
	if err := a.journal.SaveWarmth(map[protocol.Compartment]edge.Warmth{c.number: w}); err != nil {
		a.log.Error("warmth", "compartment", c.number, "error", err)
		return
	}
	c.kept = state
}

// due reports a state that must be kept. In its first minute an agent keeps the first warmth that it sees, so that one which
// dies again and again gets no further than its food.
func (c *cooled) due(now health.State) bool {
	switch {
	case now.Warm == 0:
		return c.kept.Warm > 0
	case c.kept.Warm == 0:
		return now.Warm >= keepWarmth || c.judged < keepWarmth
	}
	return now.Warm-c.kept.Warm >= keepWarmth || now.Shut < c.kept.Shut || now.Above != c.kept.Above
}

// warmStop is why a compartment's food is not sold; protocol.CodeOK where its temperature is no reason.
func (a *Agent) warmStop(n protocol.Compartment) protocol.Code {
	for _, s := range a.sales.stops {
		if s.Compartment == n && s.Code.Warmth() {
			return s.Code
		}
	}
	return protocol.CodeOK
}

// attest ends such a stop at a person's word; the time that the air may be warm begins anew.
func (a *Agent) attest(b wire.AttestedBody) {
	code := a.warmStop(b.Compartment)
	if code == protocol.CodeOK {
		return
	}
	a.log.Warn("a person answers for the food", "compartment", b.Compartment, "stopped", code)
	if c := a.cooled(b.Compartment); c != nil {
		c.state = health.State{}
	}
	a.resume(b.Compartment, code, b)
}

// attestTask takes a person's word from the cloud. It does not hold against a probe that shows the air to be too warm now.
func (a *Agent) attestTask(t wire.Task) (work, error) {
	var w wire.AttestArgs
	if err := argsOf(t, &w); err != nil {
		return nil, err
	}
	switch {
	case a.doorOf(w.Compartment) == nil:
		return nil, protocol.Errorf(protocol.CodeOtherCabinet, "attest: there is no compartment %d", w.Compartment)
	case w.Why == "" || len(w.Why) > wire.MaxWhy:
		return nil, protocol.Errorf(protocol.CodeMalformed, "attest: want to know why")
	case a.warmStop(w.Compartment) == protocol.CodeOK:
		return nil, protocol.Errorf(protocol.CodeStale, "attest: compartment %d is not stopped for its temperature", w.Compartment)
	case a.warmNow(w.Compartment):
		return nil, protocol.Errorf(protocol.CodeTooWarm, "attest: compartment %d is above its limit now", w.Compartment)
	}
	a.attest(wire.AttestedBody{Compartment: w.Compartment, By: t.By, Why: w.Why})
	return nil, nil
}

// warmNow reports a probe that shows more than the limit.
func (a *Agent) warmNow(n protocol.Compartment) bool {
	c := a.cooled(n)
	return c != nil && slices.ContainsFunc(a.readings(n), func(r health.Reading) bool { return r.Known && r.Celsius > c.limits.Above })
}
