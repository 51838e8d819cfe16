package demand

import (
	"math"
	"math/rand/v2"
)

// makeWeather draws the days' warmth, which lasts for some days, and what moves each category in the whole town: fashion,
// school terms, what the supermarket next door does.
func (d *Demand) makeWeather(rng *rand.Rand) {
	warmth := rng.NormFloat64()
	for range d.town.Days {
		warmth = 0.8*warmth + 0.6*rng.NormFloat64()
		d.weather = append(d.weather, warmth)
	}
	for _, h := range habits {
		level, trend := 0.0, rng.NormFloat64()*0.002
		all := make([]float64, d.town.Days)
		for day := range all {
			level += trend + rng.NormFloat64()*0.01
			all[day] = math.Exp(level + d.season(day)*h.warmth + d.weather[day]*d.traits.heat*h.warmth)
		}
		d.swing[h.category] = all
	}
}

// season is the year's own wave, warmest in the last week of July, as cold drinks feel it.
func (d *Demand) season(day int) float64 {
	at := d.town.First.AddDate(0, 0, day).YearDay()
	return 0.35 * math.Cos(2*math.Pi*float64(at-207)/365.25)
}

// sort is what sort of day it is.
func (d *Demand) sort(day int) int {
	weekday := (int(d.town.First.Weekday()) + day) % 7 // 0 on Sundays
	switch {
	case d.town.Off[day]:
		return off
	case d.town.Made[day]:
		return working
	case weekday == 0 || weekday == 6:
		return off
	case weekday == 5 || d.town.Off[day+1]:
		return friday
	}
	return working
}

// holiday is what a public holiday does beside being free: people travel, and who stays at home has guests.
func (d *Demand) holiday(c *cabinet, category string, day int) float64 {
	if !d.town.Off[day] {
		return 1
	}
	guests := map[string]float64{"soft-drink": 1.35, "snack": 1.35, "confectionery": 1.3, "dairy": 1.15, "juice": 1.3, "fresh-meal": 0.75, "coffee": 0.8, "instant": 0.85}[category]
	if guests == 0 {
		guests = 1
	}
	return guests * (0.92 - 0.5*c.work)
}
