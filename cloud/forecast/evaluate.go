package forecast

import "iter"

// Evaluate walks forward through past days, in their order, with a model that begins knowing nothing, and tells how far it and
// the naive methods were off. A case is an article in a cabinet on a day on which it could be bought all the time: of other
// days nobody knows what was wanted. That leaves out the busiest days, for all methods alike.
func Evaluate(calendar Calendar, chain Chain, past iter.Seq2[Day, []Sales]) ([]Loss, error) {
	t := NewTrial(New(calendar, chain))
	for day, sales := range past {
		if err := t.Day(day, sales, func(n int) (int, bool) { return sales[n].whole() }); err != nil {
			return nil, err
		}
	}
	return t.Losses(), nil
}

// whole is what was sold on a day, and whether it is what was wanted: the article could be bought for all but a few minutes.
func (s *Sales) whole() (units int, known bool) {
	able := 0.0
	for h, x := range s.Able {
		able += min(x, 1)
		units += s.Sold[h]
	}
	return units, able >= 23.9
}
