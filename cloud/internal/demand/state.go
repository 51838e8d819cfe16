package demand

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// head is the part of the state that is not a cabinet's.
type head struct {
	Version int              `json:"v"`
	Age     cloud.DemandAge  `json:"age"`
	Shared  *forecast.Shared `json:"shared"`
}

// partsAtOnce is how many cabinets are written or read in one transaction, so that nobody else waits long.
const partsAtOnce = 100

// copied is a model that learns on from where another one stands, which stays as it is.
func (s *Service) copied(m *forecast.Model, chain forecast.Chain) (*forecast.Model, error) {
	text, err := json.Marshal(m.State())
	if err != nil {
		return nil, fmt.Errorf("copy the forecast: %w", err)
	}
	var state forecast.State
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, fmt.Errorf("copy the forecast: %w", err)
	}
	return forecast.Restore(state, s.calendar, chain)
}

// remember writes what was learned; the head comes last.
func (s *Service) remember(ctx context.Context, k *learned) error {
	state := k.model.State()
	names := slices.Sorted(maps.Keys(state.Cabinets))
	for some := range slices.Chunk(names, partsAtOnce) {
		parts := make([]cloud.DemandPart, 0, len(some))
		for _, id := range some {
			body, err := json.Marshal(state.Cabinets[id])
			if err != nil {
				return fmt.Errorf("remember the forecast of %s: %w", id, err)
			}
			parts = append(parts, cloud.DemandPart{Part: id, Through: k.age.Through, Body: body})
		}
		if err := s.DB.Update(ctx, func(tx cloud.Tx) error { return tx.Learned.Save(parts) }); err != nil {
			return err
		}
	}
	body, err := json.Marshal(head{state.Version, k.age, state.Shared})
	if err != nil {
		return fmt.Errorf("remember the forecast: %w", err)
	}
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		return tx.Learned.Save([]cloud.DemandPart{{Through: k.age.Through, Body: body}})
	})
}

// recall takes up what was learned before a restart; what does not fit together is learned again.
func (s *Service) recall(ctx context.Context) error {
	state := forecast.State{Cabinets: map[protocol.CabinetID]*forecast.CabinetState{}}
	var whole cloud.DemandPart
	found := false
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		whole, found, err = tx.Learned.Find("")
		return err
	})
	if err != nil || !found {
		return err
	}
	var h head
	if err := json.Unmarshal(whole.Body, &h); err != nil {
		return fmt.Errorf("its head: %w", err)
	}
	state.Version, state.Shared, state.Through = h.Version, h.Shared, dayOf(whole.Through)
	fits, err := s.recallCabinets(ctx, &state, whole.Through)
	if err != nil || !fits {
		return err
	}
	model, err := forecast.Restore(state, s.calendar, forecast.Chain{})
	if err != nil {
		return err
	}
	s.known.Store(&learned{model: model, age: h.Age})
	return nil
}

func (s *Service) recallCabinets(ctx context.Context, state *forecast.State, through ledger.Day) (fits bool, err error) {
	for last := protocol.CabinetID(""); ; {
		var parts []cloud.DemandPart
		if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
			parts, err = tx.Learned.After(last, partsAtOnce)
			return err
		}); err != nil {
			return false, err
		}
		for _, p := range parts {
			if p.Through != through {
				return false, nil
			}
			c := new(forecast.CabinetState)
			if err := json.Unmarshal(p.Body, c); err != nil {
				return false, fmt.Errorf("part %s: %w", p.Part, err)
			}
			state.Cabinets[p.Part], last = c, p.Part
		}
		if len(parts) < partsAtOnce {
			return true, nil
		}
	}
}
