package shopper

import (
	"math/rand/v2"
	"slices"
	"time"

	"allhours/protocol"
)

// Habits of residents, as shares of all who open a door.
const (
	onlyLooks = 0.12
	regrets   = 0.15 // of those who took something, put one thing back
	takesTwo  = 0.25 // of all moves
)

// stroll is the mean pause between two residents of a neighbourhood at its busiest hour.
const stroll = 75 * time.Second

// NextAfter draws the pause until the neighbourhood's next resident comes, from the hour of the neighbourhood's day.
func NextAfter(rng *rand.Rand, local time.Time) time.Duration {
	busy := [24]float64{ // each hour against the busiest: most come when the store is shut
		0.45, 0.35, 0.25, 0.2, 0.2, 0.3, 0.5, 0.6, 0.5, 0.4, 0.4, 0.5,
		0.6, 0.5, 0.4, 0.4, 0.45, 0.6, 0.7, 0.75, 0.8, 0.9, 1, 0.8,
	}
	share := 0.3 + 0.7*rng.ExpFloat64()
	return time.Duration(float64(stroll) * min(share, 4) / busy[local.Hour()])
}

// Offer is a number of units of one article that lie on one platform.
type Offer struct {
	Platform protocol.PlatformID
	SKU      protocol.SKU
	Qty      int
}

// Visit draws what a resident does at a cabinet that offers this: takes of one or two units with at least 0.8 s between
// moves, sometimes a thing put back, sometimes only a look. It always pulls first and shuts last.
func Visit(rng *rand.Rand, offers []Offer) []Action {
	script := []Action{{Do: Pull, AfterMS: between(rng, 300, 1500)}}
	left := slices.Clone(offers)
	if rng.Float64() >= onlyLooks {
		for range 1 + rng.IntN(3) {
			if take, ok := take(rng, left); ok {
				script = append(script, take)
			}
		}
	}
	if len(script) > 1 && rng.Float64() < regrets {
		back := script[len(script)-1]
		back.Do, back.Qty, back.AfterMS = Put, 1, between(rng, 1500, 4000)
		script = append(script, back)
	}
	return append(script, Action{Do: Shut, AfterMS: between(rng, 900, 2500)})
}

func between(rng *rand.Rand, lo, hi int) int { return lo + rng.IntN(hi-lo) }

// take draws one of the offers that are not sold out, and takes it off the shelf in mind.
func take(rng *rand.Rand, left []Offer) (Action, bool) {
	var there []int
	for i, offer := range left {
		if offer.Qty > 0 {
			there = append(there, i)
		}
	}
	if len(there) == 0 {
		return Action{}, false
	}
	chosen := &left[there[rng.IntN(len(there))]]
	qty := 1
	if chosen.Qty > 1 && rng.Float64() < takesTwo {
		qty = 2
	}
	chosen.Qty -= qty
	return Action{Do: Take, AfterMS: between(rng, 800, 2500), Platform: chosen.Platform, SKU: chosen.SKU, Qty: qty}, true
}
