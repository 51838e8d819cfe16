package edge

import "allhours/protocol"

// whole is a factor of one, in millionths.
const whole = 1_000_000

// Correction makes what a platform's board shows into what lies there: a calibration of the agent's own, which no board
// needs to understand. Its zero value changes nothing.
type Correction struct {
	Offset protocol.Milligrams `json:"offset_mg"`  // that the board shows while the platform is empty
	PPM    int64               `json:"factor_ppm"` // of what it shows beyond that, in millionths; 0 means 1,000,000
}

// Of is the weight behind one that the board shows.
func (c Correction) Of(shown protocol.Milligrams) protocol.Milligrams {
	if c.PPM == 0 || c.PPM == whole {
		return shown - c.Offset
	}
	product := int64(shown-c.Offset) * c.PPM
	if product < 0 {
		return protocol.Milligrams(-((-product + whole/2) / whole))
	}
	return protocol.Milligrams((product + whole/2) / whole)
}

// Factor is PPM with its default.
func (c Correction) Factor() int64 {
	if c.PPM == 0 {
		return whole
	}
	return c.PPM
}
