package picking

import "allhours/protocol"

// Step is how much less an article costs from so many days before its date on.
type Step struct {
	DaysLeft int `json:"days_left"` // 0: on the last day
	Percent  int `json:"percent"`   // off its price
}

// Markdown is what is done in one category when a date comes near.
type Markdown struct {
	Steps   []Step `json:"steps"`
	AtCost  bool   `json:"at_cost"`  // it is never sold below what it cost
	AlertAt int    `json:"alert_at"` // days left from which on somebody is told
}

// Percent is how much less an article costs with so many days left: of the steps that have begun, the largest.
func (m Markdown) Percent(daysLeft int) int {
	percent := 0
	for _, s := range m.Steps {
		if daysLeft <= s.DaysLeft {
			percent = max(percent, min(s.Percent, 100))
		}
	}
	return percent
}

// Price is what an article costs with so many days left, in whole tenths of a yuan, never more than its price and, where the
// rule says so, never less than its cost.
func (m Markdown) Price(price, cost protocol.Fen, daysLeft int) protocol.Fen {
	percent := m.Percent(daysLeft)
	if percent <= 0 {
		return price
	}
	reduced := (price*protocol.Fen(100-percent) + 500) / 1000 * 10
	if m.AtCost {
		reduced = max(reduced, cost)
	}
	return min(max(reduced, 10), price)
}

// Stage is how near its date a lot is.
type Stage string

// The stages, from the first to the last.
const (
	Fresh   Stage = "fresh"
	Soon    Stage = "soon"     // it is to be told of
	LastDay Stage = "last_day" // it is sold today for the last time
	Over    Stage = "over"     // it must be taken out
	Gone    Stage = "gone"     // nothing of it is left
)

// Rank orders stages as they follow each other. That it is the last day is told of as little again as that it is fresh.
func (s Stage) Rank() int {
	switch s {
	case Soon, LastDay:
		return 1
	case Over:
		return 2
	case Gone:
		return 3
	}
	return 0
}
