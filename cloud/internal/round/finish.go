package round

import (
	"slices"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// finish ends a round with what is left in the van: brought back, kept there openly, or, where somebody has seen that it
// differs from the books, lost or found.
func (m *move) finish() error {
	if err := m.in(cloud.RoundUnderWay); err != nil {
		return err
	}
	for _, s := range m.round.Stops {
		if s.State != cloud.StopDone && s.State != cloud.StopSkipped {
			return protocol.Errorf(cloud.CodeRoundState, "the stop at %s is not over", s.Cabinet)
		}
	}
	for _, h := range m.round.Handovers() {
		if !h.Over() {
			return protocol.Errorf(cloud.CodeRoundState, "what there is to %s at store %s is not over", h.Way, h.Store)
		}
	}
	if err := m.nobodyAtTheDoors(""); err != nil {
		return err
	}
	rest, err := said(m.round.InVan(), m.step.Rest)
	if err != nil {
		return err
	}
	if err := m.unload(rest); err != nil {
		return err
	}
	m.round.Rest, m.round.State, m.round.Ended = rest, cloud.RoundDone, m.Now()
	return nil
}

// said lays what somebody counted in the van beside the books; each article once.
func said(rest []cloud.RoundRest, said []cloud.RestSaid) ([]cloud.RoundRest, error) {
	seen := make(map[protocol.SKU]bool)
	for _, r := range said {
		if r.Back < 0 || r.Kept < 0 || r.Back > ledger.MaxUnits || r.Kept > ledger.MaxUnits || seen[r.SKU] {
			return nil, protocol.Errorf(protocol.CodeMalformed, "rest: article %s: want each once, and no fewer units than none", r.SKU)
		}
		seen[r.SKU] = true
		i := slices.IndexFunc(rest, func(x cloud.RoundRest) bool { return x.SKU == r.SKU })
		if i < 0 {
			rest, i = append(rest, cloud.RoundRest{SKU: r.SKU}), len(rest)
		}
		rest[i].Back, rest[i].Kept = r.Back, r.Kept
		rest[i].Answered = r.Differ && rest[i].Differs() != 0
	}
	kept := []cloud.RoundRest{}
	for _, x := range rest {
		if x.Differs() != 0 && !x.Answered {
			return nil, protocol.Errorf(cloud.CodeAnswerNeeded, "of %s %d should be left, %d are", x.SKU, x.Expected, x.Back+x.Kept)
		}
		if x != (cloud.RoundRest{SKU: x.SKU}) {
			kept = append(kept, x)
		}
	}
	return kept, nil
}

// unload books the differences first: what is brought back must have been there.
func (m *move) unload(rest []cloud.RoundRest) error {
	var counted, back []cloud.MovedLine
	for _, x := range rest {
		if x.Differs() != 0 {
			there, err := m.tx.Ledger.Balance(m.van(), ledger.Article(x.SKU))
			if err != nil {
				return err
			}
			counted = append(counted, cloud.MovedLine{SKU: x.SKU, Qty: int(there) - x.Differs()})
		}
		if x.Back > 0 {
			back = append(back, cloud.MovedLine{SKU: x.SKU, Qty: x.Back})
		}
	}
	if err := m.carry(cloud.MoveGoods{Kind: cloud.MoveCount, From: m.van(), Lines: counted}); err != nil {
		return err
	}
	return m.carry(cloud.MoveGoods{Kind: cloud.MoveTransfer, From: m.van(), To: m.shop(), Lines: back})
}
