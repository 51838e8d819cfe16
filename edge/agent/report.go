package agent

import (
	"fmt"
	"slices"
	"time"

	"allhours/edge"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// How often the cabinet reports.
const (
	telemetryEvery = 30 * time.Second
	serviceEvery   = time.Second // while somebody services it or looks at its page
	aliveEvery     = 15 * time.Minute
	stockEvery     = time.Hour
	roomEvery      = time.Minute
	saveAgain      = time.Second
	liveEvery      = 200 * time.Millisecond
	stepsEvery     = time.Second
)

// schedule is when, since boot, each report is due; zero is at once.
type schedule struct {
	telemetry, alive, stock, room, save, apply time.Duration

	looked time.Duration // until when somebody looks at the cabinet

	sure time.Duration // when an alive mark is due that follows one of the cloud's time; 0 where none was
	told grant.Token   // connection that has told the time
}

// keepSchedule makes the reports that are due.
func (a *Agent) keepSchedule() {
	now := a.clock.Up()
	if now >= a.schedule.room && a.idle() {
		a.schedule.room = now + roomEvery
		a.checkRoom()
	}
	if often := a.serviced() || now < a.schedule.looked; now >= a.schedule.telemetry || often && now >= a.schedule.telemetry-telemetryEvery+serviceEvery {
		a.schedule.telemetry = now + telemetryEvery
		a.sendTelemetry()
	}
	a.hearTime(now)
	if now >= a.schedule.alive {
		a.schedule.alive = now + aliveEvery
		if a.clock.Stamp().Clock {
			a.schedule.sure = a.schedule.alive
		}
		a.write(wire.AliveBody{Selling: a.sellsAnything()})
	}
	if now >= a.schedule.stock && now > stockFirst {
		a.schedule.stock = now + stockEvery
		a.reportStock()
	}
}

// serviced reports whether a service visit is under way.
func (a *Agent) serviced() bool {
	return slices.ContainsFunc(a.doors, func(d *door) bool {
		return d.state.Busy() && d.state.Visit.Purpose == protocol.PurposeService
	})
}

// openFor reports whether the door stands open in a visit of a purpose.
func (d *door) openFor(p protocol.Purpose) bool {
	return d.state.Stage == session.Open && d.state.Visit.Purpose == p
}

// hearTime lets an alive mark follow when a new connection has told the time: it proves to the cloud which grants that may
// be shown are over by now. Not more than one a minute, whatever the line does.
func (a *Agent) hearTime(now time.Duration) {
	challenge := a.uplink.Challenge()
	if _, told := a.clock.Cloud(); !told || challenge.IsZero() || challenge == a.schedule.told {
		return
	}
	a.schedule.told = challenge
	if now-a.schedule.sure+aliveEvery >= time.Minute || a.schedule.sure == 0 {
		a.schedule.alive = now
	}
}

// stockFirst gives the scales time to answer after a boot.
const stockFirst = 5 * time.Second

func (a *Agent) checkRoom() {
	err := a.journal.Room()
	if (err != nil || len(a.unsaved) > 0) && a.tracesGiveWay() {
		err = a.journal.Room()
	}
	if full := err != nil; full != a.sales.full {
		a.sales.full = full
		a.log.Error("room on the disk", "full", full, "error", err)
	}
	a.refreshHealth()
}

func (a *Agent) refreshHealth() {
	var why error
	if !a.sellsAnything() {
		why = fmt.Errorf("no compartment sells: %s", a.why(a.doors[0].number))
	}
	a.healthy.Store(&why)
}

func (a *Agent) sellsAnything() bool {
	return slices.ContainsFunc(a.doors, func(d *door) bool { return a.why(d.number) == protocol.CodeOK })
}

func (a *Agent) reportStock() {
	body, err := a.stock()
	if err != nil {
		a.log.Error("stock", "error", err)
		return
	}
	if len(body.Levels) > 0 {
		a.write(body)
		a.saveDrifts()
	}
	now := a.clock.Stamp()
	if !now.Clock { // A wrong clock must not make old what is young.
		return
	}
	a.pruneTraces(time.UnixMilli(now.At))
	if err := a.journal.Prune(time.UnixMilli(now.At)); err != nil {
		a.log.Error("prune", "error", err)
	}
}

func (a *Agent) sendTelemetry() {
	a.refreshHealth()
	_, last, err := a.journal.Bounds()
	if err != nil {
		a.log.Error("telemetry", "error", err)
		return
	}
	acked, _, err := a.journal.Acked()
	if err != nil {
		a.log.Error("telemetry", "error", err)
		return
	}
	hz := a.watch.PollHz()
	a.metrics.Backlog.Set(float64(last - acked))
	stamp := a.clock.Stamp()
	t := wire.Telemetry{
		V: wire.Version, Cabinet: a.opt.Config.Cabinet, At: stamp.At, Clock: stamp.Clock,
		Compartments: []wire.CompartmentTelemetry{}, Last: last, Backlog: last - acked, PollHz: hz, Machine: a.machine, Firmware: slices.Clone(a.firmware),
	}
	for _, d := range a.doors {
		t.Compartments = append(t.Compartments, a.compartmentTelemetry(d))
	}
	a.uplink.Send(topic.Telemetry, t)
}

func (a *Agent) compartmentTelemetry(d *door) wire.CompartmentTelemetry {
	c := d.number
	t := wire.CompartmentTelemetry{
		Compartment: c, Door: d.state.Door(), Selling: true, Weights: a.watch.Weights(a.platforms(c)),
		Probes: a.probesOf(c, time.Now()),
	}
	if d.state.Locked != edge.Unknown {
		locked := d.state.Locked == edge.Yes
		t.Locked = &locked
	}
	if why := a.why(c); why != protocol.CodeOK {
		t.Selling, t.Why = false, why
	}
	return t
}

// shown is what the phone was told of the visit.
type shown struct {
	phase  wire.Phase
	until  time.Time // opening: when the latch locks again
	due    bool      // it is to be told
	blind  bool      // a part of the visit was not seen: its basket would be wrong
	basket []settle.Line
	put    []wire.Put // of a refill
	next   time.Time  // of the next look at the scales
	steps  time.Time  // of the next step in the journal
}

// follow feeds the phone and journals the steps of the visit under way.
func (d *door) follow(now time.Time) {
	if d.show.phase == "" {
		return
	}
	open := d.visit != nil && (d.state.Stage == session.Open || d.state.Stage == session.Counting)
	if open && !d.show.blind && !now.Before(d.show.next) {
		d.show.next = now.Add(liveEvery)
		d.look(now)
	}
	if open && !d.refilled() && !now.Before(d.show.steps) { // What a shopper would have done tells nothing of a refill.
		d.show.steps = now.Add(stepsEvery)
		if steps := d.visit.NewSteps(now); len(steps) > 0 {
			d.a.write(wire.StepBody{Visit: d.state.Visit.ID, Steps: steps})
		}
	}
	if d.show.due {
		d.show.due = false
		d.sendLive(now)
	}
}

// look works out again what the phone is shown: the basket, or what was put where.
func (d *door) look(now time.Time) {
	if d.refilled() {
		if put, looked := d.visit.LookFilled(now); looked && !slices.Equal(put, d.show.put) {
			d.show.put, d.show.due = put, true
		}
		return
	}
	if basket, looked := d.visit.Look(now); looked && !slices.Equal(basket, d.show.basket) {
		d.show.basket, d.show.due = basket, true
	}
}

// refilled reports whether the visit under way is a refill.
func (d *door) refilled() bool { return d.state.Visit.Purpose == protocol.PurposeRefill }

func (d *door) sendLive(now time.Time) {
	live := wire.Live{
		V: wire.Version, Cabinet: d.a.opt.Config.Cabinet, Visit: d.state.Visit.ID, Phase: d.show.phase, Basket: d.show.basket, Put: d.show.put,
	}
	if live.Basket == nil {
		live.Basket = []settle.Line{}
	}
	if live.Phase == wire.PhaseOpening {
		live.LeftMS = max(d.show.until.Sub(now).Milliseconds(), 0)
	}
	d.a.uplink.Send(topic.Live, live)
}
