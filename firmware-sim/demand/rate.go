package demand

import (
	"math"
	"time"
)

// Begins is the day on which a cabinet is put up.
func (d *Demand) Begins(cabinet int) int { return d.cabinets[cabinet].from }

// Exists reports whether an article is in the chain's assortment on a day.
func (d *Demand) Exists(article, day int) bool {
	return day >= d.articles[article].from && day < d.articles[article].to
}

// Rate is how many units of an article are expected to be wanted at a cabinet in an hour.
func (d *Demand) Rate(cabinet, article, hour int) float64 {
	return d.Mean(cabinet, article, hour, hour+1)
}

// dayRate is how many shoppers are expected on a day on which each hour has its usual share.
func (d *Demand) dayRate(cabinet, article, day int) float64 {
	c, a := &d.cabinets[cabinet], &d.articles[article]
	if day >= d.town.Days || day < c.from || !d.Exists(article, day) {
		return 0
	}
	fresh := 1 - 0.5*math.Exp(-float64(day-a.from)/10) // A new article is found out slowly.
	if a.from == 0 {
		fresh = 1
	}
	category := a.habit.category
	return a.popularity / a.mean() * c.level[day] * c.tastes[category] * c.likes[article] *
		d.swing[category][day] * a.promoted[day] * fresh * d.holiday(c, category, day) *
		d.chance(d.traits.pair, cabinet, article, day)
}

// mean is how many units a shopper wants.
func (a *article) mean() float64 { return a.sizes[0] + 2*a.sizes[1] + 3*a.sizes[2] }

// Mean is the number of units expected to be wanted in the hours from one up to another.
func (d *Demand) Mean(cabinet, article, from, to int) float64 {
	return d.shoppers(cabinet, article, from, to) * d.articles[article].mean()
}

func (d *Demand) shoppers(cabinet, article, from, to int) float64 {
	sum := 0.0
	d.eachHour(cabinet, article, from, to, func(_ int, rate float64) { sum += rate })
	return sum
}

// eachHour tells how many shoppers are expected in each of the hours.
func (d *Demand) eachHour(cabinet, article, from, to int, tell func(hour int, shoppers float64)) {
	hours := d.cabinets[cabinet].hours[d.articles[article].habit.category]
	for hour := from; hour < to; {
		day := hour / 24
		rate, sort := d.dayRate(cabinet, article, day), d.sort(day)
		for ; hour < to && hour/24 == day; hour++ {
			tell(hour, rate*hours[sort][hour%24])
		}
	}
}

// Arrival is a shopper who wants an article.
type Arrival struct {
	After time.Duration // since the hour began
	Units int
}

// Arrivals are the shoppers of an hour, in their order.
func (d *Demand) Arrivals(cabinet, article, hour int) []Arrival {
	return d.arrivals(cabinet, article, hour, d.shoppers(cabinet, article, hour, hour+1))
}

// Comers are the shoppers of the hours from one up to another, in their order, as Arrivals has them of each hour; After is
// since the first hour began.
func (d *Demand) Comers(cabinet, article, from, to int) (come []Arrival) {
	d.eachHour(cabinet, article, from, to, func(hour int, shoppers float64) {
		for _, a := range d.arrivals(cabinet, article, hour, shoppers) {
			a.After += time.Duration(hour-from) * time.Hour
			come = append(come, a)
		}
	})
	return come
}

func (d *Demand) arrivals(cabinet, article, hour int, rate float64) []Arrival {
	if rate <= 0 {
		return nil
	}
	draw := d.drawn(ofHours, cabinet, article, hour)
	var come []Arrival
	for after := draw.wait() / rate; after < 1; after += draw.wait() / rate {
		come = append(come, Arrival{time.Duration(after * float64(time.Hour)), d.articles[article].units(draw.share())})
	}
	return come
}

func (a *article) units(u float64) int {
	switch {
	case u < a.sizes[0]:
		return 1
	case u < a.sizes[0]+a.sizes[1]:
		return 2
	}
	return 3
}
