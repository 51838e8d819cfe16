package incident

import (
	"context"
	"fmt"
	"time"

	"allhours/cloud"
)

// agreeing is for how long a cabinet's counters must have grown as its events do before nobody looks for the reason any more.
const agreeing = 24 * time.Hour

// lookForCounters ends incidents of counters that did not add up where they have done so since, for a day and a door visit at
// least: with each one that ends the counters are compared.
func (s *Service) lookForCounters(ctx context.Context) error {
	now := s.Now()
	var agree []cloud.Incident
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		open, err := tx.Noticed.List(cloud.IncidentQuery{Kind: cloud.IncidentCounters, Limit: 1 << 20})
		if err != nil {
			return err
		}
		for _, i := range open {
			if now.Sub(i.Last) < agreeing {
				continue
			}
			compared, err := hasCounted(tx, i, now)
			if err != nil {
				return err
			}
			if compared {
				agree = append(agree, i)
			}
		}
		return nil
	}); err != nil || len(agree) == 0 {
		return err
	}
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		for _, i := range agree {
			if err := tx.Incidents.Close(i.Cabinet, i.Kind, i.Subject, now); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return fmt.Errorf("counters that add up again: %w", err)
	}
	s.Hub.FleetChanged()
	return nil
}

// hasCounted reports that a door visit was settled since an incident's last mismatch.
func hasCounted(tx cloud.Tx, i cloud.Incident, now time.Time) (bool, error) {
	visits, err := tx.Visits.List(cloud.VisitQuery{Cabinet: i.Cabinet, From: i.Last, To: now, Limit: 50})
	for _, v := range visits {
		if !v.Ended.IsZero() && v.Outcome != cloud.OutcomeAborted {
			return true, nil
		}
	}
	return false, err
}
