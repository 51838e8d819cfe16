package visit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// How often deadlines are looked at.
const (
	doubtEvery = time.Second
	waiveEvery = time.Minute
)

// Run keeps the deadlines until ctx ends: visits that an earlier start left behind are taken up again, those without a
// word are shown as being confirmed, reviews that nobody decided are waived.
func (s *Service) Run(ctx context.Context) error {
	if err := s.resume(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("resume visits: %w", err)
	}
	doubt, waive := time.NewTicker(doubtEvery), time.NewTicker(waiveEvery)
	defer doubt.Stop()
	defer waive.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-doubt.C:
			err = s.doubt(ctx)
		case <-waive.C:
			err = errors.Join(s.resume(ctx), s.waive(ctx), s.record(ctx))
		}
		if err != nil && ctx.Err() == nil {
			s.Logger.Error("visit deadlines", "error", err)
		}
	}
}

// Due keeps the deadlines that are over now.
func (s *Service) Due(ctx context.Context) error {
	return errors.Join(s.doubt(ctx), s.resume(ctx), s.waive(ctx), s.record(ctx))
}

// resume takes up what an earlier start, or a failed commit, left: a visit whose command was never signed is aborted, one whose command may
// have been sent waits for the cabinet's word.
func (s *Service) resume(ctx context.Context) error {
	var left []cloud.VisitRecord
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		left, err = tx.Visits.List(cloud.VisitQuery{UnderWay: true})
		return err
	}); err != nil {
		return err
	}
	var errs []error
	for _, v := range left {
		switch {
		case v.Foreign || s.opening.has(v.ID):
		case !v.Begun.IsZero():
			s.live.begin(v.ID, "")
		case v.Sent.IsZero() && v.Offered.IsZero():
			errs = append(errs, s.abortUnsent(ctx, v.ID))
		default:
			s.wait(v)
			errs = append(errs, s.Heard(ctx, v.Cabinet)) // The cabinet's word may have come first.
		}
	}
	return errors.Join(errs...)
}

func (s *Service) abortUnsent(ctx context.Context, id protocol.VisitID) error {
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		v, err := tx.Visits.Find(id)
		if err != nil || !v.Ended.IsZero() || !v.Sent.IsZero() || !v.Offered.IsZero() {
			return err
		}
		return s.abort(tx, v, protocol.CodeExpired, s.Now())
	})
	s.Payments.Wake()
	s.Hub.VisitChanged(id)
	return err
}

// wait takes a visit up whose command was sent, or whose grant may be shown.
func (s *Service) wait(v cloud.VisitRecord) {
	s.waiting.add(v, s.Presence.Of(v.Cabinet).Boot, s.Now())
}

// doubt ends a visit that surely did not open, and shows one as being confirmed whose command nobody answered in time, or whose grant can no longer be shown.
func (s *Service) doubt(ctx context.Context) error {
	now := s.Now()
	for _, w := range s.waiting.pick(func(w waiting) bool { return w.silent(now) || w.over(now) }) {
		if w.refused != "" {
			if err := s.abortNow(ctx, w.id, w.refused, asSent); err != nil {
				return err
			}
			continue
		}
		if err := s.prove(ctx, w.cabinet); err != nil {
			return err
		}
		err := s.DB.Update(ctx, func(tx cloud.Tx) error { return s.doubtOne(tx, w, now) })
		if err != nil {
			return err
		}
		s.Hub.VisitChanged(w.id)
	}
	return nil
}

func (s *Service) doubtOne(tx cloud.Tx, w waiting, now time.Time) error {
	v, err := tx.Visits.Find(w.id)
	if err != nil || !v.Begun.IsZero() || !v.Ended.IsZero() {
		return err
	}
	if w.silent(now) && v.Offered.IsZero() {
		if err := s.offerAgain(tx, &v); err != nil {
			return err
		}
	}
	if v.Payment == cloud.PaymentHeld {
		if err := tx.Steps.Pay(w.id, cloud.PaymentUnknown); err != nil {
			return err
		}
	}
	s.waiting.doubt(v, now)
	return nil
}

// waive forgives the reviews that nobody decided in time. Books that were restored do not know yet what was decided since the backup: before
// their provider has told what it took, nothing is waived.
func (s *Service) waive(ctx context.Context) error {
	var late []cloud.QueuedCase
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		if _, ask, err := tx.Restored.Since(); err != nil || ask {
			return err
		}
		chain, err := tx.Plans.Chain()
		if err != nil {
			return err
		}
		late, err = tx.CaseTimes.Late(s.Now().Add(-chain.WaiveAfter), casesMost)
		return err
	})
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return nil // There is no chain yet.
	}
	errs := []error{err}
	for _, c := range late {
		if err := s.DB.Update(ctx, func(tx cloud.Tx) error { return s.waiveLate(tx, c.Visit) }); err != nil { // It keeps no other from being waived.
			errs = append(errs, fmt.Errorf("waive visit %s: %w", c.Visit, err))
			continue
		}
		s.Payments.Wake()
		s.Hub.VisitChanged(c.Visit)
	}
	return errors.Join(errs...)
}

// casesMost bounds the cases of one look: those that are to be waived, and whose recordings are asked for late.
const casesMost = 200

// record asks for the recordings of cases for which their cabinets had too much to answer when they came.
func (s *Service) record(ctx context.Context) error {
	var queue []cloud.QueuedCase
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		queue, err = tx.Cases.Queue("", casesMost)
		return err
	}); err != nil {
		return err
	}
	var errs []error
	for _, c := range queue {
		if !c.Task.IsZero() {
			continue
		}
		if err := s.DB.Update(ctx, func(tx cloud.Tx) error { return s.Recorder.Record(tx, c.Cabinet, c.Visit) }); err != nil {
			errs = append(errs, fmt.Errorf("recording of visit %s: %w", c.Visit, err))
		}
	}
	return errors.Join(errs...)
}
