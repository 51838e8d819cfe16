package doctor

import (
	"math"
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
)

// meterSpan is how much of a scale's past its meter looks at.
const meterSpan = time.Minute

// noiseSpan is what noise is measured over: drift is small in it.
const noiseSpan = 10 * time.Second

// Meter follows one platform's scale and says how it behaves. It is pure: samples bring their time.
type Meter struct {
	kept   []edge.Sample // of the last meterSpan, oldest first
	seen   int
	faults map[edge.ScaleFault]int
	moving int
	began  time.Time
}

// NewMeter makes a meter that has seen nothing.
func NewMeter() *Meter { return &Meter{faults: map[edge.ScaleFault]int{}} }

// Add takes the next sample.
func (m *Meter) Add(s edge.Sample) {
	if m.seen == 0 {
		m.began = s.At
	}
	m.seen++
	if s.Fault != edge.ScaleOK {
		m.faults[s.Fault]++
		return
	}
	if s.Unstable {
		m.moving++
	}
	m.kept = append(m.kept, s)
	old := slices.IndexFunc(m.kept, func(k edge.Sample) bool { return s.At.Sub(k.At) <= meterSpan })
	m.kept = slices.Delete(m.kept, 0, old)
}

// Scale is how a platform's scale behaved while it was watched. Its field names are stable.
type Scale struct {
	Platform protocol.PlatformID `json:"platform"`
	Weight   protocol.Milligrams `json:"weight_mg"` // the middle of the last second
	Noise    protocol.Milligrams `json:"noise_mg"`  // standard deviation over ten seconds
	Drift    protocol.Milligrams `json:"drift_mg"`  // over the last minute, or since the beginning
	Hz       float64             `json:"hz"`
	Stable   bool                `json:"stable"`
	Readings int                 `json:"readings"`
	Silent   int                 `json:"silent"` // readings without a weight
	Overload int                 `json:"overload"`
	Distinct int                 `json:"distinct"` // weights among the readings of ten seconds
}

// Scale sums up.
func (m *Meter) Scale(id protocol.PlatformID) Scale {
	s := Scale{Platform: id, Readings: m.seen, Silent: m.faults[edge.ScaleSilent], Overload: m.faults[edge.ScaleOverload]}
	if len(m.kept) == 0 {
		return s
	}
	last := m.kept[len(m.kept)-1]
	recent := m.since(last.At.Add(-noiseSpan))
	s.Weight, s.Noise, s.Distinct = middle(m.since(last.At.Add(-time.Second))), deviation(recent), distinct(recent)
	s.Drift = s.Weight - middle(m.until(m.kept[0].At.Add(time.Second)))
	s.Stable = !last.Unstable
	if span := last.At.Sub(m.kept[0].At).Seconds(); span > 0 {
		s.Hz = math.Round(10*float64(len(m.kept)-1)/span) / 10
	}
	return s
}

func (m *Meter) since(at time.Time) []edge.Sample {
	i := slices.IndexFunc(m.kept, func(k edge.Sample) bool { return !k.At.Before(at) })
	return m.kept[max(i, 0):]
}

func (m *Meter) until(at time.Time) []edge.Sample {
	i := slices.IndexFunc(m.kept, func(k edge.Sample) bool { return k.At.After(at) })
	if i < 0 {
		return m.kept
	}
	return m.kept[:i]
}

func middle(samples []edge.Sample) protocol.Milligrams {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(samples), func(a, b edge.Sample) int { return int(a.Weight - b.Weight) })
	return sorted[len(sorted)/2].Weight
}

func deviation(samples []edge.Sample) protocol.Milligrams {
	var sum, squares float64
	for _, s := range samples {
		sum += float64(s.Weight)
	}
	mean := sum / float64(len(samples))
	for _, s := range samples {
		squares += (float64(s.Weight) - mean) * (float64(s.Weight) - mean)
	}
	return protocol.Milligrams(math.Round(math.Sqrt(squares / float64(len(samples)))))
}

func distinct(samples []edge.Sample) int {
	seen := map[protocol.Milligrams]bool{}
	for _, s := range samples {
		seen[s.Weight] = true
	}
	return len(seen)
}

// Limits are what a scale must do to sell by it.
type Limits struct {
	Lightest protocol.Milligrams // unit that is sold
	Hz       float64             // that a visit needs
	Drift    protocol.Milligrams // that is no more than warming up, in a minute
}

// enoughReadings are those without which nothing is said of noise.
const enoughReadings = 20

// Judge says what is wrong with a scale that nobody touched meanwhile.
func (l Limits) Judge(s Scale, r *Report) {
	wrong := func(format string, args ...any) { r.Say(Wrong, string(s.Platform), format, args...) }
	before := len(r.Findings)
	switch {
	case s.Readings == 0 || s.Readings == s.Silent:
		wrong("it gives no weight")
		return
	case s.Overload*2 > s.Readings:
		wrong("it is overloaded, or its cell is not connected: look at the four wires of the cell")
		return
	case s.Silent*20 > s.Readings:
		wrong("%d of %d readings failed", s.Silent, s.Readings)
	}
	if s.Readings < enoughReadings {
		wrong("it gave %d readings only", s.Readings)
		return
	}
	if noise := l.Lightest / 12; s.Noise > noise {
		wrong("its weight trembles by %s, with units of %s at most %s will do: look at the shield, at what touches the platform, at a fan",
			grams(s.Noise), grams(l.Lightest), grams(noise))
	}
	if drift := max(s.Drift, -s.Drift); drift > l.Drift+3*s.Noise {
		wrong("it drifts: %s in a minute; wait until it is warm, then look for what leans on the platform", grams(s.Drift))
	}
	if s.Hz < l.Hz {
		wrong("it is read %.1f times a second, %.0f are needed: a faster line, or fewer boards on it", s.Hz, l.Hz)
	}
	if s.Distinct == 1 {
		r.Say(Look, string(s.Platform), "not one of %d readings differs from another: coarse divisions, or it is stuck; lean on it and look", s.Readings)
	}
	if len(r.Findings) == before {
		r.Say(OK, string(s.Platform), "%s, noise %s, %.1f readings a second", grams(s.Weight), grams(s.Noise), s.Hz)
	}
}
