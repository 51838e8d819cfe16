package forecast

// hours settles how the hours of the week differ: in the chain, in a category, and in the parts of the day that a cabinet and
// an article have habits in.
func (l *lesson) hours() {
	how, weekday := &l.model.how, l.weekday
	from := free(weekday)
	byHour := l.byHour()
	l.settleHours(byHour, how.hours, func(_ *row, h int) *level { return &l.model.shared.Hours[weekday*24+h] })
	l.settleHours(byHour, how.categoryHours, func(r *row, h int) *level { return &r.category.Hours[from*24+h] })
	l.settleHours(byHour, how.days, func(r *row, _ int) *level { return &r.category.Days[weekday] })
	l.settleHours(byHour, how.part, func(r *row, h int) *level { return &r.article.Parts[from*parts/2+partOf[h]] })
	l.settleHours(byHour, how.part, func(r *row, h int) *level { return &r.cabinet.Parts[from*parts/2+partOf[h]] })
}

// byHour is what is expected of each row in each hour of its able ones, with what the day has taught so far.
func (l *lesson) byHour() [][24]float64 {
	all := make([][24]float64, len(l.rows))
	for i := range l.rows {
		r := &l.rows[i]
		shape, own, sum := l.shape(r.category), l.model.partFactors(r.place, l.day), 0.0
		for h, x := range r.sales.Able {
			if x > 0 {
				all[i][h] = min(x, 1) * shape[h] * own[partOf[h]]
				sum += all[i][h]
			}
		}
		for h := range all[i] {
			all[i][h] *= r.expected * r.now / sum
		}
	}
	return all
}

func (l *lesson) settleHours(byHour [][24]float64, how learning, of func(r *row, h int) *level) {
	for i := range l.rows {
		r := &l.rows[i]
		for h, expected := range byHour[i] {
			if expected > 0 {
				v := of(r, h)
				v.see(float64(r.sales.Sold[h]), expected/v.factor(how))
			}
		}
	}
	for i := range l.rows {
		for h, expected := range byHour[i] {
			if expected > 0 {
				byHour[i][h] = expected * of(&l.rows[i], h).settle(how)
			}
		}
	}
}
