package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

func someRound(n byte, key string) cloud.Round {
	return cloud.Round{
		ID: id(n), Store: "north", Day: "2026-11-21", Restocker: id(60), Walks: "wang", State: cloud.RoundPlanned, Created: now.Add(time.Duration(n) * time.Minute),
		By: "li", Person: id(61), Key: key,
		Stops: []cloud.RoundStop{{Cabinet: "xs-01", Minutes: 8, State: cloud.StopAhead}},
		Lines: []cloud.RoundLine{
			{Cabinet: "xs-01", Platform: "S1", SKU: "1001", Planned: 4}, {Cabinet: "xs-01", Platform: "S2", SKU: "1003", Planned: 2},
		},
		Rest: []cloud.RoundRest{},
	}
}

func roundsKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	one, other := someRound(80, "k1"), someRound(81, "")
	other.Restocker, other.Walks, other.State = protocol.UUID{}, "", cloud.RoundDone
	one.Kind = cloud.RoundTally
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Rounds.Add(one), tx.Rounds.Add(other)) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Rounds.Add(someRound(82, "k1")) })
	refused(t, db, cloud.CodeNotFound, func(tx cloud.Tx) error { _, err := tx.Rounds.Find(id(99)); return err })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Rounds.Save(someRound(99, "")) })
	four := -4
	one.State, one.Locked, one.Left, one.Ended = cloud.RoundUnderWay, now, now.Add(time.Hour), now.Add(2*time.Hour)
	one.Stops[0].State, one.Stops[0].Came, one.Stops[0].Gone, one.Stops[0].Settled, one.Stops[0].Why = cloud.StopDone, now, now.Add(time.Minute), 2, "rain"
	one.Stops[0].Metres, one.Stops[0].Due, one.Stops[0].Late = 420, now.Add(time.Hour), 90*time.Second
	one.Stops[0].Draft = 7
	one.Lines = append(one.Lines, cloud.RoundLine{
		Cabinet: "xs-01", Platform: "S2", SKU: "1001", Planned: 3, Picked: 2, Short: cloud.ShortGone, Counted: &four, Weighed: -3, Adjusted: -1, Before: 9, After: 5,
		Answer: picking.SaidRight, Expired: 2, Removed: 1, Reason: ledger.Expired, Blind: true, Turn: cloud.TurnOut,
		Lots: []picking.Lot{{Units: 2, Until: "2026-12-01"}, {Units: 1}}, Said: []picking.Lot{{Units: 3, Until: "2026-12-03"}},
	})
	one.Rest = []cloud.RoundRest{{SKU: "1001", Expected: 3, Back: 1, Kept: 1, Answered: true}}
	one.Transfers = []cloud.RoundTransfer{
		{From: picking.Place{Cabinet: "xs-02", Platform: "S1", SKU: "1001"}, To: picking.Place{Cabinet: "xs-01", Platform: "S2", SKU: "1001"}, Units: 4},
		{From: picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1003"}, To: picking.Place{Cabinet: "xs-02", Platform: "S1", SKU: "1003"}, Units: 1},
	}
	none := 0
	one.Legs = []cloud.RoundLeg{
		{
			PlannedLeg: cloud.PlannedLeg{Store: "south", Way: cloud.LegTake, SKU: "1001", Units: 6}, Picked: 5, Short: cloud.ShortGone, Lots: []picking.Lot{{Units: 5, Until: "2026-12-01"}},
			Handed: &none, Reason: cloud.HandOther, Over: now.Add(time.Hour), Why: "the key does not fit",
		},
		{PlannedLeg: cloud.PlannedLeg{Store: "south", Way: cloud.LegFetch, SKU: "1003", Units: 2}},
	}
	update(t, db, func(tx cloud.Tx) error { return tx.Rounds.Save(one) })
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Rounds.Find(one.ID)
		same(t, found, one)
		byKey, known, err2 := tx.Rounds.ByKey(id(61), "k1")
		_, unknown, err3 := tx.Rounds.ByKey(id(61), "")
		if !known || unknown || byKey.ID != one.ID {
			t.Errorf("by key %v %v, %v", byKey.ID, known, unknown)
		}
		return errors.Join(err, err2, err3)
	})
	for what, c := range map[string]struct {
		q    cloud.RoundQuery
		want []protocol.UUID
	}{
		"all, the newest first":         {cloud.RoundQuery{}, []protocol.UUID{id(81), id(80)}},
		"the newest":                    {cloud.RoundQuery{Limit: 1}, []protocol.UUID{id(81)}},
		"those that are open":           {cloud.RoundQuery{Open: true}, []protocol.UUID{id(80)}},
		"a person's, and nobody's":      {cloud.RoundQuery{Restocker: id(60)}, []protocol.UUID{id(81), id(80)}},
		"another person's, so nobody's": {cloud.RoundQuery{Restocker: id(62)}, []protocol.UUID{id(81)}},
		"of another store":              {cloud.RoundQuery{Store: "south"}, nil},
		"to another store":              {cloud.RoundQuery{At: "south"}, []protocol.UUID{id(80)}},
		"to a store that none goes to":  {cloud.RoundQuery{At: "north"}, nil},
		"of the day":                    {cloud.RoundQuery{Store: "north", Day: "2026-11-21"}, []protocol.UUID{id(81), id(80)}},
	} {
		view(t, db, func(tx cloud.Tx) error {
			found, err := tx.Rounds.List(c.q)
			var got []protocol.UUID
			for _, r := range found {
				got = append(got, r.ID)
			}
			if len(got) != len(c.want) || len(got) > 0 && (got[0] != c.want[0] || got[len(got)-1] != c.want[len(got)-1]) {
				t.Errorf("%s: %v, want %v", what, got, c.want)
			}
			return err
		})
	}
}

func roundSteps(t *testing.T, db cloud.DB) {
	planned(t, db)
	one := cloud.RoundStep{
		ID: id(90), Round: id(80), At: now, Person: id(60), By: "wang", Key: "k1", Kind: cloud.RoundPick,
		RoundStepBody: cloud.RoundStepBody{SKU: "1001", Units: 3, Short: cloud.ShortGone},
	}
	second := one
	second.ID, second.Key, second.Kind, second.At = id(91), "k2", cloud.RoundFinish, now.Add(time.Second)
	second.RoundStepBody = cloud.RoundStepBody{Rest: []cloud.RestSaid{{SKU: "1001", Back: 1, Differ: true}}}
	visit := record(1)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Rounds.Add(someRound(80, "")), tx.RoundSteps.Add(one), tx.RoundSteps.Add(second), tx.Visits.Add(visit), tx.RoundDoors.Add(id(80), visit.ID))
	})
	again := one
	again.ID = id(92)
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.RoundSteps.Add(again) })
	view(t, db, func(tx cloud.Tx) error {
		all, err := tx.RoundSteps.Of(id(80))
		same(t, all, []cloud.RoundStep{one, second})
		byKey, known, err2 := tx.RoundSteps.ByKey(id(80), "k2")
		_, unknown, err3 := tx.RoundSteps.ByKey(id(81), "k2")
		if !known || unknown || byKey.ID != second.ID {
			t.Errorf("by key %+v, %v, %v", byKey, known, unknown)
		}
		round, of, err4 := tx.RoundDoors.Of(visit.ID)
		_, none, err5 := tx.RoundDoors.Of(id(99))
		doors, err6 := tx.RoundDoors.List(id(80))
		if !of || none || round != id(80) || len(doors) != 1 || doors[0] != visit.ID {
			t.Errorf("the opening is of %v (%v, %v); %v", round, of, none, doors)
		}
		people, err7 := tx.Crew.Restockers()
		if len(people) != 0 {
			t.Errorf("crew %+v", people)
		}
		return errors.Join(err, err2, err3, err4, err5, err6, err7)
	})
}
