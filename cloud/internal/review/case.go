package review

import (
	"context"
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/protocol"
)

// Case implements cloud.Cases.
func (s *Service) Case(ctx context.Context, id protocol.VisitID, of cloud.Bound) (cloud.Case, error) {
	r, order, err := s.Visits.Review(ctx, id)
	if err != nil {
		return cloud.Case{}, err
	}
	c := cloud.Case{Review: r, Asked: order.At}
	if c.Visitor, err = s.visitor(ctx, r.Visit); err != nil {
		return c, fmt.Errorf("case %s: %w", id, err)
	}
	goods, err := s.Fleet.Goods(ctx, r.Visit.Cabinet)
	if err != nil {
		return c, fmt.Errorf("case %s: %w", id, err)
	}
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		decision, decided, err := tx.Decisions.Find(id)
		if err != nil {
			return err
		}
		if decided {
			c.Decision = &decision
		}
		if c.Taken, err = takenBefore(tx, id); err != nil {
			return err
		}
		if err := s.neighbours(tx, &c, of); err != nil {
			return err
		}
		if err := s.recording(tx, &c); err != nil {
			return err
		}
		levels, err := tx.Meters.Levels(r.Visit.Cabinet)
		c.Stock = stock(r.Answer, goods, levels)
		return err
	})
	return c, err
}

// visitor counts the resident's visits. A visit of nobody known has none.
func (s *Service) visitor(ctx context.Context, of cloud.Visit) (v cloud.Visitor, err error) {
	if of.Person.IsZero() {
		return v, nil
	}
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		v, err = tx.Cases.Visitor(of.Person)
		return err
	}); err != nil {
		return v, err
	}
	latest, err := s.Visits.Latest(ctx, "", of.Person, lastVisits+1)
	latest = slices.DeleteFunc(latest, func(other cloud.Visit) bool { return other.ID == of.ID })
	v.Last = latest[:min(len(latest), lastVisits)]
	return v, err
}

// neighbours are the cases before and after; of a decided one the next is the one that waits longest.
func (s *Service) neighbours(tx cloud.Tx, c *cloud.Case, of cloud.Bound) error {
	queue, err := tx.Cases.Queue(of, queueMost)
	if err != nil {
		return err
	}
	if c.Open = len(queue); c.Open == queueMost {
		waiting, err := tx.Cases.Waiting(of)
		if c.Open = waiting.Cases; err != nil {
			return err
		}
	}
	at := slices.IndexFunc(queue, func(q cloud.QueuedCase) bool { return q.Visit == c.Visit.ID })
	if at < 0 {
		if len(queue) > 0 {
			c.After = queue[0].Visit
		}
		return nil
	}
	c.Place = at + 1
	if at > 0 {
		c.Before = queue[at-1].Visit
	}
	if at+1 < len(queue) {
		c.After = queue[at+1].Visit
	}
	return nil
}

// recording tells where the recording of the case is.
func (s *Service) recording(tx cloud.Tx, c *cloud.Case) error {
	now := s.Now()
	c.Away = s.Presence.Of(c.Visit.Cabinet).State(now, false) == cloud.CabinetAway
	here, err := s.Traces.Has(c.Visit.ID)
	if err != nil {
		return err
	}
	if here {
		c.Recording = cloud.RecordingHere
		return nil
	}
	asked, err := tx.Cases.Asked(c.Visit.ID)
	if err != nil {
		return err
	}
	c.Recording = cloud.RecordingUnasked
	if asked.IsZero() {
		return nil
	}
	c.Recording = cloud.RecordingNone
	t, err := tx.Tasks.Find(asked)
	if protocol.CodeOf(err) == cloud.CodeNotFound { // Newer tasks took its place.
		return nil
	}
	if err == nil && t.State(now) == cloud.TaskWaiting {
		c.Recording = cloud.RecordingWaiting
	}
	return err
}

// takenBefore is what the provider took of a visit before the books were restored.
func takenBefore(tx cloud.Tx, id protocol.VisitID) (protocol.Fen, error) {
	v, err := tx.Visits.Find(id)
	if err != nil || v.HoldOp.IsZero() {
		return 0, err
	}
	r, _, err := tx.Remembered.Capture(v.HoldOp)
	return r.Amount, err
}
