package demand

import (
	"fmt"
	"math/rand/v2"

	"allhours/protocol"
)

// Assortment makes up articles of all categories, so many of each as a small grocery has for its cabinets.
func Assortment(seed uint64) []Article {
	rng := rand.New(rand.NewPCG(seed, 2))
	var all []Article
	for n, c := range []struct {
		category  string
		articles  int
		price     float64 // fen
		essential int
	}{
		{"water", 5, 250, 2},
		{"soft-drink", 6, 350, 0},
		{"tea", 4, 400, 0},
		{"coffee", 3, 550, 0},
		{"sports", 3, 550, 0},
		{"juice", 3, 600, 0},
		{"dairy", 7, 700, 2},
		{"bakery", 4, 600, 1},
		{"fresh-meal", 6, 1400, 1},
		{"instant", 7, 550, 2},
		{"snack", 9, 800, 0},
		{"confectionery", 5, 700, 0},
		{"fresh", 5, 900, 1},
		{"pantry", 5, 900, 2},
		{"household", 8, 1200, 3},
	} {
		for i := range c.articles {
			price := protocol.Fen(c.price*spread(rng, 0.35)/10) * 10
			all = append(all, Article{SKU: protocol.SKU(fmt.Sprint(1000 + 100*n + i)), Category: c.category, Price: price, Essential: i < c.essential})
		}
	}
	return all
}
