package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"allhours/edge/past"
	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// box is one cabinet: its matter, and the agent's half that weighs it.
type box struct {
	*past.Cabinet
	story  *story
	number int // among the cabinets of the demand
	store  string
	plan   cabinet.Plan
	world  *physics.World
	sick   protocol.PlatformID // whose scale is silent; "": none
	off    bool                // without a network
	taken  map[protocol.VisitID][]settle.Line
}

// How a visit passes.
const (
	readEvery = 100 * time.Millisecond
	filter    = 4 // conversions that a board averages
	pulse     = 500 * time.Millisecond
	patience  = 30 * time.Second // until a visit must have been settled
)

// weights is what every scale shows now.
func (b *box) weights() []wire.Weight {
	k := physics.ConversionAt(b.story.now())
	shown := make([]wire.Weight, len(b.plan.Platforms))
	for i, p := range b.plan.Platforms {
		shown[i].Platform = p.ID
		if p.ID == b.sick {
			continue
		}
		cell, sum := b.world.Cell(p.ID), 0.0
		for n := range int64(filter) {
			sum += cell.Conversion(k - n)
		}
		division := p.Division.Grams()
		shown[i].Weight, shown[i].OK = protocol.FromGrams(math.Round(sum/filter/division)*division), true
	}
	return shown
}

// wait lets time pass for the cabinet, reading by reading.
func (b *box) wait(d time.Duration) error {
	for end := b.story.now().Add(d); b.story.now().Before(end); {
		b.story.pass(readEvery)
		if err := b.Read(b.weights()); err != nil {
			return err
		}
	}
	return nil
}

// act is one thing that a person does at an open door.
type act func() error

func (b *box) take(p protocol.PlatformID, sku protocol.SKU, qty int) act {
	return func() error { return b.world.Take(b.story.now(), p, sku, qty) }
}

func (b *box) put(p protocol.PlatformID, sku protocol.SKU, qty int) act {
	return func() error { return b.world.Put(b.story.now(), p, sku, qty) }
}

func (b *box) bring(p protocol.PlatformID, g cabinet.Good, qty int) act {
	return func() error {
		if err := b.world.Bring(lotOf(g, qty)); err != nil {
			return err
		}
		return b.world.Put(b.story.now(), p, g.SKU, qty)
	}
}

// visit plays what follows a grant that was burnt: the pulse, the pull, what is done at the open door, and the settlement.
func (b *box) visit(rng *rand.Rand, id protocol.VisitID, acts []act) error {
	if !b.Asked() {
		return fmt.Errorf("visit %s at %s: no lock is to be pulsed", id, b.ID())
	}
	b.world.Door().Energise(b.story.now(), true)
	b.story.pass(pulse)
	b.world.Door().Energise(b.story.now(), false)
	err := errors.Join(b.Pulsed(), b.Latch(false), b.wait(between(rng, 600, 2500)), b.world.Pull(b.story.now()), b.Door(true), b.Deliver())
	for _, do := range acts {
		if err == nil {
			err = errors.Join(b.wait(between(rng, 800, 2200)), do(), b.wait(physics.MoveTime), b.Steps())
		}
	}
	if err != nil {
		return err
	}
	if err := b.wait(between(rng, 900, 2000)); err != nil {
		return err
	}
	b.taken[id] = b.lastTaken()
	if err := errors.Join(b.world.Shut(b.story.now()), b.Door(false), b.Latch(true)); err != nil {
		return err
	}
	for end := b.story.now().Add(patience); b.Busy(); {
		if err := b.wait(readEvery); err != nil {
			return err
		}
		if b.story.now().After(end) {
			return fmt.Errorf("visit %s at %s was not settled within %v", id, b.ID(), patience)
		}
	}
	return errors.Join(b.Deliver(), b.Tell())
}

// lastTaken is what the opening under way has taken, really.
func (b *box) lastTaken() []settle.Line {
	openings := b.world.State().Openings
	return openings[len(openings)-1].Taken
}

// there is how many units of an article really lie on a platform.
func (b *box) there(p protocol.PlatformID, sku protocol.SKU) (units int) {
	for _, heap := range b.world.State().Heaps {
		if heap.Platform != p {
			continue
		}
		for _, u := range heap.Units {
			if u.SKU == sku {
				units++
			}
		}
	}
	return units
}

// quarter is what an agent says each quarter of an hour, and each hour.
func (b *box) quarter(hour bool) error {
	err := errors.Join(b.Read(b.weights()), b.Alive())
	if hour {
		err = errors.Join(err, b.Stock())
	}
	if err != nil || b.off {
		return err
	}
	return errors.Join(b.Deliver(), b.Tell())
}

// keep writes what lies there, for the boards that go on from it.
func (b *box) keep() error {
	text, err := json.Marshal(b.world.State())
	if err != nil {
		return err
	}
	return os.WriteFile(b.story.place.path(half, "cabinets", string(b.ID()), "shelf.json"), text, 0o600)
}

func between(rng *rand.Rand, least, most int) time.Duration {
	return time.Duration(least+rng.IntN(most-least)) * time.Millisecond
}
