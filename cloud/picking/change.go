package picking

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// Change is what became different of a tote after its list was locked.
type Change struct {
	Aisle   string             `json:"aisle"`
	SKU     protocol.SKU       `json:"sku"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Was     int                `json:"was"` // units
	Is      int                `json:"is"`
}

// Changes is what is different in a list from another one, by aisle, article and cabinet. The order of totes and the dates of
// lots are none.
func Changes(was, is []Pick) []Change {
	type key struct {
		sku     protocol.SKU
		cabinet protocol.CabinetID
	}
	seen := map[key]*Change{}
	at := func(p Pick, s Share) *Change {
		k := key{p.SKU, s.Cabinet}
		if seen[k] == nil {
			seen[k] = &Change{SKU: p.SKU, Cabinet: s.Cabinet}
		}
		seen[k].Aisle = p.Aisle
		return seen[k]
	}
	for _, p := range was {
		for _, s := range p.Totes {
			at(p, s).Was += s.Units
		}
	}
	for _, p := range is {
		for _, s := range p.Totes {
			at(p, s).Is += s.Units
		}
	}
	all := []Change{}
	for _, c := range seen {
		if c.Was != c.Is {
			all = append(all, *c)
		}
	}
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(byAisle(a.Aisle, a.SKU, b.Aisle, b.SKU), cmp.Compare(a.Cabinet, b.Cabinet))
	})
	return all
}
