package incident

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const (
	// lookEvery is how often the rules look.
	lookEvery = time.Minute
	// settleIn is how long after the start, or after the broker was lost, nobody counts as away: all connect anew.
	settleIn = time.Minute
	// salesEvery is how often it is looked for sales that fail to come.
	salesEvery = time.Hour
	// salesExpected is how many units must have been expected: by chance alone, none of them is sold once in thousands of times.
	salesExpected = 10
)

// Run looks and tells until ctx ends. Each channel has a worker of its own: a receiver that is slow holds up neither a rule nor
// another receiver.
func (s *Service) Run(ctx context.Context) {
	if err := s.Retire(ctx); err != nil && ctx.Err() == nil {
		s.Logger.Error("notices of channels that are gone", "error", err)
	}
	var workers sync.WaitGroup
	defer workers.Wait()
	for _, c := range s.Channels {
		workers.Go(func() {
			s.every(ctx, pace, "tell of incidents", func() error { return s.Tell(ctx, c) })
		})
	}
	workers.Go(func() { s.every(ctx, pace, "write notices", func() error { return s.Write(ctx) }) })
	s.every(ctx, lookEvery, "look for incidents", func() error { return s.Look(ctx) })
}

// every does something now and at each tick, until ctx ends.
func (s *Service) every(ctx context.Context, pace time.Duration, what string, do func() error) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := do(); err != nil && ctx.Err() == nil {
			s.Logger.Error(what, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// Look follows the rules once: who is away, what nobody has taken, and now and then where nothing is sold.
func (s *Service) Look(ctx context.Context) error {
	err := errors.Join(s.lookForAway(ctx), s.escalate(ctx))
	if s.Now().Sub(s.looked) >= salesEvery {
		s.looked = s.Now()
		err = errors.Join(err, s.lookForSales(ctx), s.lookForCounters(ctx))
	}
	return err
}

// absence is a cabinet that is away, and since when at least.
type absence struct {
	cabinet protocol.CabinetID
	since   time.Time
}

// lookForAway opens an incident for each cabinet that was claimed and is away for long, and ends those of who is back. While
// nobody can be heard, nothing is known.
func (s *Service) lookForAway(ctx context.Context) error {
	now := s.Now()
	if s.Online != nil && !s.Online() {
		s.listening = time.Time{}
		return nil
	}
	if s.listening.IsZero() {
		s.listening = now
	}
	if now.Sub(s.listening) < settleIn {
		return nil
	}
	var away []absence
	var back []protocol.CabinetID
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		away, back, err = s.absences(tx, now)
		return err
	}); err != nil || len(away)+len(back) == 0 {
		return err
	}
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		for _, cabinet := range back {
			if err := tx.Incidents.Close(cabinet, cloud.IncidentAway, "", s.Presence.Of(cabinet).LastSeen); err != nil {
				return err
			}
		}
		for _, a := range away {
			if err := tx.Incidents.Open(cloud.Incident{
				Cabinet: a.cabinet, Kind: cloud.IncidentAway, Detail: cloud.DetailAway.Fill(a.since.UTC().Format(time.RFC3339)),
				First: a.since, Last: now, Opened: now,
			}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return fmt.Errorf("cabinets that are away: %w", err)
	}
	s.Hub.FleetChanged()
	return nil
}

// absences compares who is away with what is open: away has those that are new, back those that are over.
func (s *Service) absences(tx cloud.Tx, now time.Time) (away []absence, back []protocol.CabinetID, err error) {
	open, err := tx.Noticed.List(cloud.IncidentQuery{Kind: cloud.IncidentAway, Limit: 1 << 20})
	if err != nil {
		return nil, nil, err
	}
	told := make(map[protocol.CabinetID]bool, len(open))
	for _, i := range open {
		told[i.Cabinet] = true
	}
	cabinets, err := tx.Cabinets.List()
	if err != nil {
		return nil, nil, err
	}
	for _, c := range cabinets {
		p := s.Presence.Of(c.ID)
		if p.Conn.IsZero() {
			continue // It was never claimed, or has not come back with its new card.
		}
		since := s.listening
		if p.LastSeen.After(since) {
			since = p.LastSeen
		}
		switch {
		case p.State(now, false) != cloud.CabinetAway:
			if told[c.ID] {
				back = append(back, c.ID)
			}
		case told[c.ID] || now.Sub(since) < s.AwayAfter:
		default:
			dismissed, err := closedSince(tx, c.ID, since)
			if err != nil {
				return nil, nil, err
			}
			if !dismissed {
				away = append(away, absence{c.ID, since})
			}
		}
	}
	return away, back, nil
}

// closedSince reports that a person has closed the incident of a cabinet that is still away: they know.
func closedSince(tx cloud.Tx, cabinet protocol.CabinetID, since time.Time) (bool, error) {
	newest, found, err := tx.Noticed.Newest(cabinet, cloud.IncidentAway, "")
	return found && newest.Cause != "" && newest.Closed.After(since), err
}

// escalate tells again of what nobody has taken in time.
func (s *Service) escalate(ctx context.Context) error {
	now := s.Now()
	var late []cloud.Incident
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		open, err := tx.Incidents.Unclosed("")
		for _, i := range open {
			if i.Taken.IsZero() && i.Escalated.IsZero() && now.Sub(i.Opened) >= i.Kind.Care().Escalate {
				late = append(late, i)
			}
		}
		return err
	}); err != nil || len(late) == 0 {
		return err
	}
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		for _, i := range late {
			err := tx.Followed.Take(cloud.IncidentStep{Number: i.Number, At: now, Did: cloud.IncidentEscalated})
			if err != nil && protocol.CodeOf(err) != cloud.CodeConflict { // It ended meanwhile.
				return fmt.Errorf("escalate: %w", err)
			}
		}
		return nil
	})
}

// lookForSales opens an incident where nothing was sold though much was expected of a cabinet that could sell, once a day at
// most, and ends those of who has sold since. It is silent where the forecast has not learned enough.
func (s *Service) lookForSales(ctx context.Context) error {
	now := s.Now()
	from := now.Add(-time.Duration(s.NoSaleHours) * time.Hour)
	silent := map[protocol.CabinetID]float64{}
	var sold []cloud.Incident
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		open, err := tx.Noticed.List(cloud.IncidentQuery{Kind: cloud.IncidentNoSale, Limit: 1 << 20})
		if err != nil {
			return err
		}
		for _, i := range open {
			did, err := hasSold(tx, i.Cabinet, i.Opened, now)
			if err != nil {
				return err
			}
			if did {
				sold = append(sold, i)
			}
		}
		return s.silences(tx, from, now, silent)
	}); err != nil || len(sold)+len(silent) == 0 {
		return err
	}
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		for _, i := range sold {
			if err := tx.Incidents.Close(i.Cabinet, i.Kind, i.Subject, now); err != nil {
				return err
			}
		}
		for cabinet, expected := range silent {
			if err := tx.Incidents.Open(cloud.Incident{
				Cabinet: cabinet, Kind: cloud.IncidentNoSale, Detail: cloud.DetailNoSale.Fill(s.NoSaleHours, expected),
				First: from, Last: now, Opened: now,
			}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return fmt.Errorf("sales that fail to come: %w", err)
	}
	return nil
}

// silences finds the cabinets that could sell, were expected to and have sold nothing.
func (s *Service) silences(tx cloud.Tx, from, now time.Time, silent map[protocol.CabinetID]float64) error {
	outlooks, err := s.Demand.Outlooks(tx)
	if err != nil || !outlooks.Age.Enough() {
		return err
	}
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(chain.TimeZone)
	if err != nil {
		return fmt.Errorf("time zone of the chain: %w", err)
	}
	cabinets, err := tx.Cabinets.List()
	if err != nil {
		return err
	}
	halts, err := tx.Halts.Since(from)
	if err != nil {
		return err
	}
	for _, c := range cabinets {
		if slices.ContainsFunc(halts, func(h cloud.HaltSpan) bool { return h.Cabinet == c.ID }) {
			continue // A person let nobody buy there for some of the time.
		}
		if state := s.Presence.Of(c.ID).State(now, false); state != cloud.CabinetReady {
			continue // Whatever else is wrong has an incident of its own.
		}
		expected, err := s.expected(tx, c, outlooks.Model, forecast.HourOf(from.In(zone)))
		if err != nil {
			return err
		}
		if expected < salesExpected {
			continue
		}
		newest, told, err := tx.Noticed.Newest(c.ID, cloud.IncidentNoSale, "")
		if err != nil {
			return err
		}
		if told && (newest.Closed.IsZero() || sameDay(newest.Opened.In(zone), now.In(zone))) {
			continue
		}
		did, err := hasSold(tx, c.ID, from, now)
		if err != nil {
			return err
		}
		if !did {
			silent[c.ID] = expected
		}
	}
	return nil
}

// expected is how many units of what lies in a cabinet were to be sold in the hours that nobody bought in.
func (s *Service) expected(tx cloud.Tx, c cloud.Cabinet, model *forecast.Model, from forecast.Hour) (units float64, err error) {
	piles, err := tx.Ledger.Balances(ledger.StockPrefix(c.ID))
	if err != nil {
		return 0, err
	}
	for _, pile := range piles {
		if sku := pile.Unit.SKU(); sku != "" && pile.Amount > 0 {
			units += model.Outlook(c.ID, sku, from, s.NoSaleHours).Expected(s.NoSaleHours)
		}
	}
	return units, nil
}

// hasSold reports that somebody came to a cabinet and was billed, or may yet be.
func hasSold(tx cloud.Tx, cabinet protocol.CabinetID, from, to time.Time) (bool, error) {
	visits, err := tx.Visits.List(cloud.VisitQuery{Cabinet: cabinet, From: from, To: to, Limit: 50})
	for _, v := range visits {
		if v.Outcome == cloud.OutcomeSold || v.Ended.IsZero() {
			return true, nil
		}
	}
	return false, err
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}
