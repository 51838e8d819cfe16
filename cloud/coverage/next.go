package coverage

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// Stocked is a lane of a category with how long its units are expected to last.
type Stocked struct {
	Cabinet  protocol.CabinetID
	Platform protocol.PlatformID
	SKU      protocol.SKU
	Category string
	Units    int      // that can be sold
	Idle     bool     // the door before it cannot sell now, whatever lies behind it
	Shut     int      // units that lie behind such a door
	Day      float64  // units wanted within a day
	Ends     [3]int64 // in the early, the likely and the late case; 0: not within sight
}

// Coming is a category that will be lacking while the store is closed, and what would prevent it.
type Coming struct {
	Category string
	Night    Span
	From     int64 // when it is lacking, in the likely case; in the early one where Likely is false
	Likely   bool
	Bring    Stocked  // the lane to be filled; one behind a door that cannot sell only where all are
	Units    int      // that would last until the night is over
	Idle     *Stocked // of which most lies behind a door that cannot sell now; nil: nothing does
}

// Next looks for the first night, of those that are given in order, in which each category is lacking before it ends.
func Next(lanes []Stocked, nights []Span) []Coming {
	by := make(map[string][]Stocked)
	var names []string
	for _, l := range lanes {
		if by[l.Category] == nil {
			names = append(names, l.Category)
		}
		by[l.Category] = append(by[l.Category], l)
	}
	var all []Coming
	for _, name := range names {
		if c, found := first(by[name], nights); found {
			c.Category = name
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b Coming) int { return cmp.Compare(a.From, b.From) })
	return all
}

// first finds when the last of the lanes ends: likely, or else perhaps, in the same or an earlier night.
func first(lanes []Stocked, nights []Span) (c Coming, found bool) {
	likely, early := last(lanes, 1), last(lanes, 0)
	for _, night := range nights {
		switch {
		case likely != 0 && likely < night.To:
			c.From, c.Likely = max(likely, night.From), true
		case early != 0 && early < night.To:
			c.From = max(early, night.From)
		default:
			continue
		}
		c.Night = night
		c.Bring = slices.MaxFunc(lanes, func(a, b Stocked) int {
			return cmp.Or(cmp.Compare(whether(b.Idle), whether(a.Idle)), cmp.Compare(a.Day, b.Day), cmp.Compare(b.Units, a.Units))
		})
		c.Idle = idle(lanes)
		return c, true
	}
	return c, false
}

// idle is the lane of which most lies behind doors that cannot sell; nil where nothing does.
func idle(lanes []Stocked) (most *Stocked) {
	for i := range lanes {
		if l := &lanes[i]; l.Shut > 0 && (most == nil || l.Shut > most.Shut) {
			most = l
		}
	}
	return most
}

func whether(b bool) int {
	if b {
		return 1
	}
	return 0
}

// last is when all lanes have ended; 0: not within sight.
func last(lanes []Stocked, of int) (end int64) {
	for _, l := range lanes {
		if l.Ends[of] == 0 {
			return 0
		}
		end = max(end, l.Ends[of])
	}
	return end
}
