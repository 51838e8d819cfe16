package practice

import (
	"cmp"
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// script is a story that is being told: now moves on as people act.
type script struct {
	*Story
	chance
	shelves       []stocked
	taken         map[protocol.SKU]int
	now           float64
	factor, drift float64 // of the door's slams; of the scales' wander
	used          []place // what this shopper chose so far: nobody comes back for the same
}

// place is an article on a platform.
type place struct{ platform, good int }

// hand is what a hand holds: units of one article.
type hand struct {
	place
	units []float64 // grams
}

func (h hand) grams() float64 {
	sum := 0.0
	for _, g := range h.units {
		sum += g
	}
	return sum
}

// begin makes the scales and opens the door.
func (s *script) begin() {
	lanes := s.Layout == Lanes
	s.Header = header(s.ID, s.shelves, lanes)
	for i := range s.shelves {
		c := cell{
			capacity: shelfCapacity, division: shelfDivision, base: s.shelves[i].load(),
			zero: zeroSD * s.NormFloat64(), span: spanSD * s.NormFloat64(), slope: shelfDrift * s.drift * s.NormFloat64(),
			noise: s.in(shelfNoise), ringHz: s.in(ringHz), ringTime: s.in(ringTime),
		}
		if lanes {
			c.capacity, c.division, c.noise = laneCapacity, laneDivision, s.in(laneNoise)
			c.slope *= laneDrift / shelfDrift
		}
		s.cells = append(s.cells, c)
	}
	s.opened = s.in(opening)
	s.slam(s.opened, s.logNormal(openMedian, openSpread))
	s.now = s.opened + s.in(firstMove)
}

// finish shuts the door and sums up.
func (s *script) finish() {
	s.shut = s.now
	s.slam(s.shut, s.logNormal(shutMedian, shutSpread))
	s.end = s.shut + s.in(tail)
	s.Lines = []settle.Line{}
	for sku, n := range s.taken {
		if n > 0 {
			s.Lines = append(s.Lines, settle.Line{SKU: sku, Qty: n})
		}
	}
	slices.SortFunc(s.Lines, func(a, b settle.Line) int { return cmp.Compare(a.SKU, b.SKU) })
}

func (s *script) slam(at, peak float64) {
	for i := range s.cells {
		c := &s.cells[i]
		c.shocks = append(c.shocks, shock{at, s.factor * peak * s.in(slamPart), s.Float64()})
	}
}

// wait lets a pause pass, leave the one before the door is shut.
func (s *script) wait(pause span)  { s.now += s.in(pause) }
func (s *script) leave(pause span) { s.now += s.in(pause) + s.in(leaving) }

// choose picks an article that has so many units and was not taken before; less is asked for where none has.
func (s *script) choose(units int) place {
	for try := 0; ; try++ {
		p := s.IntN(len(s.shelves))
		at := place{p, s.IntN(len(s.shelves[p].goods))}
		if len(s.shelves[p].units[at.good]) < max(1, units-try/40) {
			continue
		}
		if try >= 80 || !slices.Contains(s.used, at) {
			s.used = append(s.used, at)
			return at
		}
	}
}

func (s *script) skuAt(p place) protocol.SKU { return s.shelves[p.platform].goods[p.good].sku }

// take takes so many units, at most what is there, out of a place.
func (s *script) take(from place, units int) hand {
	there := &s.shelves[from.platform].units[from.good]
	h := hand{place: from}
	for range min(units, len(*there)) {
		i := s.IntN(len(*there))
		h.units = append(h.units, (*there)[i])
		*there = slices.Delete(*there, i, i+1)
	}
	s.taken[s.skuAt(from)] += len(h.units)
	s.move(from.platform, -h.grams())
	s.touch(from.platform)
	return h
}

// back puts units where they came from.
func (s *script) back(h hand) {
	there := &s.shelves[h.platform].units[h.good]
	*there = append(*there, h.units...)
	s.taken[s.skuAt(h.place)] -= len(h.units)
	s.move(h.platform, h.grams())
	s.touch(h.platform)
}

// elsewhere puts units on a platform where they do not belong; they are not charged.
func (s *script) elsewhere(h hand, platform int) {
	s.taken[s.skuAt(h.place)] -= len(h.units)
	s.move(platform, h.grams())
	s.touch(platform)
}

// move changes what lies on a platform, with the swing that follows.
func (s *script) move(platform int, grams float64) {
	c := &s.cells[platform]
	c.steps = append(c.steps, step{s.now, grams, s.in(ringShare)})
}

// touch lets the hand that moved something press or lift, often.
func (s *script) touch(platform int) {
	if !s.happens(pressShare) {
		return
	}
	s.press(platform, press{from: s.now, time: s.in(pressTime), phase: s.in(pressPhase), peak: s.sign(pushShare) * s.in(pressPeak)})
}

// lean rests a hand on a platform and takes it away again.
func (s *script) lean(platform int, at float64, peak, time span) {
	s.press(platform, press{from: at, time: s.in(time), peak: s.sign(leanShare) * s.in(peak)})
}

func (s *script) press(platform int, p press) {
	c := &s.cells[platform]
	c.presses = append(c.presses, p)
}

// other picks a platform that is not this one.
func (s *script) other(than int) int {
	p := s.IntN(len(s.cells) - 1)
	if p >= than {
		p++
	}
	return p
}
