// Package planogram says which goods lie on which weighed platform, which of them these scales cannot tell apart, how
// often that would lead to a review, and where the same goods would lie better. It is pure. It refuses to know prices,
// books of stock or where a cabinet stands.
package planogram

import (
	"errors"
	"fmt"

	"allhours/protocol"
)

// Bounds of what is looked at; nothing real comes near them.
const (
	maxGoods  = 100           // articles on one platform
	maxPlaces = 1000          // articles on all platforms
	maxUnits  = 10_000        // units of one article on one platform
	maxMG     = 1_000_000_000 // one ton
	maxDemand = 1e9
)

// Good is an article as the scales meet it.
type Good struct {
	Unit   protocol.Milligrams `json:"unit_mg"`          // weight of one unit
	SD     protocol.Milligrams `json:"sd_mg"`            // standard deviation from unit to unit
	Demand float64             `json:"demand,omitempty"` // how often it is taken, compared with the others; 0 counts as 1
}

// Placement is an article's place on a platform and how many units fit or are wanted there.
type Placement struct {
	SKU   protocol.SKU `json:"sku"`
	Units int          `json:"units"`
}

// Platform is one weighed surface and what lies on it.
type Platform struct {
	ID          protocol.PlatformID  `json:"id"`
	Compartment protocol.Compartment `json:"compartment"` // goods are only moved within one: another may have another climate
	Capacity    protocol.Milligrams  `json:"capacity_mg"` // 0: unknown
	Division    protocol.Milligrams  `json:"division_mg"` // smallest step that the scale shows
	Noise       protocol.Milligrams  `json:"noise_mg"`    // standard deviation of a change between two calm levels; 0: the package's default
	Goods       []Placement          `json:"goods"`
}

// Planogram is the goods of one cabinet and where they lie.
type Planogram struct {
	Platforms []Platform            `json:"platforms"`
	Goods     map[protocol.SKU]Good `json:"goods"`
}

// Validate names what makes the planogram unusable: an article without weight, a platform or an article twice, a number
// beyond reason.
func (p Planogram) Validate() error {
	if len(p.Platforms) == 0 {
		return errors.New("planogram: no platform")
	}
	platforms := make(map[protocol.PlatformID]bool, len(p.Platforms))
	places := 0
	for _, platform := range p.Platforms {
		if places += len(platform.Goods); places > maxPlaces {
			return fmt.Errorf("planogram: more than %d articles", maxPlaces)
		}
		if platforms[platform.ID] {
			return fmt.Errorf("planogram: platform %q is there twice", platform.ID)
		}
		platforms[platform.ID] = true
		for _, mg := range []protocol.Milligrams{platform.Capacity, platform.Division, platform.Noise} {
			if mg < 0 || mg > maxMG {
				return fmt.Errorf("planogram: platform %q: capacity %d mg, division %d mg, noise %d mg: want 0 to %d mg",
					platform.ID, platform.Capacity, platform.Division, platform.Noise, maxMG)
			}
		}
		if err := p.validateGoods(platform); err != nil {
			return err
		}
	}
	return nil
}

func (p Planogram) validateGoods(platform Platform) error {
	if len(platform.Goods) > maxGoods {
		return fmt.Errorf("planogram: platform %q: %d articles: want %d at most", platform.ID, len(platform.Goods), maxGoods)
	}
	seen := make(map[protocol.SKU]bool, len(platform.Goods))
	for _, placed := range platform.Goods {
		good, known := p.Goods[placed.SKU]
		switch {
		case !known:
			return fmt.Errorf("planogram: platform %q: article %q has no weight", platform.ID, placed.SKU)
		case good.Unit <= 0 || good.Unit > maxMG || good.SD < 0 || good.SD > maxMG:
			return fmt.Errorf("planogram: article %q: unit %d mg, spread %d mg: want a weight above 0, no negative spread, and a ton at most", placed.SKU, good.Unit, good.SD)
		case !(good.Demand >= 0 && good.Demand <= maxDemand): // so that it also catches what is no number
			return fmt.Errorf("planogram: article %q: demand %v: want 0 to %v", placed.SKU, good.Demand, maxDemand)
		case placed.Units < 0 || placed.Units > maxUnits:
			return fmt.Errorf("planogram: platform %q: %d units of %q: want 0 to %d", platform.ID, placed.Units, placed.SKU, maxUnits)
		case seen[placed.SKU]:
			return fmt.Errorf("planogram: platform %q: article %q is there twice", platform.ID, placed.SKU)
		}
		seen[placed.SKU] = true
	}
	return nil
}
