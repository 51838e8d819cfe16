package picking

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// exactly is up to how many stops the best of all orders is found.
const exactly = 9

// Call is a cabinet that a round visits.
type Call struct {
	Cabinet protocol.CabinetID
	Seconds int                  // that the stop takes
	Windows []Window             // in which it may be opened, the earliest first; none: whenever
	After   []protocol.CabinetID // what is put here is taken from them: they are visited before
}

// Window is a time in which a cabinet may be opened, in seconds of the round's day.
type Window struct {
	Open int
	Shut int // until which one must have come
}

// begins is when one who comes at a time may open, and how much later than its last window that is.
func (c *Call) begins(come int) (begin, late int) {
	for _, w := range c.Windows {
		if come <= w.Shut {
			return max(come, w.Open), 0
		}
	}
	if n := len(c.Windows); n > 0 {
		return come, come - c.Windows[n-1].Shut
	}
	return come, 0
}

// Way is where a round goes along.
type Way struct {
	Start int // second of the day at which the store is left
	Pace  int // metres that are walked in a minute; 0: 70
	// Metres is the way from one point to another: 0 is the store, from 1 on the calls in their order.
	Metres func(from, to int) int
}

// Trip is the order of a round, from the store and back to it.
type Trip struct {
	Stops  []Arrival `json:"stops"`
	Metres int       `json:"metres"`
	Back   int       `json:"back"` // second of the day at which the store is reached again
	Late   int       `json:"late"` // seconds after their windows had shut, of all stops together
}

// Arrival is one stop of a trip.
type Arrival struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	Metres  int                `json:"metres"` // from the point before
	Come    int                `json:"come"`   // second of the day
	Begin   int                `json:"begin"`  // when it is open: later than Come where one waits
	Late    int                `json:"late"`   // seconds after its window had shut
}

// Walk orders the calls: first so that goods are taken before they are put elsewhere, then so that nobody comes late, then so that the round is over soon, then so that the way is short.
// For up to 9 calls no order is better; for more it is the best that three fixed beginnings and small changes lead to.
func Walk(calls []Call, way Way) Trip {
	way.Pace = cmp.Or(way.Pace, 70)
	w := walk{calls, way, make([]int, len(calls)), before(calls)}
	best, cost := w.improved()
	if len(calls) <= exactly {
		s := search{walk: w, best: best, cost: cost, free: ascending(len(calls))}
		s.from(0, 0, toll{Back: way.Start})
		best = s.best
	}
	return w.trip(best)
}

// toll is what an order costs.
type toll struct {
	Early, Late, Back, Metres int
}

func (t toll) less(o toll) bool {
	return cmp.Or(cmp.Compare(t.Early, o.Early), cmp.Compare(t.Late, o.Late), cmp.Compare(t.Back, o.Back), cmp.Compare(t.Metres, o.Metres)) < 0
}

type walk struct {
	calls   []Call
	way     Way
	scratch []int
	before  [][]int // the calls that are to be made before each
}

// before finds the calls that others are to come after.
func before(calls []Call) [][]int {
	all := make([][]int, len(calls))
	for i, c := range calls {
		for _, id := range c.After {
			if n := slices.IndexFunc(calls, func(o Call) bool { return o.Cabinet == id }); n >= 0 {
				all[i] = append(all[i], n)
			}
		}
	}
	return all
}

// early is how many calls are to be made before one and were not.
func (w *walk) early(made []int, call int) (n int) {
	for _, first := range w.before[call] {
		if !slices.Contains(made, first) {
			n++
		}
	}
	return n
}

// step goes on from a point to a call and through it.
func (w *walk) step(at int, call int, t toll) (toll, Arrival) {
	c := &w.calls[call]
	metres := w.way.Metres(at, call+1)
	come := t.Back + w.seconds(metres)
	a := Arrival{Cabinet: c.Cabinet, Metres: metres, Come: come}
	a.Begin, a.Late = c.begins(come)
	return toll{t.Early, t.Late + a.Late, a.Begin + c.Seconds, t.Metres + metres}, a
}

// home goes back to the store.
func (w *walk) home(at int, t toll) toll {
	metres := w.way.Metres(at, 0)
	return toll{t.Early, t.Late, t.Back + w.seconds(metres), t.Metres + metres}
}

func (w *walk) seconds(metres int) int { return (metres*60 + w.way.Pace - 1) / w.way.Pace }

func (w *walk) toll(order []int) toll {
	at, t := 0, toll{Back: w.way.Start}
	for i, call := range order {
		t, _ = w.step(at, call, t)
		t.Early += w.early(order[:i], call)
		at = call + 1
	}
	if at == 0 {
		return t
	}
	return w.home(at, t)
}

func (w *walk) trip(order []int) Trip {
	trip := Trip{Stops: make([]Arrival, 0, len(order))}
	at, t := 0, toll{Back: w.way.Start}
	for _, call := range order {
		var a Arrival
		t, a = w.step(at, call, t)
		trip.Stops = append(trip.Stops, a)
		at = call + 1
	}
	t = w.toll(order)
	trip.Metres, trip.Back, trip.Late = t.Metres, t.Back, t.Late
	return trip
}

func ascending(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// nearest always goes to the nearest call that is left, the first of equals.
func (w *walk) nearest() []int {
	left, at := ascending(len(w.calls)), 0
	var order []int
	for len(left) > 0 {
		next := 0
		for i, call := range left {
			if w.way.Metres(at, call+1) < w.way.Metres(at, left[next]+1) {
				next = i
			}
		}
		at = left[next] + 1
		order = append(order, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return order
}

// urgent goes first where it must be soonest.
func (w *walk) urgent() []int {
	order := w.nearest()
	slices.SortStableFunc(order, func(a, b int) int {
		one, other := w.calls[a].last(), w.calls[b].last()
		if (one.Shut > 0) != (other.Shut > 0) {
			return cmp.Compare(other.Shut, one.Shut)
		}
		return cmp.Or(cmp.Compare(one.Shut, other.Shut), cmp.Compare(one.Open, other.Open))
	})
	return order
}

// last is the last window of a call; a zero one where it is open whenever.
func (c *Call) last() Window {
	if len(c.Windows) == 0 {
		return Window{}
	}
	return c.Windows[len(c.Windows)-1]
}
