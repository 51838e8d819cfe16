package picking

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"allhours/cloud/forecast"
	"allhours/protocol"
)

// perStore is how many cabinets stand around a store, lanes how many articles lie in each.
const (
	perStore  = 20
	benchDays = 7
	benchLane = 30
)

// fleet is a chain whose forecast has learned a week of drawn sales.
type fleet struct {
	model    *forecast.Model
	from     forecast.Hour
	cabinets []Cabinet
	stock    Stock
}

func newFleet(b *testing.B, cabinets int) fleet {
	b.Helper()
	rng := rand.New(rand.NewPCG(72, 0))
	var chain forecast.Chain
	for n := range 120 {
		chain.Articles = append(chain.Articles, forecast.Article{
			SKU: protocol.SKU(fmt.Sprintf("%04d", n)), Category: fmt.Sprintf("k%d", n%12), Price: protocol.Fen(200 + 10*n), Essential: n%12 < 4,
		})
	}
	f := fleet{stock: Stock{}}
	for _, a := range chain.Articles {
		// About half of what twenty cabinets ask for, so that allocation has its work.
		f.stock[a.SKU] = []Lot{{Units: 5, Until: "2026-12-01"}, {Units: 10}}
	}
	for n := range cabinets {
		id := protocol.CabinetID(fmt.Sprintf("c-%05d", n))
		chain.Cabinets = append(chain.Cabinets, forecast.Cabinet{ID: id, Store: fmt.Sprintf("s-%d", n/perStore)})
		f.cabinets = append(f.cabinets, benchCabinet(rng, id, chain.Articles))
	}
	f.model = forecast.New(forecast.China(), chain)
	f.learn(b, rng)
	return f
}

func benchCabinet(rng *rand.Rand, id protocol.CabinetID, articles []forecast.Article) Cabinet {
	c := Cabinet{ID: id, Minutes: 4 + rng.IntN(8)}
	for i, n := range rng.Perm(len(articles))[:benchLane] {
		a := articles[n]
		if i%5 == 0 {
			c.Platforms = append(c.Platforms, Platform{ID: protocol.PlatformID(fmt.Sprintf("S%d", i/5+1)), Capacity: 15_000_000})
		}
		l := Lane{
			SKU: a.SKU, Category: a.Category, Essential: a.Essential, Book: rng.IntN(12), Holds: 14, Case: 12, Unit: 300_000, Price: a.Price, Cost: a.Price * 7 / 10,
		}
		if n%3 == 0 {
			l.Life = 72
			l.Lots = []Lot{{4, "2026-11-29"}, {8, "2026-12-01"}}
		}
		p := &c.Platforms[len(c.Platforms)-1]
		p.Lanes = append(p.Lanes, l)
	}
	return c
}

func (f *fleet) learn(b *testing.B, rng *rand.Rand) {
	b.Helper()
	first := forecast.Day(20778) // a week before tomorrow()'s today, 28 November 2026
	for day := range forecast.Day(benchDays) {
		var sales []forecast.Sales
		for i := range f.cabinets {
			for k := range f.cabinets[i].Platforms {
				for n := range f.cabinets[i].Platforms[k].Lanes {
					sales = append(sales, someSales(rng, f.cabinets[i].ID, f.cabinets[i].Platforms[k].Lanes[n].SKU))
				}
			}
		}
		if err := f.model.Learn(first+day, sales); err != nil {
			b.Fatal(err)
		}
	}
	f.from = (first + benchDays).Hour(20)
}

func someSales(rng *rand.Rand, cabinet protocol.CabinetID, sku protocol.SKU) forecast.Sales {
	s := forecast.Sales{Cabinet: cabinet, SKU: sku}
	for h := range s.Able {
		s.Able[h] = 1
		if rng.Float64() < 0.08 {
			s.Sold[h] = 1 + int(math.Min(rng.ExpFloat64()/2, 3))
		}
	}
	return s
}

// plan forecasts and plans for each store in turn, and counts the cabinets that are visited.
func (f *fleet) plan() (visited int) {
	when, p := tomorrow(), Usual()
	for first := 0; first < len(f.cabinets); first += perStore {
		around := f.cabinets[first:min(first+perStore, len(f.cabinets))]
		for i := range around {
			for k := range around[i].Platforms {
				for n := range around[i].Platforms[k].Lanes {
					l := &around[i].Platforms[k].Lanes[n]
					l.Demand = f.model.Outlook(around[i].ID, l.SKU, f.from, 96)
				}
			}
		}
		visited += len(Make(around, f.stock, Limits{Minutes: 120, Totes: 12}, when, p).Chosen())
	}
	return visited
}

func benchmarkPlan(b *testing.B, cabinets int) {
	f := newFleet(b, cabinets)
	b.ReportAllocs()
	visited := 0
	for b.Loop() {
		visited = f.plan()
	}
	b.ReportMetric(float64(visited), "visited")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/plan")
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N*cabinets*benchLane), "us/lane")
}

func BenchmarkPlan300(b *testing.B)   { benchmarkPlan(b, 300) }
func BenchmarkPlan10000(b *testing.B) { benchmarkPlan(b, 10_000) }
