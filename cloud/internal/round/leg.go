package round

import (
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// mostLegs bounds how many articles a round takes to other stores and fetches there.
const mostLegs = 60

// legs writes down what a round takes to other stores and fetches there, those of one store and way after each other.
func (s *Service) legs(tx cloud.Tx, round *cloud.Round, all []cloud.PlannedLeg) error {
	if len(all) > mostLegs {
		return protocol.Errorf(protocol.CodeMalformed, "legs: want %d at most", mostLegs)
	}
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return err
	}
	for i, l := range all {
		if l.Store == round.Store || !l.Way.Valid() || l.Units < 1 || l.Units > mostPut {
			return protocol.Errorf(protocol.CodeMalformed, "legs: %s: want another store than %s, %s or %s, and 1 to %d units", l.SKU, round.Store, cloud.LegTake, cloud.LegFetch, mostPut)
		}
		if slices.ContainsFunc(all[:i], func(o cloud.PlannedLeg) bool { return o.Store == l.Store && o.SKU == l.SKU }) {
			return protocol.Errorf(protocol.CodeMalformed, "legs: %s: want each article once for store %s, one way or the other", l.SKU, l.Store)
		}
		if _, err := findStore(tx, l.Store); err != nil {
			return err
		}
		if _, known := articles[l.SKU]; !known {
			return protocol.Errorf(cloud.CodeUnknownArticle, "article %q is not in the assortment", l.SKU)
		}
		round.Legs = append(round.Legs, cloud.RoundLeg{PlannedLeg: l})
	}
	round.Legs = byHandover(round.Legs)
	return nil
}

// byHandover puts legs of one store and way after each other, and leaves them else as they are.
func byHandover(legs []cloud.RoundLeg) (sorted []cloud.RoundLeg) {
	r := cloud.Round{Legs: legs}
	for _, h := range r.Handovers() {
		sorted = append(sorted, h.Legs...)
	}
	return sorted
}

// bound leaves out of the shelf what rounds that have not left are to bring, and what those of other stores are to fetch.
func (a *assessment) bound(tx cloud.Tx) error {
	own, err := tx.Rounds.List(cloud.RoundQuery{Store: a.needs.Store.ID, Open: true})
	if err != nil {
		return err
	}
	for _, r := range own {
		if r.State == cloud.RoundUnderWay {
			continue
		}
		for _, l := range r.Lines {
			a.takes(l.SKU, picking.Wish{Units: l.Planned, Lots: l.Lots})
		}
		for _, l := range r.Legs {
			if l.Way == cloud.LegTake {
				a.takes(l.SKU, picking.Wish{Units: l.Units})
			}
		}
	}
	coming, err := tx.Rounds.List(cloud.RoundQuery{At: a.needs.Store.ID, Open: true})
	for _, r := range coming {
		for _, l := range r.Legs {
			if l.Store == a.needs.Store.ID && l.Way == cloud.LegFetch && l.Over.IsZero() {
				a.takes(l.SKU, picking.Wish{Units: l.Units})
			}
		}
	}
	return err
}

// takes leaves units of an article out of the shelf.
func (a *assessment) takes(sku protocol.SKU, wish picking.Wish) {
	if shelf, kept := a.stock[sku]; kept {
		_, a.stock[sku] = picking.Send(shelf, []picking.Wish{wish})
	}
}

// hand books what is handed over at another store as it was counted there, or leaves it out for a reason.
func (m *move) hand() error {
	if err := m.in(cloud.RoundUnderWay); err != nil {
		return err
	}
	h, found := m.round.Handing(m.step.Store, m.step.Way)
	switch {
	case !found:
		return protocol.Errorf(cloud.CodeNotFound, "round %s has nothing to %s at store %s", m.round.ID, m.step.Way, m.step.Store)
	case h.Over():
		return protocol.Errorf(cloud.CodeRoundState, "what there was to %s at store %s is over", m.step.Way, m.step.Store)
	}
	why := strings.TrimSpace(m.step.Why)
	if len(m.step.Hands) == 0 {
		if why == "" {
			return protocol.Errorf(protocol.CodeMalformed, "why: want a reason for what is left out")
		}
		m.handed(h, func(l *cloud.RoundLeg) { l.Why = why })
		return nil
	}
	if err := m.saidOf(h, why); err != nil {
		return err
	}
	return m.across(h)
}

// handed changes each leg of a hand-over, which is over with it.
func (m *move) handed(h cloud.RoundHandover, change func(*cloud.RoundLeg)) {
	for i := range m.round.Legs {
		if l := &m.round.Legs[i]; l.Store == h.Store && l.Way == h.Way {
			l.Over = m.Now()
			change(l)
		}
	}
}

// saidOf lays what was counted beside what is due; a difference wants a reason.
func (m *move) saidOf(h cloud.RoundHandover, why string) error {
	said := make(map[protocol.SKU]cloud.HandSaid)
	for _, x := range m.step.Hands {
		if _, twice := said[x.SKU]; twice || x.Units < 0 || x.Units > mostPut {
			return protocol.Errorf(protocol.CodeMalformed, "hands: %s: want each article once, and 0 to %d units", x.SKU, mostPut)
		}
		said[x.SKU] = x
	}
	for _, l := range h.Legs {
		x, counted := said[l.SKU]
		differs := x.Units != l.Due()
		switch {
		case !counted:
			return protocol.Errorf(protocol.CodeMalformed, "hands: want each article that is handed over: %s is not among them", l.SKU)
		case differs && x.Reason == "":
			return protocol.Errorf(cloud.CodeAnswerNeeded, "of %s %d were due, %d are handed over: want a reason", l.SKU, l.Due(), x.Units)
		case differs != (x.Reason != "") || differs && !slices.Contains(cloud.HandReasons(), x.Reason) || x.Reason == cloud.HandOther && why == "":
			return protocol.Errorf(protocol.CodeMalformed, "hands: %s: want one of %v where another number was due, with why for %s, and else none", l.SKU, cloud.HandReasons(), cloud.HandOther)
		}
	}
	if len(said) > len(h.Legs) {
		return protocol.Errorf(protocol.CodeMalformed, "hands: want only what is handed over at store %s", h.Store)
	}
	m.handed(h, func(l *cloud.RoundLeg) {
		x := said[l.SKU]
		l.Handed, l.Reason = &x.Units, x.Reason
		if x.Reason != "" {
			l.Why = why
		}
	})
	return nil
}

// across books what was handed over between the van and the other store's shelf, with its dates: what was picked for it, or what
// that store has of it that expires first.
func (m *move) across(h cloud.RoundHandover) error {
	there := ledger.Shop(string(h.Store))
	g := cloud.MoveGoods{Kind: cloud.MoveTransfer, From: m.van(), To: there}
	shelf := make(map[protocol.SKU][]picking.Lot)
	if h.Way == cloud.LegFetch {
		g.From, g.To = there, m.van()
		lots, err := shelfLots(m.tx, h.Store)
		if err != nil {
			return err
		}
		day, err := m.walked(m.tx, m.round)
		if err != nil {
			return err
		}
		for sku := range lots {
			shelf[sku] = picking.Sellable(lots[sku], day)
		}
	}
	for _, l := range m.round.Legs {
		if l.Store != h.Store || l.Way != h.Way || *l.Handed == 0 {
			continue
		}
		from := shelf[l.SKU]
		if h.Way == cloud.LegTake {
			from = l.Lots
		}
		g.Lines = append(g.Lines, cloud.MovedLine{SKU: l.SKU, Qty: *l.Handed})
		sent, _ := picking.Send(from, []picking.Wish{{Units: *l.Handed}})
		for _, lot := range sent[0] {
			g.Lots = append(g.Lots, cloud.SaidLot{SKU: l.SKU, Units: lot.Units, Until: lot.Until, Named: true})
		}
	}
	return m.carry(g)
}
