package round

import (
	"slices"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// over are cabinets as they are when their drafts have taken effect: that is what is brought to them.
func over(drafts map[protocol.CabinetID]cloud.Draft, cabinets []cloud.Cabinet) []cloud.Cabinet {
	next := make([]cloud.Cabinet, len(cabinets))
	for i, c := range cabinets {
		next[i] = drafts[c.ID].Over(c)
	}
	return next
}

// turned says of the lines of a stop how its draft turns their lanes, and adds those of lanes that are to be emptied.
func turned(tx cloud.Tx, round *cloud.Round, c cloud.Cabinet, d cloud.Draft) error {
	for _, p := range c.Platforms {
		for _, sku := range d.Coming(p) {
			if line := round.Line(picking.Place{Cabinet: c.ID, Platform: p.ID, SKU: sku}); line != nil {
				line.Turn = cloud.TurnIn
			}
		}
		for _, sku := range d.Leaving(p) {
			there, err := tx.Ledger.Balance(ledger.Stock(c.ID, p.ID), ledger.Article(sku))
			if err != nil {
				return err
			}
			line := round.LineAt(picking.Place{Cabinet: c.ID, Platform: p.ID, SKU: sku})
			line.Turn, line.Before, line.After = cloud.TurnOut, int(there), int(there)
		}
	}
	return nil
}

// draftsOf are the drafts that a round sets up.
func draftsOf(tx cloud.Tx, r cloud.Round) (map[protocol.CabinetID]cloud.Draft, error) {
	all := make(map[protocol.CabinetID]cloud.Draft)
	for _, stop := range r.Stops {
		if stop.Draft == 0 {
			continue
		}
		d, err := tx.Drafts.Find(stop.Draft)
		if err != nil {
			return nil, err
		}
		all[stop.Cabinet] = d
	}
	return all, nil
}

// worded refuses to leave a cabinet without a word on the draft that was to be set up there. Whoever leaves one that nobody was let
// into has set up none.
func (m *move) worded(stop *cloud.RoundStop) error {
	word := m.step.Plan
	switch {
	case stop.Draft == 0 && word != "":
		return protocol.Errorf(cloud.CodeChanged, "plan: nothing is to be set up at %s", stop.Cabinet)
	case stop.State == cloud.StopAhead && word == "":
		return nil
	case stop.Draft != 0 && word != cloud.PlanSet && word != cloud.PlanLeft:
		return protocol.Errorf(cloud.CodeAnswerNeeded, "plan: want %s or %s at %s", cloud.PlanSet, cloud.PlanLeft, stop.Cabinet)
	}
	return nil
}

// setUp lets the draft of a stop take effect, once its restocker says that it is set up.
func (m *move) setUp(stop *cloud.RoundStop) error {
	if m.step.Plan != cloud.PlanSet {
		return nil
	}
	d, err := m.tx.Drafts.Find(stop.Draft)
	if err != nil {
		return err
	}
	c, err := m.tx.Cabinets.Find(stop.Cabinet)
	if err != nil {
		return err
	}
	for _, p := range c.Platforms {
		for _, sku := range d.Leaving(p) {
			if err := m.emptied(picking.Place{Cabinet: c.ID, Platform: p.ID, SKU: sku}); err != nil {
				return err
			}
		}
	}
	m.touched = append(m.touched, c.ID)
	return m.Drafts.TakeDraft(m.tx, stop.Draft, m.round.ID, m.step.By)
}

// emptied ends the books of a lane that is no more. What was taken out has left it by the scales, or by the count; where the
// restocker has found fewer units than the books had, or more, the difference is lost, or found. A lane of which nobody has
// taken anything is not empty.
func (m *move) emptied(at picking.Place) error {
	lane := ledger.Stock(at.Cabinet, at.Platform)
	there, err := m.tx.Ledger.Balance(lane, ledger.Article(at.SKU))
	if err != nil || there == 0 {
		return err
	}
	findings := m.round.Findings(at.Cabinet)
	i := slices.IndexFunc(findings, func(f picking.Finding) bool { return f.Place == at })
	if i < 0 || findings[i].Verdict == picking.Waiting {
		return protocol.Errorf(cloud.CodeLaneNotEmpty, "%d of %s lie on %s of %s by the books", there, at.SKU, at.Platform, at.Cabinet)
	}
	return m.carry(cloud.MoveGoods{Kind: cloud.MoveCount, From: lane, Lines: []cloud.MovedLine{{SKU: at.SKU, Qty: 0}}})
}
