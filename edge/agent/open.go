package agent

import (
	"time"

	"allhours/edge"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// command takes a command of the cloud. Every command gets a reply.
func (a *Agent) command(c wire.Command, arrived time.Time) {
	if !a.waitsForTime(c, arrived) {
		a.carryOut(c, arrived)
	}
}

// carryOut carries out a command, or says why not.
func (a *Agent) carryOut(c wire.Command, arrived time.Time) {
	var err error
	switch c.Kind {
	case wire.CommandOpen:
		if a.refuseAgain(c) {
			return
		}
		if err = a.open(c, arrived); err != nil && a.burnt(c) {
			err = protocol.Errorf(protocol.CodeUsed, "burnt before, and now: %v", err)
		}
	case wire.CommandLook:
		if err = a.fresh(c); err == nil {
			a.schedule.looked = a.clock.Up() + wire.LookFor
			a.reply(c.ID, protocol.CodeOK, "", 0)
		}
	case wire.CommandTask:
		err = a.task(c)
	default:
		err = protocol.Errorf(protocol.CodeUnsupported, "command %q is not known here", c.Kind)
	}
	if err != nil {
		a.refuseCommand(c.ID, c.Kind, err)
	}
}

func (a *Agent) refuseCommand(id protocol.UUID, kind wire.CommandKind, err error) {
	code := protocol.CodeOf(err)
	if code == "" {
		code = protocol.CodeNotSelling
	}
	a.log.Warn("command refused", "kind", kind, "error", err)
	if kind == wire.CommandOpen {
		a.refused.keep(id, code, err.Error(), a.clock.Up())
	}
	a.reply(id, code, err.Error(), 0)
}

// open checks a command to open a door and its grant, in the order of the contract, and asks the door.
func (a *Agent) open(c wire.Command, arrived time.Time) error {
	if err := a.fresh(c); err != nil {
		return err
	}
	raw, err := grant.FromText(c.Grant)
	if err != nil {
		return err
	}
	g, err := a.keys.Open(raw, a.opt.Config.Cabinet)
	if err != nil {
		return err
	}
	if err := a.checkOnline(g); err != nil {
		return err
	}
	return a.ask(g, c.ID, arrived)
}

// ask asks the door of a grant whose time was checked; command is zero for one that was shown.
func (a *Agent) ask(g grant.Grant, command protocol.UUID, arrived time.Time) error {
	d := a.doorOf(g.Compartment)
	if d == nil {
		return protocol.Errorf(protocol.CodeOtherCabinet, "grant: this cabinet has no compartment %d", g.Compartment)
	}
	visit := edge.VisitOf(g)
	if err := a.journal.Unused(visit); err != nil {
		return err
	}
	if d.unfinished != nil {
		return protocol.Errorf(protocol.CodeBusy, "an earlier visit is being recovered")
	}
	if err := a.sells(g.Compartment, g.Purpose); err != nil {
		return err
	}
	layout, _ := a.layout(g.Compartment, g.Purpose)
	visit.Config, visit.Before = a.Applied().Version, a.watch.Weights(platformsOf(layout))
	d.arrived = arrived
	d.input(session.Ask{Command: command, Visit: visit}, time.Now())
	return nil
}

// burnt reports a command whose grant opened the door before: whatever else is wrong with it now, the cloud must not take
// the refusal for a door that stayed shut.
func (a *Agent) burnt(c wire.Command) bool {
	raw, err := grant.FromText(c.Grant)
	if err != nil {
		return false
	}
	g, err := a.keys.Open(raw, a.opt.Config.Cabinet)
	return err == nil && protocol.CodeOf(a.journal.Unused(edge.VisitOf(g))) == protocol.CodeUsed
}

// fresh reports a command whose time is over; the cabinet's own clock has no say in it.
func (a *Agent) fresh(c wire.Command) error {
	now, known := a.clock.Cloud()
	if !known {
		return protocol.Errorf(protocol.CodeTimeUnknown, "the cloud has not told the time on this connection")
	}
	if c.V != wire.Version {
		return protocol.Errorf(protocol.CodeUnsupported, "command: version %d: want %d", c.V, wire.Version)
	}
	if now.UnixMilli() > c.Expires {
		return protocol.Errorf(protocol.CodeExpired, "command: expired %d ms ago", now.UnixMilli()-c.Expires)
	}
	return nil
}

// checkOnline checks the connection and the time of a grant that came as a command: it must be bound to this connection,
// whose clock is the cloud's.
func (a *Agent) checkOnline(g grant.Grant) error {
	if challenge := a.uplink.Challenge(); challenge.IsZero() || g.Challenge != challenge {
		return protocol.Errorf(protocol.CodeStaleChallenge, "grant: bound to another connection")
	}
	now, known := a.clock.Cloud()
	if !known {
		return protocol.Errorf(protocol.CodeTimeUnknown, "the cloud has not told the time on this connection")
	}
	return g.CheckTime(now)
}
