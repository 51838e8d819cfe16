// Package plan holds what the cloud expects and plans to a neighbourhood whose true demand is known.
package plan

import (
	"fmt"
	"math"
	"time"

	"allhours/cloud/forecast"
	"allhours/firmware-sim/demand"
	"allhours/protocol"
)

// quarter is a simulated fleet that is refilled on fixed days to fixed levels.
type quarter struct {
	town   demand.Town
	demand *demand.Demand
	shelf  []lane
}

// lane is one article in one cabinet.
type lane struct {
	cabinet, article int
	par, stock       int
}

// fixed days of refills, after which hour of which weekday (0 is Sunday).
const refillHour = 10

var refillDays = map[time.Weekday]bool{time.Monday: true, time.Thursday: true}

// newQuarter draws a fleet from a seed.
func newQuarter(seed uint64, first time.Time, days, cabinets, articles int, calendar forecast.Calendar) *quarter {
	q := &quarter{town: demand.Town{
		First: first, Days: days, Cabinets: cabinets, Stores: max(1, cabinets/6), Articles: demand.Assortment(seed),
		Off: map[int]bool{}, Made: map[int]bool{},
	}}
	for day := range days {
		switch calendar.Kind(q.day(day)) {
		case forecast.Holiday, forecast.Spring:
			q.town.Off[day] = true
		case forecast.Work:
			q.town.Made[day] = true
		}
	}
	q.demand = demand.New(seed, q.town)
	for cabinet := range cabinets {
		for _, article := range q.demand.Carried(cabinet, articles) {
			q.shelf = append(q.shelf, lane{cabinet: cabinet, article: article, par: q.par(cabinet, article)})
		}
	}
	return q
}

// par is what somebody who knows the chain, and not this cabinet, would fill a lane up to: what an ordinary week's longest
// time between refills asks for, and some more.
func (q *quarter) par(cabinet, article int) int {
	sum, n := 0.0, 0
	for other := cabinet % 7; other < q.town.Cabinets; other += 7 {
		sum += q.demand.Mean(other, article, (q.town.Days-14)*24, (q.town.Days-7)*24)
		n++
	}
	m := sum / float64(n) * 4 / 7
	return min(max(3, int(math.Ceil(m+1.3*math.Sqrt(m)+1))), 16)
}

func (q *quarter) day(day int) forecast.Day { return forecast.DayOf(q.town.First.AddDate(0, 0, day)) }

// chain is what the forecast may know.
func (q *quarter) chain() forecast.Chain {
	var c forecast.Chain
	for n := range q.town.Cabinets {
		c.Cabinets = append(c.Cabinets, forecast.Cabinet{ID: cabinetID(n), Store: fmt.Sprintf("s-%d", n%q.town.Stores)})
	}
	for _, a := range q.town.Articles {
		c.Articles = append(c.Articles, forecast.Article{SKU: a.SKU, Category: a.Category, Price: a.Price, Essential: a.Essential})
	}
	return c
}

func cabinetID(n int) protocol.CabinetID { return protocol.CabinetID(fmt.Sprintf("c-%04d", n)) }

// sold is what one lane sold on a day, and what it was asked for.
type sold struct {
	lane  *lane
	asked int
}

// play lets a day pass. What is not in the assortment, or not put up yet, is not among the sales.
func (q *quarter) play(day int) (sales []forecast.Sales, truth []sold) {
	refill := refillDays[q.town.First.AddDate(0, 0, day).Weekday()]
	for n := range q.shelf {
		l := &q.shelf[n]
		if day < q.demand.Begins(l.cabinet) || !q.demand.Exists(l.article, day) {
			continue
		}
		if day == q.demand.Begins(l.cabinet) || day == 0 {
			l.stock = l.par
		}
		s, t := forecast.Sales{Cabinet: cabinetID(l.cabinet), SKU: q.town.Articles[l.article].SKU}, sold{lane: l}
		hours, left := q.demand.Trade(l.cabinet, l.article, day*24, day*24+refillHour, l.stock)
		if refill {
			left = max(left, l.par)
		}
		later, left := q.demand.Trade(l.cabinet, l.article, day*24+refillHour, (day+1)*24, left)
		l.stock = left
		for h, hour := range append(hours, later...) {
			s.Sold[h], s.Able[h] = hour.Sold, hour.Able
			t.asked += hour.Asked
		}
		sales, truth = append(sales, s), append(truth, t)
	}
	return sales, truth
}
