package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"slices"
	"time"

	"allhours/cloud/server"
	"allhours/edge/past"
	"allhours/firmware-sim/demand"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
)

// story is a past that is being played. Its time passes only by its own word.
type story struct {
	o      options
	place  place
	town   neighbourhood
	zone   *time.Location
	first  time.Time // midnight of the first day, by the chain's clocks
	clock  time.Time
	fleet  *server.Past
	wishes *demand.Demand
	boxes  []*box
	people map[int]protocol.UUID
	staff  map[protocol.Role]protocol.UUID
	shelf  map[string]map[protocol.SKU]int // of the stores
	rng    *rand.Rand
	count  tally
	keys   int
}

// tally is what a past came to.
type tally struct{ visits, reviews, refills, left, units, counted, spoilt int }

func (t tally) String() string {
	return fmt.Sprintf("%d visits, %d units, %d reviews, %d refills, %d units past their date taken out, %d platforms counted anew; %d residents found nothing or no open door",
		t.visits, t.units, t.reviews, t.refills, t.spoilt, t.counted, t.left)
}

func (s *story) now() time.Time { return s.clock }

func (s *story) pass(d time.Duration) { s.clock = s.clock.Add(d) }

// until lets time pass up to a moment that may be over.
func (s *story) until(t time.Time) {
	if t.After(s.clock) {
		s.clock = t
	}
}

func (s *story) key() string { s.keys++; return fmt.Sprint("past-", s.keys) }

// open makes the books and the cabinets as they were on the first morning.
func open(ctx context.Context, o options, p place) (*story, error) {
	s := &story{o: o, place: p, people: map[int]protocol.UUID{}, staff: map[protocol.Role]protocol.UUID{}, shelf: map[string]map[protocol.SKU]int{}}
	s.rng = rand.New(rand.NewPCG(uint64(o.seed), 1))
	town, document, err := readTown(p)
	if err != nil {
		return nil, err
	}
	s.town = town
	if s.zone, err = time.LoadLocation(town.Chain.TimeZone); err != nil {
		return nil, err
	}
	y, m, d := o.until.In(s.zone).Date()
	s.first = time.Date(y, m, d-o.days, 0, 0, 0, 0, s.zone)
	s.clock, s.wishes = s.first, town.wishes(o.seed, time.Date(y, m, d-o.days, 0, 0, 0, 0, time.UTC), o.days+1+ordersFor)
	s.fleet, err = server.OpenPast(ctx, server.PastOptions{Data: p.path(half), Now: s.now, Until: o.until, Seed: o.seed, Broker: o.broker, Send: s.down})
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, document); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *story) begin(ctx context.Context, document []byte) error {
	if _, err := s.fleet.Admin().Apply(ctx, document); err != nil {
		return err
	}
	for name, role := range map[string]protocol.Role{"manager": protocol.RoleManager, "technician": protocol.RoleTechnician, "restocker": protocol.RoleRestocker} {
		id, err := s.fleet.Staff(ctx, name, role, s.o.password)
		if err != nil {
			return err
		}
		s.staff[role] = id
	}
	if err := s.ruled(ctx); err != nil {
		return err
	}
	papers := httptest.NewServer(s.fleet.Handler())
	defer papers.Close()
	for n, c := range s.town.Cabinets {
		if err := s.enrol(ctx, papers, n, c.ID, c.Store); err != nil {
			return fmt.Errorf("cabinet %s: %w", c.ID, err)
		}
	}
	return nil
}

// enrol claims a cabinet and connects it.
func (s *story) enrol(ctx context.Context, papers *httptest.Server, number int, id protocol.CabinetID, store string) error {
	b := &box{story: s, number: number, store: store, taken: map[protocol.VisitID][]settle.Line{}}
	text, err := os.ReadFile(s.place.path("cabinets", string(id), "boards.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &b.plan); err != nil {
		return err
	}
	b.world = matter(b.plan)
	code, err := s.fleet.Admin().Enrol(ctx, id, time.Hour)
	if err != nil {
		return err
	}
	data := s.place.path(half, "cabinets", string(id), "agent")
	if err := past.Claim(ctx, data, string(code.Code), papers.URL); err != nil {
		return err
	}
	b.Cabinet, err = past.Open(past.Options{
		Data: data, Reader: true, Now: s.now, Version: "simulated past",
		Send: func(ch topic.Channel, payload []byte) error { return s.fleet.Hear(ctx, b.Address(), ch, payload) },
	})
	if err != nil {
		return err
	}
	s.boxes = append(s.boxes, b)
	return errors.Join(b.Read(b.weights()), b.Door(false), b.Latch(true), b.Connect(), b.Alive(), b.Deliver(), b.Tell())
}

// down brings a message of the cloud to its cabinet.
func (s *story) down(to topic.Address, ch topic.Channel, payload []byte) error {
	for _, b := range s.boxes {
		if b.ID() == to.Cabinet && !b.off {
			return b.Hear(ch, payload)
		}
	}
	return nil
}

func (s *story) close() error {
	var errs []error
	for _, b := range s.boxes {
		errs = append(errs, b.keep(), b.Close())
	}
	return errors.Join(append(errs, s.fleet.Close())...)
}

// moment is something that happens at a time.
type moment struct {
	at time.Time
	do func(ctx context.Context) error
}

// play lets the days pass.
func (s *story) play(ctx context.Context) error {
	for day := range s.o.days + 1 {
		moments := s.moments(day)
		slices.SortStableFunc(moments, func(a, b moment) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
		for _, m := range moments {
			if !m.at.Before(s.o.until.Add(-2 * time.Minute)) {
				break
			}
			s.until(m.at)
			if err := errors.Join(ctx.Err(), m.do(ctx)); err != nil {
				return err
			}
		}
		s.o.say("%s: %s", s.first.AddDate(0, 0, day).Format(time.DateOnly), s.count)
	}
	return s.end(ctx)
}

func (s *story) at(day, hour, minute int) time.Time {
	return s.first.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// moments are everything that happens on a day.
func (s *story) moments(day int) []moment {
	var all []moment
	add := func(at time.Time, do func(context.Context) error) { all = append(all, moment{at, do}) }
	for quarter := range 96 {
		add(s.at(day, 0, 15*quarter), func(ctx context.Context) error { return s.quarter(ctx, quarter%4 == 0) })
	}
	if day > 0 {
		add(s.at(day, 8, 5), s.reviews)
		add(s.at(day, 8, 35), func(ctx context.Context) error { return s.closeDay(ctx, day-1) })
	}
	weekday := s.first.AddDate(0, 0, day).Weekday()
	for n, store := range s.town.Stores {
		if weekday != time.Sunday && (weekday != time.Wednesday || n == 0) { // Nights after days without a round are those on which something ends.
			add(s.at(day, 9, 40+25*n), func(ctx context.Context) error { return s.round(ctx, store.ID) })
		}
	}
	for _, b := range s.boxes {
		for hour := range 24 {
			for _, v := range s.comers(b, day, hour) {
				add(v.at, func(ctx context.Context) error { return s.shop(ctx, b, v) })
			}
		}
	}
	return append(all, s.troubles(day)...)
}

// quarter is what happens by itself.
func (s *story) quarter(ctx context.Context, hour bool) error {
	for _, b := range s.boxes {
		if err := b.quarter(hour); err != nil {
			return err
		}
	}
	if !hour {
		return nil
	}
	return s.fleet.Due(ctx)
}

// end leaves every cabinet with all told.
func (s *story) end(ctx context.Context) error {
	s.until(s.o.until.Add(-time.Minute))
	for _, b := range s.boxes {
		if err := errors.Join(s.stocktake(ctx, b), b.quarter(true), b.Prune(), b.Disconnect()); err != nil {
			return err
		}
	}
	return s.fleet.Due(ctx)
}
