package forecast

import (
	"fmt"

	"allhours/protocol"
)

// version is that of the state's form and of what its numbers mean.
const version = 1

// State is all that a model has learned: a part that the chain shares, and one for each cabinet. It is written as JSON, whole
// or each part in its own row.
type State struct {
	Version  int                                  `json:"v"`
	Through  Day                                  `json:"through"` // the last day learned; 0 before the first
	Shared   *Shared                              `json:"shared"`
	Cabinets map[protocol.CabinetID]*CabinetState `json:"cabinets"`
}

// Shared is what the chain's cabinets have in common.
type Shared struct {
	Hours      [168]level                     `json:"hours"` // of the week, from Monday 00:00
	Stores     map[string]*level              `json:"stores"`
	Categories map[string]*categoryState      `json:"categories"`
	Articles   map[protocol.SKU]*articleState `json:"articles"`
}

type categoryState struct {
	Hours [48]level    `json:"hours"` // of a working day, of a free one
	Days  [7]level     `json:"days"`
	Kinds [kinds]level `json:"kinds"`
	Now   level        `json:"now"` // how it sells these days
	Noise noise        `json:"noise"`
}

type articleState struct {
	Rate  level        `json:"rate"` // units an hour; expected counts hours
	Now   level        `json:"now"`
	Parts [parts]level `json:"parts"`
}

// CabinetState is what is known of one cabinet.
type CabinetState struct {
	Level  level                   `json:"level"`
	Now    level                   `json:"now"`
	Parts  [parts]level            `json:"parts"`
	Tastes map[string]*level       `json:"tastes"`
	Pairs  map[protocol.SKU]*level `json:"pairs"`
}

// State is the model's own state, not a copy: it is to be written before the model learns on.
func (m *Model) State() State {
	return State{Version: version, Through: m.through, Shared: m.shared, Cabinets: m.cabinets}
}

// Restore makes a model that goes on from a state, which it keeps. A state of another version is refused: the model is to
// learn its past days again.
func Restore(s State, calendar Calendar, chain Chain) (*Model, error) {
	if s.Version != version {
		return nil, fmt.Errorf("restore a forecast: its state has version %d, want %d", s.Version, version)
	}
	m := New(calendar, chain)
	m.through = s.Through
	if s.Shared != nil {
		m.shared = s.Shared
	}
	if s.Cabinets != nil {
		m.cabinets = s.Cabinets
	}
	m.shared.fill()
	for _, c := range m.cabinets {
		c.fill()
	}
	m.ready()
	return m, nil
}

func newShared() *Shared {
	s := &Shared{}
	s.fill()
	return s
}

// fill makes what a state that was read may lack.
func (s *Shared) fill() {
	if s.Stores == nil {
		s.Stores = map[string]*level{}
	}
	if s.Categories == nil {
		s.Categories = map[string]*categoryState{}
	}
	if s.Articles == nil {
		s.Articles = map[protocol.SKU]*articleState{}
	}
}

func (c *CabinetState) fill() {
	if c.Tastes == nil {
		c.Tastes = map[string]*level{}
	}
	if c.Pairs == nil {
		c.Pairs = map[protocol.SKU]*level{}
	}
}
