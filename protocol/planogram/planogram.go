// Package planogram says which goods lie on which weighed platform, and which of them these scales cannot tell apart.
// It is pure. It refuses to know prices, stock or where a cabinet stands.
package planogram

import (
	"errors"
	"fmt"

	"allhours/protocol"
)

// Good is an article as the scales meet it.
type Good struct {
	Unit protocol.Milligrams `json:"unit_mg"` // weight of one unit
	SD   protocol.Milligrams `json:"sd_mg"`   // standard deviation from unit to unit
}

// Placement is an article's place on a platform and how many units fit or are wanted there.
type Placement struct {
	SKU   protocol.SKU `json:"sku"`
	Units int          `json:"units"`
}

// Platform is one weighed surface and what lies on it.
type Platform struct {
	ID       protocol.PlatformID `json:"id"`
	Capacity protocol.Milligrams `json:"capacity_mg"`
	Division protocol.Milligrams `json:"division_mg"` // smallest step that the scale shows
	Noise    protocol.Milligrams `json:"noise_mg"`    // standard deviation of a calm reading; 0: the package's default
	Goods    []Placement         `json:"goods"`
}

// Planogram is the goods of one cabinet and where they lie.
type Planogram struct {
	Platforms []Platform            `json:"platforms"`
	Goods     map[protocol.SKU]Good `json:"goods"`
}

// Validate names what makes the planogram unusable: an article without weight, a platform or an article twice.
func (p Planogram) Validate() error {
	if len(p.Platforms) == 0 {
		return errors.New("planogram: no platform")
	}
	platforms := make(map[protocol.PlatformID]bool, len(p.Platforms))
	for _, platform := range p.Platforms {
		if platforms[platform.ID] {
			return fmt.Errorf("planogram: platform %q is there twice", platform.ID)
		}
		platforms[platform.ID] = true
		if err := p.validateGoods(platform); err != nil {
			return err
		}
	}
	return nil
}

func (p Planogram) validateGoods(platform Platform) error {
	seen := make(map[protocol.SKU]bool, len(platform.Goods))
	for _, placed := range platform.Goods {
		good, known := p.Goods[placed.SKU]
		switch {
		case !known:
			return fmt.Errorf("planogram: platform %q: article %q has no weight", platform.ID, placed.SKU)
		case good.Unit <= 0 || good.SD < 0:
			return fmt.Errorf("planogram: article %q: unit %d mg, spread %d mg: want a weight above 0 and no negative spread", placed.SKU, good.Unit, good.SD)
		case placed.Units < 0:
			return fmt.Errorf("planogram: platform %q: %d units of %q: want 0 or more", platform.ID, placed.Units, placed.SKU)
		case seen[placed.SKU]:
			return fmt.Errorf("planogram: platform %q: article %q is there twice", platform.ID, placed.SKU)
		}
		seen[placed.SKU] = true
	}
	return nil
}
