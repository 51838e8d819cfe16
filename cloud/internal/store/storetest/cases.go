package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// reviewed adds a visit that a person has to decide, asked for n minutes after the suite's hour.
func reviewed(t *testing.T, db cloud.DB, n byte) cloud.VisitRecord {
	t.Helper()
	v := record(n)
	asked := now.Add(time.Duration(n) * time.Minute)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(
			tx.Visits.Add(v),
			tx.Orders.Add(cloud.Order{Visit: v.ID, Why: cloud.CodeUncertain, Total: 200, At: asked, Hash: []byte{n}, Answer: settle.Answer{Lines: []settle.Line{}}}),
			tx.Steps.End(v.ID, cloud.OutcomeNone, "", now), tx.Steps.Pay(v.ID, cloud.PaymentReview),
		)
	})
	return v
}

func casesQueue(t *testing.T, db cloud.DB) {
	late, early, decided := reviewed(t, db, 9), reviewed(t, db, 2), reviewed(t, db, 5)
	update(t, db, func(tx cloud.Tx) error {
		err := tx.Plans.Save(Plan())
		_, err2 := tx.Cabinets.Save(Plan().Cabinets[0].Cabinet, now)
		return errors.Join(
			err, err2,
			tx.Decisions.Add(cloud.Decision{Visit: decided.ID, By: "li", At: now.Add(time.Hour), Waived: true, Story: cloud.NoStory}),
			tx.Cases.Ask(early.ID, id(40), now), tx.Cases.Ask(early.ID, id(41), now),
		)
	})
	view(t, db, func(tx cloud.Tx) error {
		queue, err := tx.Cases.Queue("", 10)
		waiting, err2 := tx.Cases.Waiting("")
		if want := (cloud.CasesWaiting{Cases: 2, Guess: 400, Since: now.Add(2 * time.Minute)}); len(queue) != 2 || waiting != want {
			t.Fatalf("%+v wait: %+v", waiting, queue)
		}
		same(t, queue, []cloud.QueuedCase{
			{Visit: early.ID, Cabinet: "xs-01", Why: cloud.CodeUncertain, Guess: 200, Began: early.Created, Asked: now.Add(2 * time.Minute), Task: id(40)},
			{Visit: late.ID, Cabinet: "xs-01", Why: cloud.CodeUncertain, Guess: 200, Began: late.Created, Asked: now.Add(9 * time.Minute)},
		})
		for of, want := range map[cloud.Bound]int{cloud.BoundTo("elsewhere"): 0, cloud.BoundTo("elsewhere", Plan().Cabinets[0].Store): 2} {
			queue, err := tx.Cases.Queue(of, 10)
			if w, err2 := tx.Cases.Waiting(of); len(queue) != want || w.Cases != want || w.Since.IsZero() != (want == 0) || err != nil || err2 != nil {
				t.Errorf("of the stores %q %d wait, %d are listed, want %d (%v, %v)", of, w.Cases, len(queue), want, err, err2)
			}
		}
		asked, err3 := tx.Cases.Asked(early.ID)
		none, err4 := tx.Cases.Asked(late.ID)
		if asked != id(40) || !none.IsZero() {
			t.Errorf("asked for recordings: %s, %s", asked, none)
		}
		who, err5 := tx.Cases.Visitor(id(100))
		if who.Visits != 3 || who.Reviewed != 3 || who.Waived != 0 {
			t.Errorf("the resident: %+v", who)
		}
		return errors.Join(err, err2, err3, err4, err5)
	})
}

func casesTimed(t *testing.T, db cloud.DB) {
	first, second := reviewed(t, db, 1), reviewed(t, db, 2)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(
			tx.Decisions.Add(cloud.Decision{Visit: first.ID, By: "li", At: now.Add(31 * time.Minute)}),
			tx.Decisions.Add(cloud.Decision{Visit: second.ID, At: now.Add(62 * time.Minute), Waived: true}),
			tx.CaseTimes.Look(cloud.CaseOpening{Visit: first.ID, By: "li", Opened: now, Seen: now.Add(time.Minute)}),
			tx.CaseTimes.Look(cloud.CaseOpening{Visit: first.ID, By: "li", Opened: now, Seen: now.Add(3 * time.Minute)}),
			tx.CaseTimes.Look(cloud.CaseOpening{Visit: first.ID, By: "li", Opened: now, Seen: now.Add(2 * time.Minute)}),
			tx.CaseTimes.Look(cloud.CaseOpening{Visit: second.ID, By: "wu", Opened: now, Seen: now.Add(time.Hour)}),
			tx.CaseTimes.Look(cloud.CaseOpening{Visit: second.ID, By: "wu", Opened: now.Add(-time.Hour), Seen: now}),
		)
	})
	view(t, db, func(tx cloud.Tx) error {
		waits, err := tx.CaseTimes.Waits(now)
		slices.Sort(waits)
		same(t, waits, []time.Duration{30 * time.Minute, time.Hour})
		spent, err2 := tx.CaseTimes.Spent(now, 10*time.Minute)
		same(t, spent, 13*time.Minute)
		n, err3 := tx.CaseTimes.Visits(first.Created.Add(time.Millisecond))
		same(t, n, 1)
		return errors.Join(err, err2, err3)
	})
	casesLooked(t, db, first.ID, second.ID)
}

// casesLooked are the looks that the minutes of a store's day are made of.
func casesLooked(t *testing.T, db cloud.DB, first, second protocol.VisitID) {
	t.Helper()
	update(t, db, func(tx cloud.Tx) error {
		err := tx.Plans.Save(Plan())
		_, err2 := tx.Cabinets.Save(Plan().Cabinets[0].Cabinet, time.Time{})
		return errors.Join(err, err2)
	})
	view(t, db, func(tx cloud.Tx) error {
		looked, err := tx.Work.Looked("north", now, now.Add(time.Hour), 10*time.Minute)
		same(t, looked, []cloud.CaseLooked{
			{Visit: second, Cabinet: "xs-01", First: now, Spent: 10 * time.Minute, Decided: now.Add(62 * time.Minute), Waived: true},
			{Visit: first, Cabinet: "xs-01", First: now, Spent: 3 * time.Minute, Decided: now.Add(31 * time.Minute), By: "li"},
		})
		sums, err2 := tx.Work.Reviewed("north", now, now.Add(time.Hour), 10*time.Minute)
		same(t, sums, []cloud.DayCount{{Cabinet: "xs-01", Count: (13 * time.Minute).Milliseconds()}})
		before, err3 := tx.Work.Looked("north", now.Add(-2*time.Hour), now, 10*time.Minute)
		if len(before) != 1 || before[0].Visit != second || !before[0].First.Equal(now.Add(-time.Hour)) {
			t.Errorf("looked at before: %+v", before)
		}
		none, err4 := tx.Work.Looked("elsewhere", now, now.Add(time.Hour), time.Minute)
		if len(none) != 0 {
			t.Errorf("another store's are %+v", none)
		}
		return errors.Join(err, err2, err3, err4)
	})
}
