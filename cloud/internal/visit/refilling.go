package visit

import (
	"context"
	"slices"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// Refill implements cloud.Refilling: the way of a service visit, within a round that is under way.
func (s *Service) Refill(ctx context.Context, v cloud.RefillVisit) (cloud.Visit, error) {
	if v.By == "" || v.Key == "" {
		return cloud.Visit{}, protocol.Errorf(protocol.CodeMalformed, "want a key, and who opens")
	}
	door, err := s.doorOf(ctx, v)
	if err != nil {
		return cloud.Visit{}, err
	}
	asked := cloud.ServiceVisit{Person: v.Person, By: v.By, Cabinet: v.Cabinet, Compartment: door, Key: v.Key}
	return s.attend(ctx, asked, func(tx cloud.Tx, o *opening) error {
		round, err := mayRefill(tx, v)
		if err != nil {
			return err
		}
		if err := s.serve(tx, asked, protocol.PurposeRefill, o); err != nil {
			return err
		}
		return s.came(tx, round, v, o.visit.ID)
	})
}

// doorOf is the door that is asked for; a cabinet has a first one.
func (s *Service) doorOf(ctx context.Context, v cloud.RefillVisit) (protocol.Compartment, error) {
	door := v.Compartment
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		cabinet, err := tx.Cabinets.Find(v.Cabinet)
		if err == nil && door == 0 && len(cabinet.Platforms) > 0 {
			door = cabinet.Platforms[0].Compartment
		}
		return err
	})
	return door, err
}

// mayRefill refuses a door that the round does not lead to, before anything is signed.
func mayRefill(tx cloud.Tx, v cloud.RefillVisit) (cloud.Round, error) {
	round, err := tx.Rounds.Find(v.Round)
	if err != nil {
		return round, err
	}
	cabinet, err := tx.Cabinets.Find(v.Cabinet)
	if err != nil {
		return round, err
	}
	stop := round.Stop(v.Cabinet)
	switch {
	case stop == nil:
		return round, protocol.Errorf(cloud.CodeNotAStop, "cabinet %s is no stop of round %s", v.Cabinet, v.Round)
	case v.Number != 0 && v.Number != cabinet.Number:
		return round, protocol.Errorf(cloud.CodeWrongCabinet, "number %d was read, cabinet %s has number %d", v.Number, v.Cabinet, cabinet.Number)
	case round.State != cloud.RoundUnderWay || stop.State == cloud.StopDone || stop.State == cloud.StopSkipped:
		return round, protocol.Errorf(cloud.CodeRoundState, "round %s is %s, its stop at %s %s", v.Round, round.State, v.Cabinet, stop.State)
	}
	return round, nil
}

// came writes down that a door of a stop was asked for. A second one at the same stop is ordinary.
func (s *Service) came(tx cloud.Tx, round cloud.Round, v cloud.RefillVisit, visit protocol.VisitID) error {
	stop := round.Stop(v.Cabinet)
	if stop.Came.IsZero() {
		stop.Came = s.Now()
	}
	if stop.State == cloud.StopAhead && round.Kind == cloud.RoundRefill {
		if err := s.found(tx, &round, v.Cabinet); err != nil {
			return err
		}
	}
	stop.State = cloud.StopOpen
	if err := tx.Rounds.Save(round); err != nil {
		return err
	}
	if err := tx.RoundDoors.Add(round.ID, visit); err != nil {
		return err
	}
	return tx.RoundSteps.Add(cloud.RoundStep{
		ID: s.NewID(), Round: round.ID, At: s.Now(), Person: v.Person, By: v.By, Key: "open:" + visit.String(), Kind: cloud.RoundOpen,
		RoundStepBody: cloud.RoundStepBody{Cabinet: v.Cabinet, Visit: visit},
	})
}

// found says what lies in the lanes of a stop now that somebody comes, and what of it is past its date: since the round was planned
// some was sold, and another day may have begun.
func (s *Service) found(tx cloud.Tx, round *cloud.Round, cabinet protocol.CabinetID) error {
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return err
	}
	today := ledger.DayOf(s.Now(), zone)
	for i := range round.Lines {
		l := &round.Lines[i]
		if l.Cabinet != cabinet || l.Blind { // Before the first opening only what was taken along astray is.
			continue
		}
		lane := ledger.Stock(cabinet, l.Platform)
		there, err := tx.Ledger.Balance(lane, ledger.Article(l.SKU))
		if err != nil {
			return err
		}
		lots, err := tx.Lots.Of(lane, l.SKU)
		if err != nil {
			return err
		}
		l.Before, l.After = int(there), int(there)
		l.Expired = picking.Count(picking.Spoilt(picking.Lying(cloud.PlainLots(lots), l.Before), today))
	}
	return nil
}

// filledRound tells a round what a refill put into its lanes, and says where the goods came from, and which lots: out of the van
// what the lines bring where the refill belongs to a round, else out of the store what expires first.
func filledRound(tx cloud.Tx, g settling, arrived []ledger.Posting) (from ledger.Account, lots []cloud.SaidLot, err error) {
	id, found, err := tx.RoundDoors.Of(g.visit.ID)
	if err != nil || !found {
		return ledger.Shop(string(g.cabinet.Store)), nil, err
	}
	round, err := tx.Rounds.Find(id)
	if err != nil {
		return "", nil, err
	}
	if stop := round.Stop(g.source.Cabinet); stop != nil && weighed(g) {
		stop.Settled++
	}
	blind(&round, g)
	for _, p := range arrived {
		kind, _, platform, _ := p.Account.Place()
		if kind != "stock" && kind != "stray" {
			continue
		}
		there, err := tx.Ledger.Balance(p.Account, p.Unit)
		if err != nil {
			return "", nil, err
		}
		line := round.LineAt(picking.Place{Cabinet: g.source.Cabinet, Platform: protocol.PlatformID(platform), SKU: p.Unit.SKU()})
		if line.Weighed == 0 && line.Adjusted == 0 {
			line.Before = int(there)
		}
		lots = append(lots, brought(line, p)...)
		line.Weighed += int(p.Amount)
		line.After = int(there + p.Amount)
		line.Answer = "" // What was answered was about other weights.
	}
	if round.Kind == cloud.RoundTally {
		if err := counted(tx, g, arrived, &round); err != nil {
			return "", nil, err
		}
	}
	return ledger.Van(string(round.Store)), lots, tx.Rounds.Save(round)
}

// brought are the lots of a line that come into its lane now: what an opening before has brought comes first.
func brought(line *cloud.RoundLine, p ledger.Posting) (lots []cloud.SaidLot) {
	_, ahead := picking.Take(line.Lots, line.Booked())
	coming, _ := picking.Take(ahead, int(p.Amount))
	for _, l := range coming {
		lots = append(lots, cloud.SaidLot{SKU: line.SKU, Units: l.Units, Until: l.Until, Named: true, Place: p.Account})
	}
	return lots
}

// unheard reports a platform for which the stop's draft brings an article that the cabinet had not been told of yet.
func unheard(round *cloud.Round, g settling, platform protocol.PlatformID) bool {
	return slices.ContainsFunc(round.Lines, func(l cloud.RoundLine) bool {
		return l.Cabinet == g.source.Cabinet && l.Platform == platform && l.Turn == cloud.TurnIn && !slices.Contains(g.homes[platform], l.SKU)
	})
}

// blind notes the lanes of which a settlement cannot say what was put there: those of platforms that it did not trust or that it
// weighed by one planogram alone, and all behind the door where it says nothing that can be. What is counted stands there, and is
// asked for at the door.
func blind(round *cloud.Round, g settling) {
	for i := range round.Lines {
		l := &round.Lines[i]
		if l.Cabinet != g.source.Cabinet {
			continue
		}
		behind := slices.ContainsFunc(g.cabinet.Platforms, func(p cloud.Platform) bool { return p.ID == l.Platform && p.Compartment == g.body.Compartment })
		untrusted := slices.ContainsFunc(g.body.Answer.Faults, func(f settle.Fault) bool { return f.Platform == l.Platform })
		l.Blind = l.Blind || untrusted || behind && (!weighed(g) || unheard(round, g, l.Platform))
	}
}

// counted says what the books have of each lane of a count when its door was shut: that is what is held against the count.
func counted(tx cloud.Tx, g settling, arrived []ledger.Posting, round *cloud.Round) error {
	for i := range round.Lines {
		l := &round.Lines[i]
		if l.Cabinet != g.source.Cabinet {
			continue
		}
		lane := ledger.Stock(l.Cabinet, l.Platform)
		book, err := tx.Ledger.Balance(lane, ledger.Article(l.SKU))
		if err != nil {
			return err
		}
		for _, p := range arrived {
			if p.Account == lane && p.Unit == ledger.Article(l.SKU) {
				book += p.Amount
			}
		}
		if l.Answer != "" && l.Before != int(book) {
			l.Answer = "" // What was answered was about another difference.
		}
		l.Before, l.After = int(book), int(book)
	}
	return nil
}

// weighed reports a settlement that says what the scales saw.
func weighed(g settling) bool { return len(g.body.Answer.Why) > 0 && ledger.Believable(g.body.Answer) }
