package tonight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const (
	// mostIncidents are looked at; of the others it is told how many there are.
	mostIncidents = 1000
	mostRounds    = 100
	// roundLate is how long after it was due a stop may be reached.
	roundLate = 30 * time.Minute
)

// asking is one look at what needs a person.
type asking struct {
	*Service
	tx       cloud.Tx
	store    cloud.StoreID // empty: all
	now      time.Time
	cabinets map[protocol.CabinetID]*cloud.Cabinet // all that are planned
	rates    rates
	needs    cloud.Needs
}

// Needs implements cloud.Tonight.
func (s *Service) Needs(ctx context.Context, store cloud.StoreID) (cloud.Needs, error) {
	heads, err := s.Coverage.Stores(ctx)
	if err != nil {
		return cloud.Needs{}, fmt.Errorf("what needs a person: %w", err)
	}
	a := asking{Service: s, store: store, now: s.Now()}
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		a.tx = tx
		incidents, err := a.incidents()
		if err != nil {
			return err
		}
		for _, h := range heads {
			if h.Gap != nil && a.of(h.Store.ID) {
				a.gap(h, incidents)
			}
		}
		a.troubles(incidents)
		if err := errors.Join(a.reviews(), a.disputes()); err != nil {
			return err
		}
		return a.rounds()
	})
	if err != nil {
		return cloud.Needs{}, fmt.Errorf("what needs a person: %w", err)
	}
	slices.SortStableFunc(a.needs.List, dearer)
	return a.needs, nil
}

// dearer puts first what costs most; of what costs the same, or of which nobody knows, first what somebody is woken for, then what
// nobody has, then what has lasted longest.
func dearer(a, b cloud.Need) int {
	first := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.Hour, a.Hour), first(a.Kind == cloud.NeedGap, b.Kind == cloud.NeedGap), first(a.Urgent, b.Urgent), first(!a.Taken, !b.Taken), a.Since.Compare(b.Since))
}

func (a *asking) of(store cloud.StoreID) bool { return a.store == "" || a.store == store }

// bound is the store that is asked for; of the whole chain there is no limit.
func (a *asking) bound() cloud.Bound {
	if a.store == "" {
		return ""
	}
	return cloud.BoundTo(a.store)
}

// incidents are the open ones by cabinet.
func (a *asking) incidents() (map[protocol.CabinetID][]cloud.Incident, error) {
	open, err := a.tx.Noticed.List(cloud.IncidentQuery{Store: a.store, Limit: mostIncidents})
	if err != nil {
		return nil, err
	}
	if len(open) == mostIncidents {
		kinds, err := a.tx.Incidents.OpenByKind()
		if err != nil {
			return nil, err
		}
		for _, n := range kinds {
			a.needs.More += n
		}
		a.needs.More = max(a.needs.More-len(open), 0)
	}
	of := make(map[protocol.CabinetID][]cloud.Incident)
	for _, i := range open {
		of[i.Cabinet] = append(of[i.Cabinet], i)
	}
	for _, list := range of {
		slices.SortStableFunc(list, func(x, y cloud.Incident) int { return cmp.Compare(x.Rank(), y.Rank()) })
	}
	if a.cabinets, err = a.Fleet.Planned(a.tx); err != nil {
		return nil, err
	}
	a.rates, err = a.costs.rates(a.Service, a.tx)
	return of, err
}

// gap is a neighbourhood that is not served, with the incidents of the cabinets because of which.
func (a *asking) gap(h cloud.ServedHead, incidents map[protocol.CabinetID][]cloud.Incident) {
	need := cloud.Need{Kind: cloud.NeedGap, Store: h.Store.ID, Since: time.UnixMilli(h.Gap.From), Gap: h.Gap, Hour: h.Hour, Costs: h.Costs, Urgent: true}
	for _, c := range h.Gap.Causes {
		if c.Cabinet == "" { // What is about no cabinet is about money, and a need of its own.
			continue
		}
		need.Incidents = append(need.Incidents, incidents[c.Cabinet]...)
		delete(incidents, c.Cabinet)
	}
	slices.SortStableFunc(need.Incidents, func(x, y cloud.Incident) int { return cmp.Compare(x.Rank(), y.Rank()) })
	take(&need)
	a.needs.List = append(a.needs.List, need)
}

// take says who has a need: whoever has one of its incidents.
func take(need *cloud.Need) {
	for _, i := range need.Incidents {
		need.Taken = need.Taken || !i.Taken.IsZero()
		need.Whom = cmp.Or(need.Whom, i.Whom)
		need.Urgent = need.Urgent || i.Kind.Care().Urgency == cloud.UrgencyPage
	}
}

// troubles are the cabinets with incidents, each once.
func (a *asking) troubles(incidents map[protocol.CabinetID][]cloud.Incident) {
	for id, list := range incidents {
		need := cloud.Need{Kind: cloud.NeedIncident, Cabinet: id, Since: list[0].First, Incidents: list}
		take(&need)
		if cabinet, known := a.cabinets[id]; known {
			need.Store = cabinet.Store
			if a.stands(cabinet) {
				need.Hour, need.Costs = a.rates.of(cabinet)
			}
		}
		a.needs.List = append(a.needs.List, need)
	}
}

// stands reports a cabinet that surely sells nothing. Of one that is away and opens by codes nobody knows.
func (a *asking) stands(c *cloud.Cabinet) bool {
	p := a.Presence.Of(c.ID)
	switch p.State(a.now, false) {
	case cloud.CabinetStopped, cloud.CabinetOpen:
		return true
	case cloud.CabinetAway:
		return !p.Reader
	}
	return false
}

// reviews are the bills that wait, as one need.
func (a *asking) reviews() error {
	waiting, err := a.tx.Cases.Waiting(a.bound())
	if waiting.Cases > 0 {
		a.needs.List = append(a.needs.List, cloud.Need{Kind: cloud.NeedReviews, Store: a.store, Reviews: waiting.Cases, Guess: waiting.Guess, Since: waiting.Since})
	}
	return err
}

// disputes are the objections that wait, as one need.
func (a *asking) disputes() error {
	n, since, err := a.tx.Disputes.Waiting(a.bound())
	if n > 0 {
		a.needs.List = append(a.needs.List, cloud.Need{Kind: cloud.NeedDisputes, Store: a.store, Since: since, Disputes: n})
	}
	return err
}

// rounds are those that are late: of a day that is over, or whose next stop was due.
func (a *asking) rounds() error {
	open, err := a.tx.Rounds.List(cloud.RoundQuery{Store: a.store, Open: true, Limit: mostRounds})
	if err != nil || len(open) == 0 {
		return err
	}
	zone, err := a.Book.Zone(a.tx)
	if err != nil {
		return err
	}
	today := ledger.DayOf(a.now, zone)
	for _, r := range open {
		ahead, due := 0, time.Time{}
		for _, stop := range r.Stops {
			if stop.State != cloud.StopAhead && stop.State != cloud.StopOpen {
				continue
			}
			if ahead++; due.IsZero() || stop.Due.Before(due) && !stop.Due.IsZero() {
				due = stop.Due
			}
		}
		if r.Day < today {
			_, due = r.Day.Span(zone)
		}
		if due.IsZero() || a.now.Sub(due) < roundLate && r.Day == today || r.Day > today {
			continue
		}
		a.needs.List = append(a.needs.List, cloud.Need{
			Kind: cloud.NeedRound, Store: r.Store, Since: due, Whom: r.Walks, Taken: r.Walks != "", Round: r.ID, Stops: ahead,
		})
	}
	return nil
}
