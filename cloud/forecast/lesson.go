package forecast

import "slices"

// lesson is one day that is being learned. What was expected comes from what was known before the day; the levels are then
// settled one after another, each held to what is left by those before it, so that no surprise is taken in twice: the calendar
// first, then what is lasting, then these days, then what is the place's own, then the hours.
type lesson struct {
	model   *Model
	day     Day
	weekday int // that the day's hours resemble
	rows    []row
	shapes  map[*categoryState]*[24]float64
}

// row is one article in one cabinet on the day.
type row struct {
	place
	sales    *Sales
	sold     float64
	expected float64 // at the pace that is usual for the place
	now      float64 // by how much these days differ from it
}

// look holds what was sold to what was expected in the hours that were able.
func (l *lesson) look(s *Sales) {
	if !slices.ContainsFunc(s.Able[:], func(x float64) bool { return x > 0 }) {
		return
	}
	m := l.model
	r := row{place: m.place(s.Cabinet, s.SKU, true), sales: s}
	r.now = m.now(r.place, int(l.day-m.through))
	shape, own, whole := l.shape(r.category), m.partFactors(r.place, l.day), 0.0
	for h, x := range s.Able {
		hour := r.slow * shape[h] * own[partOf[h]]
		whole += hour
		if x > 0 {
			r.sold += float64(s.Sold[h])
			r.expected += min(x, 1) * hour
		}
	}
	if r.expected <= 0 {
		return
	}
	if how := &m.how; r.article.Rate.doubt(how.rate) < guess && r.cabinet.Level.doubt(how.cabinet) < guess {
		r.category.Noise.see(r.sold, r.expected*r.now, whole*r.now, r.doubt)
	}
	l.rows = append(l.rows, r)
}

// guess is the relative variance from which a rate or a cabinet's level is a guess, from whose errors nothing is learned.
const guess = 0.05

func (l *lesson) shape(c *categoryState) *[24]float64 {
	s := l.shapes[c]
	if s == nil {
		made := l.model.categoryShape(c, l.day)
		s = &made
		l.shapes[c] = s
	}
	return s
}

func (l *lesson) end() {
	how := &l.model.how
	if kind := l.model.calendar.Kind(l.day); kind != Ordinary {
		l.usual(how.kinds, func(r *row) *level { return &r.category.Kinds[kind] })
	}
	l.rates()
	l.usual(how.store, func(r *row) *level { return r.store })
	l.usual(how.cabinet, func(r *row) *level { return &r.cabinet.Level })

	l.these(how.categoryNow, func(r *row) *level { return &r.category.Now })
	l.these(how.articleNow, func(r *row) *level { return &r.article.Now })
	l.these(how.cabinetNow, func(r *row) *level { return &r.cabinet.Now })

	l.own(how.taste, func(r *row) *level { return r.taste })
	l.own(how.pair, func(r *row) *level { return r.pair })

	l.hours()
	for i := range l.rows {
		l.rows[i].category.Noise.settle()
	}
}

// usual settles a level that sees all that was sold, so that what these days brought becomes usual where it stays.
func (l *lesson) usual(how learning, of func(*row) *level) {
	l.settle(how, of, func(*row) float64 { return 1 }, func(r *row, change float64) { r.expected *= change })
}

// own settles a level that sees what these days, in the chain and in the cabinet, do not explain.
func (l *lesson) own(how learning, of func(*row) *level) {
	l.settle(how, of, func(r *row) float64 { return r.now }, func(r *row, change float64) { r.expected *= change })
}

// these settles a level of these days.
func (l *lesson) these(how learning, of func(*row) *level) {
	l.settle(how, of, func(r *row) float64 { return r.now }, func(r *row, change float64) { r.now *= change })
}

func (l *lesson) settle(how learning, of func(*row) *level, beside func(*row) float64, changed func(*row, float64)) {
	for i := range l.rows {
		r := &l.rows[i]
		v := of(r)
		v.see(r.sold, r.expected*beside(r)/v.factor(how))
	}
	for i := range l.rows {
		r := &l.rows[i]
		changed(r, of(r).settle(how))
	}
}

// rates settles the articles' rates, whose levels count hours.
func (l *lesson) rates() {
	for i := range l.rows {
		r := &l.rows[i]
		r.article.Rate.see(r.sold, r.expected/r.rate)
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.article.Rate.settle(l.model.how.rate)
		rate := l.model.rate(r.sales.SKU, r.article)
		r.expected *= rate / r.rate
		r.rate = rate
	}
}
