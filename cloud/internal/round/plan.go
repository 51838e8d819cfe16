package round

import (
	"context"
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// What one stop takes, until somebody has walked it often enough to know better.
const (
	stopMinutes = 5 // to come, open and shut
	laneSeconds = 30
)

// mostStops and mostPut bound what one round is asked for.
const (
	mostStops = 60
	mostPut   = 999
)

// Needs implements cloud.Rounds.
func (s *Service) Needs(ctx context.Context, store cloud.StoreID) (needs []cloud.StopNeed, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if err := mustBeStore(tx, store); err != nil {
			return err
		}
		cabinets, err := tx.Cabinets.List()
		if err != nil {
			return err
		}
		for _, c := range cabinets {
			if c.Store != store {
				continue
			}
			need, err := s.need(tx, c)
			if err != nil {
				return fmt.Errorf("needs of %s: %w", c.ID, err)
			}
			needs = append(needs, need)
		}
		return nil
	})
	slices.SortStableFunc(needs, func(a, b cloud.StopNeed) int { return a.Cabinet.Number - b.Cabinet.Number })
	return needs, err
}

func mustBeStore(tx cloud.Tx, id cloud.StoreID) error {
	stores, err := tx.Plans.Stores()
	if err == nil && !slices.ContainsFunc(stores, func(s cloud.Store) bool { return s.ID == id }) {
		err = protocol.Errorf(cloud.CodeNotFound, "there is no store %q", id)
	}
	return err
}

// need fills each lane up to its par; one without a par up to what it was first filled with.
func (s *Service) need(tx cloud.Tx, c cloud.Cabinet) (cloud.StopNeed, error) {
	need := cloud.StopNeed{Cabinet: c}
	first, err := s.firstFilled(tx, c)
	if err != nil {
		return need, err
	}
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return need, err
	}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return need, err
	}
	filled, today := 0, ledger.DayOf(s.Now(), zone)
	for _, p := range c.Platforms {
		for _, sku := range p.SKUs {
			units, err := tx.Ledger.Balance(ledger.Stock(c.ID, p.ID), ledger.Article(sku))
			if err != nil {
				return need, err
			}
			lane := cloud.LaneNeed{Place: picking.Place{Cabinet: c.ID, Platform: p.ID, SKU: sku}, Book: int(units), Par: p.Par[sku]}
			if _, said := p.Par[sku]; !said {
				lane.Par = first[sku]
			}
			if lane.Expired, err = expired(tx, lane, today); err != nil {
				return need, err
			}
			if lane.Bring = max(lane.Par-max(lane.Book-lane.Expired, 0), 0); articles[sku].Retired {
				lane.Bring = 0
			}
			if lane.Bring > 0 || lane.Expired > 0 {
				filled++
			}
			need.Lines = append(need.Lines, lane)
		}
	}
	need.Minutes = stopMinutes + (filled*laneSeconds+59)/60
	return need, nil
}

// expired is how many units of a lane are past their date.
func expired(tx cloud.Tx, lane cloud.LaneNeed, today ledger.Day) (units int, err error) {
	lots, err := tx.Lots.Of(ledger.Stock(lane.Cabinet, lane.Platform), lane.SKU)
	for _, l := range cloud.LyingLots(lots, lane.Book) {
		if l.Until < today {
			units += l.Units
		}
	}
	return units, err
}

// firstFilled is how many units of each article were counted in when the cabinet was new, for one platform.
func (s *Service) firstFilled(tx cloud.Tx, c cloud.Cabinet) (map[protocol.SKU]int, error) {
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	own := ledger.Opening + ":" + ledger.Account(c.ID)
	piles, err := tx.Ledger.Closing(own, ledger.DayOf(s.Now(), zone))
	if err != nil {
		return nil, err
	}
	places := make(map[protocol.SKU]int)
	for _, p := range c.Platforms {
		for _, sku := range p.SKUs {
			places[sku]++
		}
	}
	first := make(map[protocol.SKU]int)
	for _, pile := range piles {
		if sku := pile.Unit.SKU(); pile.Account == own && places[sku] > 0 {
			first[sku] += int(-pile.Amount) / places[sku]
		}
	}
	return first, nil
}

// Plan implements cloud.Rounds.
func (s *Service) Plan(ctx context.Context, p cloud.PlanRound) (round cloud.Round, err error) {
	if p.By == "" || p.Key == "" || len(p.Key) > maxKey || len(p.Cabinets) == 0 || len(p.Cabinets) > mostStops {
		return round, protocol.Errorf(protocol.CodeMalformed, "want a key, who plans, and 1 to %d cabinets", mostStops)
	}
	err = s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		known, found, err := tx.Rounds.ByKey(p.Person, p.Key)
		if err != nil {
			return err
		}
		if found {
			round = known
			return samePlan(known, p)
		}
		round, err = s.plan(tx, p)
		return err
	})
	if err != nil {
		return cloud.Round{}, fmt.Errorf("plan a round: %w", err)
	}
	return round, s.Goods.Tell(ctx, nil)
}

func samePlan(known cloud.Round, p cloud.PlanRound) error {
	same := known.Store == p.Store && len(known.Stops) == len(p.Cabinets)
	for i := range known.Stops {
		same = same && known.Stops[i].Cabinet == p.Cabinets[i]
	}
	if !same {
		return protocol.Errorf(cloud.CodeKeyReused, "the key was used for another round")
	}
	return nil
}

func (s *Service) plan(tx cloud.Tx, p cloud.PlanRound) (cloud.Round, error) {
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return cloud.Round{}, err
	}
	round := cloud.Round{
		ID: s.NewID(), Store: p.Store, Day: ledger.DayOf(s.Now(), zone), State: cloud.RoundPlanned, Created: s.Now(), By: p.By, Person: p.Person, Key: p.Key,
		Rest: []cloud.RoundRest{},
	}
	if err := mustBeStore(tx, p.Store); err != nil {
		return round, err
	}
	if round.Restocker, round.Walks, err = walker(tx, p.Restocker); err != nil {
		return round, err
	}
	for _, id := range p.Cabinets {
		if err := s.addStop(tx, &round, id); err != nil {
			return round, err
		}
	}
	if err := change(&round, p.Lines); err != nil {
		return round, err
	}
	if err := tx.Rounds.Add(round); err != nil {
		return round, err
	}
	return round, tx.RoundSteps.Add(cloud.RoundStep{
		ID: s.NewID(), Round: round.ID, At: s.Now(), Person: p.Person, By: p.By, Key: "plan:" + p.Key, Kind: cloud.RoundPlan,
		RoundStepBody: cloud.RoundStepBody{Restocker: p.Restocker},
	})
}

// walker is who is sent; nobody where the id is zero.
func walker(tx cloud.Tx, id protocol.UUID) (protocol.UUID, string, error) {
	if id.IsZero() {
		return id, "", nil
	}
	crew, err := tx.Crew.Restockers()
	if err != nil {
		return id, "", err
	}
	i := slices.IndexFunc(crew, func(p cloud.Principal) bool { return p.ID == id })
	if i < 0 {
		return id, "", protocol.Errorf(cloud.CodeNotFound, "nobody of the staff who restocks has the id %s", id)
	}
	return id, crew[i].Name, nil
}

func (s *Service) addStop(tx cloud.Tx, round *cloud.Round, id protocol.CabinetID) error {
	cabinet, err := tx.Cabinets.Find(id)
	if err != nil {
		return err
	}
	if cabinet.Store != round.Store || round.Stop(id) != nil {
		return protocol.Errorf(cloud.CodeNotAStop, "cabinet %s is of store %s: want each once, of store %s", id, cabinet.Store, round.Store)
	}
	need, err := s.need(tx, cabinet)
	if err != nil {
		return err
	}
	round.Stops = append(round.Stops, cloud.RoundStop{Cabinet: id, Minutes: need.Minutes, State: cloud.StopAhead})
	for _, l := range need.Lines {
		round.Lines = append(round.Lines, cloud.RoundLine{
			Cabinet: id, Platform: l.Platform, SKU: l.SKU, Planned: l.Bring, Before: l.Book, After: l.Book, Expired: l.Expired,
		})
	}
	return nil
}

// change puts what a person says in place of what the lanes lack.
func change(round *cloud.Round, lines []cloud.PlannedLine) error {
	for _, l := range lines {
		line := round.Line(l.Place)
		if line == nil || l.Units < 0 || l.Units > mostPut {
			return protocol.Errorf(protocol.CodeMalformed, "lines: %s of %s in %s: want lanes of the stops, and 0 to %d units", l.SKU, l.Platform, l.Cabinet, mostPut)
		}
		line.Planned = l.Units
	}
	return nil
}
