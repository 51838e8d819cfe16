package planogram_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"allhours/protocol"
	"allhours/protocol/planogram"
)

func propose(t *testing.T, p planogram.Planogram) planogram.Proposal {
	t.Helper()
	proposal, err := planogram.Propose(p)
	if err != nil {
		t.Fatal(err)
	}
	return proposal
}

// lying lists all goods of a planogram, wherever they are.
func lying(p planogram.Planogram) (all []planogram.Placement) {
	for _, platform := range p.Platforms {
		all = append(all, platform.Goods...)
	}
	slices.SortFunc(all, func(a, b planogram.Placement) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Units, b.Units))
	})
	return all
}

func over(r planogram.Report) (sum protocol.Milligrams) {
	for _, l := range r.Overloads() {
		sum += l.Over()
	}
	return sum
}

// holds checks what is true of every proposal.
func holds(t *testing.T, p planogram.Planogram, got planogram.Proposal) {
	t.Helper()
	if !slices.Equal(lying(p), lying(got.Plan)) {
		t.Errorf("want the same goods, got %v of %v", lying(got.Plan), lying(p))
	}
	if over(got.After) > over(got.Before) {
		t.Errorf("the proposal is further over capacity: %d mg, before %d mg", over(got.After), over(got.Before))
	}
	if over(got.After) == over(got.Before) && (len(got.After.Conflicts) > len(got.Before.Conflicts) ||
		got.After.Reviews+got.After.Wrong > got.Before.Reviews+got.Before.Wrong) {
		t.Errorf("the proposal is worse: %d conflicts, %v reviews, before %d and %v",
			len(got.After.Conflicts), got.After.Reviews, len(got.Before.Conflicts), got.Before.Reviews)
	}
	moved := map[protocol.PlatformID]int{}
	for _, m := range got.Moves {
		moved[m.From]--
		moved[m.To]++
	}
	fullest := 0
	for _, platform := range p.Platforms {
		fullest = max(fullest, len(platform.Goods))
	}
	for i, platform := range got.Plan.Platforms {
		if n := len(platform.Goods); n != len(p.Platforms[i].Goods)+moved[platform.ID] || n > fullest {
			t.Errorf("platform %s has %d articles after the moves %v", platform.ID, n, got.Moves)
		}
	}
}

func TestAProposalIsNeverWorseAndMovesTheSameGoods(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var before, after float64
	for seed := range uint64(8) {
		p := thrown(rand.New(rand.NewPCG(seed, 3)), 2+int(seed%4), 4+int(seed%3))
		got := propose(t, p)
		holds(t, p, got)
		before, after = before+got.Before.Reviews, after+got.After.Reviews
		if again := propose(t, p); !reflect.DeepEqual(got, again) {
			t.Error("the same planogram has two proposals")
		}
		other := planogram.Planogram{Goods: p.Goods, Platforms: slices.Clone(p.Platforms)}
		random.Shuffle(len(other.Platforms), func(i, k int) {
			other.Platforms[i], other.Platforms[k] = other.Platforms[k], other.Platforms[i]
		})
		for i := range other.Platforms {
			other.Platforms[i].Goods = slices.Clone(other.Platforms[i].Goods)
			slices.Reverse(other.Platforms[i].Goods)
		}
		same := propose(t, other)
		if math.Abs(same.Before.Reviews-got.Before.Reviews) > 1e-6 || math.Abs(same.After.Reviews-got.After.Reviews) > 1e-6 || !slices.Equal(same.Moves, got.Moves) {
			t.Errorf("in another order: %v to %v reviews by %v, want %v to %v by %v",
				same.Before.Reviews, same.After.Reviews, same.Moves, got.Before.Reviews, got.After.Reviews, got.Moves)
		}
	}
	if after > before/2 {
		t.Errorf("want half the reviews at most, got %v of %v", after, before)
	}
}

func TestWhatAProposalMoves(t *testing.T) {
	goods := map[protocol.SKU]planogram.Good{
		"water": good(571, 2.6), "tea": good(569, 2.6), "milk": good(1046, 3.5), "cola": good(352, 1.6), "bun": good(85, 1.4), "twin": good(352.2, 1.6),
	}
	shelf := func(id protocol.PlatformID, door protocol.Compartment, capacity protocol.Milligrams, skus ...protocol.SKU) planogram.Platform {
		p := planogram.Platform{ID: id, Compartment: door, Capacity: capacity, Division: 1000}
		for _, sku := range skus {
			p.Goods = append(p.Goods, planogram.Placement{SKU: sku, Units: 10})
		}
		return p
	}
	cases := []struct {
		name      string
		platforms []planogram.Platform
		moves     int
		reviews   float64 // at most
		nowhere   []protocol.SKU
		tooHeavy  bool
	}{
		{"goods that are told apart stay where they are", []planogram.Platform{shelf("S1", 1, 0, "water", "milk"), shelf("S2", 1, 0, "tea", "bun")}, 0, 1, nil, false},
		{"twins are parted by one exchange", []planogram.Platform{shelf("S1", 1, 0, "water", "tea"), shelf("S2", 1, 0, "cola", "bun")}, 2, 1, nil, false},
		{"twins are parted by one move where there is room", []planogram.Platform{shelf("S1", 1, 0, "water", "tea"), shelf("S2", 1, 0, "cola")}, 1, 1, nil, false},
		{"nothing goes through another door", []planogram.Platform{shelf("S1", 1, 0, "water", "tea"), shelf("S2", 2, 0, "cola", "bun")}, 0, 1000, []protocol.SKU{"tea", "water"}, false},
		{"nothing goes where it is too heavy", []planogram.Platform{shelf("S1", 1, 0, "water", "tea"), shelf("S2", 1, 4_500_000, "cola", "bun")}, 0, 1000, nil, false},
		{"what is too heavy goes where it can be borne", []planogram.Platform{shelf("S1", 1, 9_000_000, "milk", "bun"), shelf("S2", 1, 20_000_000, "cola", "water")}, 2, 1, nil, false},
		{"what is too heavy for all stays and is said", []planogram.Platform{shelf("S1", 1, 9_000_000, "milk"), shelf("S2", 1, 9_000_000, "milk")}, 0, 1, nil, true},
		{"twins on each platform are parted nowhere", []planogram.Platform{shelf("S1", 1, 0, "water", "cola", "tea"), shelf("S2", 1, 0, "water", "twin", "tea")}, 0, 1000, []protocol.SKU{"tea", "water"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := planogram.Planogram{Goods: goods, Platforms: c.platforms}
			got := propose(t, p)
			holds(t, p, got)
			if len(got.Moves) != c.moves || got.After.Reviews > c.reviews || got.TooHeavy != c.tooHeavy {
				t.Errorf("want %d moves and at most %v reviews, got %v and %v (too heavy: %v)", c.moves, c.reviews, got.Moves, got.After.Reviews, got.TooHeavy)
			}
			if !slices.Equal(got.Nowhere, c.nowhere) {
				t.Errorf("want %v placed well nowhere, got %v", c.nowhere, got.Nowhere)
			}
		})
	}
}

// FuzzPropose makes a planogram of bytes: whatever it is, it is refused or the proposal holds.
func FuzzPropose(f *testing.F) {
	f.Add([]byte{0, 1, 2, 255, 3, 4, 5, 255, 6}, int64(500_000), int64(1000))
	f.Add([]byte{9, 10, 11, 12, 255, 255, 9}, int64(0), int64(0))
	f.Add([]byte{1}, int64(-1), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, placed []byte, capacity, division int64) {
		p := planogram.Planogram{Goods: map[protocol.SKU]planogram.Good{}, Platforms: []planogram.Platform{{ID: "A"}}}
		for _, b := range placed[:min(len(placed), 24)] {
			if b == 255 {
				id := protocol.PlatformID(rune('A' + len(p.Platforms)))
				p.Platforms = append(p.Platforms, planogram.Platform{
					ID: id, Capacity: protocol.Milligrams(capacity), Division: protocol.Milligrams(division),
				})
				continue
			}
			sku := protocol.SKU(rune('0' + b))
			p.Goods[sku] = planogram.Good{Unit: protocol.Milligrams(b%97) * 7919, SD: protocol.Milligrams(b) * 20, Demand: float64(b % 5)}
			last := &p.Platforms[len(p.Platforms)-1]
			last.Goods = append(last.Goods, planogram.Placement{SKU: sku, Units: int(b) % 9})
		}
		got, err := planogram.Propose(p)
		if (err != nil) != (p.Validate() != nil) {
			t.Fatalf("Propose says %v, Validate %v", err, p.Validate())
		}
		if err != nil {
			return
		}
		holds(t, p, got)
		for _, r := range []planogram.Report{got.Before, got.After} {
			if !(r.Reviews >= 0 && r.Reviews <= 1000 && r.Wrong >= 0 && r.Wrong <= 1000) {
				t.Errorf("%v reviews and %v wrong bills of 1000 visits", r.Reviews, r.Wrong)
			}
		}
	})
}

func BenchmarkPropose(b *testing.B) {
	p := thrown(rand.New(rand.NewPCG(1, 1)), 5, 10)
	for b.Loop() {
		if _, err := planogram.Propose(p); err != nil {
			b.Fatal(err)
		}
	}
}
