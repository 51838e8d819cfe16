package agent

import (
	"context"
	"errors"
	"time"

	"allhours/edge"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Known is what is known to lie on a platform while it is calibrated: a mass, or units of an article of the desired state
// in force. Exactly one is given.
type Known struct {
	Mass  protocol.Milligrams
	SKU   protocol.SKU
	Count int
}

// correctionOf is the correction that a platform has, or will have once its visit has ended.
func (a *Agent) correctionOf(id protocol.PlatformID) edge.Correction {
	if c, waits := a.corrections[id]; waits {
		return c
	}
	return a.inForce[id]
}

// calibrateWithin is how long calm readings are waited for.
const calibrateWithin = 20 * time.Second

// calibrateCalm takes a step by readings that begin now. It is called beside the loop, in which the step is taken.
func (a *Agent) calibrateCalm(ctx context.Context, id protocol.PlatformID, step func() (wire.CalibratedBody, error)) (body wire.CalibratedBody, err error) {
	began := time.Now()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for time.Since(began) < calibrateWithin && !a.shownSince(id, began) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return body, ctx.Err()
		case <-a.ended:
			return body, errEnded
		}
	}
	failed := a.inLoop(func() { body, err = step() })
	return body, errors.Join(failed, err)
}

// shownSince reports whether all that is remembered of a platform was shown since a moment; a platform without a scale is
// not waited for.
func (a *Agent) shownSince(id protocol.PlatformID, since time.Time) bool {
	shown := a.watch.ShownBy(id)
	return !a.watch.Has(id) || len(shown) > 0 && weigh.Full(shown) && shown[0].At.After(since)
}

// zeroPlatform calibrates an empty platform to show nothing. force takes a zero that is far from the last one.
func (a *Agent) zeroPlatform(id protocol.PlatformID, force bool, by string) (wire.CalibratedBody, error) {
	visit, err := a.calibratable(id)
	if err != nil {
		return wire.CalibratedBody{}, err
	}
	c, err := weigh.ZeroAt(a.correctionOf(id), a.watch.ShownBy(id), a.scaleOf(id), force, time.Now())
	return a.calibrated(wire.CalibratedBody{Platform: id, With: wire.WithNothing, By: by, Visit: visit}, c, err)
}

// spanPlatform calibrates a platform by what is known to lie on it, and nothing else.
func (a *Agent) spanPlatform(id protocol.PlatformID, k Known, by string) (wire.CalibratedBody, error) {
	visit, err := a.calibratable(id)
	if err != nil {
		return wire.CalibratedBody{}, err
	}
	body := wire.CalibratedBody{Platform: id, With: wire.WithWeight, Mass: k.Mass, By: by, Visit: visit}
	if k.SKU != "" {
		unit, err := a.unitOf(k)
		if err != nil {
			return wire.CalibratedBody{}, err
		}
		body.With, body.SKU, body.Count, body.Mass = wire.WithArticle, k.SKU, k.Count, unit*protocol.Milligrams(k.Count)
	}
	c, err := weigh.SpanAt(a.correctionOf(id), a.watch.ShownBy(id), body.Mass, a.scaleOf(id), time.Now())
	return a.calibrated(body, c, err)
}

// unitOf is what one unit of an article weighs by the master data: what was learnt by scales proves nothing of scales.
func (a *Agent) unitOf(k Known) (protocol.Milligrams, error) {
	cfg := a.applied.Load()
	if cfg == nil {
		return 0, protocol.Errorf(protocol.CodeMalformed, "article %s: there is no desired state yet; use a weight", k.SKU)
	}
	good, known := cfg.Goods[k.SKU]
	if !known || good.Unit <= 0 || k.Count < 1 {
		return 0, protocol.Errorf(protocol.CodeMalformed, "%d of article %s: want 1 or more of one whose weight is known here", k.Count, k.SKU)
	}
	return good.Unit, nil
}

// calibratable gives the service visit during which a platform is calibrated, nil for a technician who has stopped the
// agent. It refuses where nobody who may is before the cabinet.
func (a *Agent) calibratable(id protocol.PlatformID) (*protocol.VisitID, error) {
	if !a.watch.Has(id) {
		return nil, protocol.Errorf(protocol.CodeMalformed, "platform %q has no scale here", id)
	}
	if d := a.doorBefore(id); d != nil {
		switch {
		case d.unfinished != nil, d.state.Busy() && d.state.Visit.Purpose != protocol.PurposeService:
			return nil, protocol.Errorf(protocol.CodeBusy, "a visit is under way before platform %s", id)
		case d.state.Busy():
			visit := d.state.Visit.ID
			return &visit, nil
		}
	}
	if !a.opt.attended {
		return nil, protocol.Errorf(protocol.CodeNotSelling, "platform %s: want an open service visit", id)
	}
	return nil, nil
}

// doorBefore is the door before a platform; nil where no desired state tells.
func (a *Agent) doorBefore(id protocol.PlatformID) *door {
	if cfg := a.applied.Load(); cfg != nil {
		for _, p := range cfg.Platforms {
			if p.ID == id {
				return a.doorOf(p.Compartment)
			}
		}
	}
	return nil
}

func (a *Agent) scaleOf(id protocol.PlatformID) weigh.Scale {
	if cfg := a.applied.Load(); cfg != nil {
		for _, p := range cfg.Platforms {
			if p.ID == id {
				return weigh.Scale{Capacity: p.Capacity, Division: p.Division}
			}
		}
	}
	return weigh.Scale{}
}

// calibrated writes a calibration down, from where on it is certain; it counts once no visit is under way before its
// platform.
func (a *Agent) calibrated(body wire.CalibratedBody, c weigh.Calibration, err error) (wire.CalibratedBody, error) {
	if err != nil {
		return body, err
	}
	body.Offset, body.PPM, body.Before, body.After = c.Offset, c.Factor(), c.Before, c.After
	if len(a.unsaved) > 0 || !a.append([]wire.Body{body}) {
		return body, protocol.Errorf(protocol.CodeDiskFull, "the journal did not take the calibration")
	}
	a.log.Info("a platform was calibrated", "platform", body.Platform, "before_mg", body.Before, "after_mg", body.After, "factor_ppm", body.PPM)
	a.corrections[body.Platform] = c.Correction
	a.correct()
	return body, nil
}

// correct puts corrections into force before whose platforms nobody is. How their zeros had wandered is forgotten.
func (a *Agent) correct() {
	if len(a.corrections) == 0 {
		return
	}
	due := map[protocol.PlatformID]edge.Correction{}
	for id, c := range a.corrections {
		if d := a.doorBefore(id); d == nil || !d.state.Busy() && d.unfinished == nil {
			due[id] = c
		}
	}
	a.watch.Correct(due)
	for id, c := range due {
		delete(a.corrections, id)
		a.inForce[id] = c
		a.forgetDrift(id)
	}
}

func (a *Agent) forgetDrift(id protocol.PlatformID) {
	a.rest.drifts[id] = edge.Drift{}
	cfg := a.applied.Load()
	if cfg == nil {
		return
	}
	for _, p := range cfg.Platforms {
		if p.ID == id {
			a.rest.zeros[id] = zeroOf(cfg, p, edge.Drift{})
		}
	}
}

// rememberCorrections takes up the calibrations that the journal knows.
func (a *Agent) rememberCorrections() (err error) {
	a.corrections = map[protocol.PlatformID]edge.Correction{}
	a.inForce, err = a.journal.Corrections()
	a.watch.Correct(a.inForce)
	return err
}
