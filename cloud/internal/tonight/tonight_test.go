package tonight

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/fleet"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/internal/watch"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// rig is a service over a database of its own; its clock stands at two in the night of the store.
type rig struct {
	*Service
	t    *testing.T
	now  time.Time
	ids  byte
	gaps []cloud.ServedHead
}

func newRig(t *testing.T) *rig {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r := &rig{t: t, now: time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return r.now }
	there, wares, quiet := presence.New(), catalog.New(), slog.New(slog.DiscardHandler)
	r.Service = New(Options{
		DB: db, Book: book.New(clock, r.id), Catalog: wares, Presence: there, Demand: nobody{}, Coverage: covers{r: r}, Now: clock, Logger: quiet,
		Fleet: fleet.New(fleet.Options{DB: db, Presence: there, Catalog: wares, Hub: watch.New(), Now: clock, Logger: quiet}),
	})
	plan := storetest.Plan()
	r.update(func(tx cloud.Tx) error {
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(plan.Cabinets[0].Cabinet, time.Time{})
		return err
	})
	return r
}

func (r *rig) id() protocol.UUID {
	r.ids++
	return protocol.UUID{6: 0x70, 8: 0x80, 15: r.ids}
}

func (r *rig) update(work func(tx cloud.Tx) error) {
	r.t.Helper()
	if err := r.DB.Update(r.t.Context(), work); err != nil {
		r.t.Fatal(err)
	}
}

// sells bills a visit that ended so long ago.
func (r *rig) sells(ago time.Duration, fen protocol.Fen) {
	r.t.Helper()
	id := r.id()
	r.update(func(tx cloud.Tx) error {
		at := r.now.Add(-ago)
		return tx.Ledger.Post(ledger.Entry{
			ID: id, At: at, Ref: ledger.Ref("event:" + id.String()), Store: "north", Cabinet: "xs-01", Day: ledger.DayOf(at, shanghai), Postings: ledger.Bill(id, "north", fen),
		})
	})
}

// objected lets a resident object to a bill.
func (r *rig) objected(ago time.Duration) {
	r.t.Helper()
	v := cloud.Visit{ID: r.id(), Cabinet: "xs-01", Compartment: 1, Purpose: protocol.PurposePurchase, Person: r.id(), Hold: 5000, Payment: cloud.PaymentNone, Created: r.now.Add(-time.Hour)}
	d := cloud.Dispute{ID: r.id(), Visit: v.ID, Person: v.Person, At: r.now.Add(-ago), Lines: []cloud.DisputeLine{{SKU: "1001", Qty: 1, Why: cloud.ComplaintNotTaken}}}
	r.update(func(tx cloud.Tx) error {
		return errors.Join(tx.Visits.Add(cloud.VisitRecord{Visit: v}), tx.Disputes.Add(d))
	})
}

func (r *rig) sold(store cloud.StoreID) cloud.NightSold {
	r.t.Helper()
	n, err := r.Sold(r.t.Context(), store)
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

var shanghai = time.FixedZone("CST", 8*3600)

// nobody expects anything to be sold.
type nobody struct{}

func (nobody) Outlooks(cloud.Tx) (cloud.Outlooks, error) { return cloud.Outlooks{}, nil }

// covers tells of the gaps of a rig.
type covers struct {
	cloud.Coverage
	r *rig
}

func (c covers) Stores(context.Context) ([]cloud.ServedHead, error) { return c.r.gaps, nil }

func TestANightIsHeldAgainstTheSameNightOfLastWeek(t *testing.T) {
	const week = 7 * 24 * time.Hour
	r := newRig(t)
	r.sells(time.Hour, 300)              // Tonight.
	r.sells(13*time.Hour, 500)           // Tonight: a night begins at noon.
	r.sells(15*time.Hour, 9000)          // Before noon.
	r.sells(week+2*time.Hour, 700)       // The night a week ago, and by now.
	r.sells(week-2*time.Hour, 4000)      // Later in that night.
	r.sells(week+20*time.Hour, 9000)     // Before it.
	r.sells(week-(11*time.Hour), 100000) // After it.
	if n := r.sold(""); n.Known {
		t.Error("a night of which no store was counted is known")
	}
	if err := r.count(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := r.sold("")
	now, before := n.Until(r.now)
	if !n.Known || now != 800 || before != 700 || total(n.Before) != 4700 || n.Bills != 2 || !n.From.Equal(time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)) {
		t.Errorf("%v: %d now, %d before, %d in all, %d bills, from %s", n.Known, now, before, total(n.Before), n.Bills, n.From)
	}
	r.sells(time.Minute, 250)
	r.sells(16*time.Hour, 9000) // It is told late, and of the day.
	if now, _ := r.sold("north").Until(r.now); now != 1050 {
		t.Errorf("after another sale %d", now)
	}
	if of := r.sold("north").Cabinets["xs-01"]; of != 1050 {
		t.Errorf("its cabinet sold %d", of)
	}
	if now, _ := r.sold("south").Until(r.now); now != 0 {
		t.Errorf("another store sold %d", now)
	}
	r.now = r.now.Add(11 * time.Hour) // Another night has begun.
	if err := r.count(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := r.sold(""); n.Bills != 0 || total(n.Now) != 0 || total(n.Before) != 100000 {
		t.Errorf("the next night has %d bills, %d and %d", n.Bills, total(n.Now), total(n.Before))
	}
}

func total(all []protocol.Fen) (sum protocol.Fen) {
	for _, fen := range all {
		sum += fen
	}
	return sum
}

func TestNothingIsCountedTwiceWhereItComesWhileStoresAreCounted(t *testing.T) {
	r := newRig(t)
	r.sells(time.Hour, 300)
	r.sold("") // The night begins, and no store is counted yet.
	r.sells(time.Minute, 200)
	r.sold("")
	if err := r.count(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now, _ := r.sold("").Until(r.now); now != 500 {
		t.Errorf("counted %d", now)
	}
}

func TestNeedsComeByWhatTheyCost(t *testing.T) {
	r := newRig(t)
	open := func(tx cloud.Tx, kind cloud.IncidentKind, cabinet protocol.CabinetID, ago time.Duration) error {
		return tx.Incidents.Open(cloud.Incident{Cabinet: cabinet, Kind: kind, Subject: "1", First: r.now.Add(-ago), Last: r.now.Add(-ago)})
	}
	r.update(func(tx cloud.Tx) error {
		return errors.Join(
			open(tx, cloud.IncidentScale, "xs-01", 3*time.Hour), open(tx, cloud.IncidentLock, "xs-01", time.Hour), open(tx, cloud.IncidentUnknownCabinet, "zz-99", 2*time.Hour),
			tx.Rounds.Add(cloud.Round{ID: r.id(), Store: "north", Day: "2026-11-20", State: cloud.RoundPlanned, Created: r.now, By: "li", Walks: "wang"}),
			tx.Rounds.Add(cloud.Round{ID: r.id(), Store: "north", Day: "2026-11-23", State: cloud.RoundPlanned, Created: r.now, By: "li"}),
		)
	})
	r.objected(time.Minute)
	needs := r.needs("")
	if said := needs.List[2]; said.Kind != cloud.NeedDisputes || said.Disputes != 1 || !said.Since.Equal(r.now.Add(-time.Minute)) {
		t.Errorf("a resident's objection is %+v", said)
	}
	if kinds := kindsOf(needs); len(kinds) != 4 || kinds[0] != cloud.NeedIncident || kinds[1] != cloud.NeedIncident || kinds[3] != cloud.NeedRound {
		t.Fatalf("needs are %v", kinds)
	}
	for _, n := range needs.List[:2] {
		if n.Cabinet == "xs-01" && (len(n.Incidents) != 2 || n.Incidents[0].Kind != cloud.IncidentLock || !n.Urgent || n.Costs || n.Store != "north") {
			t.Errorf("the cabinet is %+v", n)
		}
	}
	if late := needs.List[3]; late.Whom != "wang" || !late.Since.Equal(time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("the round is %+v", late)
	}

	// A gap takes the incidents of the cabinets because of which it is, and comes first for what it costs.
	store := storetest.Plan().Stores[0]
	r.gaps = []cloud.ServedHead{{Store: store, Known: true, Costs: true, Hour: 4200, Gap: &coverage.Gap{Span: coverage.Span{From: r.now.UnixMilli()}, Causes: []coverage.Cause{{Why: coverage.LockBroken, Cabinet: "xs-01"}}}}}
	needs = r.needs("north")
	if kinds := kindsOf(needs); len(kinds) != 3 || kinds[0] != cloud.NeedGap || len(needs.List[0].Incidents) != 2 || needs.List[0].Hour != 4200 {
		t.Errorf("with a gap needs are %+v", needs.List)
	}
	if said := needs.List[1]; said.Kind != cloud.NeedDisputes || said.Store != "north" || said.Disputes != 1 {
		t.Errorf("the objection of the store is %+v", said)
	}
	// What is about no cabinet is none of a gap's, which may have a cause without one: it stays a need of its own.
	r.update(func(tx cloud.Tx) error { return open(tx, cloud.IncidentAheadLost, "", time.Hour) })
	gap := r.gaps[0].Gap
	gap.Causes = append(gap.Causes, coverage.Cause{Why: coverage.PaymentDown})
	if kinds := kindsOf(r.needs("")); len(kinds) != 5 || kinds[0] != cloud.NeedGap {
		t.Errorf("with money that is lost needs are %v", kinds)
	}
	r.update(func(tx cloud.Tx) error {
		return tx.Followed.Take(cloud.IncidentStep{Number: needs.List[0].Incidents[0].Number, At: r.now, Did: cloud.IncidentAssigned, By: "li", Whom: "chen"})
	})
	if n := r.needs("north").List[0]; !n.Taken || n.Whom != "chen" {
		t.Errorf("a gap whose incident somebody has is %+v", n)
	}
	if n := r.needs("south"); len(n.List) != 0 {
		t.Errorf("another store needs %+v", n.List)
	}
}

func (r *rig) needs(store cloud.StoreID) cloud.Needs {
	r.t.Helper()
	needs, err := r.Needs(r.t.Context(), store)
	if err != nil {
		r.t.Fatal(err)
	}
	return needs
}

func kindsOf(needs cloud.Needs) (kinds []cloud.NeedKind) {
	for _, n := range needs.List {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}
