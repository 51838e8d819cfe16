package forecast

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"allhours/protocol"
)

// street is a small chain with a past, drawn from a seed.
func street(seed uint64, days int) (Chain, [][]Sales) {
	rng := rand.New(rand.NewPCG(seed, 0))
	var c Chain
	for n := range 6 {
		c.Cabinets = append(c.Cabinets, Cabinet{ID: cabinetID(n), Store: fmt.Sprintf("s%d", n/3)})
	}
	for n := range 8 {
		c.Articles = append(c.Articles, Article{SKU: sku(n), Category: []string{"water", "snack"}[n%2], Price: 200 + 100*Fen(rng.IntN(8)), Essential: n < 2})
	}
	past := make([][]Sales, days)
	for d := range past {
		for _, cabinet := range c.Cabinets {
			for _, a := range c.Articles {
				s := Sales{Cabinet: cabinet.ID, SKU: a.SKU}
				for h := range 24 {
					if rng.Float64() < 0.9 {
						s.Able[h] = 1
						s.Sold[h] = int(rng.ExpFloat64() * 0.4)
					}
				}
				past[d] = append(past[d], s)
			}
		}
	}
	return c, past
}

func TestAStateReadBackExpectsTheSame(t *testing.T) {
	chain, past := street(1, 20)
	m := New(China(), chain)
	for d, sales := range past {
		if err := m.Learn(Day(20500+d), sales); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(m.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	back, err := Restore(s, China(), chain)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("state of %d bytes", len(text))
	a, b := m.Outlook(cabinetID(0), sku(0), Day(20520).Hour(0), 72), back.Outlook(cabinetID(0), sku(0), Day(20520).Hour(0), 72)
	if a.Expected(72) != b.Expected(72) || a.Expected(72) <= 0 {
		t.Fatalf("%v, read back %v", a.Expected(72), b.Expected(72))
	}
	t.Log(a.Expected(72), a.spread, a.Empty(8), a.Quantile(0.5, 72), a.Quantile(0.9, 72), a.Lost(8, 72), a.SoldOut(8, 72))
}

type Fen = protocol.Fen

func cabinetID(n int) protocol.CabinetID { return protocol.CabinetID(fmt.Sprintf("c-%d", n)) }

func sku(n int) protocol.SKU { return protocol.SKU(fmt.Sprint(1000 + n)) }
