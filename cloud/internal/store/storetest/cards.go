package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func claimCodes(t *testing.T, db cloud.DB) {
	planned(t, db)
	first, second := []byte{1, 2}, []byte{3, 4}
	add := func(hash []byte) func(tx cloud.Tx) error {
		return func(tx cloud.Tx) error {
			return tx.Claims.Add(cloud.ClaimRecord{Cabinet: "xs-01", Hash: hash, Expires: now.Add(time.Hour)})
		}
	}
	find := func(hash []byte) func(tx cloud.Tx) error {
		return func(tx cloud.Tx) error { _, err := tx.Claims.Find(hash); return err }
	}
	use := func(tx cloud.Tx) error { return tx.Claims.Use("xs-01", []byte{9}, id(50), now) }
	refused(t, db, cloud.CodeUnknownCabinet, func(tx cloud.Tx) error { return tx.Claims.Add(cloud.ClaimRecord{Cabinet: "xs-99", Hash: first}) })
	refused(t, db, cloud.CodeConflict, use)
	update(t, db, add(first))
	update(t, db, use)
	refused(t, db, cloud.CodeConflict, use)
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Claims.Find(first)
		same(t, got, cloud.ClaimRecord{Cabinet: "xs-01", Hash: first, Expires: now.Add(time.Hour), Used: now, Key: []byte{9}, Journal: id(50)})
		return err
	})
	update(t, db, add(second))
	refused(t, db, cloud.CodeBadClaim, find(first))
	update(t, db, find(second))
	update(t, db, use)
}

func cardsReplaced(t *testing.T, db cloud.DB) {
	planned(t, db)
	position := func(want cloud.Position) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Inbox.Position("xs-01")
			same(t, got, want)
			return err
		})
	}
	retired := func(journal protocol.UUID, want bool) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Cards.Retired("xs-01", journal)
			same(t, got, want)
			return err
		})
	}
	birth := wire.Birth{V: 1, Cabinet: "xs-01", Journal: id(50), Boot: 3, Start: id(70), Conn: id(71), Challenge: make([]byte, 16)}
	refused(t, db, cloud.CodeUnknownCabinet, func(tx cloud.Tx) error { return tx.Cards.Expect("xs-99") })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Cards.SetApart("xs-01", cloud.IncidentClonedCard) })
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(
			tx.Inbox.Move("xs-01", cloud.Position{Journal: id(50), Applied: 4, Seen: 5}), tx.Births.Save(birth, now),
			tx.Meters.SaveCounters("xs-01", cloud.Tally{Reported: wire.Counters{Units: 9}}),
		)
	})
	position(cloud.Position{Journal: id(50), Applied: 4, Seen: 5, Card: cloud.Card{Boot: 3, Start: id(70)}})
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Cards.Expect("xs-01"), tx.Cards.SetApart("xs-01", cloud.IncidentClonedCard))
	})
	position(cloud.Position{Journal: id(50), Applied: 4, Seen: 5, Card: cloud.Card{Boot: 3, Start: id(70), Apart: cloud.IncidentClonedCard, Expects: true}})
	view(t, db, func(tx cloud.Tx) error {
		apart, err := tx.Cards.Apart()
		same(t, apart, map[protocol.CabinetID]cloud.IncidentKind{"xs-01": cloud.IncidentClonedCard})
		births, err2 := tx.Births.List()
		same(t, births, []wire.Birth{})
		return errors.Join(err, err2)
	})
	retired(id(50), false)
	update(t, db, func(tx cloud.Tx) error { return tx.Cards.Accept("xs-01", id(51), now) })
	position(cloud.Position{Journal: id(51)})
	retired(id(50), true)
	update(t, db, func(tx cloud.Tx) error { return tx.Inbox.Move("xs-02", cloud.Position{Journal: id(52)}) })
	retired(id(52), true) // Another cabinet's.
	retired(id(53), false)
	view(t, db, func(tx cloud.Tx) error {
		_, counted, err := tx.Meters.Counters("xs-01")
		if counted {
			t.Error("the counters of the card before are still there")
		}
		return err
	})
	update(t, db, func(tx cloud.Tx) error { return tx.Births.Save(birth, now) }) // Of the retired card: it says nothing of this one.
	position(cloud.Position{Journal: id(51)})
}
