package fleet

import (
	"sync"

	"allhours/cloud"
	"allhours/protocol"
)

// planned remembers how the fleet is planned until that changes: the list of ten thousand cabinets with their platforms takes
// a tenth of a second to read, and pages want it every few seconds. Safe for concurrent use.
type planned struct {
	mu       sync.Mutex
	revision uint64 // of the stores
	stores   map[cloud.StoreID]cloud.Text
	at       [2]uint64 // of the cabinets: the revision, and how many desired states there have been
	cabinets []cloud.Cabinet
	by       map[protocol.CabinetID]*cloud.Cabinet
}

// names are what the stores are called. The map must not be changed.
func (p *planned) names(tx cloud.Tx) (map[cloud.StoreID]cloud.Text, error) {
	revision, err := tx.Plans.Revision()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stores != nil && p.revision == revision {
		return p.stores, nil
	}
	list, err := tx.Plans.Stores()
	if err != nil {
		return nil, err
	}
	stores := make(map[cloud.StoreID]cloud.Text, len(list))
	for _, store := range list {
		stores[store.ID] = store.Name
	}
	p.stores, p.revision = stores, revision
	return stores, nil
}

// list is every cabinet. The slice, and what it points to, must not be changed.
func (p *planned) list(tx cloud.Tx) ([]cloud.Cabinet, error) {
	at, err := p.now(tx)
	if err != nil {
		return nil, err
	}
	if cabinets := p.kept(at); cabinets != nil {
		return cabinets, nil
	}
	cabinets, err := tx.Cabinets.List() // Who may use what is kept need not wait for it.
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cabinets, p.at = cabinets, at
	p.by = make(map[protocol.CabinetID]*cloud.Cabinet, len(cabinets))
	for i := range cabinets {
		p.by[cabinets[i].ID] = &cabinets[i]
	}
	return cabinets, nil
}

// Planned are all cabinets by their ids. The map, and what it points to, must not be changed.
func (s *Service) Planned(tx cloud.Tx) (map[protocol.CabinetID]*cloud.Cabinet, error) {
	if _, err := s.planned.list(tx); err != nil {
		return nil, err
	}
	s.planned.mu.Lock()
	defer s.planned.mu.Unlock()
	return s.planned.by, nil
}

// now is what the list is of now.
func (p *planned) now(tx cloud.Tx) (at [2]uint64, err error) {
	if at[0], err = tx.Plans.Revision(); err != nil {
		return at, err
	}
	at[1], err = tx.Desired.Added()
	return at, err
}

// kept is the list as of then; nil where it is of another time.
func (p *planned) kept(at [2]uint64) []cloud.Cabinet {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at != at {
		return nil
	}
	return p.cabinets
}
