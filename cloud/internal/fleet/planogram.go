package fleet

import (
	"context"
	"fmt"
	"sync"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

// proposals remembers what was made of each cabinet's desired state, because pages ask again and again and the search takes
// its time; safe for concurrent use.
type proposals struct {
	mu   sync.Mutex
	kept map[protocol.CabinetID]proposed
}

type proposed struct {
	config   uint64
	proposal planogram.Proposal
}

func (p *proposals) of(id protocol.CabinetID, config uint64) (planogram.Proposal, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.kept[id]
	return known.proposal, ok && known.config == config
}

func (p *proposals) keep(id protocol.CabinetID, config uint64, proposal planogram.Proposal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[id] = proposed{config, proposal}
}

// Planogram implements cloud.Planograms: it is checked once for each version of the desired state, which is made anew
// where goods, their weights or their places change.
func (s *Service) Planogram(ctx context.Context, id protocol.CabinetID) (planogram.Proposal, error) {
	var c cloud.Cabinet
	var plan planogram.Planogram
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		if c, err = tx.Cabinets.Find(id); err != nil {
			return err
		}
		articles, err := s.Catalog.Articles(tx)
		if err != nil {
			return err
		}
		config, _, err := tx.Desired.Latest(id)
		plan = c.Planogram(articles, config.Stock.Book)
		return err
	}); err != nil {
		return planogram.Proposal{}, err
	}
	if known, ok := s.proposals.of(id, c.Config); ok {
		return known, nil
	}
	proposal, err := planogram.Propose(plan)
	if err != nil {
		return proposal, fmt.Errorf("cabinet %s: %w", id, err)
	}
	s.proposals.keep(id, c.Config, proposal)
	return proposal, nil
}
