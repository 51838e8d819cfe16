package desired

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/cloud/internal/served"
	"allhours/protocol"
)

// draft keeps what a table says of a cabinet's places until a restocker has set it up.
func (s *Service) draft(tx cloud.Tx, c cloud.Cabinet, m cloud.MasterData) error {
	was, err := tx.Cabinets.Find(c.ID)
	if err != nil {
		return err
	}
	_, err = tx.Drafts.Add(cloud.Draft{Cabinet: c.ID, Plan: cloud.PlanOf(c, was.Platforms), Why: m.Draft, Made: s.Now(), By: m.By})
	return err
}

// AddDrafts keeps the next planograms of cabinets, and tells those of them what is to come.
func (s *Service) AddDrafts(tx cloud.Tx, all []cloud.Draft) error {
	for _, d := range all {
		d.Made = s.Now()
		if _, err := tx.Drafts.Add(d); err != nil {
			return err
		}
	}
	return s.redraft(tx, all)
}

// redraft states anew the cabinets of drafts that came or went; whoever looked at the master data before is told.
func (s *Service) redraft(tx cloud.Tx, all []cloud.Draft) error {
	if err := touch(tx); err != nil || len(all) == 0 {
		return err
	}
	ids := make([]protocol.CabinetID, len(all))
	for i, d := range all {
		ids[i] = d.Cabinet
	}
	return s.restate(tx, ids...)
}

// touch lets the revision of the master data grow.
func touch(tx cloud.Tx) error {
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	return tx.Plans.Save(cloud.MasterData{Chain: chain})
}

// TakeDraft puts a draft into force, in the transaction in which its restocker says that it is set up. It has CodeConflict
// where it has an end already.
func (s *Service) TakeDraft(tx cloud.Tx, number uint32, round protocol.UUID, by string) error {
	d, err := tx.Drafts.Find(number)
	if err != nil {
		return err
	}
	c, err := tx.Cabinets.Find(d.Cabinet)
	if err != nil {
		return err
	}
	next := d.Over(c)
	end := cloud.DraftEnd{At: s.Now(), Taken: true, By: by, Round: round, Before: cloud.PlanOf(c, next.Platforms)}
	if err := tx.Drafts.End(number, end); err != nil {
		return err
	}
	if _, err := tx.Cabinets.Save(next, s.Now()); err != nil {
		return err
	}
	if err := served.Follow(tx, s.Now()); err != nil {
		return err
	}
	return s.redraft(tx, []cloud.Draft{d})
}

// Drafts implements cloud.Drafts.
func (s *Service) Drafts(ctx context.Context, q cloud.DraftQuery) (all []cloud.Draft, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Drafts.List(q)
		return err
	})
	return all, err
}

// WithdrawDraft implements cloud.Drafts.
func (s *Service) WithdrawDraft(ctx context.Context, number uint32, by string) error {
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		d, err := tx.Drafts.Find(number)
		if err != nil {
			return err
		}
		return s.WithdrawDrafts(tx, []cloud.Draft{d}, by)
	})
	if err != nil {
		return fmt.Errorf("withdraw draft %d: %w", number, err)
	}
	return nil
}

// WithdrawDrafts ends drafts that have not taken effect, all or none, and takes them off the rounds that would set them up.
func (s *Service) WithdrawDrafts(tx cloud.Tx, all []cloud.Draft, by string) error {
	open, err := tx.Rounds.List(cloud.RoundQuery{Open: true})
	if err != nil {
		return err
	}
	for _, d := range all {
		for i := range open {
			if err := unplan(tx, &open[i], d); err != nil {
				return err
			}
		}
		if err := tx.Drafts.End(d.Number, cloud.DraftEnd{At: s.Now(), By: by}); err != nil {
			return err
		}
	}
	return s.redraft(tx, all)
}

// unplan takes a draft off a round. What was picked for it is in the van, or on its way there, and is not put any more.
func unplan(tx cloud.Tx, r *cloud.Round, d cloud.Draft) error {
	stop := r.Stop(d.Cabinet)
	switch {
	case stop == nil || stop.Draft != d.Number:
		return nil
	case stop.State == cloud.StopOpen:
		return protocol.Errorf(cloud.CodeDraftAtDoor, "a restocker is setting draft %d up at %s", d.Number, d.Cabinet)
	case stop.State != cloud.StopAhead:
		return nil // The stop is over, and the draft was left.
	}
	stop.Draft = 0
	for i := range r.Lines {
		l := &r.Lines[i]
		switch {
		case l.Cabinet != d.Cabinet:
		case l.Turn == cloud.TurnOut:
			l.Turn = cloud.TurnNone
		case l.Turn == cloud.TurnIn:
			l.Turn = cloud.TurnOff
			if r.State == cloud.RoundPlanned {
				l.Planned = 0
			}
		}
	}
	return tx.Rounds.Save(*r)
}

var _ cloud.Drafts = (*Service)(nil)
