// Package replay runs visits again through the rules of settlement of today, with what was known then, and sets the result beside
// what was booked. It refuses to change anything: a stored bill stands.
package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/visitlog"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
	"allhours/protocol/wire"
)

// What may be missing so that nothing can be run again.
const (
	lacksSettlement = "settlement"
	lacksPlan       = "plan"
	lacksStock      = "stock"
)

// Traces are the recordings that are here.
type Traces interface {
	// Fetch has cloud.CodeNotFound where none is kept.
	Fetch(visit protocol.VisitID) ([]byte, error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB      cloud.DB
	Catalog *catalog.Book
	Traces  Traces
}

// Service implements cloud.Replays.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// story is what is known of a visit, as far as it is needed to run it again.
type story struct {
	cloud.VisitReplay
	begun    *wire.BegunBody
	settled  *wire.SettledBody
	steps    []settle.Step
	stock    *visitlog.Entry
	plan     wire.Config
	planned  bool
	decision *cloud.Decision
	articles map[protocol.SKU]cloud.Article
	prices   map[protocol.SKU]protocol.Fen
}

// Replay implements cloud.Replays.
func (s *Service) Replay(ctx context.Context, visit protocol.VisitID) (cloud.VisitReplay, error) {
	var of story
	if err := s.DB.View(ctx, func(tx cloud.Tx) error { return s.read(tx, visit, &of) }); err != nil {
		return cloud.VisitReplay{}, fmt.Errorf("replay of %s: %w", visit, err)
	}
	if err := s.run(&of); err != nil {
		return cloud.VisitReplay{}, fmt.Errorf("replay of %s: %w", visit, err)
	}
	if of.Basis != cloud.ReplayNothing {
		of.compare()
	}
	return of.VisitReplay, nil
}

func (s *Service) read(tx cloud.Tx, id protocol.VisitID, of *story) error {
	v, err := tx.Visits.Find(id)
	if err != nil {
		return err
	}
	of.Visit = v.Visit
	log, err := visitlog.Of(tx, v)
	if err != nil {
		return err
	}
	for _, e := range log {
		if err := of.take(tx, e); err != nil {
			return err
		}
	}
	if of.articles, err = s.Catalog.Articles(tx); err != nil {
		return err
	}
	if v.PriceVersion > 0 {
		if of.prices, err = s.Catalog.Prices(tx, v.PriceVersion); err != nil {
			return err
		}
	}
	return of.bill(tx)
}

// take takes in one event of the visit.
func (of *story) take(tx cloud.Tx, e visitlog.Entry) error {
	of.Events = append(of.Events, cloud.ReplayEvent{
		Ref: string(ledger.EventRef(e.Cabinet, e.Journal, e.Seq)), Seq: e.Seq, At: e.At(), Type: e.Type, Body: e.Read,
	})
	switch b := e.Read.(type) {
	case wire.BegunBody:
		of.begun = &b
		var err error
		if of.plan, of.planned, err = tx.Desired.At(e.Cabinet, b.Config); err != nil {
			return err
		}
		stock, found, err := visitlog.StockBefore(tx, e)
		if found {
			of.stock = &stock
		}
		return err
	case wire.StepBody:
		of.steps = append(of.steps, b.Steps...)
	case wire.SettledBody:
		if of.settled == nil { // A second one is evidence, and no bill.
			of.settled = &b
		}
	}
	return nil
}

// bill reads what was booked. Of a review that nobody decided nothing was.
func (of *story) bill(tx cloud.Tx) error {
	order, found, err := tx.Orders.Find(of.Visit.ID)
	if err != nil || !found {
		return err
	}
	of.Then, of.Zero = order.Answer, order.Zero
	of.Booked = cloud.Bill{Lines: order.Lines, Total: order.Total, Known: order.Why == ""}
	decision, decided, err := tx.Decisions.Find(of.Visit.ID)
	if decided {
		of.decision = &decision
		of.Booked = cloud.Bill{Lines: decision.Lines, Total: decision.Total, Known: true}
	}
	return err
}

// run answers the visit again: by every reading where its recording is here, else by what is in its journal.
func (s *Service) run(of *story) error {
	if of.settled == nil {
		of.Basis, of.Lacks = cloud.ReplayNothing, lacksSettlement
		return nil
	}
	if len(of.Then.Rule) == 0 { // A visit without goods has no order.
		of.Then = of.settled.Answer
	}
	packed, err := s.Traces.Fetch(of.Visit.ID)
	switch {
	case err == nil:
		if of.Now, err = ofRecording(packed); err == nil {
			of.Basis = cloud.ReplayRecording
			return nil
		}
	case protocol.CodeOf(err) != cloud.CodeNotFound:
		return err
	}
	of.ofJournal()
	return nil
}

// ofRecording settles the first visit of a recording.
func ofRecording(packed []byte) (settle.Answer, error) {
	v, err := trace.Unpack(packed)
	if err != nil {
		return settle.Answer{}, err
	}
	answer, err := v.Settle(settle.Config{})
	return answer.Answer, err
}

// ofJournal settles by the weights before and after, and by the steps between.
func (of *story) ofJournal() {
	switch {
	case of.begun == nil || !of.planned:
		of.Basis, of.Lacks = cloud.ReplayNothing, lacksPlan
		return
	case of.stock == nil:
		of.Basis, of.Lacks = cloud.ReplayNothing, lacksStock
		return
	}
	of.Basis = cloud.ReplayJournal
	layout, book := settle.Layout{Goods: make(map[protocol.SKU]settle.Good)}, booked(of.stock.Read)
	for _, p := range of.plan.Platforms {
		if p.Compartment != of.begun.Compartment {
			continue
		}
		shelf := settle.Platform{ID: p.ID, Capacity: p.Capacity, Division: p.Division, Book: make(map[protocol.SKU]int)}
		for _, sku := range p.SKUs {
			shelf.Book[sku] = book[p.ID][sku]
			g := of.plan.Goods[sku]
			layout.Goods[sku] = settle.Good{Unit: g.Unit, SD: g.SD}
		}
		layout.Platforms = append(layout.Platforms, shelf)
	}
	before, after := of.weights(layout)
	config := settle.Config{BillConfidence: of.plan.Limits.BillConfidence}
	if of.begun.Purpose == protocol.PurposeRefill {
		of.Now = settle.NetFilled(layout, before, after, config)
		return
	}
	of.Now = settle.Net(layout, before, after, of.steps, config)
}

// booked is what lay on each platform by the cabinet's own book.
func booked(body wire.Body) map[protocol.PlatformID]map[protocol.SKU]int {
	var levels []settle.Level
	switch b := body.(type) {
	case wire.StockBody:
		levels = b.Levels
	case wire.SettledBody:
		levels = b.Answer.Levels
	}
	all := make(map[protocol.PlatformID]map[protocol.SKU]int)
	for _, l := range levels {
		all[l.Platform] = make(map[protocol.SKU]int)
		for _, u := range l.Units {
			all[l.Platform][u.SKU] = u.Qty
		}
	}
	return all
}

// weights are those before and after the visit, in the layout's order. One that was not to be trusted is not known.
func (of *story) weights(l settle.Layout) (before, after []settle.Sample) {
	before, after = make([]settle.Sample, len(l.Platforms)), make([]settle.Sample, len(l.Platforms))
	for i, p := range l.Platforms {
		for _, w := range of.begun.Before {
			if w.Platform == p.ID {
				before[i] = settle.Sample{Weight: w.Weight, OK: w.OK}
			}
		}
		faulty := slices.ContainsFunc(of.settled.Answer.Faults, func(f settle.Fault) bool { return f.Platform == p.ID })
		for _, level := range of.settled.Answer.Levels {
			if level.Platform == p.ID {
				after[i] = settle.Sample{Weight: level.Weight, OK: !faulty}
			}
		}
	}
	return before, after
}

// compare sets the answers beside each other and beside what was booked, and names in what they differ.
func (of *story) compare() {
	of.Priced = of.price(of.Now.Lines)
	of.Moved = of.moved()
	apart := func(is bool, what cloud.ReplayApart) {
		if is {
			of.Apart = append(of.Apart, what)
		}
	}
	apart(of.Then.Rule != of.Now.Rule, cloud.ApartRule)
	apart(of.Then.Decision != of.Now.Decision, cloud.ApartDecision)
	apart(slices.ContainsFunc(of.Moved, func(m cloud.ReplayMoved) bool { return m.Then != m.Now }), cloud.ApartLines)
	apart(of.Booked.Known && of.Visit.Purpose == protocol.PurposePurchase && of.Booked.Total != of.Priced.Total, cloud.ApartTotal)
	apart(of.decision != nil && slices.ContainsFunc(of.Moved, func(m cloud.ReplayMoved) bool { return m.Then != m.Booked }), cloud.ApartPerson)
}

func (of *story) price(lines []settle.Line) cloud.Bill {
	bill := cloud.Bill{Known: true}
	for _, l := range lines {
		price, known := of.prices[l.SKU]
		bill.Known = bill.Known && known
		bill.Total += price * protocol.Fen(l.Qty)
		bill.Lines = append(bill.Lines, cloud.OrderLine{SKU: l.SKU, Name: of.articles[l.SKU].Name, Qty: l.Qty, Price: price})
	}
	return bill
}

// moved are the goods of any of the bills.
func (of *story) moved() []cloud.ReplayMoved {
	all := make(map[protocol.SKU]*cloud.ReplayMoved)
	at := func(sku protocol.SKU) *cloud.ReplayMoved {
		if all[sku] == nil {
			all[sku] = &cloud.ReplayMoved{SKU: sku, Name: of.articles[sku].Name}
		}
		return all[sku]
	}
	for _, l := range of.Then.Lines {
		at(l.SKU).Then += l.Qty
	}
	for _, l := range of.Now.Lines {
		at(l.SKU).Now += l.Qty
	}
	for _, l := range of.Booked.Lines {
		at(l.SKU).Booked += l.Qty
	}
	rows := []cloud.ReplayMoved{}
	for _, m := range all {
		rows = append(rows, *m)
	}
	slices.SortFunc(rows, func(a, b cloud.ReplayMoved) int { return cmp.Compare(a.SKU, b.SKU) })
	return rows
}
