package round

import (
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// What a round takes besides its stops, until somebody has measured it.
const (
	pickSeconds = 20 // an article, in the store
	comeMinutes = 3  // of what a stop takes where nobody knows the way to it
)

// walkable is a cabinet that a round visits, and what its stop takes.
type walkable struct {
	cloud.Cabinet
	minutes int
	after   []protocol.CabinetID // that give it goods
}

// walk puts cabinets in the order in which they are walked to from a store that is left at a time; false where somebody has not
// said where all of them stand.
func walk(store cloud.Store, stops []walkable, leave time.Time) (picking.Trip, bool) {
	if unplaced(store, stops) > 0 {
		return picking.Trip{}, false
	}
	spots, calls := []cloud.Spot{store.At}, make([]picking.Call, 0, len(stops))
	start := int(leave.Sub(midnight(leave)).Seconds())
	for _, s := range stops {
		spots = append(spots, s.At)
		call := picking.Call{Cabinet: s.ID, Seconds: max(s.minutes-comeMinutes, 1) * 60, After: s.after}
		call.Windows = cloud.Windows(s.Hours, leave)
		calls = append(calls, call)
	}
	ways := metres(spots)
	return picking.Walk(calls, picking.Way{Start: start, Metres: func(from, to int) int { return ways[from][to] }}), true
}

// reachable reports a cabinet that can be reached on the day of a round, once it has begun.
func reachable(hours []cloud.Reach, begins time.Time) bool {
	start := int(begins.Sub(midnight(begins)).Seconds())
	windows := cloud.Windows(hours, begins)
	return len(windows) == 0 || slices.ContainsFunc(windows, func(w picking.Window) bool { return w.Shut > start && w.Open < 24*3600 })
}

// metres are the ways from each spot to each other: an order is looked for by asking for them many times.
func metres(spots []cloud.Spot) [][]int {
	ways := make([][]int, len(spots))
	for i, from := range spots {
		ways[i] = make([]int, len(spots))
		for j, to := range spots {
			ways[i][j] = from.Metres(to)
		}
	}
	return ways
}

func midnight(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
}

// unplaced is of how many of the store and the cabinets nobody has said where they stand.
func unplaced(store cloud.Store, stops []walkable) (n int) {
	if !store.At.Known() {
		n++
	}
	for _, s := range stops {
		if !s.At.Known() {
			n++
		}
	}
	return n
}

// order puts the stops of a round in the order of the walk, and its lines after them. Where nobody has said where all of them stand
// they stay as they are.
func (m *move) order() error {
	zone, err := m.Book.Zone(m.tx)
	if err != nil {
		return err
	}
	store, err := findStore(m.tx, m.round.Store)
	if err != nil {
		return err
	}
	articles, stops := make(map[protocol.SKU]bool), make([]walkable, 0, len(m.round.Stops))
	for _, s := range m.round.Stops {
		c, err := m.tx.Cabinets.Find(s.Cabinet)
		if err != nil {
			return err
		}
		stops = append(stops, walkable{c, s.Minutes, m.round.Givers(c.ID)})
	}
	for _, l := range m.round.Lines {
		articles[l.SKU] = articles[l.SKU] || l.Planned > 0
	}
	for _, l := range m.round.Legs {
		articles[l.SKU] = articles[l.SKU] || l.Way == cloud.LegTake
	}
	leave := m.Now().In(zone).Add(time.Duration(len(articles)*pickSeconds) * time.Second)
	trip, known := walk(store, stops, leave)
	if !known {
		return nil
	}
	arrange(m.round, trip, midnight(leave))
	return nil
}

// arrange lays the stops of a round and their lines in the order of a trip.
func arrange(r *cloud.Round, trip picking.Trip, midnight time.Time) {
	stops, lines := make([]cloud.RoundStop, 0, len(r.Stops)), make([]cloud.RoundLine, 0, len(r.Lines))
	for _, a := range trip.Stops {
		stop := *r.Stop(a.Cabinet)
		stop.Metres, stop.Due, stop.Late = a.Metres, midnight.Add(time.Duration(a.Begin)*time.Second).UTC(), time.Duration(a.Late)*time.Second
		stops, lines = append(stops, stop), append(lines, r.LinesOf(a.Cabinet)...)
	}
	r.Stops, r.Lines = stops, lines
}

// trip is the walk of the next round of a store to those that it is proposed to visit; more than a round has are walked to by several.
func (a *assessment) trip(stops []cloud.StopNeed) {
	var chosen, all []walkable
	for _, s := range stops {
		stop := walkable{Cabinet: s.Cabinet, minutes: s.Minutes}
		for _, t := range a.needs.Transfers {
			if t.To.Cabinet == s.Cabinet.ID {
				stop.after = append(stop.after, t.From.Cabinet)
			}
		}
		all = append(all, stop)
		if s.Choice.Chosen {
			chosen = append(chosen, stop)
		}
	}
	if a.needs.Unplaced = unplaced(a.needs.Store, all); a.needs.Unplaced == 0 && len(chosen) > 0 && len(chosen) <= mostStops {
		a.needs.Trip, _ = walk(a.needs.Store, chosen, a.needs.Next)
	}
}
