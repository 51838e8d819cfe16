package storeday

import (
	"time"

	"allhours/cloud"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// heardWithin is how long a cabinet that has nothing to tell is silent at most, four times over: it says each quarter of an
// hour that it is alive.
const heardWithin = time.Hour

// look gathers what may explain a difference.
func (a *adding) look() error {
	a.facts = make(map[protocol.CabinetID]reconcile.Facts, len(a.cabinets))
	heard, err := a.tx.Facts.Heard(a.store, a.from, a.until)
	if err != nil {
		return err
	}
	for _, c := range a.cabinets {
		f := reconcile.Facts{
			Faults: make(map[protocol.PlatformID][]reconcile.Evidence), Places: make(map[protocol.SKU][]protocol.PlatformID),
			Weights: make(map[protocol.SKU][]reconcile.Evidence),
		}
		for _, p := range c.Platforms {
			for _, sku := range p.SKUs {
				f.Places[sku] = append(f.Places[sku], p.ID)
			}
		}
		if at := heard[c.ID]; at.Before(a.left(c.ID).Add(-heardWithin)) {
			f.Missing = []reconcile.Evidence{{Kind: reconcile.EvidenceEvents, Cabinet: c.ID, At: at}}
		}
		a.facts[c.ID] = f
	}
	if err := a.incidents(); err != nil {
		return err
	}
	return a.doubtful()
}

func (a *adding) incidents() error {
	list, err := a.tx.Facts.Incidents(a.store, a.from, a.until)
	for _, i := range list {
		f := a.facts[i.Cabinet]
		e := reconcile.Evidence{Kind: reconcile.EvidenceIncident, Cabinet: i.Cabinet, ID: i.Subject, Word: string(i.Kind), At: i.First, Count: int64(i.Count)}
		switch i.Kind {
		case cloud.IncidentScale:
			p := protocol.PlatformID(i.Subject)
			f.Faults[p] = append(f.Faults[p], e)
		case cloud.IncidentUnitWeight:
			sku := protocol.SKU(i.Subject)
			f.Weights[sku] = append(f.Weights[sku], e)
		case cloud.IncidentKeyOpening, cloud.IncidentMoved:
			f.Openings = append(f.Openings, e)
		case cloud.IncidentEventsLost:
			f.Missing = append(f.Missing, e)
		}
		a.facts[i.Cabinet] = f
	}
	return err
}

// mostDoubts bounds the visits that are named for one cabinet: nobody looks at more.
const mostDoubts = 20

func (a *adding) doubtful() error {
	visits, err := a.tx.Facts.Doubtful(a.store, a.from, a.until)
	for _, v := range visits {
		f := a.facts[v.Cabinet]
		if len(f.Openings) < mostDoubts {
			f.Openings = append(f.Openings, reconcile.Evidence{
				Kind: reconcile.EvidenceVisit, Cabinet: v.Cabinet, ID: v.ID.String(), Word: string(v.State()), At: v.Created,
			})
			a.facts[v.Cabinet] = f
		}
	}
	return err
}

// unsettled lists what is still open.
func (a *adding) unsettled(d *cloud.StoreDay) error {
	visits, err := a.tx.Facts.Unsettled(a.store, a.until)
	if err != nil {
		return err
	}
	d.Open = []cloud.OpenItem{}
	for _, v := range visits {
		item := cloud.OpenItem{Kind: cloud.OpenPayment, Cabinet: v.Cabinet, Visit: v.ID.String(), At: v.Created, Count: 1}
		switch {
		case v.Payment == cloud.PaymentReview:
			item.Kind = cloud.OpenReview
		case v.Ended.IsZero():
			item.Kind = cloud.OpenVisit
		}
		d.Open = append(d.Open, item)
	}
	for _, c := range a.cabinets {
		for _, e := range a.facts[c.ID].Missing {
			d.Open = append(d.Open, cloud.OpenItem{Kind: cloud.OpenEvents, Cabinet: c.ID, At: e.At, Count: 1})
		}
	}
	for _, s := range a.doubted {
		if s.Booked == a.day {
			d.Open = append(d.Open, cloud.OpenItem{Kind: cloud.OpenClock, Cabinet: s.Cabinet, Count: 1})
		}
	}
	count := func(kind cloud.OpenKind, n int) {
		if n > 0 {
			d.Open = append(d.Open, cloud.OpenItem{Kind: kind, Count: n})
		}
	}
	if !d.Stated && d.Money.Captured+d.Money.Refunded > 0 {
		count(cloud.OpenStatement, 1)
	}
	if a.store == "" {
		waiting, err := a.tx.Facts.TopUps(a.until)
		if err != nil {
			return err
		}
		count(cloud.OpenTopUp, waiting)
	}
	count(cloud.OpenUnmatched, d.Faults())
	count(cloud.OpenDiffering, len(d.Differences))
	return nil
}
