package fieldbus

import "allhours/protocol"

// Reading is what a scale that speaks in text says of the weight on it.
type Reading struct {
	Weight   protocol.Milligrams // 0 where Over
	Unstable bool                // the scale itself says that the weight is moving
	Over     bool                // over or under what the scale can measure
}

// Unit is the unit in which a scale shows its weight, as its text spells it.
type Unit string

// The units that drivers know.
const (
	Grams     Unit = "g"
	Kilograms Unit = "kg"
)

// MaxDecimals is how many digits after the point a scale may show.
const MaxDecimals = 6

// unit is what one of it weighs; 0 for a unit that is not known.
func (u Unit) unit() int64 {
	switch u {
	case Grams:
		return 1000
	case Kilograms:
		return 1_000_000
	default:
		return 0
	}
}

// Known reports whether the unit is one of those above.
func (u Unit) Known() bool { return u.unit() != 0 }

// Weight is a count of the last of so many decimals, rounded to the nearest milligram.
func (u Unit) Weight(count int64, decimals int) protocol.Milligrams {
	if count < 0 {
		return -u.Weight(-count, decimals)
	}
	divisor := power(decimals)
	return protocol.Milligrams((count*u.unit() + divisor/2) / divisor)
}

// Count is the weight as digits with so many decimals, rounded to the nearest.
func (u Unit) Count(w protocol.Milligrams, decimals int) int64 {
	if w < 0 {
		return -u.Count(-w, decimals)
	}
	unit := u.unit()
	return (int64(w)*power(decimals) + unit/2) / unit
}

func power(decimals int) int64 {
	p := int64(1)
	for range decimals {
		p *= 10
	}
	return p
}
