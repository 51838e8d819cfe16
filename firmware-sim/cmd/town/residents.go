package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"allhours/firmware-sim/control"
	"allhours/firmware-sim/phone"
	"allhours/firmware-sim/shopper"
	"allhours/protocol"
)

// The neighbourhood's residents.
const (
	people        = 60
	firstNumber   = 1000 // of their telephones
	firstResident = 5 * time.Second
	glance        = 300 * time.Millisecond // between two looks at the phone
	patience      = 2 * time.Minute        // for a receipt
)

// residents come as they like, through the same API as everybody.
type residents struct {
	service string
	sim     string
	places  []place
	speed   float64 // divides the pauses between residents, and nothing else
	zone    *time.Location
	rng     *rand.Rand
	say     func(format string, args ...any)

	mu      sync.Mutex
	known   map[int]*phone.Resident // who has signed in
	at      map[protocol.CabinetID]bool
	visited sync.WaitGroup
}

// newResidents gathers the neighbourhood's people.
func newResidents(opts options, n neighbourhood) (*residents, error) {
	var chain struct {
		TimeZone string `json:"time_zone"`
	}
	if err := json.Unmarshal(n.Chain, &chain); err != nil {
		return nil, fmt.Errorf("chain: %w", err)
	}
	zone, err := time.LoadLocation(chain.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("chain: %w", err)
	}
	return &residents{
		service: "http://" + opts.port.address(), sim: "http://" + opts.sim.address(), places: n.Cabinets, speed: opts.speed,
		zone: zone, rng: rand.New(rand.NewPCG(rand.Uint64(), 0)), say: say,
		known: map[int]*phone.Resident{}, at: map[protocol.CabinetID]bool{},
	}, nil
}

// stroll lets residents come until ctx ends, and waits for those who are there.
func (r *residents) stroll(ctx context.Context) {
	defer r.visited.Wait()
	for pause := firstResident; ; pause = shopper.NextAfter(r.rng, time.Now().In(r.zone)) {
		select {
		case <-time.After(time.Duration(float64(pause) / r.speed)):
		case <-ctx.Done():
			return
		}
		where, who := r.places[r.rng.IntN(len(r.places))], r.rng.IntN(people)
		rng := rand.New(rand.NewPCG(r.rng.Uint64(), r.rng.Uint64()))
		if r.enter(where.ID) {
			r.visited.Go(func() {
				defer r.leave(where.ID)
				r.tell(ctx, where, func() (string, error) { return r.visit(ctx, rng, where, who) })
			})
		}
	}
}

// enter makes a resident turn round where another one stands before the cabinet.
func (r *residents) enter(id protocol.CabinetID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at[id] {
		return false
	}
	r.at[id] = true
	return true
}

func (r *residents) leave(id protocol.CabinetID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.at, id)
}

func (r *residents) tell(ctx context.Context, where place, visit func() (string, error)) {
	outcome, err := visit()
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		outcome = "left: " + err.Error()
	}
	r.say("%s  a resident at %s (%s): %s", time.Now().In(r.zone).Format("15:04:05"), where.ID, where.PlaceEn, outcome)
}

// visit is one resident's whole visit; its outcome is in words.
func (r *residents) visit(ctx context.Context, rng *rand.Rand, where place, who int) (string, error) {
	resident, err := r.person(ctx, who)
	if err != nil {
		return "", err
	}
	var truth control.Truth
	if err := phone.GetJSON(ctx, http.DefaultClient, r.sim+"/cabinets/"+string(where.ID)+"/truth", &truth); err != nil {
		return "", err
	}
	opened, err := resident.Open(ctx, string(where.ID))
	if err != nil {
		if problem, ok := errors.AsType[*phone.Problem](err); ok && problem.Status == http.StatusUnauthorized {
			r.forget(who)
		}
		return "", err
	}
	if err := resident.Shop(ctx, string(where.ID), actionsOf(shopper.Visit(rng, offersOf(truth)))...); err != nil {
		return "", err
	}
	return r.receipt(ctx, resident, opened.ID)
}

// receipt looks at the phone now and then until the visit has ended.
func (r *residents) receipt(ctx context.Context, resident *phone.Resident, visit string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		seen, err := resident.Look(ctx, visit)
		if err != nil {
			return "", err
		}
		if seen.Ended() {
			return describeReceipt(seen), nil
		}
		select {
		case <-time.After(glance):
		case <-ctx.Done():
			return "", fmt.Errorf("their visit is still %s", seen.State)
		}
	}
}

func (r *residents) person(ctx context.Context, who int) (*phone.Resident, error) {
	r.mu.Lock()
	known := r.known[who]
	r.mu.Unlock()
	if known != nil {
		return known, nil
	}
	resident, err := phone.SignIn(ctx, r.service, r.sim, fmt.Sprintf("+861390571%04d", firstNumber+who))
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[who] = resident
	return resident, nil
}

// forget lets a resident whose session has ended sign in again next time.
func (r *residents) forget(who int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, who)
}

func offersOf(truth control.Truth) []shopper.Offer {
	var offers []shopper.Offer
	for _, p := range truth.Platforms {
		for _, g := range p.Goods {
			offers = append(offers, shopper.Offer{Platform: p.ID, SKU: g.SKU, Qty: g.Qty})
		}
	}
	return offers
}

func actionsOf(script []shopper.Action) []phone.Action {
	actions := make([]phone.Action, len(script))
	for i, a := range script {
		actions[i] = phone.Action{Do: string(a.Do), Platform: string(a.Platform), SKU: string(a.SKU), Qty: a.Qty, AfterMS: a.AfterMS}
	}
	return actions
}

func describeReceipt(v phone.Visit) string {
	units := 0
	for _, l := range v.Lines {
		units += l.Qty
	}
	return fmt.Sprintf("%s, %d units, ¥%d.%02d", v.State, units, v.Total/100, v.Total%100)
}
