package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
)

// fact holds the entry of what a person did to what they did.
func (a *auditor) fact(where string, ref ledger.Ref, expected []ledger.Posting, counts func(ledger.Posting) bool) error {
	posted, err := a.books.Posted(ref)
	if err != nil {
		return err
	}
	want, is := ordered(only(expected, counts)), ordered(only(posted, counts))
	if slices.Equal(want, is) {
		return nil
	}
	return a.tell(Difference{Check: CheckFact, Where: where, Expected: told(want, ""), Found: told(is, ""), Refs: []ledger.Ref{ref}})
}

// only keeps the postings that count; nil: all do.
func only(postings []ledger.Posting, counts func(ledger.Posting) bool) []ledger.Posting {
	if counts == nil {
		return postings
	}
	return slices.DeleteFunc(slices.Clone(postings), func(p ledger.Posting) bool { return !counts(p) })
}

// judged holds the decision on a visit and the rulings on its objections to their entries. Where the plan of that night is not known,
// the goods went by the plan of the day on which they were decided, which nobody keeps: their money is looked at alone.
func (a *auditor) judged(s story) error {
	if s.order == nil || s.decision == nil && len(s.rulings) == 0 {
		return nil
	}
	order := *s.order
	var err error
	if order.Answer, err = a.books.Answer(s.ID); err != nil {
		return err
	}
	config, known, err := a.books.Config(s.Cabinet, order.Config)
	if err != nil {
		return err
	}
	var counts func(ledger.Posting) bool
	if !known {
		counts = func(p ledger.Posting) bool { return p.Unit == ledger.Fen }
	}
	homes := homesOf(&config)
	if s.decision != nil {
		if err := a.decided(s, order, homes, counts); err != nil {
			return err
		}
		order.Answer = s.decision.Settled(order.Answer)
	}
	for i, r := range s.rulings {
		moves := r.Moves(s.Cabinet, homes, order.Answer, s.rulings[:i])
		if err := a.fact("ruling "+r.Dispute.String()+" on visit "+s.ID.String(), ledger.DisputeRef(r.Dispute), moves, counts); err != nil {
			return err
		}
	}
	return nil
}

func (a *auditor) decided(s story, order cloud.Order, homes ledger.Homes, counts func(ledger.Posting) bool) error {
	store, _, err := a.books.Seller(s.ID)
	if err != nil {
		return err
	}
	ref := ledger.DecisionRef(s.ID)
	if s.decision.Waived {
		ref = ledger.WaiverRef(s.ID)
	}
	guessed := ledger.Leave(s.Cabinet, homes, order.Answer, ledger.Undecided(s.ID))
	return a.fact("decision of visit "+s.ID.String(), ref, s.decision.Moves(order, s.Cabinet, store, homes, guessed), counts)
}

// movements holds what the staff did with goods to its entries.
func (a *auditor) movements() error {
	for m, err := range a.books.Movements {
		if err != nil {
			return err
		}
		moves, err := a.undone(m)
		if m.Kind != cloud.MoveCorrect && err == nil {
			moves, err = m.Moves(func(at ledger.Account, unit ledger.Unit) (int64, error) { return a.books.Booked(m.ID, at, unit) })
		}
		if err != nil {
			return err
		}
		if err := a.fact(fmt.Sprintf("movement %s (%s)", m.ID, m.Kind), ledger.MovementRef(m.ID), moves, nil); err != nil {
			return err
		}
	}
	return nil
}

// undone is what a correction takes back.
func (a *auditor) undone(m cloud.Movement) ([]ledger.Posting, error) {
	if m.Kind != cloud.MoveCorrect {
		return nil, nil
	}
	postings, err := a.books.Posted(ledger.MovementRef(m.Corrects))
	return ledger.Return(postings), err
}

// openings holds what lay in each cabinet when it was new to its entry.
func (a *auditor) openings() error {
	for c, err := range a.books.Openings {
		if err != nil {
			return err
		}
		if err := a.fact("opening stock of "+string(c.Cabinet), ledger.CountRef(c.Cabinet, ledger.OpeningCount), ledger.Opened(c.Cabinet, c.Stock.Book), nil); err != nil {
			return err
		}
	}
	return nil
}

// fees holds what the provider's statements state as kept to their entries.
func (a *auditor) fees() error {
	for f, err := range a.books.Fees {
		if err != nil {
			return err
		}
		where := fmt.Sprintf("fees of %q on %s", f.Store, f.Day)
		if err := a.fact(where, f.Ref(), ledger.Fees(f.Amount), nil); err != nil {
			return err
		}
	}
	return nil
}

// closed holds each day that was closed to what was signed, and that to the entries of the day: its money, and how goods came and went.
// What they cost is what it was known to be then, and is not worked out again.
func (a *auditor) closed() error {
	for c, err := range a.books.Closed {
		if err != nil {
			return err
		}
		where := fmt.Sprintf("%s of %s", c.Day, c.Store)
		if c.Store == "" {
			where = fmt.Sprintf("%s of the chain", c.Day)
		}
		differs := func(expected, found string) error {
			return a.tell(Difference{Check: CheckClosed, Where: where, Expected: expected, Found: found})
		}
		var signed cloud.StoreDay
		raw, err := c.Signed()
		if err == nil {
			err = json.Unmarshal(raw, &signed)
		}
		if err != nil {
			if err := differs("figures of hash "+c.Sum, err.Error()); err != nil {
				return err
			}
			continue
		}
		piles, err := a.books.Piles(c.Store, c.Day)
		if err != nil {
			return err
		}
		if money := reconcile.Moneys(piles); money != signed.Money {
			if err := differs(fmt.Sprintf("%+v, as its entries say", money), fmt.Sprintf("%+v", signed.Money)); err != nil {
				return err
			}
		}
		if c.Store == "" {
			continue
		}
		if made, kept := flowed(reconcile.Book(nil, piles)), flowed(signed.Goods); made != kept {
			if err := differs(made+", as its entries say", kept); err != nil {
				return err
			}
		}
	}
	return nil
}

// flowed says how the goods of a day came and went, but for what is called moved because no entry of the cabinet explains it.
func flowed(goods []reconcile.Goods) string {
	flows := make(map[string]int64)
	for _, g := range goods {
		for flow, units := range g.Flows {
			if flow.Way != reconcile.Moved {
				flows[fmt.Sprintf("%s %s %v", g.Cabinet, g.SKU, flow)] += units
			}
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(flows)) {
		parts = append(parts, fmt.Sprintf("%s %+d", name, flows[name]))
	}
	return strings.Join(parts, ", ")
}
