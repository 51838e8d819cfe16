package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// alone is the uplink of a cabinet that a technician has taken off the line: what is journalled is sent when the agent
// runs again.
type alone struct{}

func (alone) Run(ctx context.Context) { <-ctx.Done() }
func (alone) Send(topic.Channel, any) {}
func (alone) Challenge() grant.Token  { return grant.Token{} }

// Attended is the agent of a cabinet that a technician stands before: everything of it but its line to the cloud. Its
// methods may be called from any goroutine.
type Attended struct {
	a     *Agent
	end   context.CancelFunc
	ended chan error

	told map[protocol.VisitID]wire.Body // how visits ended; the loop's
}

// DoorView is what is known of one door.
type DoorView struct {
	Compartment protocol.Compartment
	Open        edge.Tri
	Locked      edge.Tri
}

// Attend starts the agent of a cabinet for a technician. It fails where its journal is damaged.
func Attend(opt Options) (*Attended, error) {
	opt.attended = true
	opt.Config.Status = ""
	a, err := New(opt)
	if err != nil {
		return nil, err
	}
	return attend(a)
}

func attend(a *Agent) (*Attended, error) {
	if a.journal == nil {
		return nil, fmt.Errorf("attend to cabinet %s: %w", a.opt.Config.Cabinet, a.Healthy())
	}
	ctx, end := context.WithCancel(context.Background())
	t := &Attended{a: a, end: end, ended: make(chan error, 1), told: map[protocol.VisitID]wire.Body{}}
	a.told = t.hear
	go func() { t.ended <- a.Run(ctx) }()
	return t, nil
}

// Close ends it in order.
func (t *Attended) Close() error {
	t.end()
	return <-t.ended
}

func (t *Attended) hear(b wire.Body) {
	switch b := b.(type) {
	case wire.SettledBody:
		t.told[b.Visit] = b
	case wire.AbortedBody:
		t.told[b.Visit] = b
	}
}

func (t *Attended) do(f func()) error { return t.a.inLoop(f) }

// Doors is what is known of the doors now.
func (t *Attended) Doors() (doors []DoorView, err error) {
	err = t.do(func() {
		for _, d := range t.a.doors {
			v := DoorView{Compartment: d.number, Open: d.state.DoorOpen, Locked: d.state.Locked}
			if d.unfinished != nil {
				v.Open, v.Locked = d.firstOpen, d.firstLatch
			}
			doors = append(doors, v)
		}
	})
	return doors, err
}

// OpenByClaim opens a compartment for service by what makes this machine the cabinet: its file and its journal. It is a
// visit like any other, which the cloud hears of.
func (t *Attended) OpenByClaim(c protocol.Compartment) (visit protocol.VisitID, err error) {
	failed := t.do(func() {
		var g grant.Grant
		if g, err = t.claim(c); err == nil {
			visit, err = g.Visit, t.a.serve(g)
		}
	})
	return visit, errors.Join(failed, err)
}

func (t *Attended) claim(c protocol.Compartment) (grant.Grant, error) {
	g := grant.Grant{Cabinet: t.a.opt.Config.Cabinet, Compartment: c, Purpose: protocol.PurposeService, NotBefore: time.UnixMilli(0)}
	var err error
	if g.Visit, err = protocol.NewUUID(time.Now(), t.a.opt.Entropy); err != nil {
		return g, err
	}
	_, err = io.ReadFull(t.a.opt.Entropy, g.Nonce[:])
	return g, err
}

// OpenByGrant opens a compartment for a service grant in its text form, which it uses up.
func (t *Attended) OpenByGrant(text string) (visit protocol.VisitID, err error) {
	failed := t.do(func() {
		var g grant.Grant
		if g, err = t.a.readGrant(text); err != nil {
			return
		}
		if err = t.a.checkService(g); err == nil {
			visit, err = g.Visit, t.a.serve(g)
		}
	})
	return visit, errors.Join(failed, err)
}

// Outcome is how a visit ended: wire.SettledBody or wire.AbortedBody; nil while it is under way.
func (t *Attended) Outcome(visit protocol.VisitID) (end wire.Body, err error) {
	err = t.do(func() { end = t.told[visit] })
	return end, err
}

// checkService checks a service grant that no connection vouches for.
func (a *Agent) checkService(g grant.Grant) error {
	switch {
	case g.Purpose != protocol.PurposeService:
		return protocol.Errorf(protocol.CodeUnsupported, "grant: of another purpose: want one for service")
	case !g.Challenge.IsZero():
		return protocol.Errorf(protocol.CodeStaleChallenge, "grant: bound to a connection")
	}
	if _, known := a.clock.Judge(); !known {
		return protocol.Errorf(protocol.CodeTimeUnknown, "nothing is known of the time")
	}
	a.clock.Floor(g.NotBefore)
	now, _ := a.clock.Judge()
	return g.CheckTime(now)
}

// serve opens a door for a service visit, or says why not; what stands against it is said before anything is burnt.
func (a *Agent) serve(g grant.Grant) error {
	d := a.doorOf(g.Compartment)
	switch {
	case d == nil:
		return protocol.Errorf(protocol.CodeOtherCabinet, "this cabinet has no compartment %d", g.Compartment)
	case d.state.Refusal() != protocol.CodeOK:
		return protocol.Errorf(d.state.Refusal(), "the door is not as it should be before a visit")
	}
	if err := a.ask(g, protocol.UUID{}, time.Now()); err != nil {
		return err
	}
	if !d.state.Busy() || d.state.Visit.ID != g.Visit {
		return protocol.Errorf(protocol.CodeBusy, "the journal did not take the visit")
	}
	return nil
}

// Zero calibrates an empty platform to show nothing, by readings that begin now. force takes a zero that is far from the
// last one. The error says what stands against it, in words.
func (t *Attended) Zero(ctx context.Context, id protocol.PlatformID, force bool, by string) (wire.CalibratedBody, error) {
	return t.a.calibrateCalm(ctx, id, func() (wire.CalibratedBody, error) { return t.a.zeroPlatform(id, force, by) })
}

// Span calibrates a platform by what is known to lie on it, by readings that begin now. The error says what stands
// against it, in words.
func (t *Attended) Span(ctx context.Context, id protocol.PlatformID, k Known, by string) (wire.CalibratedBody, error) {
	return t.a.calibrateCalm(ctx, id, func() (wire.CalibratedBody, error) { return t.a.spanPlatform(id, k, by) })
}

// Weight is what a platform shows now, corrected; false where it cannot be trusted.
func (t *Attended) Weight(id protocol.PlatformID) (protocol.Milligrams, bool) {
	w := t.a.watch.Weights([]protocol.PlatformID{id})[0]
	return w.Weight, w.OK
}

// Compartments are the doors that have a lock.
func (t *Attended) Compartments() []protocol.Compartment {
	var all []protocol.Compartment
	for _, l := range t.a.boards.locks {
		all = append(all, l.compartments...)
	}
	slices.Sort(all)
	return all
}

// GrantCompartment is the compartment that a service grant in its text form is for.
func (t *Attended) GrantCompartment(text string) (protocol.Compartment, error) {
	g, err := t.a.readGrant(text)
	return g.Compartment, err
}

func (a *Agent) readGrant(text string) (grant.Grant, error) {
	raw, err := grant.FromText(text)
	if err != nil {
		return grant.Grant{}, err
	}
	return a.keys.Open(raw, a.opt.Config.Cabinet)
}
