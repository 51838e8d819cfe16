package coverage

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"allhours/protocol"
)

// The clocks of the zone are set back on 25 October 2026 and forward on 28 March 2027.
var starts = []time.Time{
	time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC), time.Date(2027, 3, 27, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC),
}

func TestEveryDayIsTiledWithoutAHoleOrAnOverlap(t *testing.T) {
	lengths := map[int64]bool{}
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := neighbourhood(t, starts[seed%3], 3)
		until := p.Days[3] - rng.Int64N(2)*17*hour
		facts := random(rng, p, 80)
		s := New(p)
		for _, f := range facts {
			s.Add(f)
		}
		for id, at := range everything(p) {
			s.Heard(id, at)
		}
		s.Until(until)
		sums := s.Sums()
		for n, d := range whole(p, facts, everything(p), until) {
			at := p.Days[n]
			for _, piece := range d.Pieces {
				if piece.From != at || piece.To <= at {
					t.Fatalf("seed %d, day %d: a piece from %d to %d comes after %d", seed, n, piece.From, piece.To, at)
				}
				at = piece.To
			}
			if end := min(p.Days[n+1], until); at != end || d.Sum().Whole() != end-p.Days[n] {
				t.Fatalf("seed %d, day %d: it ends at %d and sums to %d, want %d and %d", seed, n, at, d.Sum().Whole(), end, end-p.Days[n])
			}
			if n < len(sums) && sums[n] != d.Sum() {
				t.Fatalf("seed %d, day %d: summed up to %+v, told %+v", seed, n, sums[n], d.Sum())
			}
			for category, sum := range d.CategorySums() {
				if sum.Whole() != d.To-d.From {
					t.Fatalf("seed %d, day %d: %s sums to %d, want %d", seed, n, category, sum.Whole(), d.To-d.From)
				}
			}
			if by := d.CabinetSums(); by[0].Whole() != d.To-d.From || by[1].Whole() > by[0].Whole() || by[0].Open != 0 {
				t.Fatalf("seed %d, day %d: the cabinets sum to %+v of %d", seed, n, by, d.To-d.From)
			}
			if d.To == d.Ends {
				lengths[(d.Ends-d.From)/hour] = true
			}
		}
	}
	if !lengths[23] || !lengths[24] || !lengths[25] {
		t.Errorf("days of %v hours were looked at", lengths)
	}
}

func TestTheOrderInWhichFactsComeHasNoSay(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 2))
		p := neighbourhood(t, starts[seed%3], 3)
		facts := random(rng, p, 80)
		want := text(whole(p, facts, everything(p), p.Days[3]))
		for range 4 {
			rng.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
			again := append(facts, facts[rng.IntN(len(facts))], facts[rng.IntN(len(facts))]) // Some come twice.
			if got := text(whole(p, again, everything(p), p.Days[3])); got != want {
				t.Fatalf("seed %d: %s", seed, firstDifference(got, want))
			}
		}
	}
}

func TestAfterEachFactTheResultIsAsIfAllHadBeenKnownAtOnce(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		p := neighbourhood(t, starts[seed%3], 4)
		facts := random(rng, p, 70)
		rng.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		s, heard, until := New(p), map[protocol.CabinetID]int64{}, p.Days[0]
		for n, f := range facts {
			s.Add(f)
			if rng.IntN(3) == 0 {
				c := p.Cabinets[rng.IntN(2)].ID
				heard[c] = p.Days[0] + rng.Int64N(p.Days[4]-p.Days[0])
				s.Heard(c, heard[c])
			}
			if rng.IntN(4) == 0 {
				until = min(until+rng.Int64N(20*hour), p.Days[4])
				s.Until(until)
			}
			if rng.IntN(2) == 0 {
				continue
			}
			if got, want := text(s.Days()), text(whole(p, facts[:n+1], heard, until)); got != want {
				t.Fatalf("seed %d, fact %d: %s", seed, n, firstDifference(got, want))
			}
		}
	}
}

// TestEachMomentIsWhatTheRulesSayOfItByThemselves holds the sweep to rules that look at one moment, and at all facts.
func TestEachMomentIsWhatTheRulesSayOfItByThemselves(t *testing.T) {
	seen := map[State]int{}
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 4))
		p := neighbourhood(t, starts[seed%3], 3)
		facts, heard := random(rng, p, 20+rng.IntN(100)), everything(p)
		heard["c-0"] -= rng.Int64N(20 * hour)
		days, sorted := whole(p, facts, heard, p.Days[3]), ordered(facts)
		for range 40 {
			at := p.Days[0] + rng.Int64N(p.Days[3]-p.Days[0])
			for _, d := range days {
				for _, piece := range d.Pieces {
					if piece.From <= at && at < piece.To {
						want := oracle{p, sorted, heard, at}.store()
						if piece.State != want {
							t.Fatalf("seed %d at %d: %v, want %v: %+v", seed, at, piece.State, want, piece)
						}
						seen[want]++
						if (want == Uncovered || want == Unknown) != (len(piece.Causes) > 0) {
							t.Fatalf("seed %d at %d: %v because of %+v", seed, at, want, piece.Causes)
						}
					}
				}
			}
		}
	}
	for state := Unknown; state <= Uncovered; state++ {
		if seen[state] < 10 {
			t.Errorf("%v was looked at %d times", state, seen[state])
		}
	}
}

// TestGoodsThatAreNotSoldAreNoStock: bread lies in the only lane that has any; while it is barred, nobody is served with bread.
func TestGoodsThatAreNotSoldAreNoStock(t *testing.T) {
	p := neighbourhood(t, starts[2], 1)
	p.Open, p.Needs = nil, []Need{{Categories: []Category{{"bread", []protocol.SKU{"2001"}}}}}
	p.Cabinets = p.Cabinets[:1]
	at := func(hours int64) int64 { return p.Days[0] + hours*hour }
	facts := []Fact{
		{Ref: "event:1", Seq: 1, Cabinet: "c-0", Kind: Stock, Subject: "S1/2001", Value: 4, At: p.Days[0]},
		{Ref: "price:1", Cabinet: "c-0", Kind: Barred, Subject: "2001", Value: 1, At: at(6)},
		{Ref: "price:2", Cabinet: "c-0", Kind: Barred, Subject: "2001", At: at(9)},
	}
	var said []string
	for _, piece := range whole(p, facts, everything(p), p.Days[1])[0].Pieces {
		word := piece.State.String()
		for _, c := range piece.Causes {
			word += " " + string(c.Why) + " " + c.Ref + " " + string(c.SKU)
		}
		said = append(said, word)
	}
	if want := []string{"covered", "uncovered date_over price:1 2001", "covered"}; !slices.Equal(said, want) {
		t.Errorf("told %q, want %q", said, want)
	}
}
