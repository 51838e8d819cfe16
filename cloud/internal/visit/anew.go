package visit

import (
	"context"
	"errors"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// goAnew sends another command for each visit of a cabinet whose command went over a connection that is no more, or which had
// none: once the cabinet, over its new connection, says that it would open, and as long as whoever pressed still waits. It is the
// same visit and the same nonce, so that the door opens once at most, whatever became of the first command.
func (s *Service) goAnew(ctx context.Context, cabinet protocol.CabinetID) error {
	p, now := s.Presence.Of(cabinet), s.Now()
	if p.State(now, false) == cloud.CabinetAway {
		return nil
	}
	var errs []error
	for _, w := range s.waiting.pick(func(w waiting) bool {
		return w.cabinet == cabinet && w.lost(p.Challenge, now) && w.mayOpen(*p.Telemetry)
	}) {
		errs = append(errs, s.sendAnew(ctx, w.id, p))
	}
	return errors.Join(errs...)
}

// mayOpen reports whether the cabinet would open the door, as far as it has told.
func (w waiting) mayOpen(told wire.Telemetry) bool {
	if w.purpose == protocol.PurposePurchase {
		return sellable(cloud.BeginVisit{Cabinet: w.cabinet, Compartment: w.compartment}, false, told) == nil
	}
	return slices.ContainsFunc(told.Compartments, func(c wire.CompartmentTelemetry) bool {
		return c.Compartment == w.compartment && c.Door == wire.DoorStateShut
	})
}

func (s *Service) sendAnew(ctx context.Context, id protocol.VisitID, p cloud.Presence) error {
	var o opening
	send := false
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) (err error) {
		send, err = s.planAnew(tx, id, p, &o)
		return err
	})
	if err != nil || !send {
		return err
	}
	if o.subject, err = s.subjectOf(ctx, o.visit); err != nil {
		return err
	}
	s.Logger.Info("open is sent over the cabinet's new connection", "cabinet", o.visit.Cabinet, "visit", id, "after", o.visit.Anew.Sub(o.visit.Pressed()))
	if err := s.command(ctx, o); protocol.CodeOf(err) != cloud.CodeCabinetAway { // That is told to who looks at the visit.
		return err
	}
	return nil
}

// planAnew writes the command down, unless the visit went on in the meantime or may no longer open.
func (s *Service) planAnew(tx cloud.Tx, id protocol.VisitID, p cloud.Presence, o *opening) (bool, error) {
	v, err := tx.Visits.Find(id)
	if err != nil || !v.Begun.IsZero() || !v.Ended.IsZero() || v.Challenge == p.Challenge {
		return false, err
	}
	cabinet, err := tx.Cabinets.Find(v.Cabinet)
	if err != nil {
		return false, err
	}
	err = s.halted(tx, v.Cabinet, v.Purpose)
	if err == nil {
		err = believed(tx, v.Cabinet)
	}
	if err != nil {
		if protocol.CodeOf(err) != "" {
			err = nil // It stays shut, and the visit ends as one that nobody answered.
		}
		return false, err
	}
	v.Command, v.Challenge, v.Anew, v.NotAfter = s.NewID(), p.Challenge, s.Now(), v.Pressed().Add(grantLife)
	o.visit, o.shard = v, cabinet.Shard
	return true, tx.Steps.SendAnew(v.ID, v.Command, v.Challenge, v.Anew, v.NotAfter)
}

// lost reports a command that the cabinet cannot obey over the connection that it has now, while whoever pressed still waits.
func (w waiting) lost(now grant.Token, at time.Time) bool {
	return w.challenge != now && at.Before(w.pressed.Add(commandLife))
}
