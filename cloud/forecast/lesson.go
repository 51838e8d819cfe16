package forecast

// lesson is one day that is being learned. What was expected comes from what was known before the day, and each level is
// held to what is left by those before it: the calendar first, then these days, then what is lasting.
type lesson struct {
	model  *Model
	day    Day
	rows   []row
	shapes map[*categoryState]*[24]float64
}

// row is one article in one cabinet on the day.
type row struct {
	place
	sales    *Sales
	sold     float64
	expected float64 // at the pace that is usual for the place
	now      float64 // by how much the days before differed from it
}

// look holds what was sold to what was expected in the hours that were able.
func (l *lesson) look(s *Sales) {
	m := l.model
	r := row{place: m.place(s.Cabinet, s.SKU, true), sales: s}
	r.now = m.now(r.place, int(l.day-m.through))
	shape, own, able := l.shape(r.category), m.partFactors(r.place, l.day), 0.0
	for h, x := range s.Able {
		if !(x > 0) {
			continue
		}
		able += min(x, 1)
		r.sold += float64(s.Sold[h])
		r.expected += r.slow * min(x, 1) * shape[h] * own[partOf[h]]
	}
	if r.expected <= 0 {
		return
	}
	if able > 23.5 {
		r.category.Noise.see(r.sold, r.expected*r.now, r.doubt)
	}
	l.rows = append(l.rows, r)
}

func (l *lesson) shape(c *categoryState) *[24]float64 {
	s := l.shapes[c]
	if s == nil {
		made := l.model.categoryShape(c, l.day)
		s = &made
		l.shapes[c] = s
	}
	return s
}

// end settles the levels, one after another.
func (l *lesson) end() {
	l.kinds()
	l.these()
	l.lasting()
	l.hours()
	for c := range l.shapes {
		c.Noise.fade()
	}
}

// kinds learns how a holiday sells. Its effect is then part of what was expected, so that the days after it are not mistaken.
func (l *lesson) kinds() {
	kind, how := l.model.calendar.Kind(l.day), l.model.how.kinds
	if kind == Ordinary {
		return
	}
	was := make(map[*categoryState]float64, len(l.shapes))
	for c := range l.shapes {
		was[c] = c.Kinds[kind].factor(how)
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.category.Kinds[kind].see(r.sold, r.expected*r.now/was[r.category])
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.category.Kinds[kind].settle(how)
		r.expected *= r.category.Kinds[kind].factor(how) / was[r.category]
	}
}

// these learns what these days differ by: the category in the whole chain, then the article, then the cabinet.
func (l *lesson) these() {
	how := &l.model.how
	for i := range l.rows {
		r := &l.rows[i]
		r.category.Now.see(r.sold, r.expected)
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.category.Now.settle(how.categoryNow)
		r.now = r.category.Now.factor(how.categoryNow)
		r.article.Now.see(r.sold, r.expected*r.now)
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.article.Now.settle(how.articleNow)
		r.now *= r.article.Now.factor(how.articleNow)
		r.cabinet.Now.see(r.sold, r.expected*r.now)
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.cabinet.Now.settle(how.cabinetNow)
		r.now *= r.cabinet.Now.factor(how.cabinetNow)
	}
}

// lasting learns the levels. Those of the whole chain and of whole cabinets see all that was sold, so that what these days
// brought becomes usual where it stays; what is the place's own is held to what these days leave.
func (l *lesson) lasting() {
	how := &l.model.how
	for i := range l.rows {
		r := &l.rows[i]
		r.article.Rate.see(r.sold, r.expected/r.rate)
		r.store.see(r.sold, r.expected/r.store.factor(how.store))
		r.cabinet.Level.see(r.sold, r.expected/r.cabinet.Level.factor(how.cabinet))
		r.taste.see(r.sold, r.expected*r.now/r.taste.factor(how.taste))
		r.pair.see(r.sold, r.expected*r.now/r.pair.factor(how.pair))
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.article.Rate.settle(how.rate)
		r.store.settle(how.store)
		r.cabinet.Level.settle(how.cabinet)
		r.taste.settle(how.taste)
		r.pair.settle(how.pair)
	}
}

// hours learns how the hours of the week differ.
func (l *lesson) hours() {
	for i := range l.rows {
		l.hoursOf(&l.rows[i])
	}
	how, weekday := &l.model.how, l.model.calendar.like(l.day)
	for h := range 24 {
		l.model.shared.Hours[weekday*24+h].settle(how.hours)
	}
	from := free(weekday)
	for i := range l.rows {
		r := &l.rows[i]
		r.category.Days[weekday].settle(how.days)
		for h := range 24 {
			r.category.Hours[from*24+h].settle(how.categoryHours)
		}
		for n := from * parts / 2; n < (from+1)*parts/2; n++ {
			r.article.Parts[n].settle(how.part)
			r.cabinet.Parts[n].settle(how.part)
		}
	}
}

func (l *lesson) hoursOf(r *row) {
	m, weekday := l.model, l.model.calendar.like(l.day)
	how, from := &m.how, free(weekday)
	shape, own := l.shape(r.category), m.partFactors(r.place, l.day)
	for h, x := range r.sales.Able {
		if !(x > 0) {
			continue
		}
		part := from*parts/2 + partOf[h]
		sold, expected := float64(r.sales.Sold[h]), r.slow*r.now*min(x, 1)*shape[h]*own[partOf[h]]
		of := func(v *level, how learning) { v.see(sold, expected/v.factor(how)) }
		of(&m.shared.Hours[weekday*24+h], how.hours)
		of(&r.category.Hours[from*24+h], how.categoryHours)
		of(&r.category.Days[weekday], how.days)
		of(&r.article.Parts[part], how.part)
		of(&r.cabinet.Parts[part], how.part)
	}
}
