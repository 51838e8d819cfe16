package coverage

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"allhours/protocol"
)

func TestWhatComesIsTheFirstNightInWhichAllLanesHaveEnded(t *testing.T) {
	nights := []Span{{10 * hour, 20 * hour}, {34 * hour, 44 * hour}}
	lane := func(cabinet protocol.CabinetID, day float64, ends ...int64) Stocked {
		return Stocked{Cabinet: cabinet, Category: "dairy", Units: 5, Day: day, Ends: [3]int64(ends)}
	}
	idle := func(l Stocked, shut int) Stocked { l.Idle, l.Units, l.Shut = true, 0, shut; return l }
	for _, c := range []struct {
		say    string
		lanes  []Stocked
		none   bool
		from   int64
		likely bool
		bring  protocol.CabinetID
		shut   protocol.CabinetID
	}{
		{say: "nothing ends within sight", lanes: []Stocked{lane("a", 1, 0, 0, 0)}, none: true},
		{say: "one of two lasts", lanes: []Stocked{lane("a", 1, 11*hour, 12*hour, 13*hour), lane("b", 1, 0, 0, 0)}, none: true},
		{say: "it ends while the store is open, and lacks from when that closes", lanes: []Stocked{lane("a", 1, 2*hour, 3*hour, 4*hour)}, from: 10 * hour, likely: true, bring: "a"},
		{say: "it ends in the night", lanes: []Stocked{lane("a", 1, 11*hour, 13*hour, 14*hour)}, from: 13 * hour, likely: true, bring: "a"},
		{say: "it ends early in the first night, likely in the second", lanes: []Stocked{lane("a", 1, 12*hour, 30*hour, 0)}, from: 12 * hour, bring: "a"},
		{say: "it ends in the second night", lanes: []Stocked{lane("a", 1, 35*hour, 36*hour, 0)}, from: 36 * hour, likely: true, bring: "a"},
		{say: "the last of two counts, and the one that sells most is filled", lanes: []Stocked{lane("a", 1, 11*hour, 12*hour, 0), lane("b", 3, 12*hour, 15*hour, 0)}, from: 15 * hour, likely: true, bring: "b"},
		{
			say: "nothing is brought behind a door that cannot sell, where another can", lanes: []Stocked{lane("a", 1, 11*hour, 12*hour, 0), idle(lane("b", 9, hour, hour, hour), 40)},
			from: 12 * hour, likely: true, bring: "a", shut: "b",
		},
		{say: "no door can sell", lanes: []Stocked{idle(lane("a", 1, hour, hour, hour), 2), idle(lane("b", 9, hour, hour, hour), 0)}, from: 10 * hour, likely: true, bring: "b", shut: "a"},
	} {
		found := Next(c.lanes, nights)
		if c.none {
			if len(found) != 0 {
				t.Errorf("%s: %+v comes", c.say, found)
			}
			continue
		}
		if len(found) != 1 || found[0].From != c.from || found[0].Likely != c.likely || found[0].Bring.Cabinet != c.bring || found[0].Category != "dairy" {
			t.Errorf("%s: %+v comes", c.say, found)
			continue
		}
		if shut := found[0].Idle; (shut == nil) != (c.shut == "") || shut != nil && shut.Cabinet != c.shut {
			t.Errorf("%s: %+v lies behind a door that cannot sell", c.say, shut)
		}
	}
	bread := Stocked{Category: "bread", Ends: [3]int64{hour, hour, hour}}
	if both := Next([]Stocked{lane("a", 1, 11*hour, 12*hour, 0), bread}, nights); len(both) != 2 || both[0].Category != "bread" {
		t.Errorf("what is lacking first is not first: %+v", both)
	}
}

// TestADoorIsAbleWhereItsCabinetIsToldToSell: a cabinet is told to sell as the best of its doors is.
func TestADoorIsAbleWhereItsCabinetIsToldToSell(t *testing.T) {
	seen := map[State]int{}
	for seed := range uint64(80) {
		rng := rand.New(rand.NewPCG(seed, 7))
		p := neighbourhood(t, starts[seed%3], 3)
		s := New(p)
		s.AddAll(random(rng, p, 60))
		for id, at := range everything(p) {
			s.Heard(id, at)
		}
		s.Until(p.Days[0] + hour + rng.Int64N(p.Days[3]-p.Days[0]-2*hour))
		able, days := s.Able(), s.Days()
		pieces := days[len(days)-1].Pieces
		for n, stood := range pieces[len(pieces)-1].Cabinets {
			id, state := p.Cabinets[n].ID, Uncovered
			for door := range 2 {
				state = better(state, able(id, protocol.PlatformID("S"+strconv.Itoa(door+1))))
			}
			want := stood.State
			if !stood.Here {
				want = Unknown
			}
			if state != want {
				t.Fatalf("seed %d: the doors of %s are %v, and it is told as %v", seed, id, state, want)
			}
			seen[state]++
		}
		if got := able("nobody", "S1"); got != Unknown {
			t.Fatalf("a cabinet of another store is %v", got)
		}
	}
	if seen[Covered] == 0 || seen[Uncovered] == 0 || seen[Unknown] == 0 {
		t.Errorf("doors were %v only", seen)
	}
}
