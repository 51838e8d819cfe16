package sqlstore

import (
	"maps"
	"slices"
)

// Prepared are the statements that readers were asked for so far, sorted: for whoever looks at how the database reads them.
// It waits until nobody reads.
func (d *DB) Prepared() []string {
	known := make(map[string]bool)
	var readers []*session
	for range cap(d.idle) {
		s := <-d.idle
		readers = append(readers, s)
		for query := range s.statements {
			known[query] = true
		}
	}
	for _, s := range readers {
		d.idle <- s
	}
	return slices.Sorted(maps.Keys(known))
}
