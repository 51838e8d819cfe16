package demand

import "math"

// draws are numbers by chance that belong to what they are drawn for and to no other, so that it does not matter in which
// order they are asked for.
type draws uint64

// What is drawn.
const (
	ofHours = iota + 1
	ofPairs
)

func (d *Demand) drawn(what int, of ...int) draws {
	h := mix(d.seed ^ uint64(what)<<56)
	for _, n := range of {
		h = mix(h ^ uint64(n))
	}
	return draws(h)
}

// share is drawn evenly between 0 and 1, neither of which it is.
func (s *draws) share() float64 {
	*s = draws(mix(uint64(*s)))
	return (float64(*s>>12) + 0.5) / (1 << 52)
}

// wait is the time until something happens that happens once in a time of 1.
func (s *draws) wait() float64 { return -math.Log(s.share()) }

// chance is a factor of mean 1 whose logarithm has this standard deviation.
func (d *Demand) chance(sd float64, of ...int) float64 {
	s := d.drawn(ofPairs, of...)
	normal := math.Sqrt(2*s.wait()) * math.Cos(2*math.Pi*s.share())
	return math.Exp(normal*sd - sd*sd/2)
}

// mix is the last step of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
