package forecast

import (
	"fmt"

	"allhours/protocol"
)

// habits are how the levels learn.
type habits struct {
	rate, store, cabinet, taste, pair       learning
	hours, categoryHours, days, kinds, part learning
	categoryNow, articleNow, cabinetNow     learning
	fades                                   float64 // days in which what is new these days is half over
}

func usualHabits() habits {
	return habits{
		rate: lasts(1, 35), store: lasts(10, 60), cabinet: lasts(5, 35), taste: lasts(8, 42), pair: lasts(4, 42),
		hours: lasts(20, 10), categoryHours: lasts(20, 60), days: lasts(60, 8), kinds: lasts(40, 60), part: lasts(30, 60),
		categoryNow: lasts(40, 2.5), articleNow: lasts(30, 3), cabinetNow: lasts(30, 4),
		fades: 7,
	}
}

// Model expects demand. While it learns nobody else may use it; several may read it at once.
type Model struct {
	calendar Calendar
	how      habits
	listed   []Article
	articles map[protocol.SKU]Article
	stores   map[protocol.CabinetID]string
	priors   map[protocol.SKU]float64 // of each listed article, units an hour
	own      float64                  // relative variance that a day brings of its own
	through  Day
	shared   *Shared
	cabinets map[protocol.CabinetID]*CabinetState
}

// New makes a model that has learned nothing yet.
func New(calendar Calendar, chain Chain) *Model {
	m := &Model{calendar: calendar, how: usualHabits(), shared: newShared(), cabinets: map[protocol.CabinetID]*CabinetState{}}
	m.Know(chain)
	return m
}

// Know tells what is sold and where from now on. What was learned stays, also of what is gone.
func (m *Model) Know(chain Chain) {
	m.listed = chain.Articles
	m.articles = make(map[protocol.SKU]Article, len(chain.Articles))
	for _, a := range chain.Articles {
		m.articles[a.SKU] = a
	}
	m.stores = make(map[protocol.CabinetID]string, len(chain.Cabinets))
	for _, c := range chain.Cabinets {
		m.stores[c.ID] = c.Store
	}
	m.ready()
}

// ready works out what all outlooks have in common.
func (m *Model) ready() {
	m.liken()
	m.own = own(m.shared.Categories)
}

// Through is the last day that was learned; 0 before the first.
func (m *Model) Through() Day { return m.through }

// Learn takes in all that was sold on one day, which must come after the days learned before; days may be left out. An
// article in a cabinet that is not among the sales was not observed.
func (m *Model) Learn(day Day, sales []Sales) error {
	if day <= m.through {
		return fmt.Errorf("learn the sales of %s: those of %s are learned already", day, m.through)
	}
	l := lesson{model: m, day: day, weekday: m.calendar.like(day), rows: make([]row, 0, len(sales)), shapes: map[*categoryState]*[24]float64{}}
	for i := range sales {
		l.look(&sales[i])
	}
	l.end()
	m.through = day
	m.ready()
	return nil
}

// Outlook is what is expected of an article in a cabinet for so many hours; either may be new. The days after Through and
// before the outlook begins are as if nothing had been observed on them.
func (m *Model) Outlook(cabinet protocol.CabinetID, sku protocol.SKU, from Hour, hours int) Outlook {
	p := m.place(cabinet, sku, false)
	o := Outlook{From: from, sum: make([]float64, hours)}
	sum, h := 0.0, from
	for n := 0; n < hours; {
		day := h.Day()
		shape, now := m.shape(p, day), m.now(p, int(day-m.through))
		for ; n < hours && h.Day() == day; n, h = n+1, h+1 {
			sum += p.slow * now * shape[h.Clock()]
			o.sum[n] = sum
		}
	}
	o.batch, o.lasting, o.daily = p.category.Noise.batch(m.own), p.doubt+m.own*abiding, m.own*(1-abiding)
	return o
}

// abiding is the share of a day's own variance that the days after it have in common with it.
const abiding = 0.5
