package review

import (
	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// shelf is one article on one platform.
type shelf struct {
	platform protocol.PlatformID
	sku      protocol.SKU
}

// stock tells of each article of the cabinet what the visit makes of it by each explanation. The cabinet's levels are what
// its best explanation leaves; what it had before follows from the steps.
func stock(a settle.Answer, goods []cloud.ShelfGood, levels []settle.Level) []cloud.CaseStock {
	left := map[shelf]int{}
	for _, l := range a.Levels {
		for _, u := range l.Units {
			left[shelf{l.Platform, u.SKU}] = u.Qty
		}
	}
	weights := map[protocol.PlatformID]protocol.Milligrams{}
	for _, l := range levels {
		weights[l.Platform] = l.Weight
	}
	homes := map[protocol.SKU]protocol.PlatformID{}
	for _, g := range goods {
		if _, known := homes[g.Article.SKU]; !known {
			homes[g.Article.SKU] = g.Platform
		}
	}
	changes := make([]map[shelf]int, len(a.Why))
	for i, why := range a.Why {
		changes[i] = changesOf(why, homes)
	}
	rows := make([]cloud.CaseStock, 0, len(goods))
	for _, g := range goods {
		at := shelf{g.Platform, g.Article.SKU}
		row := cloud.CaseStock{Platform: g.Platform, SKU: g.Article.SKU, Name: g.Article.Name, Book: g.Units, After: make([]int, len(a.Why))}
		row.Weight, row.Weighed = weights[g.Platform]
		after, told := left[at]
		if !told {
			after = g.Units
		}
		row.Before = after
		if len(changes) > 0 {
			row.Before -= changes[0][at]
		}
		for i := range a.Why {
			row.After[i] = row.Before + changes[i][at]
			row.Moved = row.Moved || changes[i][at] != 0
		}
		rows = append(rows, row)
	}
	return rows
}

// changesOf adds up the steps of an explanation; goods of which no step tells come from where they belong.
func changesOf(e settle.Explanation, homes map[protocol.SKU]protocol.PlatformID) map[shelf]int {
	changes := map[shelf]int{}
	for _, s := range e.Steps {
		if s.SKU != "" {
			changes[shelf{s.Platform, s.SKU}] += s.Qty
		}
	}
	if len(e.Steps) > 0 {
		return changes
	}
	for _, l := range e.Lines {
		changes[shelf{homes[l.SKU], l.SKU}] -= l.Qty
	}
	return changes
}
