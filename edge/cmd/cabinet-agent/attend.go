package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"allhours/edge/agent"
	"allhours/edge/internal/doctor"
	"allhours/protocol"
)

// locksOf is the locks of an attended cabinet as the doctor wants them.
type locksOf struct {
	*agent.Attended
	grant string // opens in the place of the claim
}

func (l locksOf) Doors() ([]doctor.Door, error) {
	views, err := l.Attended.Doors()
	doors := make([]doctor.Door, len(views))
	for i, v := range views {
		doors[i] = doctor.Door(v)
	}
	return doors, err
}

func (l locksOf) Open(c protocol.Compartment) (protocol.VisitID, error) {
	if l.grant == "" {
		return l.OpenByClaim(c)
	}
	return l.OpenByGrant(l.grant)
}

// lockTests is what is asked for of the locks.
type lockTests struct {
	all   bool   // each lock, by the device's own claim
	yes   bool   // without asking
	only  int    // of all, where it is not 0
	grant string // one lock, by a service grant
}

func (l lockTests) wanted() bool { return l.all || l.grant != "" }

// testLocks opens doors under service visits of the attended cabinet and looks what moves.
func testLocks(ctx context.Context, t *agent.Attended, l lockTests, in io.Reader, to io.Writer, report *doctor.Report) error {
	locks := locksOf{t, l.grant}
	say := func(format string, args ...any) { fmt.Fprintf(to, format+"\n", args...) }
	if l.grant != "" {
		c, err := t.GrantCompartment(l.grant)
		if err != nil {
			report.Say(doctor.Wrong, "grant", "%v", err)
			return nil
		}
		return doctor.TestLock(ctx, locks, c, say, report)
	}
	typed := newTyped(in, to)
	for _, c := range t.Compartments() {
		if l.only != 0 && l.only != int(c) {
			continue
		}
		if !l.yes && !confirmed(ctx, typed, c) {
			report.Say(doctor.Look, fmt.Sprintf("compartment %d", c), "its lock was not tested")
			continue
		}
		if err := doctor.TestLock(ctx, locks, c, say, report); err != nil {
			return err
		}
	}
	return nil
}

// confirmed asks for the compartment's number, so that no door opens by a stray key.
func confirmed(ctx context.Context, typed *typed, c protocol.Compartment) bool {
	number, answered := typed.ask(ctx, "To open compartment %d for a test, recorded as a service visit, type its\nnumber; anything else leaves it shut:", c)
	return answered && number == strconv.Itoa(int(c))
}
