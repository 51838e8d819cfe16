package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// The residents are those who come to the living neighbourhood too.
const (
	residents   = 60
	firstNumber = 1000 // of their telephones
	together    = 12 * time.Minute
	mostAtOnce  = 4
	onlyLooks   = 0.1
	regrets     = 0.06
)

// comer is somebody who comes with wishes.
type comer struct {
	at     time.Time
	wishes []wish
}

type wish struct {
	sku   protocol.SKU
	units int
}

// comers gathers the wishes of an hour into those who come with them.
func (s *story) comers(b *box, day, hour int) (all []comer) {
	type arrival struct {
		after time.Duration
		wish
	}
	var come []arrival
	for n, a := range s.town.Articles {
		if !b.has(a.SKU) {
			continue
		}
		for _, w := range s.wishes.Arrivals(b.number, n, day*24+hour) {
			come = append(come, arrival{w.After, wish{a.SKU, w.Units}})
		}
	}
	slices.SortStableFunc(come, func(a, b arrival) int { return int(a.after - b.after) })
	var since time.Duration
	for _, w := range come {
		if n := len(all); n > 0 && w.after-since < together && len(all[n-1].wishes) < mostAtOnce {
			all[n-1].wishes = append(all[n-1].wishes, w.wish)
			continue
		}
		since = w.after
		all = append(all, comer{s.at(day, hour, 0).Add(w.after), []wish{w.wish}})
	}
	return all
}

// has reports whether an article has a place in the cabinet.
func (b *box) has(sku protocol.SKU) bool {
	for _, p := range b.plan.Platforms {
		for _, g := range p.Goods {
			if g.SKU == sku {
				return true
			}
		}
	}
	return false
}

// person signs a resident in, the first time with a telephone.
func (s *story) person(ctx context.Context, who int) (protocol.UUID, error) {
	if id, known := s.people[who]; known {
		return id, nil
	}
	phone := fmt.Sprintf("+861390571%04d", firstNumber+who)
	code, err := s.fleet.People().RequestCode(ctx, phone)
	if err != nil {
		return protocol.UUID{}, err
	}
	_, p, err := s.fleet.People().SignIn(ctx, phone, code)
	s.people[who] = p.ID
	return p.ID, err
}

// shop is one resident's whole visit.
func (s *story) shop(ctx context.Context, b *box, c comer) error {
	rng := rand.New(rand.NewPCG(s.rng.Uint64(), s.rng.Uint64()))
	acts, units := b.picks(rng, c.wishes)
	if b.off || len(acts) == 0 && rng.Float64() > onlyLooks {
		s.count.left++ // The page says that there is nothing, or the door that it cannot be asked.
		return nil
	}
	person, err := s.person(ctx, rng.IntN(residents))
	if err != nil {
		return err
	}
	if err := b.Tell(); err != nil { // As it has each half minute: those that nobody needs are left out.
		return err
	}
	v, err := s.fleet.Visits().Begin(ctx, cloud.BeginVisit{Person: person, Cabinet: b.ID(), Key: s.key()})
	if err != nil && protocol.CodeOf(err) != "" {
		s.count.left++
		return nil
	}
	if err != nil {
		return err
	}
	s.count.visits++
	s.count.units += units
	if err := b.visit(rng, v.ID, acts); err != nil {
		return err
	}
	return s.fleet.Pay(ctx)
}

// picks is what somebody does who wishes this, and finds what is there.
func (b *box) picks(rng *rand.Rand, wishes []wish) (acts []act, units int) {
	gone := map[protocol.SKU]int{}
	for _, w := range wishes {
		for _, p := range b.plan.Platforms {
			n := min(w.units, b.there(p.ID, w.sku)-gone[w.sku])
			if n <= 0 {
				continue
			}
			gone[w.sku] += n
			acts, units = append(acts, b.take(p.ID, w.sku, n)), units+n
			if rng.Float64() < regrets {
				acts, units = append(acts, b.put(p.ID, w.sku, 1)), units-1
			}
			break
		}
	}
	return acts, units
}

// reviews are decided each morning by somebody who has seen the recordings, and knows what was taken.
func (s *story) reviews(ctx context.Context) error {
	open, err := s.fleet.Visits().Reviews(ctx, "", 0)
	if err != nil {
		return err
	}
	for _, r := range open {
		b := s.boxOf(r.Visit.Cabinet)
		if _, err := s.fleet.Visits().Decide(ctx, cloud.DecideReview{Visit: r.Visit.ID, By: "manager", Story: cloud.NoStory, Lines: b.taken[r.Visit.ID]}); err != nil {
			return fmt.Errorf("review %s: %w", r.Visit.ID, err)
		}
		s.count.reviews++
		s.pass(20 * time.Second)
	}
	return errors.Join(s.fleet.Pay(ctx))
}

func (s *story) boxOf(id protocol.CabinetID) *box {
	for _, b := range s.boxes {
		if b.ID() == id {
			return b
		}
	}
	return nil
}
