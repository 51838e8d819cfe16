package visit

import (
	"context"
	"errors"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// unburnt are the refusals that a cabinet gives before it burns a grant. After any other word its events decide.
var unburnt = map[protocol.Code]bool{
	protocol.CodeMalformed: true, protocol.CodeUnsupported: true, protocol.CodeExpired: true, protocol.CodeNotYet: true,
	protocol.CodeUnknownKey: true, protocol.CodeBadSignature: true, protocol.CodeOtherCabinet: true, protocol.CodeStaleChallenge: true,
	protocol.CodeTimeUnknown: true, protocol.CodeBusy: true, protocol.CodeDoorOpen: true, protocol.CodeNotSelling: true,
	protocol.CodeScaleFault: true, protocol.CodeDiskFull: true, protocol.CodeTooWarm: true, protocol.CodeColdUnknown: true,
	protocol.CodeOffSale: true, protocol.CodeLockedOut: true,
}

// Reply takes a cabinet's answer to an open command. A refusal aborts the visit and frees the hold.
func (s *Service) Reply(ctx context.Context, cabinet protocol.CabinetID, r wire.Reply) error {
	found := s.waiting.pick(func(w waiting) bool { return w.cabinet == cabinet && w.command == r.ID })
	if len(found) == 0 || !unburnt[r.Code] {
		return nil
	}
	s.Logger.Info("open refused", "cabinet", cabinet, "visit", found[0].id, "code", r.Code, "detail", r.Detail)
	if r.Code == protocol.CodeStaleChallenge && found[0].lost(s.Presence.Of(cabinet).Challenge, s.Now()) {
		s.waiting.refuse(found[0].id, r.Code) // Another one will be for the connection that the cabinet has by now.
		return s.goAnew(ctx, cabinet)
	}
	return s.abortNow(ctx, found[0].id, r.Code, asSent)
}

// mostPuts is how many lanes one word of a cabinet may tell of.
const mostPuts = 200

// Live takes the phase of a visit under way, with the basket, or what was put where.
func (s *Service) Live(cabinet protocol.CabinetID, l wire.Live) {
	change := func(known *live) {
		known.phase, known.basket, known.put = l.Phase, l.Basket, l.Put[:min(len(l.Put), mostPuts)]
	}
	if s.live.change(l.Visit, change) {
		s.Hub.VisitChanged(l.Visit)
	}
}

// Heard looks, after a cabinet's birth, telemetry or events, whether a visit without a word can open now, or is proven unused.
func (s *Service) Heard(ctx context.Context, cabinet protocol.CabinetID) error {
	return errors.Join(s.goAnew(ctx, cabinet), s.prove(ctx, cabinet))
}

// prove ends the visits of a cabinet whose grants were surely not used.
func (s *Service) prove(ctx context.Context, cabinet protocol.CabinetID) error {
	silent := s.waiting.pick(func(w waiting) bool { return w.cabinet == cabinet })
	heard, spoke := s.Presence.Heard(cabinet)
	if len(silent) == 0 || !spoke {
		return nil
	}
	var position cloud.Position
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		position, err = tx.Inbox.Position(cabinet)
		return err
	}); err != nil {
		return err
	}
	var errs []error
	for _, w := range silent {
		if w.unused(heard, position, s.Now()) {
			how := asSent
			if !w.ends.IsZero() {
				how = asShown
			}
			errs = append(errs, s.abortNow(ctx, w.id, protocol.CodeExpired, how))
		}
	}
	return errors.Join(errs...)
}

// way is how a grant could reach its cabinet.
type way int

const (
	asSent  way = iota // as a command
	asShown            // also by being shown to the reader
)

// abortNow ends a visit that the cabinet did not begin and that cannot begin any more in that way. One whose grant may still
// be shown goes on.
func (s *Service) abortNow(ctx context.Context, id protocol.VisitID, code protocol.Code, how way) error {
	goesOn := false
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		v, err := tx.Visits.Find(id)
		if err != nil || !v.Ended.IsZero() || !v.Begun.IsZero() {
			return err
		}
		if goesOn = !v.Offered.IsZero() && how == asSent; goesOn {
			return nil
		}
		if v.Code != "" {
			code = v.Code // The cabinet has told why it did not open.
		}
		return s.abort(tx, v, code, s.Now())
	})
	if goesOn {
		return err
	}
	s.Payments.Wake()
	s.forget(id)
	return err
}

// abort ends a visit without an opening, in the caller's transaction; the hold is freed.
func (s *Service) abort(tx cloud.Tx, v cloud.VisitRecord, code protocol.Code, at time.Time) error {
	if err := tx.Steps.End(v.ID, cloud.OutcomeAborted, code, at); err != nil {
		return err
	}
	return s.Payments.Free(tx, v)
}

// forget drops what is kept in memory of a visit that ended, and tells its watchers.
func (s *Service) forget(id protocol.VisitID) {
	s.waiting.remove(id)
	s.live.end(id)
	s.Hub.VisitChanged(id)
}
