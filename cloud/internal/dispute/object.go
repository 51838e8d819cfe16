package dispute

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"allhours/cloud"
	"allhours/protocol"
)

// Bounds of an objection.
const (
	maxKey     = 255 // bytes
	maxLines   = 100
	objections = 2 // of a resident to one visit: what was decided can be answered once more
)

// Object implements cloud.Disputes.
func (s *Service) Object(ctx context.Context, o cloud.Objection) (d cloud.Dispute, err error) {
	if err := checkObjection(o); err != nil {
		return d, err
	}
	if err := s.update(ctx, func(tx cloud.Tx) (protocol.VisitID, error) {
		d, err = s.object(tx, o)
		return o.Visit, err
	}); err != nil {
		return d, fmt.Errorf("object to visit %s: %w", o.Visit, err)
	}
	return d, nil
}

// object writes an objection down, or finds the one with its key.
func (s *Service) object(tx cloud.Tx, o cloud.Objection) (cloud.Dispute, error) {
	v, err := tx.Visits.Find(o.Visit)
	if err != nil {
		return cloud.Dispute{}, err
	}
	if o.By == "" && (o.Person.IsZero() || v.Person != o.Person) {
		return cloud.Dispute{}, protocol.Errorf(cloud.CodeUnknownVisit, "visit %s is not of this person", o.Visit)
	}
	known, err := tx.Disputes.Of(o.Visit)
	if err != nil {
		return cloud.Dispute{}, err
	}
	if d, found := byKey(known, o); found {
		return sameAgain(d, o)
	}
	if err := s.mayObject(tx, v, known, o); err != nil {
		return cloud.Dispute{}, err
	}
	d := cloud.Dispute{
		ID: s.NewID(), Visit: v.ID, Person: v.Person, At: s.Now(), By: o.By, Key: o.Key, Lines: o.Lines, Words: o.Words,
	}
	return d, tx.Disputes.Add(d)
}

func byKey(known []cloud.Dispute, o cloud.Objection) (cloud.Dispute, bool) {
	i := slices.IndexFunc(known, func(d cloud.Dispute) bool { return o.Key != "" && d.Key == o.Key && d.By == o.By })
	if i < 0 {
		return cloud.Dispute{}, false
	}
	return known[i], true
}

func sameAgain(d cloud.Dispute, o cloud.Objection) (cloud.Dispute, error) {
	if !slices.Equal(d.Lines, o.Lines) || d.Words != o.Words {
		return cloud.Dispute{}, protocol.Errorf(cloud.CodeKeyReused, "the key was used for another objection to visit %s", o.Visit)
	}
	return d, nil
}

// mayObject holds an objection to the bill and to what was said of it before.
func (s *Service) mayObject(tx cloud.Tx, v cloud.VisitRecord, known []cloud.Dispute, o cloud.Objection) error {
	if !v.Paid() {
		return protocol.Errorf(cloud.CodeConflict, "visit %s: there is no bill to object to", v.ID)
	}
	if slices.ContainsFunc(known, func(d cloud.Dispute) bool { return d.Ruling == nil }) {
		return protocol.Errorf(cloud.CodeConflict, "an objection to visit %s is open", v.ID)
	}
	if o.By == "" {
		until, err := s.until(tx, v)
		if err != nil {
			return err
		}
		if s.Now().After(until) {
			return protocol.Errorf(cloud.CodeTooLate, "visit %s could be objected to until %s", v.ID, until)
		}
		if own(known) >= objections {
			return protocol.Errorf(cloud.CodeConflict, "visit %s was objected to twice, and decided", v.ID)
		}
	}
	for _, l := range o.Lines {
		if billed := billedLine(v.Visit, l.SKU); l.Qty > billed.Qty {
			return protocol.Errorf(protocol.CodeMalformed, "line of article %s: %d units are objected to, %d were billed", l.SKU, l.Qty, billed.Qty)
		}
	}
	return nil
}

// own counts the resident's own objections.
func own(known []cloud.Dispute) (n int) {
	for _, d := range known {
		if d.By == "" {
			n++
		}
	}
	return n
}

// until is when the period of a bill ends. It begins with the bill and not with the visit: a bill may be late.
func (s *Service) until(tx cloud.Tx, v cloud.VisitRecord) (time.Time, error) {
	chain, err := tx.Plans.Chain()
	if err != nil {
		return time.Time{}, err
	}
	order, found, err := tx.Orders.Find(v.ID)
	if err != nil || !found {
		return time.Time{}, err
	}
	billed := order.At
	decision, decided, err := tx.Decisions.Find(v.ID)
	if decided {
		billed = decision.At
	}
	return billed.Add(chain.Disputing.Within), err
}

func billedLine(v cloud.Visit, sku protocol.SKU) cloud.OrderLine {
	i := slices.IndexFunc(v.Lines, func(l cloud.OrderLine) bool { return l.SKU == sku })
	if i < 0 {
		return cloud.OrderLine{}
	}
	return v.Lines[i]
}

// Objecting implements cloud.Disputes.
func (s *Service) Objecting(ctx context.Context, visit protocol.VisitID) (o cloud.Objecting, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		v, err := tx.Visits.Find(visit)
		if err != nil {
			return err
		}
		if o.Disputes, err = tx.Disputes.Of(visit); err != nil || !v.Paid() {
			return err
		}
		o.Until, err = s.until(tx, v)
		open := slices.ContainsFunc(o.Disputes, func(d cloud.Dispute) bool { return d.Ruling == nil })
		o.May = !open && own(o.Disputes) < objections && !s.Now().After(o.Until)
		return err
	})
	return o, err
}

func checkObjection(o cloud.Objection) error {
	switch {
	case len(o.Lines) == 0 || len(o.Lines) > maxLines:
		return protocol.Errorf(protocol.CodeMalformed, "lines: want at least one line of the bill")
	case len(o.Words) > cloud.MaxWords || !utf8.ValidString(o.Words):
		return protocol.Errorf(protocol.CodeMalformed, "words: want %d bytes of text at most", cloud.MaxWords)
	case len(o.Key) > maxKey:
		return protocol.Errorf(protocol.CodeMalformed, "key of %d bytes: want %d at most", len(o.Key), maxKey)
	}
	seen := make(map[protocol.SKU]bool, len(o.Lines))
	for _, l := range o.Lines {
		if l.Qty <= 0 || seen[l.SKU] || !slices.Contains(cloud.Complaints(), l.Why) {
			return protocol.Errorf(protocol.CodeMalformed, "line of article %s: want it once, some units of it, and one of %v", l.SKU, cloud.Complaints())
		}
		seen[l.SKU] = true
	}
	return nil
}
