package plan

import (
	"math"
	"slices"
	"time"

	"allhours/cloud/forecast"
	"allhours/firmware-sim/demand"
	"allhours/protocol"
)

// The hours of a store's day: it is shut from one to the other, and its cabinets are filled in between.
const (
	opens, shuts = 7, 22
	planHour     = 6 // when the day's round is planned
	stopMinutes  = 8
	leastRoom    = 12 // units that a lane holds
	mostRoom     = 60
)

// lives are how many days goods keep that spoil, by category; on the last they are sold still.
var lives = map[string]int{"fresh-meal": 2, "bakery": 4, "fresh": 5, "dairy": 12}

// arrival is somebody who wants units of a lane.
type arrival struct {
	after float64 // hours since the quarter began
	units int
}

// market is a quarter whose shoppers are drawn: every plan meets the same.
type market struct {
	*quarter
	come [][]arrival // of each lane, in order
	room []int       // that each lane has: a planner gives what is popular there in the first weeks several facings
}

func newMarket(q *quarter) *market {
	m := &market{quarter: q, come: make([][]arrival, len(q.shelf)), room: make([]int, len(q.shelf))}
	for n, l := range q.shelf {
		usual := q.demand.Mean(l.cabinet, l.article, 0, 14*24) / 14
		m.room[n] = roomFor(usual)
		for _, a := range q.demand.Comers(l.cabinet, l.article, 0, q.town.Days*24) {
			m.come[n] = append(m.come[n], arrival{a.After.Hours(), a.Units})
		}
	}
	return m
}

// store is what lies in the lanes under one plan, and what became of it.
type store struct {
	*market
	lots [][]lot // of each lane, the first to expire first
	next []int   // the next of those who come
	room []int   // of each lane
	sold [][24]int8
	able [][24]float64
	seen [][]trade // of each lane, since its room was looked at last
	tally
}

// trade is what a lane sold on a day, and the part of it in which it could.
type trade struct{ units, able float64 }

// lot is units that are sold up to a day; those that keep for long have none.
type lot struct{ units, until int }

const forever = 1 << 30

// tally is what a plan came to.
type tally struct {
	visits, wasted, lost int
	earned               protocol.Fen           // margin of what was sold, less what was wasted cost
	missed               protocol.Fen           // margin of what was asked for in vain
	dark, nights         float64                // hours of essential lanes: sold out at night, and all
	by                   map[string]*[2]float64 // sold-out and all night hours, by category of essentials
	bare, evenings       float64                // the same of categories of essentials
}

func (t tally) share() float64 { return t.dark / t.nights }

func newStore(m *market) *store {
	return &store{market: m, room: slices.Clone(m.room), seen: make([][]trade, len(m.shelf)), lots: make([][]lot, len(m.shelf)), next: make([]int, len(m.shelf)), sold: make([][24]int8, len(m.shelf)), able: make([][24]float64, len(m.shelf))}
}

func (s *store) article(n int) demand.Article { return s.town.Articles[s.shelf[n].article] }

func (s *store) lives(n, day int) bool {
	return day >= s.demand.Begins(s.shelf[n].cabinet) && s.demand.Exists(s.shelf[n].article, day)
}

// stock is how many units may be sold on a day.
func (s *store) stock(n, day int) (units int) {
	for _, l := range s.lots[n] {
		if l.until >= day {
			units += l.units
		}
	}
	return units
}

// sell lets the hours of a day pass, from one up to another.
func (s *store) sell(day, from, to int, counts bool) {
	for n := range s.shelf {
		if !s.lives(n, day) {
			continue
		}
		units, margin := s.stock(n, day), s.margin(n)
		for h := from; h < to; h++ {
			hour := day*24 + h
			down := s.demand.Offline(s.shelf[n].cabinet, hour)
			able := 1.0
			if down || units == 0 {
				able = 0
			}
			for ; s.next[n] < len(s.come[n]) && s.come[n][s.next[n]].after < float64(hour+1); s.next[n]++ {
				a := s.come[n][s.next[n]]
				took := min(a.units, units)
				if down {
					continue // Nobody can buy, whatever lies there.
				}
				s.take(n, day, took)
				units -= took
				s.sold[n][h] += int8(took)
				if took > 0 && units == 0 {
					able = a.after - float64(hour)
				}
				if counts {
					s.lost += a.units - took
					s.missed += margin * protocol.Fen(a.units-took)
					s.earned += margin * protocol.Fen(took)
				}
			}
			s.able[n][h] = able
			if counts && !down && s.article(n).Essential && (h < opens || h >= shuts) {
				s.nights++
				s.dark += 1 - able
				if s.by == nil {
					s.by = map[string]*[2]float64{}
				}
				if s.by[s.article(n).Category] == nil {
					s.by[s.article(n).Category] = new([2]float64)
				}
				s.by[s.article(n).Category][0] += 1 - able
				s.by[s.article(n).Category][1]++
			}
		}
	}
	if counts {
		s.looks(day, from, to)
	}
}

// looks counts the night hours in which a whole category of essentials was sold out.
func (s *store) looks(day, from, to int) {
	for first := 0; first < len(s.shelf); {
		end := first
		best := map[string]*[24]float64{}
		for ; end < len(s.shelf) && s.shelf[end].cabinet == s.shelf[first].cabinet; end++ {
			if a := s.article(end); a.Essential && s.lives(end, day) {
				if best[a.Category] == nil {
					best[a.Category] = new([24]float64)
				}
				for h := from; h < to; h++ {
					best[a.Category][h] = max(best[a.Category][h], s.able[end][h])
				}
			}
		}
		for h := from; h < to; h++ {
			if (h >= opens && h < shuts) || s.demand.Offline(s.shelf[first].cabinet, day*24+h) {
				continue
			}
			for _, able := range best {
				s.evenings++
				s.bare += 1 - able[h]
			}
		}
		first = end
	}
}

func (s *store) margin(n int) protocol.Fen { return s.article(n).Price * 3 / 10 }

func (s *store) cost(n int) protocol.Fen { return s.article(n).Price - s.margin(n) }

func (s *store) take(n, day, units int) {
	for i := range s.lots[n] {
		l := &s.lots[n][i]
		if l.until >= day {
			took := min(l.units, units)
			l.units, units = l.units-took, units-took
		}
	}
}

// fill takes out of a lane what is past its date, or will be before the next day, and brings units.
func (s *store) fill(n, day, units int, counts bool) {
	kept := s.lots[n][:0]
	for _, l := range s.lots[n] {
		switch {
		case l.units == 0:
		case l.until < day:
			if counts {
				s.wasted += l.units
				s.earned -= s.cost(n) * protocol.Fen(l.units)
			}
		default:
			kept = append(kept, l)
		}
	}
	s.lots[n] = kept
	if units > 0 {
		until := forever
		if life := lives[s.article(n).Category]; life > 0 {
			until = day + life
		}
		s.lots[n] = append(s.lots[n], lot{units, until})
	}
}

// close is the sales of a day, and forgets them.
func (s *store) close(day int) (sales []forecast.Sales) {
	for n := range s.shelf {
		if s.lives(n, day) {
			one := forecast.Sales{Cabinet: cabinetID(s.shelf[n].cabinet), SKU: s.article(n).SKU, Able: s.able[n]}
			today := trade{}
			for h, units := range s.sold[n] {
				one.Sold[h] = int(units)
				today.units, today.able = today.units+float64(units), today.able+s.able[n][h]/24
			}
			s.seen[n] = append(s.seen[n], today)
			sales = append(sales, one)
		}
		s.sold[n], s.able[n] = [24]int8{}, [24]float64{}
	}
	return sales
}

// reface gives the lanes room for what they sold lately, as a planner does every four weeks.
func (s *store) reface() {
	for n := range s.shelf {
		units, days := 0.0, 0.0
		for _, d := range s.seen[n] {
			units, days = units+d.units, days+d.able
		}
		s.seen[n] = s.seen[n][:0]
		if days >= 7 {
			s.room[n] = roomFor(units / days)
		}
	}
}

// roomFor is how many units a lane has room for whose article sells so many a day.
func roomFor(daily float64) int { return min(max(leastRoom, int(5*daily)), mostRoom) }

// eachCabinet calls with the lanes of each cabinet that is put up.
func (s *store) eachCabinet(day int, do func(first, end int)) {
	for first := 0; first < len(s.shelf); {
		end := first
		for end < len(s.shelf) && s.shelf[end].cabinet == s.shelf[first].cabinet {
			end++
		}
		if day >= s.demand.Begins(s.shelf[first].cabinet) {
			do(first, end)
		}
		first = end
	}
}

// fixed is a practitioner's plan: on fixed days every cabinet is filled up to pars, which are what the longest time between
// two visits sold in the mean of the last four weeks, and some more. Of what spoils no more is filled than sells in its life.
type fixed struct {
	days  map[time.Weekday]bool
	gap   float64 // the longest time between two visits, in days
	extra float64 // standard deviations of Poisson's, on top of the mean
	pars  []int
	sold  [][]int // of each lane, on each day
	whole [][]float64
}

func newFixed(m *market, days map[time.Weekday]bool, extra float64) *fixed {
	f := &fixed{days: days, extra: extra, pars: make([]int, len(m.shelf)), sold: make([][]int, len(m.shelf)), whole: make([][]float64, len(m.shelf))}
	for n, l := range m.shelf {
		f.pars[n] = l.par
	}
	for day, run := 0, 0.0; day < 14; day++ {
		if run++; days[time.Weekday(day%7)] {
			if day >= 7 {
				f.gap = max(f.gap, run)
			}
			run = 0
		}
	}
	return f
}

func (f *fixed) learn(s *store) {
	for n := range s.shelf {
		units, able := 0, 0.0
		for h := range 24 {
			units += int(s.sold[n][h])
			able += s.able[n][h]
		}
		f.sold[n], f.whole[n] = append(f.sold[n], units), append(f.whole[n], able/24)
	}
}

// reset works the pars out anew.
func (f *fixed) reset(s *store, day int) {
	for n := range s.shelf {
		units, days := 0, 0.0
		for d := max(0, day-28); d < day; d++ {
			units += f.sold[n][d]
			days += f.whole[n][d]
		}
		if days < 7 {
			continue
		}
		rate := float64(units) / days
		f.pars[n] = parOf(rate*f.gap, f.extra, s.room[n])
		if life := lives[s.article(n).Category]; life > 0 && float64(life) < f.gap+1 {
			f.pars[n] = max(1, min(f.pars[n], int(rate*float64(life)+0.5)))
		}
	}
}

func parOf(mean, extra float64, room int) int {
	return min(max(2, int(mean+extra*math.Sqrt(mean)+0.999)), room)
}

// visit fills the cabinets on one of the days.
func (f *fixed) visit(s *store, day int, counts bool) {
	today := s.town.First.AddDate(0, 0, day).Weekday()
	s.eachCabinet(day, func(first, end int) {
		if !f.days[today] && day != 0 && day != s.demand.Begins(s.shelf[first].cabinet) {
			return
		}
		if counts {
			s.visits++
		}
		for n := first; n < end; n++ {
			bring := 0
			if s.lives(n, day) {
				bring = max(0, f.pars[n]-s.stock(n, day))
			}
			s.fill(n, day, bring, counts)
		}
	})
}
