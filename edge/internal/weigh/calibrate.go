package weigh

import (
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
)

// Limits of a calibration.
const (
	steadyFor   = 12               // readings: the older half makes the correction, the newer one tests it
	freshWithin = time.Second      // the last of them
	agedAtMost  = 30 * time.Second // the first
	leastShare  = 10               // a known weight is at least such a part of the capacity
	zeroShare   = 25               // and an empty platform shows at most such a part, unless the technician insists
	leastFactor = 900_000          // millionths
	mostFactor  = 1_100_000
)

// Calibration is what a calibration found and does.
type Calibration struct {
	edge.Correction
	Before protocol.Milligrams // by which the weight was wrong
	After  protocol.Milligrams // and is now, by readings that did not make the correction
}

// ZeroAt makes a platform that is empty show nothing. shown are the readings of its board, was is the correction until
// now; force takes a zero that is far from the last one. The error says what stands against it, in words.
func ZeroAt(was edge.Correction, shown []edge.Sample, s Scale, force bool, now time.Time) (Calibration, error) {
	early, late, err := steady(shown, s, now)
	if err != nil {
		return Calibration{}, err
	}
	c := Calibration{Correction: edge.Correction{Offset: early, PPM: was.Factor()}, Before: was.Of(early)}
	if size := max(c.Before, -c.Before); size > s.capacity()/zeroShare && !force {
		return Calibration{}, protocol.Errorf(protocol.CodeMalformed, "it shows %.0f g: that is no empty platform; take everything off it", c.Before.Grams())
	}
	c.After = c.Of(late)
	return c, nil
}

// SpanAt makes a platform show a mass that is known to lie on it, and nothing else. The error says what stands against
// it, in words.
func SpanAt(was edge.Correction, shown []edge.Sample, mass protocol.Milligrams, s Scale, now time.Time) (Calibration, error) {
	if least := s.capacity() / leastShare; mass < least {
		return Calibration{}, protocol.Errorf(protocol.CodeMalformed, "%.0f g are too little to tell by: want %.0f g or more, a tenth of what it carries", mass.Grams(), least.Grams())
	}
	early, late, err := steady(shown, s, now)
	if err != nil {
		return Calibration{}, err
	}
	net := early - was.Offset
	if net <= 0 {
		return Calibration{}, protocol.Errorf(protocol.CodeMalformed, "it shows %.0f g: nothing lies there, or its zero is wrong", net.Grams())
	}
	ppm := (int64(mass)*1_000_000 + int64(net)/2) / int64(net)
	if ppm < leastFactor || ppm > mostFactor {
		return Calibration{}, protocol.Errorf(protocol.CodeMalformed,
			"it shows %.0f g for %.0f g: no scale is so far off; look at what lies there, at its zero, and at the board's own settings", was.Of(early).Grams(), mass.Grams())
	}
	c := Calibration{Correction: edge.Correction{Offset: was.Offset, PPM: ppm}, Before: was.Of(early) - mass}
	c.After = c.Of(late) - mass
	return c, nil
}

func (s Scale) capacity() protocol.Milligrams {
	if s.Capacity <= 0 {
		return ordinaryCapacity
	}
	return s.Capacity
}

// steady is the middle of the older and of the newer half of readings that were calm and are of now.
func steady(shown []edge.Sample, s Scale, now time.Time) (early, late protocol.Milligrams, err error) {
	refuse := func(why string, args ...any) (protocol.Milligrams, protocol.Milligrams, error) {
		return 0, 0, protocol.Errorf(protocol.CodeScaleFault, why, args...)
	}
	if len(shown) < steadyFor || now.Sub(shown[len(shown)-1].At) > freshWithin || now.Sub(shown[len(shown)-steadyFor].At) > agedAtMost {
		return refuse("it gives too few weights")
	}
	var weights []protocol.Milligrams
	for _, r := range shown {
		switch {
		case r.Fault == edge.ScaleSilent: // One answer in a while is lost on any line.
		case r.Fault != edge.ScaleOK:
			return refuse("its readings fail: %s", r.Fault)
		case r.Unstable:
			return refuse("the board says that the weight is moving: wait until it rests")
		default:
			weights = append(weights, r.Weight)
		}
	}
	if len(weights) < steadyFor {
		return refuse("it is silent: %d of %d readings failed", len(shown)-len(weights), len(shown))
	}
	half := len(weights) / 2
	early, late = middleOf(weights[:half]), middleOf(weights[half:])
	if spread, most := slices.Max(weights)-slices.Min(weights), max(20*s.Division, s.capacity()/1000, 5000); spread > most {
		return refuse("it trembles by %.1f g: touch nothing, and look for what does", spread.Grams())
	}
	if moved, most := max(late-early, early-late), max(3*s.Division, s.capacity()/10_000); moved > most {
		return refuse("its weight moved by %.1f g while it was read: wait until it rests", moved.Grams())
	}
	return early, late, nil
}

func middleOf(weights []protocol.Milligrams) protocol.Milligrams {
	sorted := slices.Sorted(slices.Values(weights))
	return sorted[len(sorted)/2]
}
