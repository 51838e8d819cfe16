package incident

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// bought is a fleet of which the forecast has learned that the cabinets sell three waters in each hour of the day.
func bought(t *testing.T, now time.Time) *rig {
	t.Helper()
	r := newRig(t, now)
	model := forecast.New(forecast.China(), forecast.Chain{
		Articles: []forecast.Article{{SKU: "1001", Category: "water", Price: 200}}, Cabinets: []forecast.Cabinet{{ID: "xs-01", Store: "north"}, {ID: "xs-02", Store: "north"}},
	})
	today := forecast.DayOf(now.In(time.FixedZone("CST", 8*3600)))
	for day := today - 28; day < today; day++ {
		var sales []forecast.Sales
		for _, cabinet := range []protocol.CabinetID{"xs-01", "xs-02"} {
			one := forecast.Sales{Cabinet: cabinet, SKU: "1001"}
			for h := range one.Sold {
				one.Sold[h], one.Able[h] = 3, 1
			}
			sales = append(sales, one)
		}
		if err := model.Learn(day, sales); err != nil {
			t.Fatal(err)
		}
	}
	r.outlooks = cloud.Outlooks{Age: cloud.DemandAge{Days: 28}, Model: model}
	r.stock("xs-01", 40)
	r.stock("xs-02", 40)
	return r
}

// stock puts waters into a cabinet, by book.
func (r *rig) stock(cabinet protocol.CabinetID, units int64) {
	r.t.Helper()
	r.update(func(tx cloud.Tx) error {
		return tx.Ledger.Post(ledger.Entry{
			ID: r.NewID(), At: r.now, Ref: ledger.CountRef(cabinet, 1), Store: "north", Cabinet: cabinet, Day: "2026-03-01",
			Postings: ledger.Count(cabinet, "S1", "1001", int(units)),
		})
	})
}

// visited is somebody who came so long ago.
func (r *rig) visited(cabinet protocol.CabinetID, ago time.Duration, outcome cloud.Outcome) {
	r.t.Helper()
	at := r.now.Add(-ago)
	v := cloud.VisitRecord{Visit: cloud.Visit{
		ID: r.NewID(), Cabinet: cabinet, Compartment: 1, Purpose: protocol.PurposePurchase, Person: protocol.UUID{15: 1}, Payment: cloud.PaymentNone, Created: at,
	}}
	r.update(func(tx cloud.Tx) error {
		return errors.Join(tx.Visits.Add(v), tx.Steps.End(v.ID, outcome, "", at.Add(time.Minute)))
	})
}

// silent are the cabinets that have an open incident of no sale.
func (r *rig) silent() (cabinets []protocol.CabinetID) {
	r.t.Helper()
	open, err := r.List(r.t.Context(), cloud.IncidentQuery{Kind: cloud.IncidentNoSale, Limit: 9})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, i := range open {
		cabinets = append(cabinets, i.Cabinet)
	}
	return cabinets
}

// looks lets an hour pass in which both cabinets are heard.
func (r *rig) looks() {
	r.t.Helper()
	r.now = r.now.Add(time.Hour)
	r.speaks("xs-01", "xs-02")
	if err := r.Look(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func TestACabinetThatSellsNothingThoughSalesAreExpectedIsNoticed(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(r *rig)
		want int
	}{
		{"nobody came", func(*rig) {}, 1},
		{"somebody looked and took nothing", func(r *rig) { r.visited("xs-01", 2*time.Hour, cloud.OutcomeNothingTaken) }, 1},
		{"something was sold", func(r *rig) { r.visited("xs-01", 2*time.Hour, cloud.OutcomeSold) }, 0},
		{"something was sold long ago", func(r *rig) { r.visited("xs-01", 8*time.Hour, cloud.OutcomeSold) }, 1},
		{"the forecast has not learned enough", func(r *rig) { r.outlooks.Age.Days = cloud.EnoughDays - 1 }, 0},
		{"next to nothing was expected", func(r *rig) { r.NoSaleHours = 1 }, 0},
		{"there is nothing in it", func(r *rig) {
			r.update(func(tx cloud.Tx) error {
				return tx.Ledger.Post(ledger.Entry{
					ID: r.NewID(), At: r.now, Ref: ledger.CountRef("xs-01", 2), Store: "north", Cabinet: "xs-01", Day: "2026-03-01",
					Postings: ledger.Count("xs-01", "S1", "1001", -40),
				})
			})
		}, 0},
		{"a person took it off sale for some of the time", func(r *rig) {
			r.update(func(tx cloud.Tx) error {
				return tx.Halts.Add(cloud.Halt{ID: r.NewID(), Cabinet: "xs-01", Kind: protocol.CodeOffSale, Holds: true, At: r.now.Add(-2 * time.Hour), By: "Li Na", Role: protocol.RoleManager, Reason: cloud.HaltCleaning})
			})
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := bought(t, noon)
			r.visited("xs-02", time.Hour, cloud.OutcomeSold)
			c.do(r)
			r.looks()
			if got := r.silent(); len(got) != c.want || c.want == 1 && got[0] != "xs-01" {
				t.Errorf("noticed of %v", got)
			}
		})
	}
}

func TestNoSaleIsOneThingADayAndOverWithTheNextSale(t *testing.T) {
	r := bought(t, noon)
	r.visited("xs-02", 0, cloud.OutcomeSold)
	r.looks()
	r.looks()
	if got := r.silent(); len(got) != 1 || got[0] != "xs-01" {
		t.Fatalf("noticed of %v", got)
	}
	r.visited("xs-01", time.Minute, cloud.OutcomeSold)
	r.visited("xs-02", time.Minute, cloud.OutcomeSold)
	r.looks()
	if got := r.silent(); len(got) != 0 {
		t.Errorf("after a sale still open of %v", got)
	}
	for range 8 { // Nobody comes for the rest of the day.
		r.visited("xs-02", time.Minute, cloud.OutcomeSold)
		r.looks()
	}
	if got := r.silent(); len(got) != 0 {
		t.Errorf("noticed twice in a day of %v", got)
	}
	r.visited("xs-02", time.Minute, cloud.OutcomeSold)
	r.looks()
	if got := r.silent(); len(got) != 1 || got[0] != "xs-01" {
		t.Errorf("on the next day noticed of %v", got)
	}
}

func TestCountersThatAddUpAgainAreOverAfterADayWithAVisit(t *testing.T) {
	r := newRig(t, noon)
	r.open(cloud.IncidentCounters)
	open := func() bool {
		t.Helper()
		story, err := r.Story(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return story.Incident.Closed.IsZero()
	}
	for range 25 {
		r.looks()
	}
	if !open() {
		t.Error("it is over though nothing was compared")
	}
	r.visited("xs-01", 2*time.Minute, cloud.OutcomeAborted)
	r.looks()
	if !open() {
		t.Error("it is over with a door that nobody opened")
	}
	r.visited("xs-01", 2*time.Minute, cloud.OutcomeNothingTaken)
	r.open(cloud.IncidentCounters) // and that visit does not add up either
	r.looks()
	if !open() {
		t.Error("it is over within the hour of another mismatch")
	}
	for range 24 {
		r.looks()
	}
	if !open() {
		t.Error("it is over with a visit of before the last mismatch")
	}
	r.visited("xs-01", 2*time.Minute, cloud.OutcomeSold)
	r.looks()
	if open() {
		t.Error("it stays open though the counters add up")
	}
}
