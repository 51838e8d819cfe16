package web

import (
	"slices"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// front is a cabinet as it stands, to be drawn: behind each door its shelves, on each shelf its lanes.
type front struct {
	*view
	stale bool
	doors []frontDoor
	steps map[slotPlace][]int // numbers of the steps of the last visit, by where they were
	way   []slotPlace         // where it went, one place after the other
}

// frontDoor is one compartment.
type frontDoor struct {
	words   doorRow
	air     string
	shelves [][]slot
}

// boardView is one weighed surface with what the book says lies on it.
type boardView struct {
	ID          protocol.PlatformID
	Compartment protocol.Compartment
	Weight      string
	OK          bool
	Goods       []standingGood
}

// standingGood is one kind of goods on a surface.
type standingGood struct {
	goodLine
	Path string // what was booked in the lane; empty: the reader may not open it
	Mark laneMark
	Say  string
	Fill []bool
}

// slot is a place in a cabinet where one kind of goods stands, or none.
type slot struct {
	board *boardView
	good  *standingGood
}

// slotPlace names a slot.
type slotPlace struct {
	platform protocol.PlatformID
	sku      protocol.SKU
}

func (s slot) place() slotPlace {
	if s.good == nil {
		return slotPlace{platform: s.board.ID}
	}
	return slotPlace{s.board.ID, s.good.SKU}
}

const lanesInRow = 8

// frontOf puts together what is drawn of a cabinet.
func (v *view) frontOf(of standingNow, lanes []standingLane) front {
	f := front{view: v, stale: of.cab.State == cloud.CabinetAway, steps: make(map[slotPlace][]int)}
	boards := v.withLanes(v.boards(of.cab, of.goods, f.stale), lanes, of.cab)
	words, airs := v.doorRows(of.cab), v.airViews(of.cab, of.chain)
	for len(boards) > 0 {
		c := boards[0].Compartment
		mine := slices.DeleteFunc(slices.Clone(boards), func(b boardView) bool { return b.Compartment != c })
		boards = slices.DeleteFunc(boards, func(b boardView) bool { return b.Compartment == c })
		door := frontDoor{words: words[0]}
		if i := slices.IndexFunc(words, func(d doorRow) bool { return d.Compartment == c }); i >= 0 {
			door.words = words[i]
		}
		if i := slices.IndexFunc(airs, func(a airView) bool { return a.Compartment == int(c) }); i >= 0 {
			door.air = airs[i].Brief
		}
		for _, row := range inRows(of.cab.Layout, mine) {
			door.shelves = append(door.shelves, slotsOf(row))
		}
		f.doors = append(f.doors, door)
	}
	f.walk(of.walked)
	return f
}

// slotsOf are the places of a shelf from left to right.
func slotsOf(row []boardView) (slots []slot) {
	for i := range row {
		b := &row[i]
		if len(b.Goods) == 0 {
			slots = append(slots, slot{board: b})
		}
		for k := range b.Goods {
			slots = append(slots, slot{b, &b.Goods[k]})
		}
	}
	return slots
}

// boards lists each platform with its goods; weights that are stale or not to be trusted are called unknown.
func (v *view) boards(cab cloud.CabinetView, goods []cloud.ShelfGood, stale bool) []boardView {
	on := map[protocol.PlatformID][]standingGood{}
	for _, g := range goods {
		on[g.Platform] = append(on[g.Platform], standingGood{
			goodLine: goodLine{SKU: g.Article.SKU, Name: v.lang.Pick(g.Article.Name), Category: g.Article.Category, Price: g.Price, Full: g.Article.Price, Units: g.Units},
		})
	}
	weights := map[protocol.PlatformID]wire.Weight{}
	if t := cab.Presence.Telemetry; t != nil && !stale {
		for _, c := range t.Compartments {
			for _, w := range c.Weights {
				weights[w.Platform] = w
			}
		}
	}
	boards := make([]boardView, 0, len(cab.Platforms))
	for _, platform := range cab.Platforms {
		b := boardView{ID: platform.ID, Compartment: platform.Compartment, Goods: on[platform.ID], Weight: v.say("stand.noweight")}
		if w, known := weights[platform.ID]; known && w.OK {
			b.OK, b.Weight = true, v.say("stand.weight", kilograms(w.Weight))
		}
		boards = append(boards, b)
	}
	return boards
}

// withLanes adds to the boards what is known of each of their lanes.
func (v *view) withLanes(boards []boardView, lanes []standingLane, cab cloud.CabinetView) []boardView {
	rows := make(map[slotPlace]standingLane, len(lanes))
	for _, row := range lanes {
		rows[slotPlace{protocol.PlatformID(row.Where), row.SKU}] = row
	}
	for i := range boards {
		for k := range boards[i].Goods {
			g := &boards[i].Goods[k]
			row := rows[slotPlace{boards[i].ID, g.SKU}]
			g.Path, g.Mark, g.Say = row.Path, row.Mark, row.Say
			g.Fill = fill(g.Units, parOf(cab, boards[i].ID, g.SKU))
		}
	}
	return boards
}

// inRows puts shelves one under the other, and lanes side by side: those whose names begin with the same letter hang at
// the same height.
func inRows(layout string, boards []boardView) (rows [][]boardView) {
	for i, b := range boards {
		last := len(rows) - 1
		if i == 0 || layout != "lanes" || len(rows[last]) == lanesInRow || b.ID[:1] != boards[i-1].ID[:1] {
			rows = append(rows, []boardView{b})
			continue
		}
		rows[last] = append(rows[last], b)
	}
	return rows
}
