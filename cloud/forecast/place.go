package forecast

import (
	"cmp"
	"math"

	"allhours/protocol"
)

// place is an article in a cabinet with all that is known of the two.
type place struct {
	category *categoryState
	article  *articleState
	cabinet  *CabinetState
	store    *level
	taste    *level
	pair     *level

	rate  float64 // units an hour of the article in an ordinary cabinet
	slow  float64 // units an hour of it in this one, the hour and these days aside
	doubt float64 // relative variance of slow
}

// place finds what is known; making makes it part of the state.
func (m *Model) place(cabinet protocol.CabinetID, sku protocol.SKU, making bool) place {
	category, store := m.articles[sku].Category, m.stores[cabinet]
	c := find(m.cabinets, cabinet, making)
	if making {
		c.fill()
	}
	p := place{
		category: find(m.shared.Categories, category, making), article: find(m.shared.Articles, sku, making), cabinet: c,
		store: find(m.shared.Stores, store, making), taste: find(c.Tastes, category, making), pair: find(c.Pairs, sku, making),
	}
	how := &m.how
	p.rate = m.rate(sku, p.article)
	p.slow = p.rate * p.store.factor(how.store) * c.Level.factor(how.cabinet) * p.taste.factor(how.taste) * p.pair.factor(how.pair)
	p.doubt = p.article.Rate.doubt(how.rate) + p.store.doubt(how.store) + c.Level.doubt(how.cabinet) + p.taste.doubt(how.taste) + p.pair.doubt(how.pair)
	return p
}

func find[K comparable, V any](all map[K]*V, key K, making bool) *V {
	v := all[key]
	if v == nil {
		v = new(V)
		if making {
			all[key] = v
		}
	}
	return v
}

// rate is what an article sells in an hour in an ordinary cabinet.
func (m *Model) rate(sku protocol.SKU, a *articleState) float64 {
	prior, weight := cmp.Or(m.priors[sku], usualRate), m.how.rate.weight
	return (weight + a.Rate.sold) / (weight/prior + a.Rate.expected)
}

// now is by how much these days differ from what is usual for the place, so many days after the last one learned.
func (m *Model) now(p place, days int) float64 {
	how := &m.how
	f := p.category.Now.factor(how.categoryNow) * p.article.Now.factor(how.articleNow) * p.cabinet.Now.factor(how.cabinetNow)
	return math.Pow(f, math.Exp2(-float64(max(days-1, 0))/how.fades))
}

// usual is how the hours of a day differ before anything was sold: quiet nights, busy evenings.
var usual = [24]float64{
	0.8, 0.6, 0.5, 0.4, 0.4, 0.6, 0.9, 1.2, 1.2, 1.0, 1.0, 1.1,
	1.2, 1.1, 1.0, 1.0, 1.1, 1.3, 1.4, 1.4, 1.4, 1.3, 1.2, 1.0,
}

// parts of the day, of working days and of free ones: the hours in which a cabinet or an article has habits of its own.
const parts = 12

// partOf is the part that an hour lies in: night, morning, noon, afternoon, evening, late evening.
var partOf = [24]int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5}

// free is 1 on weekdays on which most people do not work.
func free(weekday int) int {
	if weekday >= 5 {
		return 1
	}
	return 0
}

// shape is how the hours of a day differ from an ordinary hour, for all places of a category.
func (m *Model) categoryShape(c *categoryState, day Day) [24]float64 {
	how, weekday := &m.how, m.calendar.like(day)
	whole := c.Days[weekday].factor(how.days) * m.kindFactor(c, day)
	var s [24]float64
	for h := range s {
		s[h] = usual[h] * whole * m.shared.Hours[weekday*24+h].factor(how.hours) * c.Hours[free(weekday)*24+h].factor(how.categoryHours)
	}
	return s
}

func (m *Model) kindFactor(c *categoryState, day Day) float64 {
	kind := m.calendar.Kind(day)
	if kind == Ordinary {
		return 1
	}
	return c.Kinds[kind].factor(m.how.kinds)
}

// shape is the same for one place.
func (m *Model) shape(p place, day Day) [24]float64 {
	s := m.categoryShape(p.category, day)
	own := m.partFactors(p, day)
	for h := range s {
		s[h] *= own[partOf[h]]
	}
	return s
}

// partFactors are what a place adds to its category's shape, for each part of a day.
func (m *Model) partFactors(p place, day Day) (own [parts / 2]float64) {
	from := free(m.calendar.like(day)) * parts / 2
	for n := range own {
		own[n] = p.article.Parts[from+n].factor(m.how.part) * p.cabinet.Parts[from+n].factor(m.how.part)
	}
	return own
}
