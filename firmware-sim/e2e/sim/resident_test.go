package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/shopper"
	"allhours/protocol"
)

// habit is what a resident does before an open door, or before one that should be.
type habit int

const (
	shops      habit = iota
	looks            // opens, takes nothing
	walksAway        // never pulls
	dawdles          // leaves the door open for longer than it should be
	misplaces        // puts a thing back where it does not belong
	presses          // asks for the door several times at once
	habitCount       // of all of them
)

// resident is one person with a phone and two hands.
type resident struct {
	town   *town
	name   string
	person protocol.UUID
	chance *rand.Rand
}

func (v *town) newResident(i int, chance *rand.Rand) *resident {
	v.t.Helper()
	return &resident{town: v, name: fmt.Sprint("resident ", i), person: v.service.signIn(fmt.Sprintf("+86138%08d", i)), chance: chance}
}

// visits a cabinet as the habit is; the visit is what the phone knows of it, nil where it knows none.
func (r *resident) visits(b *box, h habit) *cloud.Visit {
	visit := r.asks(b, h)
	if h == walksAway || visit == nil {
		return visit
	}
	r.stepsUp(b, r.script(b, h))
	return visit
}

// asks for the door, and again with the same key where no answer came. Where there is never one the door may open all
// the same.
func (r *resident) asks(b *box, h habit) *cloud.Visit {
	request := cloud.BeginVisit{Person: r.person, Cabinet: b.id, Key: fmt.Sprint(r.name, " ", r.chance.Uint64())}
	if h == presses {
		go func() { _, _ = r.town.service.begin(request) }() // The other answer counts; this one is the same or a conflict.
	}
	for range 4 {
		v, err := r.town.service.begin(request)
		if err == nil {
			r.town.note("visit begun", "who", r.name, "visit", v.ID, "state", v.State())
			return &v
		}
		r.town.note("visit refused", "who", r.name, "error", err)
		if !errors.Is(err, errDeadLink) && protocol.CodeOf(err) != cloud.CodeCabinetAway && protocol.CodeOf(err) != cloud.CodeConflict {
			return nil
		}
		time.Sleep(between(r.chance, time.Second, 8*time.Second))
	}
	return &cloud.Visit{}
}

// stepsUp waits until there is room before the cabinet and does what the script says, as far as it can be done.
func (r *resident) stepsUp(b *box, script []shopper.Action) {
	b.front <- struct{}{}
	defer func() { <-b.front }()
	err := shopper.Run(context.Background(), b.cabinet, script)
	r.town.note("person done", "who", r.name, "cabinet", b.id, "script", script, "error", err)
	if b.cabinet.State().DoorOpen {
		_ = b.cabinet.Shut(time.Now()) // Whatever went wrong, nobody leaves a door open for ever.
	}
}

// script is what the person will do at the cabinet as it is filled now.
func (r *resident) script(b *box, h habit) []shopper.Action {
	script := shopper.Visit(r.chance, offers(b))
	last := len(script) - 1
	switch h {
	case looks:
		return []shopper.Action{script[0], script[last]}
	case dawdles:
		script[last].AfterMS = 61_000 + r.chance.IntN(20_000)
	case misplaces:
		if wrong, ok := r.misplaced(b, script[last-1]); ok {
			return append(append(script[:last:last], wrong), script[last])
		}
	}
	return script
}

// misplaced puts back what was taken last, on another platform.
func (r *resident) misplaced(b *box, last shopper.Action) (shopper.Action, bool) {
	ids := b.cabinet.Platforms()
	other := ids[r.chance.IntN(len(ids))]
	if last.Do != shopper.Take || other == last.Platform {
		return last, false
	}
	return shopper.Action{Do: shopper.Put, AfterMS: 1500, Platform: other, SKU: last.SKU, Qty: 1}, true
}

// offers are what lies where it belongs. Strays are left to the restocker: a loss below half of the lightest article of a
// platform is taken for a jump of its scale.
func offers(b *box) []shopper.Offer {
	var all []shopper.Offer
	for i, heap := range b.cabinet.State().Heaps {
		by := map[protocol.SKU]int{}
		for _, u := range heap.Units {
			by[u.SKU]++
		}
		for _, good := range b.plan.Platforms[i].Goods {
			if by[good.SKU] > 0 {
				all = append(all, shopper.Offer{Platform: heap.Platform, SKU: good.SKU, Qty: by[good.SKU]})
			}
		}
	}
	return all
}
