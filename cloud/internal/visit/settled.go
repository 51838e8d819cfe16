package visit

import (
	"bytes"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// settling is one settlement on its way into the books.
type settling struct {
	visit   cloud.VisitRecord
	cabinet cloud.Cabinet
	body    wire.SettledBody
	order   cloud.Order
	source  Source
	homes   ledger.Homes // nil where the planogram is not known
	late    bool         // the visit was aborted before
}

// Settled applies visit.settled. The edge has decided the goods; here they are priced by the version that the resident
// saw. A bill that names anything unknown waits for a human; nothing is ever dropped.
func (s *Service) Settled(tx cloud.Tx, src Source, b wire.SettledBody) (Done, error) {
	if !b.Purpose.Valid() || b.Answer.Decision != settle.Bill && b.Answer.Decision != settle.Review {
		return nil, protocol.Errorf(protocol.CodeMalformed, "settlement of purpose %d, decision %q", b.Purpose, b.Answer.Decision)
	}
	g := settling{body: b, source: src}
	second, err := s.find(tx, &g)
	if err != nil {
		return nil, err
	}
	if second {
		return nil, again(tx, g)
	}
	if b.Purpose != protocol.PurposePurchase {
		err = s.tended(tx, g)
	} else {
		err = s.purchased(tx, &g)
	}
	if err != nil {
		return nil, err
	}
	return s.ended(b.Visit), nil
}

// find looks up the visit, or makes a record of one that only the cabinet knows. Second is true where it was settled.
func (s *Service) find(tx cloud.Tx, g *settling) (second bool, err error) {
	if g.order.Hash, err = cloud.OrderHash(g.body); err != nil {
		return false, err
	}
	config, known, err := tx.Desired.At(g.source.Cabinet, g.body.Config)
	if err != nil {
		return false, err
	}
	if known {
		g.homes = homesOf(config)
	}
	g.visit, err = tx.Visits.Find(g.body.Visit)
	stranger := protocol.CodeOf(err) == cloud.CodeUnknownVisit
	if stranger {
		err = adopt(tx, g)
	}
	if err != nil {
		return false, err
	}
	if g.cabinet, err = tx.CabinetAt(g.source.Cabinet, g.visit.Created); err != nil || stranger {
		return false, err
	}
	if err := belongs(g.visit, g.source); err != nil {
		return false, err
	}
	_, ordered, err := tx.Orders.Find(g.visit.ID)
	g.late = !g.visit.Ended.IsZero()
	return ordered || g.late && g.visit.Outcome != cloud.OutcomeAborted, err
}

func homesOf(config wire.Config) ledger.Homes {
	homes := make(ledger.Homes, len(config.Platforms))
	for _, p := range config.Platforms {
		homes[p.ID] = p.Known()
	}
	return homes
}

// adopt makes a record of a visit that a cloud before this one must have begun.
func adopt(tx cloud.Tx, g *settling) error {
	config, _, err := tx.Desired.At(g.source.Cabinet, g.body.Config)
	if err != nil {
		return err
	}
	g.visit = cloud.VisitRecord{Foreign: true, Visit: cloud.Visit{
		ID: g.body.Visit, Cabinet: g.source.Cabinet, Compartment: g.body.Compartment, Purpose: g.body.Purpose,
		PriceVersion: config.PriceVersion, Payment: cloud.PaymentNone, Created: g.source.At,
	}}
	if err := tx.Visits.Add(g.visit); err != nil {
		return err
	}
	return incident(tx, g.source, g.visit, cloud.IncidentUnknownVisit, cloud.DetailEndedThere.Fill())
}

// again leaves what is booked as it is. The same settlement once more says nothing new.
func again(tx cloud.Tx, g settling) error {
	first, _, err := tx.Orders.Find(g.visit.ID)
	if err != nil || bytes.Equal(first.Hash, g.order.Hash) {
		return err
	}
	return incident(tx, g.source, g.visit, cloud.IncidentSecondSettling, cloud.DetailSecond.Fill(g.source.Ref))
}

// tended books a refill or a service visit: goods move, money does not.
func (s *Service) tended(tx cloud.Tx, g settling) error {
	outcome := cloud.OutcomeRestocked
	if g.body.Purpose == protocol.PurposeService {
		outcome = cloud.OutcomeServiced
	}
	if g.late {
		return incident(tx, g.source, g.visit, cloud.IncidentLateSettling, cloud.DetailLate.Fill())
	}
	if err := tx.Steps.End(g.visit.ID, outcome, "", endOf(g.visit, g.source)); err != nil {
		return err
	}
	hands := ledger.Hands(g.visit.Person)
	arrived := ledger.Arrive(g.source.Cabinet, g.homes, g.body.Answer, hands)
	from, lots, err := filledRound(tx, g, arrived)
	if err != nil {
		return err
	}
	fact := g.fact()
	fact.Lots = lots
	return s.Book.Post(tx, fact, ledger.Refill(from, hands, arrived))
}

// purchased takes the order in and moves goods, bill and payment, all in one entry.
func (s *Service) purchased(tx cloud.Tx, g *settling) (err error) {
	if g.cabinet, err = book.Seller(tx, g.visit); err != nil {
		return err
	}
	if err := s.price(tx, g); err != nil {
		return err
	}
	if err := tx.Orders.Add(g.order); err != nil {
		return err
	}
	if g.late {
		if err := incident(tx, g.source, g.visit, cloud.IncidentLateSettling, cloud.DetailLate.Fill()); err != nil {
			return err
		}
	} else if err := tx.Steps.End(g.visit.ID, g.outcome(), "", endOf(g.visit, g.source)); err != nil {
		return err
	}
	if g.order.Why != "" {
		return s.review(tx, *g)
	}
	return s.bill(tx, *g)
}

func (g *settling) outcome() cloud.Outcome {
	switch {
	case g.order.Why != "":
		return cloud.OutcomeNone
	case len(g.order.Lines) == 0:
		return cloud.OutcomeNothingTaken
	}
	return cloud.OutcomeSold
}

// price fills the order, and says why a human must look at it.
func (s *Service) price(tx cloud.Tx, g *settling) error {
	lines, total, why, err := s.Catalog.Lines(tx, g.body.Answer.Lines, g.visit.PriceVersion)
	if err != nil {
		return err
	}
	switch {
	case g.body.Answer.Decision == settle.Review:
		why = cloud.CodeUncertain
	case g.visit.Foreign:
		why = cloud.CodeUnknownVisit
	case g.homes == nil:
		why = cloud.CodeUnknownPlan
	}
	if !ledger.Believable(g.body.Answer) { // A person may bill what was really taken.
		lines, total, why = []cloud.OrderLine{}, 0, cloud.CodeUncertain
	}
	g.order.Visit, g.order.Answer, g.order.Zero, g.order.At = g.visit.ID, g.body.Answer, g.zero(), s.Now()
	if g.homes != nil {
		g.order.Config = g.body.Config
	}
	g.order.Lines, g.order.Total, g.order.Why = lines, total, why
	return nil
}

// zero is the moment that the steps count from, as far as the cabinet's word can be true.
func (g *settling) zero() time.Time {
	zero := time.UnixMilli(g.body.ZeroAt).UTC()
	if g.body.ZeroAt <= 0 || zero.After(g.source.At) {
		return time.Time{}
	}
	return zero
}

// review keeps the hold, and takes the goods of the best guess off the shelves until somebody decides.
func (s *Service) review(tx cloud.Tx, g settling) error {
	if g.homes != nil {
		goods := ledger.Leave(g.source.Cabinet, g.homes, g.body.Answer, ledger.Undecided(g.visit.ID))
		if err := s.Book.Post(tx, g.fact(), goods); err != nil {
			return err
		}
	}
	if err := s.Recorder.Record(tx, g.source.Cabinet, g.visit.ID); err != nil {
		return err
	}
	return tx.Steps.Pay(g.visit.ID, cloud.PaymentReview)
}

func (s *Service) bill(tx cloud.Tx, g settling) error {
	postings := ledger.Leave(g.source.Cabinet, g.homes, g.body.Answer, ledger.Sold(g.source.Cabinet))
	postings = append(postings, ledger.Bill(g.visit.ID, string(g.cabinet.Store), g.order.Total)...)
	if err := s.Book.Post(tx, g.fact(), postings); err != nil {
		return err
	}
	if len(g.order.Lines) == 0 {
		return s.Payments.Free(tx, g.visit)
	}
	if err := s.tellBill(tx, g); err != nil {
		return err
	}
	return s.Payments.Charge(tx, g.visit, g.order.Total, g.source.Ref)
}

func (g settling) fact() book.Fact {
	f := book.Fact{Ref: g.source.Ref, Cabinet: g.cabinet, At: endOf(g.visit, g.source)}
	if g.source.Latest.IsZero() || g.source.Earliest.IsZero() {
		return f
	}
	f.Earliest, f.Latest = g.source.Earliest, g.source.Latest
	if !g.visit.Foreign && g.visit.Created.After(f.Earliest) { // It ended after it was begun here.
		f.Earliest = g.visit.Created
	}
	return f
}
