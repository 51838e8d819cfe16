package planogram_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"allhours/protocol"
	"allhours/protocol/planogram"
	"allhours/protocol/settle"
)

// The engine has its own idea of what shoppers do, and of the scales; the estimate is held to what it makes of visits.
func TestTheEstimateAgreesWithTheEngineAndTheProposalHelpsIt(t *testing.T) {
	var before, after, expectedBefore, expectedAfter float64
	const cabinets, each = 5, 60
	for seed := range uint64(cabinets) {
		p := thrown(rand.New(rand.NewPCG(seed, 1)), 5, 6)
		proposal, err := planogram.Propose(p)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed, 2))
		b, _ := visits(r, p, each)
		a, _ := visits(r, proposal.Plan, each)
		before, after = before+float64(b)/each, after+float64(a)/each
		expectedBefore += proposal.Before.Reviews / 1000
		expectedAfter += proposal.After.Reviews / 1000
	}
	t.Logf("reviews of a visit: thrown together %.3f, expected %.3f; as proposed %.3f, expected %.3f",
		before/cabinets, expectedBefore/cabinets, after/cabinets, expectedAfter/cabinets)
	if before < expectedBefore/2 || before > expectedBefore*2 {
		t.Errorf("the engine asks in %.3f of the visits, %.3f were expected", before/cabinets, expectedBefore/cabinets)
	}
	if after > before/2 {
		t.Errorf("the engine asks in %.3f of the visits before and in %.3f after the proposal", before/cabinets, after/cabinets)
	}
}

// visits plays so many visits to a cabinet and settles them with the engine: how many went to review, and how many were
// billed wrong. Shoppers take as the estimate assumes, one grip after the other, from scales that only make noise.
func visits(r *rand.Rand, p planogram.Planogram, n int) (reviews, wrong int) {
	for range n {
		v := newVisit(r, p)
		for v.grips() {
			v.grip()
		}
		answer := v.settle()
		switch {
		case answer.Decision == settle.Review:
			reviews++
		case !slices.Equal(answer.Lines, v.taken()):
			wrong++
		}
	}
	return reviews, wrong
}

type visit struct {
	r      *rand.Rand
	p      planogram.Planogram
	layout settle.Layout
	left   []map[protocol.SKU]int
	lines  map[protocol.SKU]int
	steps  [][]step // of each platform, by time
	count  int
	at     int64
}

type step struct {
	at    int64
	grams float64
}

const (
	opened   = 2000 // milliseconds
	pause    = 2500 // from grip to grip
	readAway = 200  // from reading to reading
)

func newVisit(r *rand.Rand, p planogram.Planogram) *visit {
	v := &visit{r: r, p: p, lines: map[protocol.SKU]int{}, steps: make([][]step, len(p.Platforms)), at: opened, layout: settle.Layout{Goods: map[protocol.SKU]settle.Good{}}}
	for sku, g := range p.Goods {
		v.layout.Goods[sku] = settle.Good{Unit: g.Unit, SD: g.SD}
	}
	for _, platform := range p.Platforms {
		book, left := map[protocol.SKU]int{}, map[protocol.SKU]int{}
		for _, g := range platform.Goods {
			book[g.SKU], left[g.SKU] = g.Units, g.Units
		}
		v.layout.Platforms = append(v.layout.Platforms, settle.Platform{ID: platform.ID, Capacity: platform.Capacity, Division: platform.Division, Book: book})
		v.left = append(v.left, left)
	}
	return v
}

// grips draws whether there is another one: 2.2 on the average.
func (v *visit) grips() bool {
	v.count++
	return v.count == 1 || v.count <= 6 && v.r.Float64() < 1-1/2.2
}

func (v *visit) grip() {
	v.at += pause
	total := 0
	for _, platform := range v.p.Platforms {
		total += len(platform.Goods)
	}
	n := v.r.IntN(total)
	for i, platform := range v.p.Platforms {
		if n >= len(platform.Goods) {
			n -= len(platform.Goods)
			continue
		}
		which := v.r.Float64()
		first := platform.Goods[n].SKU
		if which < 0.02 && len(platform.Goods) > 1 {
			second := platform.Goods[(n+1+v.r.IntN(len(platform.Goods)-1))%len(platform.Goods)].SKU
			v.take(i, first, 1)
			v.take(i, second, 1)
			return
		}
		v.take(i, first, []int{3, 2, 1}[cut(which, 0.03, 0.20)])
		return
	}
}

func cut(x float64, at ...float64) int {
	for i, limit := range at {
		if x < limit {
			return i
		}
	}
	return len(at)
}

func (v *visit) take(platform int, sku protocol.SKU, qty int) {
	g := v.p.Goods[sku]
	for range min(qty, v.left[platform][sku]) {
		grams := g.Unit.Grams() + g.SD.Grams()*v.r.NormFloat64()
		v.steps[platform] = append(v.steps[platform], step{v.at, grams})
		v.left[platform][sku]--
		v.lines[sku]++
	}
}

func (v *visit) taken() []settle.Line {
	lines := []settle.Line{}
	for sku, qty := range v.lines {
		lines = append(lines, settle.Line{SKU: sku, Qty: qty})
	}
	slices.SortFunc(lines, func(a, b settle.Line) int {
		if a.SKU < b.SKU {
			return -1
		}
		return 1
	})
	return lines
}

func (v *visit) settle() settle.Answer {
	e, err := settle.New(v.layout, settle.Config{})
	if err != nil {
		panic(err)
	}
	shut := v.at + pause
	e.Door(0, false)
	e.Door(opened, true)
	for i := range v.p.Platforms {
		base := 5000 + 500*v.r.Float64()
		for at := int64(readAway); at < shut+2500; at += readAway {
			grams := base
			for _, s := range v.steps[i] {
				if at >= s.at {
					grams -= s.grams
				}
			}
			e.Read(at, i, settle.Sample{Weight: protocol.FromGrams(math.Round(grams + 0.6*v.r.NormFloat64())), OK: true})
		}
	}
	e.Door(shut, false)
	return e.Decide()
}
