package coverage

import (
	"slices"
	"time"
)

// Hours are a store's opening spans of each day from a moment on.
type Hours struct {
	From  int64
	Spans []Minutes
}

// Minutes are from one minute of a day to another one, by the store's clocks; over midnight where it ends no later than it
// begins.
type Minutes struct{ Open, Close int }

// Calendar is what says when a store is open.
type Calendar struct {
	Zone    *time.Location
	Usual   []Hours              // in order
	Special map[string][]Minutes // of days as 2006-01-02 that differ, whatever is usual; none: closed
}

// Bounds are where the days from one to another begin, and the last one ends, by the store's clocks.
func (c Calendar) Bounds(first time.Time, days int) []int64 {
	y, m, d := first.In(c.Zone).Date()
	bounds := make([]int64, 0, days+1)
	for n := range days + 1 {
		bounds = append(bounds, begin(y, m, d+n, c.Zone))
	}
	return bounds
}

// begin is the first moment of a day, which is not midnight where the clocks leave that out.
func begin(y int, m time.Month, d int, zone *time.Location) int64 {
	at := time.Date(y, m, d, 0, 0, 0, 0, zone)
	_, want, day := time.Date(y, m, d, 12, 0, 0, 0, zone).Date()
	for at.Day() != day || at.Month() != want {
		at = at.Add(15 * time.Minute)
	}
	for before := at.Add(-15 * time.Minute); before.Day() == day && before.Month() == want; before = before.Add(-15 * time.Minute) {
		at = before
	}
	return at.UnixMilli()
}

// Open is when the store is open from one moment to another.
func (c Calendar) Open(from, to int64) []Span {
	var all []Span
	y, m, d := time.UnixMilli(from).In(c.Zone).Date()
	for n := -1; ; n++ {
		if begin(y, m, d+n, c.Zone) >= to {
			break
		}
		all = append(all, c.day(y, m, d+n)...)
	}
	slices.SortFunc(all, func(a, b Span) int { return int(min(max(a.From-b.From, -1), 1)) })
	return clip(all, from, to)
}

func (c Calendar) day(y int, m time.Month, d int) []Span {
	special, is := c.Special[time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)]
	if is {
		return c.spans(y, m, d, special, 0, never)
	}
	var all []Span
	for n, h := range c.Usual {
		until := int64(never)
		if n+1 < len(c.Usual) {
			until = c.Usual[n+1].From
		}
		all = append(all, c.spans(y, m, d, h.Spans, h.From, until)...)
	}
	return all
}

// spans are those of one day within the time in which they hold.
func (c Calendar) spans(y int, m time.Month, d int, minutes []Minutes, from, until int64) (all []Span) {
	for _, s := range minutes {
		end := d
		if s.Close <= s.Open {
			end++
		}
		opens := time.Date(y, m, d, 0, s.Open, 0, 0, c.Zone).UnixMilli()
		closes := time.Date(y, m, end, 0, s.Close, 0, 0, c.Zone).UnixMilli()
		if s.Close == 24*60 {
			closes = begin(y, m, d+1, c.Zone)
		}
		if opens, closes = max(opens, from), min(closes, until); opens < closes {
			all = append(all, Span{opens, closes})
		}
	}
	return all
}

// clip joins spans in order that meet, and cuts off what lies outside.
func clip(spans []Span, from, to int64) []Span {
	var all []Span
	for _, s := range spans {
		s.From, s.To = max(s.From, from), min(s.To, to)
		switch n := len(all) - 1; {
		case s.From >= s.To:
		case n >= 0 && s.From <= all[n].To:
			all[n].To = max(all[n].To, s.To)
		default:
			all = append(all, s)
		}
	}
	return all
}
