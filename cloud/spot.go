package cloud

import "math"

// Spot is a place on earth in millionths of a degree. The zero spot, which lies in the sea, is that nobody has said one.
// All spots of a chain are to come from the same map: maps of one city may differ by hundreds of metres.
type Spot struct {
	Latitude  int // north
	Longitude int // east
}

// Known reports a spot that somebody has said.
func (p Spot) Known() bool { return p != Spot{} }

const (
	metresOfDegree = 111_195 // of a circle around the earth
	// detour is how much longer a way through streets is than the straight line, in percent.
	detour = 130
)

// Metres is about how long the way on foot to another spot is. Nobody here knows the streets.
func (p Spot) Metres(to Spot) int {
	north := float64(to.Latitude-p.Latitude) / 1e6
	middle := float64(to.Latitude+p.Latitude) / 2e6
	east := float64(to.Longitude-p.Longitude) / 1e6 * math.Cos(middle*math.Pi/180)
	return int(math.Round(math.Hypot(north, east) * metresOfDegree * detour / 100))
}
