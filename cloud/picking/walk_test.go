package picking

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"allhours/protocol"
)

// someWalk draws points in a neighbourhood, some of which are open for an hour or two.
func someWalk(rng *rand.Rand, stops int) ([]Call, Way) {
	x, y := make([]float64, stops+1), make([]float64, stops+1)
	for i := range x {
		x[i], y[i] = rng.Float64()*1500, rng.Float64()*1500
	}
	start := 8 * 3600
	var calls []Call
	for n := range stops {
		c := Call{Cabinet: protocol.CabinetID(fmt.Sprintf("c-%02d", n)), Seconds: 120 + rng.IntN(300)}
		if rng.IntN(3) == 0 {
			open := start + rng.IntN(5400)
			c.Windows = []Window{{open, open + 900 + rng.IntN(1800)}}
			if again := c.Windows[0].Shut + rng.IntN(3600); rng.IntN(2) == 0 {
				c.Windows = append(c.Windows, Window{again, again + 1800})
			}
		}
		calls = append(calls, c)
	}
	return calls, Way{Start: start, Metres: func(a, b int) int { return int(math.Hypot(x[a]-x[b], y[a]-y[b])) }}
}

// brute tries every order, and works each out for itself.
func brute(calls []Call, way Way) (late, back, metres int) {
	late = math.MaxInt
	order := make([]int, 0, len(calls))
	used := make([]bool, len(calls))
	var try func()
	try = func() {
		if len(order) == len(calls) {
			if l, b, m := follow(calls, way, order); l < late || l == late && (b < back || b == back && m < metres) {
				late, back, metres = l, b, m
			}
			return
		}
		for n := range calls {
			if !used[n] {
				used[n], order = true, append(order, n)
				try()
				used[n], order = false, order[:len(order)-1]
			}
		}
	}
	try()
	return late, back, metres
}

func follow(calls []Call, way Way, order []int) (late, now, metres int) {
	at := 0
	now = way.Start
	for _, n := range order {
		m := way.Metres(at, n+1)
		metres += m
		now += int(math.Ceil(float64(m) * 60 / 70))
		begin := now
		if w := calls[n].Windows; len(w) > 0 {
			switch second := len(w) > 1; {
			case now <= w[0].Shut:
				begin = max(now, w[0].Open)
			case second && now <= w[1].Shut:
				begin = max(now, w[1].Open)
			default:
				late += now - w[len(w)-1].Shut
			}
		}
		now = begin + calls[n].Seconds
		at = n + 1
	}
	m := way.Metres(at, 0)
	return late, now + int(math.Ceil(float64(m)*60/70)), metres + m
}

func TestNoOrderOfAFewStopsIsBetter(t *testing.T) {
	rng := draw(t, 65)
	for n := range 150 {
		calls, way := someWalk(rng, 1+n%7)
		trip := Walk(calls, way)
		visitsAll(t, calls, way, trip)
		if late, back, metres := brute(calls, way); trip.Late != late || trip.Back != back || trip.Metres != metres {
			t.Fatalf("%d stops: late %d, back %d, %d m; the best is %d, %d, %d m", len(calls), trip.Late, trip.Back, trip.Metres, late, back, metres)
		}
	}
}

func TestNineStopsAreOrderedExactly(t *testing.T) {
	rng := draw(t, 66)
	calls, way := someWalk(rng, 9)
	if late, back, metres := brute(calls, way); !reflect.DeepEqual([]int{late, back, metres}, tripFigures(Walk(calls, way))) {
		t.Fatalf("want %d, %d, %d, got %v", late, back, metres, tripFigures(Walk(calls, way)))
	}
}

func tripFigures(t Trip) []int { return []int{t.Late, t.Back, t.Metres} }

// visitsAll holds a trip to its calls: each once, with times that follow from the order.
func visitsAll(t *testing.T, calls []Call, way Way, trip Trip) {
	t.Helper()
	at := map[protocol.CabinetID]int{}
	for n, c := range calls {
		at[c.Cabinet] = n
	}
	var order []int
	for _, s := range trip.Stops {
		n, there := at[s.Cabinet]
		if !there {
			t.Fatalf("%s is visited twice, or is none", s.Cabinet)
		}
		delete(at, s.Cabinet)
		order = append(order, n)
		if s.Begin < s.Come || len(calls[n].Windows) > 0 && s.Begin < calls[n].Windows[0].Open {
			t.Fatalf("%+v begins before it can", s)
		}
	}
	late, back, metres := follow(calls, way, order)
	if len(at) > 0 || !reflect.DeepEqual([]int{late, back, metres}, tripFigures(trip)) {
		t.Fatalf("left out: %v; the order comes to %d, %d, %d, the trip says %v", at, late, back, metres, tripFigures(trip))
	}
}

func TestSmallChangesComeNearTheBestOrder(t *testing.T) {
	rng := draw(t, 67)
	ours, best := 0, 0
	for range 40 {
		calls, way := someWalk(rng, 9)
		for i := range calls {
			calls[i].Windows = nil
		}
		way.Pace = 70
		w := walk{calls, way, make([]int, len(calls)), before(calls)}
		_, cost := w.improved()
		ours, best = ours+cost.Metres, best+Walk(calls, way).Metres
	}
	t.Logf("%d m against %d m", ours, best)
	if float64(ours) > 1.03*float64(best) {
		t.Errorf("small changes lead to %d m where %d are enough", ours, best)
	}
}

func TestALongRoundVisitsEveryCabinetOnceAndNeverWorseThanTheNearestNext(t *testing.T) {
	rng := draw(t, 68)
	for _, stops := range []int{10, 17, 30} {
		calls, way := someWalk(rng, stops)
		trip := Walk(calls, way)
		visitsAll(t, calls, way, trip)
		w := walk{calls, Way{way.Start, 70, way.Metres}, make([]int, stops), before(calls)}
		if first := w.toll(w.nearest()); first.less(toll{0, trip.Late, trip.Back, trip.Metres}) {
			t.Errorf("%d stops: %v is worse than %v", stops, tripFigures(trip), first)
		}
		if again := Walk(calls, way); !reflect.DeepEqual(trip, again) {
			t.Errorf("%d stops: another order the second time", stops)
		}
	}
}

func TestWindowsGoBeforeShortWays(t *testing.T) {
	line := []int{0, 100, 200, 300}
	way := Way{Start: 1000, Pace: 60, Metres: func(a, b int) int { return max(line[a]-line[b], line[b]-line[a]) }}
	for _, c := range []struct {
		name   string
		change func([]Call)
		order  [3]protocol.CabinetID
		late   int
	}{
		{"the far one shuts before the others could be visited", func(c []Call) { c[2].Windows = []Window{{0, 1350}} }, [3]protocol.CabinetID{"c", "b", "a"}, 0},
		{"nobody can come to the far one in time", func(c []Call) { c[2].Windows = []Window{{0, 1200}} }, [3]protocol.CabinetID{"c", "b", "a"}, 100},
		{"the near one opens late", func(c []Call) { c[0].Windows = []Window{{1700, 9000}} }, [3]protocol.CabinetID{"c", "b", "a"}, 0},
		{"the near one shuts soon", func(c []Call) { c[0].Windows = []Window{{0, 1150}} }, [3]protocol.CabinetID{"a", "b", "c"}, 0},
		{"the near one opens again in the evening", func(c []Call) { c[0].Windows = []Window{{0, 1050}, {1700, 9000}} }, [3]protocol.CabinetID{"c", "b", "a"}, 0},
		{"the near one gets goods from the far one", func(c []Call) { c[0].After = []protocol.CabinetID{"c"} }, [3]protocol.CabinetID{"c", "b", "a"}, 0},
		{"goods go before windows", func(c []Call) {
			c[0].After, c[0].Windows = []protocol.CabinetID{"b"}, []Window{{0, 1150}}
			c[2].Windows = []Window{{1600, 9000}}
		}, [3]protocol.CabinetID{"b", "a", "c"}, 250},
	} {
		calls := []Call{{Cabinet: "a", Seconds: 100}, {Cabinet: "b", Seconds: 100}, {Cabinet: "c", Seconds: 100}}
		c.change(calls)
		trip := Walk(calls, way)
		if got := [3]protocol.CabinetID{trip.Stops[0].Cabinet, trip.Stops[1].Cabinet, trip.Stops[2].Cabinet}; got != c.order || trip.Late != c.late {
			t.Errorf("%s: want %v, %d s late, got %+v", c.name, c.order, c.late, trip)
		}
	}
	if trip := Walk(nil, way); trip.Metres != 0 || trip.Back != 1000 || trip.Stops == nil {
		t.Errorf("a round of no stops: %+v", trip)
	}
}
