package coverage

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"allhours/protocol"
)

const (
	minute = int64(60_000)
	hour   = 60 * minute
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// neighbourhood is a store with two cabinets around the night in which clocks are set back, or forward.
func neighbourhood(t testing.TB, first time.Time, days int) Plan {
	calendar := Calendar{Zone: berlin(t), Usual: []Hours{{Spans: []Minutes{{7 * 60, 22 * 60}}}}}
	bounds := calendar.Bounds(first, days)
	p := Plan{
		Days: bounds, Open: calendar.Open(bounds[0], bounds[len(bounds)-1]),
		Needs: []Need{{Categories: []Category{{"dairy", []protocol.SKU{"1001", "1002"}}, {"bread", []protocol.SKU{"2001"}}}}},
		Codes: []Codes{{0, true}},
	}
	for n := range 2 {
		p.Cabinets = append(p.Cabinets, Cabinet{
			ID: protocol.CabinetID(fmt.Sprint("c-", n)), Stays: []Span{{}},
			Doors: map[protocol.PlatformID]protocol.Compartment{"S1": 1, "S2": 2},
		})
	}
	p.Cabinets[1].Stays = []Span{{bounds[0] + 30*hour, bounds[len(bounds)-1] - 20*hour}}
	return p
}

// random makes facts as cabinets and the cloud may tell them, for as long as a plan is.
func random(rng *rand.Rand, p Plan, many int) []Fact {
	from, to := p.Days[0]-10*hour, p.Days[len(p.Days)-1]
	lanes := []string{"S1/1001", "S1/2001", "S2/1002", "S2/3000", "S9/2001"}
	var all []Fact
	for n := range many {
		f := Fact{Ref: fmt.Sprint("event:", n), Seq: uint64(n + 1), Cabinet: p.Cabinets[rng.IntN(len(p.Cabinets))].ID, At: from + rng.Int64N(to-from)/minute*minute}
		f.Made, f.Value = f.At+rng.Int64N(9*hour), rng.IntN(2)
		switch rng.IntN(17) {
		case 0:
			f.Kind, f.From, f.Code = Silence, f.At-rng.Int64N(3*hour), []string{SilentPower, SilentStopped, SilentGap, SilentFirst}[rng.IntN(4)]
		case 1:
			f.Kind, f.Subject = Door, strconv.Itoa(1+rng.IntN(3))
		case 2:
			f.Kind, f.Subject, f.Value = Lock, strconv.Itoa(1+rng.IntN(2)), rng.IntN(3)
			if f.Value == 2 {
				f.From = f.At - rng.Int64N(hour)
			}
		case 3:
			f.Kind, f.Subject = Scale, []string{"S1", "S2"}[rng.IntN(2)]
		case 4:
			f.Kind, f.Subject, f.Code = Sale, []string{"", "1", "2"}[rng.IntN(3)], "too_warm"
		case 5:
			f.Kind, f.Subject = Line, []string{"", Reader}[rng.IntN(2)]
		case 6:
			f.Kind, f.From = Late, f.At-rng.Int64N(2*hour)
		case 7:
			f.Kind, f.Seq = []Kind{Apart, End, Halt, Halt}[rng.IntN(4)], 0
			if f.Kind == Halt {
				f.Subject = []string{"off_sale", "locked_out"}[rng.IntN(2)]
			}
		case 8:
			f.Kind, f.Cabinet, f.Seq, f.From = Service, "", 0, f.At-rng.Int64N(hour)
			if rng.IntN(2) == 0 {
				f.Kind = Payment
			}
		case 9:
			f.Kind, f.Subject, f.Seq = Barred, []string{"1001", "1002", "2001"}[rng.IntN(3)], 0
		default:
			f.Kind, f.Subject = Stock, lanes[rng.IntN(len(lanes))]
		}
		all = append(all, f)
	}
	return all
}

// whole computes everything at once.
func whole(p Plan, facts []Fact, heard map[protocol.CabinetID]int64, until int64) []Day {
	s := New(p)
	s.AddAll(facts)
	for id, at := range heard {
		s.Heard(id, at)
	}
	s.Until(until)
	return s.Days()
}

func everything(p Plan) map[protocol.CabinetID]int64 {
	heard := make(map[protocol.CabinetID]int64)
	for _, c := range p.Cabinets {
		heard[c.ID] = p.Days[len(p.Days)-1]
	}
	return heard
}

// text is days as they can be compared, and read where they differ.
func text(days []Day) string {
	var b strings.Builder
	for n, d := range days {
		fmt.Fprintf(&b, "day %d %d-%d ends %d\n", n, d.From, d.To, d.Ends)
		for _, p := range d.Pieces {
			fmt.Fprintf(&b, "%+v\n", p)
		}
	}
	return b.String()
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d:\n%s\n%s", i, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}
