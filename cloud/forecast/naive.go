package forecast

import "math"

// weeks are the last days of one article in one cabinet, by weekday, the newest first.
type weeks struct {
	days [7][4]past
	seen [7]int
}

type past struct{ sold, able float64 } // units, and the share of the day in which it could be bought

func (w *weeks) add(day Day, s *Sales) {
	p := past{}
	for h, able := range s.Able {
		if able > 0 {
			p.sold += float64(s.Sold[h])
			p.able += min(able, 1) / 24
		}
	}
	of := &w.days[day.Weekday()]
	of[3], of[2], of[1], of[0] = of[2], of[1], of[0], p
	w.seen[day.Weekday()]++
}

// ready reports whether four of these weekdays are behind.
func (w *weeks) ready(day Day) bool { return w.seen[day.Weekday()] >= 4 }

// naive is a forecast that a sheet of paper can make.
type naive struct {
	name     string
	weeks    int
	plain    bool
	quantile func(days []past, p float64) float64
}

// naives are the same weekday last week and the mean of the last four: as they are, and with the spread that a fair reading
// gives them. Each is also told in which hours the article could be bought.
func naives() []naive {
	var all []naive
	for _, told := range []struct {
		name string
		days func([]past) []float64
	}{{"", asSold}, {", sold-out hours told", whereAble}} {
		lastWeek := func(days []past) float64 { return told.days(days)[0] }
		fourWeeks := func(days []past) float64 { return mean(told.days(days)) }
		all = append(all,
			naive{"last week" + told.name, 1, true, func(days []past, _ float64) float64 { return lastWeek(days) }},
			naive{"last week, Poisson" + told.name, 1, false, func(days []past, p float64) float64 { return poisson(lastWeek(days), p) }},
			naive{"four weeks" + told.name, 4, true, func(days []past, _ float64) float64 { return fourWeeks(days) }},
			naive{"four weeks, Poisson" + told.name, 4, false, func(days []past, p float64) float64 { return poisson(fourWeeks(days), p) }},
			naive{"four weeks, empirical" + told.name, 4, false, func(days []past, p float64) float64 { return empirical(told.days(days), p) }},
		)
	}
	return all
}

func asSold(days []past) (sold []float64) {
	for _, p := range days {
		sold = append(sold, p.sold)
	}
	return sold
}

// whereAble makes whole days of those of which at least a half was able, and leaves out the others.
func whereAble(days []past) (sold []float64) {
	for _, p := range days {
		if p.able >= 0.5 {
			sold = append(sold, p.sold/p.able)
		}
	}
	if len(sold) == 0 {
		return asSold(days)
	}
	return sold
}

func mean(all []float64) float64 {
	sum := 0.0
	for _, x := range all {
		sum += x
	}
	return sum / float64(len(all))
}

func poisson(mean, p float64) float64 { return float64(count{mean, mean}.quantile(p)) }

// empirical takes the values as all there can be.
func empirical(all []float64, p float64) float64 {
	sorted := append([]float64(nil), all...)
	for i := range sorted {
		for j := i; j > 0 && sorted[j] < sorted[j-1]; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	return sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
}
