package coverage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"allhours/protocol"
)

// The fleet of the benchmark: three cabinets of 36 lanes around each of 100 stores, for a year.
const (
	benchStores   = 100
	benchCabinets = 3
	benchDays     = 365
	benchLanes    = 36
)

// year makes what the cabinets of a store would tell in a year: each lane ends and is filled again about every nine days, and each
// cabinet has a silence a week, and a lock, a door, a scale, a stop and a lost line a month.
func year(t testing.TB, seed uint64) (Plan, []Fact) {
	rng := rand.New(rand.NewPCG(seed, 7))
	calendar := Calendar{Zone: berlin(t), Usual: []Hours{{Spans: []Minutes{{7 * 60, 22 * 60}}}}}
	bounds := calendar.Bounds(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), benchDays)
	p := Plan{Days: bounds, Open: calendar.Open(bounds[0], bounds[benchDays]), Codes: []Codes{{0, true}}, Needs: []Need{{}}}
	for c := range 8 {
		category := Category{Name: fmt.Sprint("category-", c)}
		for n := range 3 {
			category.SKUs = append(category.SKUs, protocol.SKU(fmt.Sprint(1000+c*3+n)))
		}
		p.Needs[0].Categories = append(p.Needs[0].Categories, category)
	}
	var facts []Fact
	for c := range benchCabinets {
		id := protocol.CabinetID(fmt.Sprintf("c-%d", c))
		cabinet := Cabinet{ID: id, Stays: []Span{{}}, Doors: map[protocol.PlatformID]protocol.Compartment{}}
		seq := uint64(0)
		add := func(at int64, f Fact) {
			seq++
			f.Ref, f.Seq, f.Cabinet, f.At, f.Made = fmt.Sprintf("event:%s/%d", id, seq), seq, id, at, at
			facts = append(facts, f)
		}
		for l := range benchLanes {
			platform := fmt.Sprint("S", l/6+1)
			cabinet.Doors[protocol.PlatformID(platform)] = protocol.Compartment(l/18 + 1)
			lane := fmt.Sprintf("%s/%d", platform, 1000+l)
			for at := bounds[0] - hour; at < bounds[benchDays]; at += (6*24 + rng.Int64N(6*24)) * hour {
				add(at, Fact{Kind: Stock, Subject: lane, Value: 8})
				add(at+(5*24+rng.Int64N(24))*hour, Fact{Kind: Stock, Subject: lane})
			}
		}
		for at := bounds[0]; at < bounds[benchDays]; at += 7 * 24 * hour {
			from := at + rng.Int64N(7*24)*hour
			add(from+hour, Fact{Kind: Silence, From: from, Code: SilentPower})
		}
		for at := bounds[0]; at < bounds[benchDays]; at += 30 * 24 * hour {
			from := at + rng.Int64N(28*24)*hour
			for n, kind := range []Kind{Lock, Door, Sale, Scale, Line} {
				f := Fact{Kind: kind, Subject: []string{"1", "2", "1", "S1", ""}[n], Value: 1}
				add(from+int64(n)*hour, f)
				f.Value = 0
				add(from+int64(n)*hour+30*minute, f)
			}
		}
		p.Cabinets = append(p.Cabinets, cabinet)
	}
	return p, facts
}

// BenchmarkYear computes the coverage of 300 cabinets for a year from their facts. Beside it: a bare pass that only puts the same
// facts into their order and looks at each.
func BenchmarkYear(b *testing.B) {
	plan, facts := year(b, 1)
	heard := everything(plan)
	for b.Loop() {
		began := time.Now()
		for range benchStores {
			s := New(plan)
			s.AddAll(facts)
			for id, at := range heard {
				s.Heard(id, at)
			}
			s.Until(plan.Days[benchDays])
			if days := len(s.Sums()); days != benchDays {
				b.Fatalf("%d days", days)
			}
		}
		took := time.Since(began)
		began = time.Now()
		sum := int64(0)
		for range benchStores {
			all := slices.Clone(facts)
			slices.SortFunc(all, func(a, b Fact) int { return int(min(max(a.At-b.At, -1), 1)) })
			for i := range all {
				sum += all[i].At
			}
		}
		bare := time.Since(began)
		b.ReportMetric(took.Seconds(), "year-s")
		b.ReportMetric(bare.Seconds(), "bare-s")
		b.ReportMetric(float64(len(facts)*benchStores), "facts")
		b.ReportMetric(float64(sum%2), "check")
	}
}

// BenchmarkEvent adds a fact to the year of a store, now and some weeks late, and computes what it changes; beside it the whole year.
func BenchmarkEvent(b *testing.B) {
	plan, facts := year(b, 1)
	s := New(plan)
	for _, f := range facts {
		s.Add(f)
	}
	for id, at := range everything(plan) {
		s.Heard(id, at)
	}
	s.Until(plan.Days[benchDays])
	s.settle()
	began := time.Now()
	whole(plan, facts, everything(plan), plan.Days[benchDays])
	again := time.Since(began)
	n := 0
	for b.Loop() {
		var slowest, sum time.Duration
		const many = 200
		for range many {
			n++
			at := plan.Days[benchDays] - int64(n%60*24+1)*hour + int64(n)
			f := Fact{Ref: fmt.Sprint("late:", n), Seq: uint64(n), Cabinet: "c-1", Kind: Stock, Subject: "S1/1001", At: at, Value: n % 2}
			began := time.Now()
			s.Add(f)
			s.settle()
			took := time.Since(began)
			slowest, sum = max(slowest, took), sum+took
		}
		b.ReportMetric(float64(slowest.Microseconds())/1000, "slowest-ms")
		b.ReportMetric(float64(sum.Microseconds())/1000/many, "mean-ms")
		b.ReportMetric(float64(again.Microseconds())/1000, "whole-ms")
	}
}
