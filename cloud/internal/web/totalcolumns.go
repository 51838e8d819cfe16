package web

import (
	"net/url"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// totalColumn is one figure of totals: how it is written, sorted by, and what it was made from.
type totalColumn struct {
	key   string
	of    string // which table has it
	unit  string // before the figure, and in the head of its column
	value func(cloud.Total) float64
	cell  func(*view, cloud.Total) totalCell
	link  func(totalsAsked, cloud.TotalLine) string
}

// named is the figure of a line, with its label for narrow screens and its link.
func (c totalColumn) named(v *view, a totalsAsked, l cloud.TotalLine) totalCell {
	cell := c.cell(v, l.Total)
	cell.Label = v.say("total." + c.key)
	if cell.Value != none {
		cell.Link = c.link(a, l)
	}
	return cell
}

// none is a figure that is not there, or nothing.
const none = "—"

func totalColumns() []totalColumn {
	sum := func(key string, of func(cloud.Total) protocol.Fen, link func(totalsAsked, cloud.TotalLine) string) totalColumn {
		return totalColumn{
			key: key, of: "money", unit: "¥", link: link, value: func(t cloud.Total) float64 { return float64(of(t)) },
			cell: func(_ *view, t cloud.Total) totalCell { return totalCell{Value: minus(of(t))} },
		}
	}
	long := func(key string, of func(cloud.Total) time.Duration, link func(totalsAsked, cloud.TotalLine) string) totalColumn {
		return totalColumn{
			key: key, of: "service", link: link, value: func(t cloud.Total) float64 { return of(t).Seconds() },
			cell: func(v *view, t cloud.Total) totalCell { return totalCell{Value: v.lasted(of(t).Milliseconds())} },
		}
	}
	margin := sum("margin", cloud.Total.Margin, toDays)
	margin.cell = func(v *view, t cloud.Total) totalCell {
		return totalCell{Value: minus(t.Margin()), More: v.share(t)}
	}
	shrink := sum("shrink", func(t cloud.Total) protocol.Fen { return t.Shrink }, toWasteEntries)
	shrink.cell = func(_ *view, t cloud.Total) totalCell { return totalCell{Value: minus(t.Shrink), Bad: t.Shrink > 0} }
	return []totalColumn{
		sum("sales", func(t cloud.Total) protocol.Fen { return t.Gross }, toDays),
		margin,
		sum("back", func(t cloud.Total) protocol.Fen { return t.TakenBack }, toDays),
		sum("owed", func(t cloud.Total) protocol.Fen { return t.Owed }, toDays),
		sum("waste", func(t cloud.Total) protocol.Fen { return t.Waste }, toWaste),
		shrink,
		{
			key: "visits", of: "service", value: func(t cloud.Total) float64 { return float64(t.Visits) }, link: toDays,
			cell: func(_ *view, t cloud.Total) totalCell { return totalCell{Value: grouped(int64(t.Visits))} },
		},
		{
			key: "served", of: "service", link: toCoverage, value: func(t cloud.Total) float64 { share, _ := t.Served.Share(); return share },
			cell: func(v *view, t cloud.Total) totalCell {
				if t.Served.Whole() == 0 {
					return totalCell{Value: none}
				}
				return totalCell{Value: v.served(t.Served), Bad: t.Served.Uncovered > 0}
			},
		},
		long("gaps", func(t cloud.Total) time.Duration { return time.Duration(t.Served.Uncovered) * time.Millisecond }, toGaps),
		long("soldout", func(t cloud.Total) time.Duration { return t.SoldOut }, toForecast),
		long("reviews", func(t cloud.Total) time.Duration { return t.Reviewed }, toLooked),
		long("rounds", func(t cloud.Total) time.Duration { return t.Walked }, toRounds),
	}
}

// toDays opens a figure to the day of the store that it was made from; where it is of several, to these days.
func toDays(a totalsAsked, l cloud.TotalLine) string {
	switch store := storeOf(a, l); {
	case l.Day != "" && store != "":
		return storeDayPath(store, l.Day)
	case l.Day != "":
		return a.link(l)
	case store == "":
		return "/chain?" + a.address("by", string(cloud.TotalByDay), "page", "", "sort", "")
	case a.From == a.To:
		return storeDayPath(store, a.From)
	default:
		return "/chain?" + a.address("store", string(store), "by", string(cloud.TotalByDay), "page", "", "sort", "")
	}
}

// wasteOf asks for what was written off, lost and found of a line.
func wasteOf(a totalsAsked, l cloud.TotalLine) string {
	q := cloud.WasteQuery{Store: storeOf(a, l), From: a.From, To: a.To, Cabinet: l.Cabinet}
	if l.Day != "" {
		q.From, q.To = l.Day, l.Day
	}
	return wasteAddress(q)
}

func toWaste(a totalsAsked, l cloud.TotalLine) string {
	if storeOf(a, l) == cloud.Chainwide {
		return ""
	}
	return "/waste?" + wasteOf(a, l)
}

func toWasteEntries(a totalsAsked, l cloud.TotalLine) string {
	if storeOf(a, l) == cloud.Chainwide {
		return ""
	}
	return "/waste/entries?" + wasteOf(a, l)
}

// daysOf are the days of a line.
func daysOf(a totalsAsked, l cloud.TotalLine) (from, to ledger.Day) {
	if l.Day != "" {
		return l.Day, l.Day
	}
	return a.From, a.To
}

// served asks for how the store of a line was served in its days, of a cabinet's line for the cabinet; false where it is of several.
func served(a totalsAsked, l cloud.TotalLine) (spansAsked, bool) {
	store := storeOf(a, l)
	from, to := daysOf(a, l)
	return spansAsked{period: period{store, from, from.Until(to) + 1}, cabinet: l.Cabinet}, store != "" && store != cloud.Chainwide
}

// byStore opens a figure of several stores to each of them.
func byStore(a totalsAsked, l cloud.TotalLine) string {
	if a.By == cloud.TotalByStore && a.figure == "service" && l.Day == "" {
		return "" // They stand there.
	}
	change := []string{"by", string(cloud.TotalByStore), "figures", "service", "page", "", "sort", ""}
	if l.Day != "" {
		change = append(change, "span", "", "from", string(l.Day), "to", string(l.Day))
	}
	return "/chain?" + a.address(change...)
}

func toCoverage(a totalsAsked, l cloud.TotalLine) string {
	of, one := served(a, l)
	switch {
	case !one:
		return byStore(a, l)
	case of.days > cloud.ServedMost: // Day by day, then.
		return toDays(a, l)
	}
	return of.period.path()
}

func toGaps(a totalsAsked, l cloud.TotalLine) string {
	of, one := served(a, l)
	switch {
	case !one:
		return byStore(a, l)
	case of.days > cloud.ServedMost: // Day by day, then.
		return toDays(a, l)
	}
	return of.in(coverage.Uncovered).path()
}

// toLooked opens the minutes of reviews to the cases that persons had open.
func toLooked(a totalsAsked, l cloud.TotalLine) string {
	store := storeOf(a, l)
	if store == "" || store == cloud.Chainwide {
		return byStore(a, l)
	}
	from, to := daysOf(a, l)
	return lookedAsked{store, l.Cabinet, from, to}.path()
}

func toForecast(a totalsAsked, l cloud.TotalLine) string {
	store := storeOf(a, l)
	if !a.plans || store == "" || store == cloud.Chainwide {
		return toCoverage(a, l)
	}
	return "/forecast?store=" + url.QueryEscape(string(store))
}

func toRounds(a totalsAsked, _ cloud.TotalLine) string {
	if !a.plans {
		return ""
	}
	return "/rounds"
}

// storeOf is the store that a line is of; empty where it is of several.
func storeOf(a totalsAsked, l cloud.TotalLine) cloud.StoreID {
	if l.Store != "" {
		return l.Store
	}
	return a.Store
}
