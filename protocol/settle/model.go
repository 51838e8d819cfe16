package settle

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"allhours/protocol"
)

// DefaultBillConfidence is the least probability of a bill where the chain sets none.
const DefaultBillConfidence = 0.935

// slot is one article on one platform: the unit of stock.
type slot struct {
	platform int
	sku      protocol.SKU
	unit, sd float64 // grams
	book     int
}

// shelf is a platform made ready for decoding.
type shelf struct {
	id                 protocol.PlatformID
	capacity, division float64 // grams
	lightest           float64 // its lightest article, grams
	spread             float64 // the widest spread of a grip, as a share of its weight
	first, end         int     // its slots
	combos             []combo // what one grip can take, by weight
	stock              level   // what should lie there by the book, with the spread of its units
}

// model is a layout made ready for decoding. It never changes.
type model struct {
	shelves    []shelf
	slots      []slot
	minUnit    float64 // weight of the lightest unit, grams
	confidence float64 // least probability of a bill
	places     []int   // shelf of each of the layout's platforms: shelves stand by id, so that their order in the layout means nothing
}

func newModel(l Layout, c Config) (*model, error) {
	if len(l.Platforms) == 0 {
		return nil, errors.New("settle: layout has no platform")
	}
	if c.BillConfidence < 0 || c.BillConfidence > 1 {
		return nil, fmt.Errorf("settle: bill confidence %v: want 0 to 1", c.BillConfidence)
	}
	m := &model{confidence: c.BillConfidence}
	if m.confidence == 0 {
		m.confidence = DefaultBillConfidence
	}
	order := make([]int, len(l.Platforms))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(l.Platforms[a].ID, l.Platforms[b].ID) })
	m.places = make([]int, len(order))
	for shelf, place := range order {
		p := l.Platforms[place]
		if shelf > 0 && m.shelves[shelf-1].id == p.ID {
			return nil, fmt.Errorf("settle: platform %q is in the layout twice", p.ID)
		}
		m.places[place] = shelf
		if err := m.addShelf(shelf, p, l.Goods); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *model) addShelf(index int, p Platform, goods map[protocol.SKU]Good) error {
	if p.Capacity < 0 || p.Division < 0 {
		return fmt.Errorf("settle: platform %q: capacity %d mg, division %d mg: want 0 (unknown) or more", p.ID, p.Capacity, p.Division)
	}
	s := shelf{id: p.ID, capacity: p.Capacity.Grams(), division: p.Division.Grams(), first: len(m.slots)}
	for _, sku := range slices.Sorted(maps.Keys(p.Book)) {
		good, known := goods[sku]
		switch {
		case !known:
			return fmt.Errorf("settle: platform %q: article %q has no weight", p.ID, sku)
		case good.Unit <= 0 || good.SD < 0:
			return fmt.Errorf("settle: article %q: unit %d mg, spread %d mg: want a weight above 0 and no negative spread", sku, good.Unit, good.SD)
		case p.Book[sku] < 0:
			return fmt.Errorf("settle: platform %q: book stock of %q is %d: want 0 or more", p.ID, sku, p.Book[sku])
		}
		unit := good.Unit.Grams()
		if s.lightest == 0 || unit < s.lightest {
			s.lightest = unit
		}
		if m.minUnit == 0 || unit < m.minUnit {
			m.minUnit = unit
		}
		sl := slot{platform: index, sku: sku, unit: unit, sd: good.SD.Grams(), book: p.Book[sku]}
		s.stock.grams += float64(sl.book) * sl.unit
		s.stock.variance += float64(sl.book) * sl.sd * sl.sd
		m.slots = append(m.slots, sl)
	}
	s.end = len(m.slots)
	s.combos = combosOf(m.slots[s.first:s.end], s.first)
	for _, c := range s.combos {
		s.spread = max(s.spread, math.Sqrt(c.variance)/c.grams)
	}
	m.shelves = append(m.shelves, s)
	return nil
}
