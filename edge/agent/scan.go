package agent

import (
	"context"
	"time"

	"allhours/edge"
	"allhours/edge/internal/status"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// refusal is a grant that was shown and opened nothing, and why.
type refusal struct {
	visit protocol.VisitID
	code  protocol.Code
}

// refusalsKept bounds how many refusals are remembered, so that one that is read again and again is written down once.
const refusalsKept = 256

// readCodes hands each code that is held before a reader to the loop, until ctx ends.
func (a *Agent) readCodes(ctx context.Context, r edge.Reader) {
	for {
		scan, err := r.Next(ctx)
		if err != nil {
			return
		}
		a.post(func() { a.scanned(scan) })
	}
}

// scanned takes a code in the loop. It is counted by its form; what it says is a permission, so it goes into no log.
func (a *Agent) scanned(s edge.Scan) {
	kind := status.ScanGrant
	raw, err := grant.FromText(s.Text)
	if err != nil {
		kind = status.ScanOther
	}
	a.metrics.Scans.WithLabelValues(kind).Inc()
	a.log.Info("a code was shown", "kind", kind, "characters", len(s.Text))
	if err == nil {
		a.shown(raw, s.At)
	}
}

// shown opens the door for a grant that was held before a reader, or writes down why not: there is nobody to reply to, and
// the cloud tells the resident. Of a grant that the cloud did not sign nothing is written.
func (a *Agent) shown(raw []byte, at time.Time) {
	g, err := a.keys.Open(raw, a.opt.Config.Cabinet)
	if err == nil && a.underWay(g) {
		return // The phone is still before the reader.
	}
	if err == nil {
		err = a.admit(g, at)
	}
	if err == nil {
		return
	}
	a.log.Warn("a grant that was shown is refused", "visit", g.Visit, "error", err)
	if !g.Visit.IsZero() {
		a.refuse(refusal{g.Visit, protocol.CodeOf(err)})
	}
}

func (a *Agent) underWay(g grant.Grant) bool {
	d := a.doorOf(g.Compartment)
	return d != nil && d.state.Busy() && d.state.Visit.ID == g.Visit
}

// admit checks a grant that was shown in the order of the contract, and asks the door.
func (a *Agent) admit(g grant.Grant, at time.Time) error {
	check := a.checkOffline
	if !g.Challenge.IsZero() {
		check = a.checkOnline
	}
	if err := check(g); err != nil {
		return err
	}
	return a.ask(g, protocol.UUID{}, at)
}

// checkOffline checks the time of a grant that no connection vouches for. It is signed when it is asked for, so that it
// tells itself how late it is at least.
func (a *Agent) checkOffline(g grant.Grant) error {
	cfg := a.applied.Load()
	switch {
	case cfg == nil:
		return protocol.Errorf(protocol.CodeNotSelling, "there is no desired state yet")
	case cfg.Limits.Offline == nil || g.Purpose == protocol.PurposeRefill:
		return protocol.Errorf(protocol.CodeUnsupported, "nothing of that kind opens here by a grant that is shown")
	}
	if _, known := a.clock.Judge(); !known {
		return protocol.Errorf(protocol.CodeTimeUnknown, "nothing is known of the time")
	}
	a.clock.Floor(g.NotBefore)
	now, _ := a.clock.Judge()
	if err := g.CheckTime(now); err != nil {
		return err
	}
	if age, most := now.Sub(g.NotBefore), time.Duration(cfg.Limits.Offline.ValidMS)*time.Millisecond; age > most {
		return protocol.Errorf(protocol.CodeExpired, "grant: shown after %s, the chain sets %s", age, most)
	}
	return nil
}

// refuse writes down that a grant which was shown opened nothing.
func (a *Agent) refuse(r refusal) {
	if a.refusals[r] {
		return
	}
	if len(a.refusals) == refusalsKept {
		clear(a.refusals)
	}
	a.refusals[r] = true
	a.write(wire.RefusedBody{Visit: r.visit, Code: r.code})
}
