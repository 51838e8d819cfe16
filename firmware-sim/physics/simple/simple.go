// Package simple is the plain way to settle a visit, kept to be compared with: the median before the door opened, the
// median after it was shut, and on each platform the nearest combination of its goods. It asks nobody and doubts nothing.
package simple

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// mostUnits bounds what is tried on one platform.
const mostUnits = 6

// Settle says what was taken, sorted by article and never nil.
func Settle(v *trace.Visit) []settle.Line {
	var opened, shut int64
	for _, r := range v.Rows {
		switch {
		case r.Reading:
		case r.Open && opened == 0:
			opened = r.At
		case !r.Open:
			shut = r.At
		}
	}
	taken := map[protocol.SKU]int{}
	for i, p := range v.Layout.Platforms {
		before := median(v, i, func(at int64) bool { return at < opened })
		after := median(v, i, func(at int64) bool { return at > shut })
		for sku, n := range nearest(before-after, p.Book, v.Layout.Goods) {
			taken[sku] += n
		}
	}
	lines := []settle.Line{}
	for sku, n := range taken {
		lines = append(lines, settle.Line{SKU: sku, Qty: n})
	}
	slices.SortFunc(lines, func(a, b settle.Line) int { return cmp.Compare(a.SKU, b.SKU) })
	return lines
}

// median of a platform's readings in grams, 0 where there are none.
func median(v *trace.Visit, platform int, when func(int64) bool) float64 {
	var all []float64
	for _, r := range v.Rows {
		if r.Reading && when(r.At) && r.Samples[platform].OK {
			all = append(all, r.Samples[platform].Weight.Grams())
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// search is the way through the combinations of one platform's goods.
type search struct {
	skus  []protocol.SKU
	units []float64
	books []int
	now   []int
	best  []int
	gap   float64
}

// nearest finds the combination of goods whose weight is nearest to so many grams.
func nearest(grams float64, book map[protocol.SKU]int, goods map[protocol.SKU]settle.Good) map[protocol.SKU]int {
	s := search{skus: slices.Sorted(maps.Keys(book)), gap: math.Inf(1)}
	for _, sku := range s.skus {
		s.units = append(s.units, goods[sku].Unit.Grams())
		s.books = append(s.books, book[sku])
	}
	s.now, s.best = make([]int, len(s.skus)), make([]int, len(s.skus))
	s.try(0, mostUnits, grams)
	out := map[protocol.SKU]int{}
	for i, n := range s.best {
		if n > 0 {
			out[s.skus[i]] = n
		}
	}
	return out
}

// try goes through the goods from index k on, with so many units and grams left.
func (s *search) try(k, units int, left float64) {
	if math.Abs(left) < s.gap {
		s.gap = math.Abs(left)
		copy(s.best, s.now)
	}
	if k == len(s.skus) || left < -s.gap {
		return
	}
	for n := 0; n <= min(units, s.books[k]); n++ {
		s.now[k] = n
		if n == 0 {
			s.try(k+1, units, left)
			continue
		}
		s.try(k+1, units-n, left-float64(n)*s.units[k])
	}
	s.now[k] = 0
}
