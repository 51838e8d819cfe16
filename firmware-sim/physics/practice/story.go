package practice

import (
	"fmt"
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// Truth is what was really taken in a visit.
type Truth struct {
	ID       string        `json:"id"`
	Family   string        `json:"family"`
	Layout   string        `json:"layout"`
	Lines    []settle.Line `json:"lines"`            // sorted by article, never nil
	MustBill bool          `json:"must_bill"`        // false where asking a human is as good an answer
	Hidden   bool          `json:"hidden,omitempty"` // the readings do not show it: nobody could be right but by chance
	Note     string        `json:"note,omitempty"`
}

// Story is one visit as it happened, before anything was read.
type Story struct {
	Truth
	Header trace.Header

	seed         uint64
	cells        []cell
	opened, shut float64 // milliseconds
	end          float64
	faults       faults
}

// Tell makes the story of a family, a layout and a seed. The error says that there is no such family or layout.
func Tell(family, layout string, seed uint64) (*Story, error) {
	f, known := families()[family]
	if !known {
		return nil, fmt.Errorf("practice: family %q is not known", family)
	}
	if !slices.Contains(f.layouts, layout) && layout != Crowded {
		return nil, fmt.Errorf("practice: family %s has no layout %q", family, layout)
	}
	c := newChance(seed, family+"/"+layout)
	s := &script{
		Story:  &Story{seed: seed, Truth: Truth{ID: fmt.Sprintf("%s-%s-%d", family, layout, seed), Family: family, Layout: layout, MustBill: true}},
		chance: c, shelves: c.stock(layout, family == "twins"), taken: map[protocol.SKU]int{}, factor: 1, drift: 1,
	}
	if f.temper != nil {
		f.temper(s)
	}
	s.begin()
	f.tell(s)
	s.finish()
	return s.Story, nil
}

// Make gives a visit as the scales read it ten times a second, and the truth about it.
func Make(family, layout string, seed uint64) (trace.Visit, Truth, error) {
	s, err := Tell(family, layout, seed)
	if err != nil {
		return trace.Visit{}, Truth{}, err
	}
	return s.Trace(Ordinary()), s.Truth, nil
}

// header describes the cabinet as the stock ledger and the master data know it.
func header(id string, shelves []stocked, lanes bool) trace.Header {
	capacity, division := shelfCapacity, shelfDivision
	if lanes {
		capacity, division = laneCapacity, laneDivision
	}
	h := trace.Header{ID: id, Prices: map[protocol.SKU]protocol.Fen{}, Layout: settle.Layout{Goods: map[protocol.SKU]settle.Good{}}}
	for _, s := range shelves {
		book := map[protocol.SKU]int{}
		for i, g := range s.goods {
			book[g.sku] = len(s.units[i])
			h.Prices[g.sku] = g.price
			h.Layout.Goods[g.sku] = settle.Good{Unit: protocol.FromGrams(g.unit), SD: protocol.FromGrams(g.sd)}
		}
		h.Layout.Platforms = append(h.Layout.Platforms, settle.Platform{
			ID: protocol.PlatformID(s.id), Capacity: protocol.FromGrams(capacity), Division: protocol.FromGrams(division), Book: book,
		})
	}
	return h
}
