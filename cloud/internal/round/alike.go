package round

import (
	"cmp"
	"slices"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// namedAlike are the articles whose names are nearly those of what a round brings.
func (s *Service) namedAlike(tx cloud.Tx, v cloud.RoundView, articles map[protocol.SKU]cloud.Article) (map[protocol.SKU][]cloud.AlikeArticle, error) {
	all := make(map[protocol.SKU][]cloud.AlikeArticle)
	for sku := range v.Names {
		found, err := s.Catalog.Alike(tx, sku)
		if err != nil {
			return nil, err
		}
		for _, other := range found {
			all[sku] = append(all[sku], cloud.AlikeArticle{Article: articles[other], Named: true})
		}
	}
	return all, nil
}

// weighedAlike adds to what is brought to a cabinet the articles of the same cabinet that its scale would not tell from it.
func weighedAlike(v *cloud.RoundView, articles map[protocol.SKU]cloud.Article) {
	for _, l := range v.Lines {
		cabinet := v.Cabinets[l.Cabinet]
		at := slices.IndexFunc(cabinet.Platforms, func(p cloud.Platform) bool { return p.ID == l.Platform })
		if at < 0 {
			continue
		}
		look := articles[l.SKU].Look()
		for _, p := range cabinet.Platforms {
			for _, sku := range p.SKUs {
				if other := articles[sku]; picking.SameWeight(look, other.Look(), cabinet.Platforms[at].Division) {
					v.Alike[l.SKU] = weighs(v.Alike[l.SKU], other)
				}
			}
		}
	}
	for sku := range v.Alike {
		slices.SortFunc(v.Alike[sku], func(a, b cloud.AlikeArticle) int { return cmp.Compare(a.SKU, b.SKU) })
	}
}

// weighs marks an article as one that weighs the same.
func weighs(all []cloud.AlikeArticle, other cloud.Article) []cloud.AlikeArticle {
	i := slices.IndexFunc(all, func(a cloud.AlikeArticle) bool { return a.SKU == other.SKU })
	if i < 0 {
		return append(all, cloud.AlikeArticle{Article: other, Weighed: true})
	}
	all[i].Weighed = true
	return all
}
