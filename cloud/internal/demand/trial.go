package demand

import (
	"context"
	"iter"
	"slices"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// trial is what a trial came to, and up to which day it went.
type trial struct {
	cloud.DemandTrial
	through ledger.Day
}

const (
	// trialDays is how many days a trial walks through: four weeks that only the naive methods need, and five that are judged.
	trialDays = 63
	// trialCabinets is how many cabinets of a store it looks at, taken evenly from all.
	trialCabinets = 20
)

// trial is the last one of a store; nil where there is none yet, which will be worked out soon, as where it is of an earlier day.
func (s *Service) trial(store cloud.StoreID) *cloud.DemandTrial {
	through := s.known.Load().age.Through
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.trials[store]
	if (!known || t.through != through) && !slices.Contains(s.wanted, store) {
		s.wanted = append(s.wanted, store)
		s.rouse()
	}
	if !known {
		return nil
	}
	return &t.DemandTrial
}

// tryAll works out the trials that somebody asked for.
func (s *Service) tryAll(ctx context.Context) {
	s.mu.Lock()
	wanted := s.wanted
	s.wanted = nil
	s.mu.Unlock()
	for _, store := range wanted {
		t, err := s.try(ctx, store)
		if err != nil {
			if ctx.Err() == nil {
				s.Logger.Error("try the forecast", "store", store, "error", err)
			}
			return
		}
		s.mu.Lock()
		s.trials[store] = t
		s.mu.Unlock()
	}
}

// try walks a model that begins knowing nothing through the days of some of a store's cabinets.
func (s *Service) try(ctx context.Context, store cloud.StoreID) (trial, error) {
	t := trial{through: s.known.Load().age.Through, DemandTrial: cloud.DemandTrial{Made: s.Now()}}
	g, err := s.ground(ctx)
	if err != nil || t.through == "" || g.zone == nil {
		return t, err
	}
	some := sample(g.chain.Cabinets, store)
	t.Cabinets = len(some)
	of := make(map[protocol.CabinetID]bool, len(some))
	for _, c := range some {
		of[c.ID] = true
	}
	var broken error
	t.Losses, err = forecast.Evaluate(s.calendar, forecast.Chain{Articles: g.chain.Articles, Cabinets: some}, s.walk(ctx, g, store, of, &t, &broken))
	if broken != nil {
		return t, broken
	}
	return t, err
}

// walk is the days of a trial.
func (s *Service) walk(ctx context.Context, g ground, store cloud.StoreID, of map[protocol.CabinetID]bool, t *trial, broken *error) iter.Seq2[forecast.Day, []forecast.Sales] {
	other := func(x forecast.Sales) bool { return !of[x.Cabinet] }
	return func(yield func(forecast.Day, []forecast.Sales) bool) {
		for day := max(g.first, t.through.Add(1-trialDays)); day <= t.through; day = day.Add(1) {
			sales, err := s.storeSales(ctx, g, store, day)
			if err == nil {
				sales, err = s.withPast(ctx, g, day, sales)
			}
			if err != nil {
				*broken = err
				return
			}
			sales = slices.DeleteFunc(sales, other)
			if len(sales) == 0 {
				continue
			}
			if t.Days++; !yield(dayOf(day), sales) {
				return
			}
		}
	}
}

// sample takes cabinets of a store evenly.
func sample(all []forecast.Cabinet, store cloud.StoreID) (some []forecast.Cabinet) {
	own := slices.DeleteFunc(slices.Clone(all), func(c forecast.Cabinet) bool { return c.Store != string(store) })
	for n := range min(len(own), trialCabinets) {
		some = append(some, own[n*len(own)/min(len(own), trialCabinets)])
	}
	return some
}
