package forecast

import (
	"math"

	"allhours/protocol"
)

// What is held of an article before anything like it was sold.
const (
	usualRate = 0.05 // units an hour in a cabinet
	likeness  = 0.5  // difference of prices, as a logarithm, at which articles are much less alike
	likeShare = 0.15 // how much an article of another category tells, against one of the same
	likeHours = 1000 // hours after which an article tells all it can of others
)

// liken finds the rate that is held of each listed article before it is sold: that of like ones.
func (m *Model) liken() {
	m.priors = make(map[protocol.SKU]float64, len(m.listed))
	for _, own := range m.listed {
		sum, weights := usualRate*0.2, 0.2
		for _, other := range m.listed {
			seen := m.shared.Articles[other.SKU]
			if other.SKU == own.SKU || seen == nil || seen.Rate.expected <= 0 {
				continue
			}
			w := alike(own, other) * math.Min(seen.Rate.expected/likeHours, 1)
			sum += w * seen.Rate.sold / seen.Rate.expected
			weights += w
		}
		m.priors[own.SKU] = sum / weights
	}
}

// alike weighs how much one article tells of another, by category, price and need.
func alike(a, b Article) float64 {
	w := 1.0
	if a.Category != b.Category {
		w = likeShare
	}
	if a.Essential != b.Essential {
		w /= 2
	}
	if a.Price > 0 && b.Price > 0 {
		apart := math.Log(float64(a.Price)/float64(b.Price)) / likeness
		w *= math.Exp(-apart * apart / 2)
	}
	return w
}
