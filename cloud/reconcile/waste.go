package reconcile

import (
	"strings"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Changed makes shelves of what piles changed, as if nothing had lain there before: Book tells of a time by them which way goods
// went, also where the other end of it is not known.
func Changed(piles []Pile) []Shelf {
	var all []Shelf
	for _, p := range piles {
		article, goods := sku(p.Unit)
		kind, rest := p.kind()
		cabinet, platform, of := strings.Cut(rest, ":")
		if !goods || kind != "stock" || !of {
			continue
		}
		all = append(all, Shelf{Cabinet: protocol.CabinetID(cabinet), Platform: protocol.PlatformID(platform), SKU: article, Closing: p.Amount})
	}
	return all
}

// Brought is how many units came from elsewhere, less what was taken away again.
func (g Goods) Brought() int64 { return g.Total(Counted) + g.Total(Refilled) + g.Total(Moved) }

// Supplied is how many units of each article suppliers brought to the store itself.
func Supplied(piles []Pile) map[protocol.SKU]int64 {
	all := make(map[protocol.SKU]int64)
	for _, p := range piles {
		article, goods := sku(p.Unit)
		if kind, _ := p.kind(); goods && p.Cabinet == "" && ledger.Account(kind) == ledger.Supplier {
			all[article] -= p.Amount
		}
	}
	return all
}
