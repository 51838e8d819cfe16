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

// mostStops and mostPut bound what one round is asked for.
const (
	mostStops = 60
	mostPut   = 999
)

// Plan implements cloud.Rounds.
func (s *Service) Plan(ctx context.Context, p cloud.PlanRound) (round cloud.Round, err error) {
	if p.By == "" || p.Key == "" || len(p.Key) > maxKey || len(p.Cabinets)+len(p.Legs) == 0 || len(p.Cabinets) > mostStops {
		return round, protocol.Errorf(protocol.CodeMalformed, "want a key, who plans, and 1 to %d cabinets, or another store", mostStops)
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
	same := known.Kind == p.Kind && known.Store == p.Store && len(known.Stops) == len(p.Cabinets)
	for _, id := range p.Cabinets { // In whichever order: it is another one since picking began.
		same = same && known.Stop(id) != nil
	}
	for _, l := range p.Lines {
		line := known.Line(l.Place)
		same = same && line != nil && (line.Planned == l.Units || line.Turn == cloud.TurnOff)
	}
	same = same && slices.Equal(known.Transfers, p.Transfers) && len(known.Legs) == len(p.Legs)
	for _, l := range p.Legs {
		same = same && slices.ContainsFunc(known.Legs, func(k cloud.RoundLeg) bool { return k.PlannedLeg == l })
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
		ID: s.NewID(), Kind: p.Kind, Store: p.Store, Day: ledger.DayOf(s.Now(), zone), State: cloud.RoundPlanned, Created: s.Now(), By: p.By, Person: p.Person, Key: p.Key,
		Rest: []cloud.RoundRest{},
	}
	store, err := findStore(tx, p.Store)
	if err != nil {
		return round, err
	}
	if round.Restocker, round.Walks, err = walker(tx, p.Restocker); err != nil {
		return round, err
	}
	if err := s.fill(tx, &round, store, p); err != nil {
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

// fill says what is done at the stops of a round.
func (s *Service) fill(tx cloud.Tx, round *cloud.Round, store cloud.Store, p cloud.PlanRound) error {
	switch p.Kind {
	case cloud.RoundTally:
		return tallied(tx, round, p)
	case cloud.RoundRefill:
		if err := s.legs(tx, round, p.Legs); err != nil {
			return err
		}
		if err := s.addStops(tx, round, store, p); err != nil {
			return err
		}
		if err := change(round, p.Lines); err != nil {
			return err
		}
		return transfer(round, p.Transfers)
	}
	return protocol.Errorf(protocol.CodeMalformed, "kind: want %s, or none for a refill", cloud.RoundTally)
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

// ofStore finds the cabinets of a store, each once.
func ofStore(tx cloud.Tx, store cloud.StoreID, ids []protocol.CabinetID) (cabinets []cloud.Cabinet, err error) {
	for i, id := range ids {
		cabinet, err := tx.Cabinets.Find(id)
		if err != nil {
			return nil, err
		}
		if cabinet.Store != store || slices.Contains(ids[:i], id) {
			return nil, protocol.Errorf(cloud.CodeNotAStop, "cabinet %s is of store %s: want each once, of store %s", id, cabinet.Store, store)
		}
		cabinets = append(cabinets, cabinet)
	}
	return cabinets, nil
}

// addStops adds cabinets with what each is to be brought, as if nobody else were visited: what they get of each other, or of a round
// that is on its way to them, they are not brought.
func (s *Service) addStops(tx cloud.Tx, round *cloud.Round, store cloud.Store, p cloud.PlanRound) error {
	cabinets, err := ofStore(tx, round.Store, p.Cabinets)
	if err != nil {
		return err
	}
	drafts, err := tx.WaitingDrafts()
	if err != nil {
		return err
	}
	next := over(drafts, cabinets)
	a, err := s.assess(tx, store, next)
	if err != nil {
		return err
	}
	for _, l := range p.Legs {
		if l.Way == cloud.LegTake {
			a.takes(l.SKU, picking.Wish{Units: l.Units})
		}
	}
	a.visitAll(next)
	a.plan.Carry(moves(p.Transfers))
	if err := a.expect(tx, p.Cabinets...); err != nil {
		return err
	}
	for i, need := range a.told(next) {
		draft := drafts[need.Cabinet.ID]
		round.Stops = append(round.Stops, cloud.RoundStop{Cabinet: need.Cabinet.ID, Minutes: need.Minutes, State: cloud.StopAhead, Draft: draft.Number})
		for _, l := range need.Lines {
			lots, _ := picking.Take(l.Lots, l.Bring) // Less is brought where another cabinet, or another round, brings some.
			round.Lines = append(round.Lines, cloud.RoundLine{
				Cabinet: l.Cabinet, Platform: l.Platform, SKU: l.SKU, Planned: l.Bring, Before: l.Book, After: l.Book, Expired: l.Expired, Lots: lots,
			})
		}
		if err := turned(tx, round, cabinets[i], draft); err != nil {
			return err
		}
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
